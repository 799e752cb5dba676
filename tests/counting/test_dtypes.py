"""How wide elements are: torch's own word for each of its dtypes, ONNX's rule for packed ones."""

import pytest
import torch
from torch import nn

import profiler
from profiler.counting.counts import count
from profiler.counting.dtypes import element_bits
from profiler.records import OWN_DTYPES

DTYPES = sorted({str(each).removeprefix("torch."): each for each in vars(torch).values()
                 if isinstance(each, torch.dtype)}.items())  # fmt: skip
#: Dtypes whose elements share bytes → bits; torch says 1 byte of each.
PACKED = {
    **{f"{sign}int{bits}": bits for sign in ("", "u") for bits in range(1, 8)},
    "quint4x2": 4,
    "quint2x4": 2,
}


@pytest.mark.parametrize(("name", "dtype"), DTYPES)
def test_every_dtype_of_torch_has_its_width(name, dtype):
    assert element_bits(None)[name] == PACKED.get(name, 8 * dtype.itemsize)


@pytest.mark.parametrize(("name", "dtype"), DTYPES)
def test_a_precision_stands_for_ordinary_floats_alone(name, dtype):
    ordinary = dtype.is_floating_point and dtype.itemsize > 1
    numbers = 2 if dtype.is_complex else 1
    own = element_bits(None)[name]
    for precision, bits in (("fp32", 32), ("bf16", 16), ("int8", 8)):
        expected = numbers * bits if ordinary or dtype.is_complex else own
        assert element_bits(precision)[name] == expected


def test_packed_elements_fill_bytes():
    # the ONNX format packs two 4-bit elements into a byte, and fills up the last
    for name in ("int4", "uint4", "float4e2m1"):
        assert element_bits(None).bytes_of(name, 7) == 4
    assert element_bits(None).bytes_of("float8e4m3fn", 7) == 7


class Rotates(nn.Module):
    def __init__(self, dtype):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(16, 8, dtype=dtype))

    def forward(self, x):
        return x.to(self.weight.dtype) @ self.weight


def test_a_complex_number_is_two():
    trace = profiler.trace(Rotates(torch.complex64), (4, 16))
    counts = count(trace)
    assert counts.totals.weight_bytes == 16 * 8 * 8
    # plain 32-bit floats and pairs of them are what fp32 says
    assert (counts.precision, counts.dtypes) == ("fp32", ())
    assert count(trace, precision="fp32").totals == counts.totals
    assert count(trace, precision="fp16").totals.weight_bytes == 16 * 8 * 4
    double = count(profiler.trace(Rotates(torch.complex128), (4, 16)))
    assert double.totals.weight_bytes == 16 * 8 * 16
    assert (double.precision, double.dtypes) == (OWN_DTYPES, ("complex128", "float32"))


def test_a_model_is_stated_at_its_own_dtypes():
    # a linear layer of 8 x 4 + 4, input 2 x 8, output 2 x 4
    linear = nn.Linear(8, 4).to(torch.bfloat16)
    counts = count(profiler.trace(linear, (2, 8)))
    assert (counts.precision, counts.dtypes) == (OWN_DTYPES, ("bfloat16",))
    assert counts.totals.weight_bytes == 2 * 36
    assert counts.totals.bytes_moved == 2 * (36 + 16 + 8)
    assert counts.totals.peak_activation_bytes == 2 * (16 + 8)
    at = count(profiler.trace(linear, (2, 8)), precision="fp32")
    assert (at.precision, at.dtypes, at.totals.weight_bytes) == ("fp32", (), 4 * 36)
    wide = count(profiler.trace(nn.Linear(8, 4).double(), (2, 8)))
    assert (wide.dtypes, wide.totals.weight_bytes) == (("float64",), 8 * 36)


class Quantised(nn.Module):
    def __init__(self, dtype):
        super().__init__()
        weight = torch.zeros(8, 4, dtype=dtype)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        return x @ (self.weight.to(x.dtype) * self.scale)


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
def test_quantised_weights_keep_their_width(dtype):
    trace = profiler.trace(Quantised(dtype), (2, 8))
    counts = count(trace)
    assert counts.totals.weight_bytes == 32 + 4 * 4
    assert counts.dtypes == (str(dtype).removeprefix("torch."), "float32")
    assert count(trace, precision="fp16").totals.weight_bytes == 32 + 2 * 4


def test_indices_and_masks_leave_a_plain_model_plain():
    trace = profiler.trace(nn.Embedding(10, 4), (torch.zeros(2, 3, dtype=torch.long),))
    assert count(trace).precision == "fp32"
