"""Nodes with paths → module calls, as if each path were a module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from profiler.records import ModuleCall, Shape


@dataclass
class Call:
    """A module call in the making."""

    path: str
    class_name: str
    class_module: str
    index: int
    is_leaf: bool
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    parameters: list[str] = field(default_factory=list)
    buffers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Layer:
    """A node's layer: its path, its op and the class of ``torch.nn``, if any."""

    path: str
    op: str
    torch_class: str


#: What the exporter makes of one linear layer: a product and the bias.
_LINEAR = ("Linear", "")
#: What hooks know torch's own layers by begins so.
_TORCH = "torch.nn.modules.onnx"
_OWN = "onnx"


class Calls:
    """The calls of one graph, in the order in which they begin.

    Nodes of a leaf that follow each other are one call of it; layers of one node are called once
    for each. A leaf that is a layer of ``torch.nn`` goes by its class, so that tools which look at
    layers find theirs; every other goes by its op. What has paths below it is called once.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        paths = {layer.path for layer in layers}
        self._containers = {"", *(above for path in paths for above in _above(path))}
        self._made: list[Call] = []
        self._first: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self.of_node: list[int] = []
        self._container("")
        for run in _runs(layers, self._containers):
            self._open(run)

    def __getitem__(self, index: int) -> Call:
        return self._made[index]

    def around(self, index: int) -> list[Call]:
        """The call and the first calls of everything above it."""
        call = self._made[index]
        return [*(self.own(path) for path in _above(call.path)), call]

    def frozen(self) -> tuple[ModuleCall, ...]:
        """Records of all."""
        return tuple(
            ModuleCall(
                call.path,
                call.class_name,
                call.class_module,
                call.index,
                call.is_leaf,
                call.inputs,
                call.outputs,
                tuple(self.own(call.path).parameters),
                tuple(self.own(call.path).buffers),
            )
            for call in self._made
        )

    def own(self, path: str) -> Call:
        """The first call at a path, which holds what the module itself has."""
        return self._made[self._first[path]]

    def _open(self, run: Sequence[Layer]) -> None:
        path = run[0].path
        for above in _above(path):
            self._container(above)
        if path in self._containers:
            index = self._container(path)
        else:
            index = len(self._made)
            name, module = _class_of(run)
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            self._first.setdefault(path, index)
            self._made.append(Call(path, name, module, number, True))
        self.of_node.extend(index for _ in run)

    def _container(self, path: str) -> int:
        if path not in self._first:
            self._first[path] = len(self._made)
            self._made.append(Call(path, "Graph" if not path else "Module", _OWN, 0, False))
        return self._first[path]


def _runs(layers: Sequence[Layer], containers: set[str]) -> Iterator[list[Layer]]:
    run: list[Layer] = []
    for layer in layers:
        joins = (
            run
            and layer.path == run[0].path
            and layer.path not in containers
            and not (layer.torch_class and run[-1].torch_class)
        )
        if run and not joins:
            yield run
            run = []
        run.append(layer)
    if run:
        yield run


def _class_of(run: Sequence[Layer]) -> tuple[str, str]:
    classes = tuple(layer.torch_class for layer in run)
    if (len(run) == 1 and classes[0]) or (classes == _LINEAR and run[1].op == "Add"):
        return classes[0], _TORCH
    return run[0].op, _OWN


def _above(path: str) -> list[str]:
    """Paths of everything above, the model's own ("") first; nothing is above that."""
    parts = path.split(".") if path else []
    return [".".join(parts[:depth]) for depth in range(len(parts))]
