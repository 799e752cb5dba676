"""What the tests of the architectures share: the reference tables and a recorder.

The recorder works on aten operations, below everything that the profiler's tracer looks at, so that
the two are independent of each other.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

import archs

DATA = Path(__file__).parents[1] / "data"

COLUMNS = (
    "op", "input", "output", "kernel", "stride", "padding", "dilation", "groups",
    "weight_params", "bias_params",
)  # fmt: skip

aten = torch.ops.aten
# They compute nothing; `empty` is the scratch space of batch norm.
SILENT = {aten.t, aten.view, aten._unsafe_view, aten.detach, aten.empty}


class Row(NamedTuple):
    """One line of a reference table, less the path; cells as they are printed there."""

    op: str
    input: str
    output: str
    kernel: str = ""
    stride: str = ""
    padding: str = ""
    dilation: str = ""
    groups: str = ""
    weight_params: str = "0"
    bias_params: str = "0"


def by(sizes: Any) -> str:
    """(1, 3, 299, 299) as 1x3x299x299."""
    return "x".join(str(size) for size in sizes)


class Recorder(TorchDispatchMode):
    """Turns every operation under it into a row; an operation it does not know is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.parameters: list[Tensor] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        op = func.overloadpacket
        if op not in SILENT:
            self.rows.append(self.row(op, args, out))
        return out

    def row(self, op: Any, args: Any, out: Any) -> Row:
        out_shape = by((out[0] if isinstance(out, tuple) else out).shape)
        if op is aten.cat:
            assert args[1] == 1
            return Row("concat", "+".join(by(tensor.shape) for tensor in args[0]), out_shape)
        if op is aten.add:
            return Row("add", "+".join(by(tensor.shape) for tensor in args[:2]), out_shape)
        if op is aten.addmm:
            bias, x, transposed_weight = args
            self.parameters += [transposed_weight._base, bias]
            return Row(
                "linear", by(x.shape), out_shape,
                weight_params=str(transposed_weight.numel()), bias_params=str(bias.numel()),
            )  # fmt: skip
        shapes = (by(args[0].shape), out_shape)
        if op is aten.convolution:
            weight, bias, stride, padding, dilation, transposed, _, groups = args[1:]
            assert not transposed
            assert bias is None
            self.parameters.append(weight)
            return Row(
                "conv2d", *shapes, by(weight.shape[2:]), by(stride), by(padding), by(dilation),
                str(groups), str(weight.numel()),
            )  # fmt: skip
        if op in (aten.native_batch_norm, aten._native_batch_norm_legit_no_training):
            scale, shift = args[1:3]
            self.parameters += [scale, shift]
            return Row(
                "batch_norm", *shapes,
                weight_params=str(scale.numel()), bias_params=str(shift.numel()),
            )  # fmt: skip
        if op is aten.relu:
            return Row("relu", *shapes)
        if op is aten.mul:
            assert isinstance(args[1], float)
            return Row("dropout", *shapes)
        if op is aten.mean:
            assert args[1:] == ([-1, -2], True)
            return Row("global_avg_pool2d", *shapes, by(args[0].shape[2:]))
        if op in (aten.max_pool2d_with_indices, aten.avg_pool2d):
            kernel, stride, padding = (*args[1:], (0, 0))[:3]
            return Row(
                op.__name__.removesuffix("_with_indices"),
                *shapes,
                by(kernel),
                by(stride),
                by(padding),
            )
        raise AssertionError(f"{op} is in no reference table")


def read_layer_table(name: str, variant: str) -> list[Row]:
    """The reference table of one graph, views left out."""
    with (DATA / "layers" / f"{archs.architecture(name).title}.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    if name == "googlenet" and variant == "deploy":
        # The table is of the train graph. Its heads follow the main classifier.
        classifier = next(i for i, line in enumerate(lines) if line["path"] == "_fc_out")
        lines = lines[: classifier + 1]
    return [Row(*(line[column] for column in COLUMNS)) for line in lines if line["op"] != "flatten"]


@pytest.fixture
def layer_table() -> Callable[[str, str], list[Row]]:
    """Reads the reference table of a graph."""
    return read_layer_table


@pytest.fixture
def record() -> Callable[[nn.Module, Tensor], Recorder]:
    """Runs a network in eval mode and records what it does."""

    def run(net: nn.Module, x: Tensor) -> Recorder:
        with torch.no_grad(), Recorder() as recorder:
            net.eval()(x)
        return recorder

    return run


@pytest.fixture
def meta() -> Callable[..., nn.Module]:
    """Creates a network without values."""

    def create(name: str, **kwargs: Any) -> nn.Module:
        with torch.device("meta"):
            return archs.create(name, **kwargs)

    return create


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)
