"""The counting tools themselves, run on a model: the figures of each, in total and by module.

Each is called through its documented entry point with default options on a model in eval mode. The
model comes back as it was, whatever a tool leaves behind on it: hooks, buffers, attributes, modes.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.nn import functional as F
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from profiler.errors import ToolError, one_line
from profiler.models.state import (
    ALONE,
    global_state_kept,
    shared_paths,
    untouched,
    walk,
)
from profiler.records import Shape

if TYPE_CHECKING:
    from torch.utils.flop_counter import FlopCounterMode


class ToolFigures(NamedTuple):
    """Figures that a tool prints for a model."""

    total: int
    #: None where the tool does not count them.
    params: int | None
    #: Path → the figure for that module and everything below it, as far as the tool gives one.
    by_module: Mapping[str, int]


class Tool(NamedTuple):
    """A counting tool."""

    #: The package that it needs.
    package: str
    #: Runs it on the CPU.
    run: Callable[[torch.nn.Module, Shape], ToolFigures]


def run_tool(name: str, model: torch.nn.Module, shape: Shape) -> ToolFigures:
    """Run a tool on a model with real, uninitialised parameters on the CPU.

    Args:
        name: the convention that emulates it.
        model: any module; one on the meta device is given memory for the run.
        shape: the input, batch first.

    Raises:
        ToolError: the tool is not installed, or fails on this model.
    """
    tool = TOOLS[name]
    if not is_installed(name):
        raise ToolError(f"{name}: {tool.package} is not installed; pip install {tool.package}")
    modules = [module for _, module in walk(model)]
    with (
        ALONE,
        untouched(modules),
        global_state_kept(),
        torch.set_grad_enabled(True),
        _silence(),
        _patches_undone(),
    ):
        try:
            _on_cpu(modules)
            model.eval()
            return tool.run(model, shape)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:
            raise ToolError(f"{name} fails on this model: {one_line(error)}") from error


def is_installed(name: str) -> bool:
    """Whether the tool's package can be imported."""
    return importlib.util.find_spec(TOOLS[name].package) is not None


def _fvcore(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(model, torch.empty(shape))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    total, by_module = int(analysis.total()), analysis.by_module()
    return ToolFigures(total, None, {path: int(figure) for path, figure in by_module.items()})


def _thop(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    from thop import profile

    total, params, layers = profile(
        model, inputs=(torch.empty(shape),), verbose=False, ret_layer_info=True
    )
    by_module = {"": int(total)}

    def visit(prefix: str, layers: Mapping[str, Any]) -> None:
        for name, (figure, _, below) in layers.items():
            by_module[prefix + name] = int(figure)
            visit(f"{prefix}{name}.", below)

    visit("", layers)
    return ToolFigures(int(total), int(params), by_module)


def _torch(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    model.to("meta")  # on the CPU it misses fused attention and recurrent layers
    try:
        counter = _flop_counter(model, shape, gradients=False)
    except (
        AssertionError
    ):  # its tracker asks for the gradient of a parameter that a module is given
        counter = _flop_counter(model, shape, gradients=True)
    root = type(model).__name__
    by_module = {
        "" if name in {"Global", root} else name.removeprefix(f"{root}."): sum(ops.values())
        for name, ops in counter.get_flop_counts().items()
    }
    if shared_paths(walk(model)):
        by_module = {}  # its parents have what they called, itself has all under its last name
    return ToolFigures(counter.get_total_flops(), None, by_module)


def _flop_counter(model: torch.nn.Module, shape: Shape, gradients: bool) -> FlopCounterMode:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter, torch.set_grad_enabled(gradients):
        model(torch.empty(shape, device="meta"))
    return counter


def _ptflops(backend: str) -> Callable[[torch.nn.Module, Shape], ToolFigures]:
    def run(model: torch.nn.Module, shape: Shape) -> ToolFigures:
        from ptflops import aten_engine, get_model_complexity_info, pytorch_engine

        by_module: dict[str, int] = {}
        paths = {id(module): path for path, module in walk(model)}
        divide, leave = (
            pytorch_engine.compute_average_flops_cost,
            aten_engine.FlopCounterMode.__exit__,
        )

        def read_hooks(root: torch.nn.Module) -> Any:
            summed = [(paths[id(module)], module) for module in root.modules()]
            summed = [(path, module) for path, module in summed if "__flops__" in vars(module)]
            # a module that it knows is summed without what is below
            wholes = tuple([f"{path}." if path else "" for path, _ in summed])
            for path, module in summed:
                if path and not path.startswith(wholes):
                    figure = vars(module)["__flops__"]
                    by_module[path] = int(figure // vars(root)["__batch_counter__"])
            return divide(root)

        def read_children(self: Any, *args: Any) -> None:
            if not shared_paths(walk(model)):  # else each child has what it called
                for name, ops in self.flop_counts.items():
                    by_module["" if name == "Global" else name] = sum(ops.values())
            leave(self, *args)

        pytorch_engine.compute_average_flops_cost = read_hooks
        aten_engine.FlopCounterMode.__exit__ = read_children
        try:
            total, params = get_model_complexity_info(
                model,
                tuple(shape[1:]),
                as_strings=False,
                print_per_layer_stat=False,
                backend=backend,
                input_constructor=_positional(shape),
            )
        finally:
            pytorch_engine.compute_average_flops_cost = divide
            aten_engine.FlopCounterMode.__exit__ = leave
        if total is None:
            raise RuntimeError("it returned no figure")
        return ToolFigures(int(total), int(params), by_module)

    return run


def _positional(shape: Shape) -> Callable[[Any], torch.Tensor] | None:
    """An input for ptflops, which runs at batch 1 unless it is given one."""
    return None if shape[0] == 1 else lambda _: torch.empty(shape)


def _torchinfo(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    from torchinfo import summary

    statistics = summary(model, input_size=shape, verbose=0, device="cpu")
    paths = {id(module): path for path, module in walk(model)}
    by_module: dict[str, int] = {}
    for layer in statistics.summary_list:
        if layer.is_leaf_layer:
            path = paths[layer.layer_id]
            by_module[path] = by_module.get(path, 0) + int(layer.macs)
    # where layers are shared it counts some containers' parameters again, by the order of calls
    params = None if shared_paths(walk(model)) else int(statistics.total_params)
    return ToolFigures(int(statistics.total_mult_adds), params, by_module)


def _calflops(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    _import_calflops()
    from calflops import calculate_flops, calculate_pipline

    by_module: dict[str, int] = {}
    paths = {id(module): path for path, module in walk(model)}
    pipeline = calculate_pipline.CalFlopsPipline
    end = pipeline.end_flops_calculate

    def read_layers(self: Any) -> None:
        for module in self.model.modules():
            by_module[paths[id(module)]] = int(calculate_pipline.get_module_flops(module))
        end(self)

    pipeline.end_flops_calculate = read_layers
    try:
        flops, _, params = calculate_flops(
            model, input_shape=tuple(shape), print_results=False, output_as_string=False
        )
    finally:
        pipeline.end_flops_calculate = end
    return ToolFigures(int(flops), int(params), by_module)


def _deepspeed(model: torch.nn.Module, shape: Shape) -> ToolFigures:
    from deepspeed.profiling.flops_profiler import profiler as flops_profiler

    by_module: dict[str, int] = {}
    paths = {id(module): path for path, module in walk(model)}
    end = flops_profiler.FlopsProfiler.end_profile

    def read_layers(self: Any) -> None:
        for module in self.model.modules():
            by_module[paths[id(module)]] = int(flops_profiler.get_module_flops(module))
        end(self)

    flops_profiler.FlopsProfiler.end_profile = read_layers
    try:
        flops, _, params = flops_profiler.get_model_profile(
            model, input_shape=tuple(shape), print_profile=False, as_string=False
        )
    finally:
        flops_profiler.FlopsProfiler.end_profile = end
    return ToolFigures(int(flops), int(params), by_module)


def _import_calflops() -> None:
    """It imports a tokenizer of a package that it neither needs here nor says that it needs."""
    name = "transformers"
    if "calflops" in sys.modules or importlib.util.find_spec(name) is not None:
        return
    stand_in = sys.modules[name] = importlib.util.module_from_spec(ModuleSpec(name, None))
    vars(stand_in)["AutoTokenizer"] = None
    try:
        importlib.import_module("calflops")
    finally:
        del sys.modules[name]


#: Convention → the tool it emulates, as far as it can be run here.
TOOLS: dict[str, Tool] = {
    "fvcore": Tool("fvcore", _fvcore),
    "thop": Tool("thop", _thop),
    "torch": Tool("torch", _torch),
    "ptflops_pytorch": Tool("ptflops", _ptflops("pytorch")),
    "ptflops_aten": Tool("ptflops", _ptflops("aten")),
    "torchinfo": Tool("torchinfo", _torchinfo),
    "calflops": Tool("calflops", _calflops),
    "deepspeed": Tool("deepspeed", _deepspeed),
}


def _on_cpu(modules: list[torch.nn.Module]) -> None:
    """Give meta parameters and buffers memory; what is on another device is copied."""
    made: dict[int, torch.Tensor] = {}

    def stand_in(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
                raise ToolError("the model has lazy layers: run it once, then verify it")
            # a copy: a forward may write into its buffers
            data = (
                torch.zeros_like(tensor, device="cpu") if tensor.is_meta else tensor.cpu().clone()
            )
            if isinstance(tensor, torch.nn.Parameter):
                data = torch.nn.Parameter(data.detach(), requires_grad=tensor.requires_grad)
            made[id(tensor)] = data
        return made[id(tensor)]

    for module in modules:
        groups: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for group in groups:
            for name, tensor in group.items():
                if tensor is not None:
                    group[name] = stand_in(tensor)


@contextlib.contextmanager
def _patches_undone() -> Iterator[None]:
    """Tools replace functions of torch, and some leave them replaced after an error."""
    spaces = (vars(F), vars(torch))
    saved = [dict(space) for space in spaces]
    patched = ("matmul", "__matmul__", "mm", "bmm", "addmm", "mul", "add")
    methods = {name: vars(torch.Tensor).get(name) for name in patched}
    try:
        yield
    finally:
        for space, content in zip(spaces, saved, strict=True):
            space.update(content)
        for name, method in methods.items():
            if method is not None:
                setattr(torch.Tensor, name, method)
            elif name in vars(torch.Tensor):
                delattr(torch.Tensor, name)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """No prints, warnings or log lines of the tools."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
