"""What is gathered during a forward: ops, module calls, and which storage a tensor stands on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch

from profiler.records import (
    Attribute,
    ModuleCall,
    OpRecord,
    Parameter,
    Shape,
    TensorRef,
    Trace,
)


@dataclass
class _OpenCall:
    """A module call that has begun; frozen into a ModuleCall at the end."""

    module: torch.nn.Module
    path: str
    call_index: int
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...] = field(default=())


class Recording:
    """Ops and module calls of one forward, in order."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._model = model
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._ops: list[OpRecord] = []
        self._calls: list[_OpenCall] = []
        self._stack: list[int] = []
        self._call_counts: Counter[str] = Counter()
        self._input_storages: tuple[int, ...] = ()
        # storage address → (number, storage): kept alive, so that an address is never used twice
        self._storages: dict[int, tuple[int, Any]] = {}
        self._parameters: dict[int, str] = {}
        self._buffers: set[int] = set()
        self.failed_path = ""
        self._index_state()

    def _index_state(self) -> None:
        for name, parameter in self._model.named_parameters():
            if not torch.nn.parameter.is_lazy(parameter):
                self._parameters.setdefault(self._storage(parameter), name)
        for buffer in self._model.buffers():
            if not torch.nn.parameter.is_lazy(buffer):
                self._buffers.add(self._storage(buffer))

    def _storage(self, tensor: torch.Tensor) -> int:
        """The number of the tensor's storage in this trace."""
        try:
            storage = tensor.untyped_storage()
        except (NotImplementedError, RuntimeError):  # sparse and nested tensors have none
            return self._storages.setdefault(id(tensor), (len(self._storages), tensor))[0]
        entry = self._storages.setdefault(storage._cdata, (len(self._storages), storage))
        return entry[0]

    def _ref(self, tensor: torch.Tensor) -> TensorRef:
        dtype = str(tensor.dtype).removeprefix("torch.")
        return TensorRef(tuple(tensor.shape), dtype, self._storage(tensor))

    # --- module calls -------------------------------------------------------------------------

    def enter(self, module: torch.nn.Module, inputs: list[torch.Tensor]) -> None:
        """Begin a module call."""
        path = self._paths.get(id(module))
        if path is None:  # made during the forward: named by where it was called
            parent = self._calls[self._stack[-1]].path if self._stack else ""
            path = f"{parent}.{type(module).__name__}".lstrip(".")
        index = self._call_counts[path]
        self._call_counts[path] += 1
        shapes = tuple(tuple(tensor.shape) for tensor in inputs)
        self._stack.append(len(self._calls))
        self._calls.append(_OpenCall(module, path, index, shapes))

    def leave(self, outputs: list[torch.Tensor]) -> None:
        """End the innermost module call."""
        call = self._calls[self._stack.pop()]
        call.output_shapes = tuple(tuple(tensor.shape) for tensor in outputs)

    def abandon(self) -> None:
        """The innermost module call raised: remember the deepest path."""
        self.failed_path = self.failed_path or self._calls[self._stack[-1]].path
        self._stack.pop()

    # --- ops ----------------------------------------------------------------------------------

    def add_inputs(self, tensors: list[torch.Tensor]) -> None:
        """Number the storages of the model's inputs."""
        self._input_storages = tuple(self._storage(tensor) for tensor in tensors)

    def add_op(
        self,
        *,
        function: str,
        kind: str,
        aten: str,
        reads: list[torch.Tensor],
        outputs: list[torch.Tensor],
        weight_shape: Shape | None,
        bias_shape: Shape | None,
        attributes: dict[str, Attribute],
        in_place: bool,
    ) -> None:
        """Record one op; parameters and buffers among ``reads`` are told from activations."""
        inputs: list[TensorRef] = []
        parameters: list[str] = []
        for tensor in reads:
            storage = self._storage(tensor)
            if storage not in self._parameters and isinstance(tensor, torch.nn.Parameter):
                self._index_state()  # a lazy module has made its parameters meanwhile
            if storage in self._parameters:
                parameters.append(self._parameters[storage])
            elif storage not in self._buffers:
                inputs.append(self._ref(tensor))
        if kind in {"view", "copy"} and not in_place:
            # a reshape may copy and a clone-like call may hand its input back: storage decides
            read = {self._storage(tensor) for tensor in reads}
            aliased = all(self._storage(tensor) in read for tensor in outputs)
            kind = "view" if aliased else "copy"
        module_index = self._stack[-1] if self._stack else 0
        call = self._calls[module_index]
        self._ops.append(
            OpRecord(
                function=function,
                kind=str(getattr(type(call.module), "op_kind", kind)) if kind == "mul" else kind,
                aten=aten,
                path=call.path,
                module=module_index,
                inputs=tuple(inputs),
                outputs=tuple(self._ref(tensor) for tensor in outputs),
                weight_shape=weight_shape,
                bias_shape=bias_shape,
                parameters=tuple(dict.fromkeys(parameters)),
                attributes=attributes,
                in_place=in_place,
            )
        )

    # --- the end ------------------------------------------------------------------------------

    def finish(
        self,
        *,
        arch: str,
        variant: str,
        input_shapes: dict[str, Shape],
        outputs: list[torch.Tensor],
        dtype: str,
        versions: dict[str, str],
    ) -> Trace:
        """Freeze everything."""
        called = {call.path for call in self._calls}
        return Trace(
            arch=arch,
            variant=variant,
            input_shapes=input_shapes,
            input_storages=self._input_storages,
            output_storages=tuple(self._storage(tensor) for tensor in outputs),
            dtype=dtype,
            ops=tuple(self._ops),
            modules=tuple(_freeze(call) for call in self._calls),
            state_storages=tuple(sorted({*self._parameters, *self._buffers})),
            parameters=_parameters(self._model),
            buffers={name: tuple(buffer.shape) for name, buffer in self._model.named_buffers()},
            uncalled=tuple(
                path
                for path, module in self._model.named_modules()
                if path not in called and next(module.children(), None) is None
            ),
            versions=versions,
        )


def _freeze(call: _OpenCall) -> ModuleCall:
    module = call.module
    is_leaf = next(module.children(), None) is None
    return ModuleCall(
        path=call.path,
        class_name=type(module).__name__,
        class_module=type(module).__module__,
        call_index=call.call_index,
        is_leaf=is_leaf,
        input_shapes=call.input_shapes,
        output_shapes=call.output_shapes,
        parameters=tuple(name for name, _ in module.named_parameters(recurse=False)),
        buffers=tuple(name for name, _ in module.named_buffers(recurse=False)),
        config=module.extra_repr() if is_leaf else "",
    )


def _parameters(model: torch.nn.Module) -> tuple[Parameter, ...]:
    """Every parameter once, under its first name, with the other names it goes by."""
    names: dict[int, list[str]] = {}
    tensors: dict[int, torch.nn.Parameter] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
        tensors[id(parameter)] = parameter
    return tuple(
        Parameter(
            name=aliases[0],
            shape=tuple(tensors[key].shape),
            dtype=str(tensors[key].dtype).removeprefix("torch."),
            trainable=tensors[key].requires_grad,
            shared_with=tuple(aliases[1:]),
        )
        for key, aliases in names.items()
    )
