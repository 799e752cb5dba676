"""What functions are called, and which kind they are: torch itself is the independent source."""

import operator

import pytest
import torch
import torch.nn.functional as F
from function_model import Does
from torch import nn

import profiler
from profiler.tracing.names import base_name, public_name, writes_in_place
from profiler.tracing.ops import (
    DATA_DEPENDENT,
    KINDS,
    QUERIES,
    _table,
    kind_of,
)

X = (2, 3, 4, 4)


def add_in_place(x):
    x += 1
    return x


@pytest.mark.parametrize(
    ("function", "name", "kind"),
    [
        (lambda x: torch.relu(x), "torch.relu", "activation"),
        (lambda x: F.relu(x), "torch.nn.functional.relu", "activation"),
        (nn.ReLU(), "torch.nn.functional.relu", "activation"),
        (lambda x: x.relu(), "Tensor.relu", "activation"),
        (lambda x: x.relu_(), "Tensor.relu_", "activation"),
        (lambda x: F.gelu(x), "torch.nn.functional.gelu", "activation"),
        (lambda x: torch.add(x, 1), "torch.add", "add"),
        (lambda x: x + 1, "Tensor.__add__", "add"),
        (lambda x: 1 + x, "Tensor.__add__", "add"),
        (lambda x: x.add(1), "Tensor.add", "add"),
        (lambda x: x.mul(x), "Tensor.mul", "mul"),
        (lambda x: x.matmul(x), "Tensor.matmul", "matmul"),
        (add_in_place, "Tensor.add_", "add"),
        (lambda x: x * x, "Tensor.__mul__", "mul"),
        (lambda x: x / 2, "Tensor.__truediv__", "div"),
        (lambda x: x - 2, "Tensor.__sub__", "sub"),
        (lambda x: 2 - x, "Tensor.__rsub__", "sub"),
        (lambda x: -x, "Tensor.neg", "elementwise"),
        (lambda x: x @ x, "Tensor.__matmul__", "matmul"),
        (operator.matmul, "Tensor.__matmul__", "matmul"),
        (lambda x: x.T if x.dim() == 2 else x.mT, "Tensor.mT.__get__", "view"),
        (lambda x: x[0], "Tensor.__getitem__", "view"),
        (lambda x: torch.cat([x, x]), "torch.cat", "concat"),
        (lambda x: F.conv2d(x, x.new_ones(1, 3, 1, 1)), None, "conv"),
        (lambda x: F.linear(x, x.new_ones(1, 4)), "torch.nn.functional.linear", "linear"),
        (lambda x: F.max_pool2d(x, 2), None, "pool"),
        (lambda x: F.adaptive_avg_pool2d(x, 1), "torch.nn.functional.adaptive_avg_pool2d", "pool"),
        (lambda x: torch.softmax(x, 1), "torch.softmax", "softmax"),
        (lambda x: x.mean((2, 3)), "Tensor.mean", "reduction"),
        (lambda x: torch.special.expit(x), "torch.special.expit", "activation"),
        (lambda x: torch.fft.fft(x), "torch.fft.fft", "fft"),
        (lambda x: torch.linalg.vector_norm(x), "torch.linalg.vector_norm", "reduction"),
        (lambda x: F.interpolate(x, scale_factor=2), None, "interpolate"),
    ],
)
def test_the_last_op(function, name, kind):
    model = function if isinstance(function, nn.Module) else Does(function)
    inputs = (X, X) if function is operator.matmul else X
    op = profiler.trace(model, inputs).ops[-1]
    assert op.kind == kind
    assert name in {None, op.function}


@pytest.mark.parametrize(
    ("name", "base", "in_place"),
    [
        ("torch.nn.functional.relu", "relu", False),
        ("Tensor.relu_", "relu", True),
        ("Tensor.add_", "add", True),
        ("Tensor.__iadd__", "add", True),
        ("Tensor.__imul__", "mul", True),
        ("Tensor.__itruediv__", "truediv", True),
        ("Tensor.__radd__", "add", False),
        ("Tensor.__rsub__", "rsub", False),
        ("Tensor.__rmatmul__", "matmul", False),
        ("Tensor.__rand__", "and", False),
        ("Tensor.__rlshift__", "lshift", False),
        ("Tensor.__invert__", "invert", False),
        ("Tensor.__and__", "and", False),
        ("Tensor.__iand__", "and", True),
        ("Tensor.__setitem__", "setitem", True),
        ("Tensor.__getitem__", "getitem", False),
        ("cat", "cat", False),
    ],
)
def test_bare_names(name, base, in_place):
    assert base_name(name) == base
    assert writes_in_place(name) == in_place


def test_functions_that_are_equal_have_one_name():
    assert {public_name(each) for each in (torch.mm, torch.spmm, torch.dsmm)} == {"torch.mm"}


def test_a_reflected_operator_is_what_its_operator_is():
    binary = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
    for name in binary:
        if hasattr(torch.Tensor, f"__r{name}__"):
            reflected, plain = (kind_of(base_name(f"Tensor.__{n}__")) for n in (f"r{name}", name))
            assert reflected == plain != "other", name


#: Names of Python's protocol, of older versions of torch, of modules that are one function, of ops
#: that take functions, of torchvision and of transformers.
ELSEWHERE = {
    *("sizes", "identity", "refine_names", "has_names"),
    *("deform_conv2d", "flex_attention", "grouped_mm_fallback"),
}


def test_every_name_in_the_vocabulary_is_a_function_of_torch():
    homes = (torch, torch.Tensor, F, torch.fft, torch.linalg, torch.special, torch.nn.utils.rnn)

    def exists(name):
        candidates = {name, f"{name}_", f"__{name}__", f"__i{name}__"}
        if any(hasattr(home, each) for home in homes for each in candidates):
            return True
        libraries = torch.ops.aten, torch.ops.quantized
        return any(hasattr(library, name) for library in libraries)

    assert {name for name in (*KINDS, *QUERIES, *DATA_DEPENDENT) if not exists(name)} <= ELSEWHERE


def test_a_name_has_one_kind():
    with pytest.raises(ValueError, match="'relu' is both activation and copy"):
        _table({"activation": "relu gelu", "copy": "clone relu"})
    assert not QUERIES & KINDS.keys()
    assert kind_of("relu") == "activation"
    assert kind_of("no_such_op") == "other"


def test_queries_make_no_op():
    def asks(x):
        assert (x.shape, x.size(0), x.dim(), x.numel(), x.dtype, x.device.type) == (
            X, 2, 4, 96, torch.float32, "meta",
        )  # fmt: skip
        assert x.is_floating_point()
        assert len(x) == 2
        return F.relu(x)

    assert [op.kind for op in profiler.trace(Does(asks), X).ops] == ["activation"]
