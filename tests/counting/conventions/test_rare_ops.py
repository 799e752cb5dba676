"""Ops that few tools know: textbook formulas worked out in comments, and FlopCounterMode."""

import warnings

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.flop_counter import FlopCounterMode

import profiler

# of chain_matmul, which has a successor
pytestmark = pytest.mark.filterwarnings("ignore:torch.chain_matmul:UserWarning")

int8, int32, half = torch.int8, torch.int32, torch.bfloat16
fp8 = torch.float8_e4m3fn
ENDS = torch.tensor([2, 6], dtype=int32)


def zeros(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


def grouped(a, b, ends=None):
    return torch._grouped_mm(a, b, offs=ends)


def scaled(a, b, scale):
    return torch._scaled_mm(a, b.t(), scale, scale, out_dtype=half)


def scaled_by_group(a, b, scale_a, scale_b, ends):
    b = b.transpose(-2, -1)
    return torch._scaled_grouped_mm(a, b, scale_a, scale_b, offs=ends, out_dtype=half)


class Packed(nn.Module):
    """Two sequences, of 5 and 3 steps, in one recurrent layer."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        packed = pack_padded_sequence(x, torch.tensor([5, 3]), batch_first=True)
        return self.layer(packed)[0].data


def old_weight_norm(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.utils.weight_norm(layer)


def bag(mode):
    return lambda ids, table: F.embedding_bag(ids, table, mode=mode)


def weighted_bag(ids, table, weights):
    return F.embedding_bag(ids, table, mode="sum", per_sample_weights=weights)


def sampled(x, grid, mode="bilinear"):
    return F.grid_sample(x, grid, mode, align_corners=False)


IDS = torch.zeros(3, 2, dtype=torch.int64)

#: What is run, on what, its MACs, and what ``flops_all`` counts beside 2 for each.
PRODUCTS = {
    # 6 rows of 16, each by one of 2 matrices 16 x 32
    "grouped": (grouped, [zeros(6, 16), zeros(2, 16, 32), ENDS], 6 * 16 * 32, 0),
    "grouped, bf16": (
        grouped,
        [zeros(6, 16, dtype=half), zeros(2, 16, 32, dtype=half), ENDS],
        6 * 16 * 32,
        0,
    ),
    # columns are shared out: every one of 32 meets 6 rows of 16 of its own group
    "grouped columns": (grouped, [zeros(2, 6, 16), zeros(16, 32), ENDS], 6 * 16 * 32, 0),
    # the inner side is cut: 6 x 32 results of all of 16 in parts
    "grouped inside": (grouped, [zeros(6, 16), zeros(16, 32), ENDS], 6 * 16 * 32, 0),
    "grouped batches": (grouped, [zeros(2, 6, 16), zeros(2, 16, 32)], 2 * 6 * 16 * 32, 0),
    "scaled": (
        scaled,
        [zeros(16, 32, dtype=fp8), zeros(64, 32, dtype=fp8), zeros()],
        16 * 32 * 64,
        0,
    ),
    "scaled by group": (
        scaled_by_group,
        [zeros(64, 32, dtype=fp8), zeros(2, 48, 32, dtype=fp8), zeros(64), zeros(2, 48), ENDS],
        64 * 32 * 48,
        0,
    ),
    "int8": (torch._int_mm, [zeros(3, 4, dtype=int8), zeros(4, 5, dtype=int8)], 3 * 4 * 5, 0),
    # weights [n, k], whatever they are packed in
    "int8 weights": (
        torch._weight_int8pack_mm,
        [zeros(4, 32), zeros(64, 32, dtype=int8), zeros(64)],
        4 * 32 * 64,
        0,
    ),
    "int4 weights": (
        lambda x, weight, scales: torch._weight_int4pack_mm(x, weight, 32, scales),
        [
            zeros(4, 1024, dtype=half),
            zeros(8, 8, 32, 4, dtype=int32),
            zeros(32, 64, 2, dtype=half),
        ],
        4 * 1024 * 64,
        0,
    ),
    "vecdot": (torch.linalg.vecdot, [zeros(3, 4), zeros(3, 4)], 12, 0),
    # broadcast to 2 x 3 x 4, summed over the 3
    "vecdot, broadcast": (
        lambda a, b: torch.linalg.vecdot(a, b, dim=1),
        [zeros(2, 3, 1), zeros(3, 4)],
        24,
        0,
    ),
    # 3 x 4 results, each one product added to what is there
    "addr": (torch.addr, [zeros(3, 4), zeros(3), zeros(4)], 12, 0),
    "addr by keyword": (
        lambda a, x, y: torch.addr(a, vec1=x, vec2=y),
        [zeros(3, 4), zeros(3), zeros(4)],
        12,
        0,
    ),
    # (3 x 4) (4 x 5) is 60, then (3 x 5) (5 x 6) is 90: the cheapest order
    "multi_dot": (
        lambda *m: torch.linalg.multi_dot(m),
        [zeros(3, 4), zeros(4, 5), zeros(5, 6)],
        60 + 90,
        0,
    ),
    "chain_matmul": (torch.chain_matmul, [zeros(3, 4), zeros(4, 5), zeros(5, 6)], 60 + 90, 0),
    "tensordot": (lambda a, b: torch.tensordot(a, b, 2), [zeros(2, 3, 4), zeros(3, 4, 5)], 120, 0),
    # 3 x 5 pairs of points with 4 coordinates: square and add 4, beside 4 differences and a root
    "cdist": (torch.cdist, [zeros(3, 4), zeros(5, 4)], 15 * 4, 15 * 5),
    # 3 points make 3 pairs
    "pdist": (F.pdist, [zeros(3, 4)], 3 * 4, 3 * 5),
    # 7 - 3 + 1 = 5 steps x 2 x 5 channels, each over 3 x 3; a bias for each
    "conv_tbc": (torch.conv_tbc, [zeros(7, 2, 3), zeros(3, 3, 5), zeros(5)], 50 * 9, 50),
    # 5 x 5 cells, 2 coordinates each, a sum over x, y and 1
    "affine_grid": (
        lambda theta: F.affine_grid(theta, (1, 3, 5, 5), False),
        [zeros(1, 2, 3)],
        150,
        0,
    ),
    "affine_grid, 3d": (
        lambda theta: F.affine_grid(theta, (1, 3, 5, 5, 5), False),
        [zeros(1, 3, 4)],
        125 * 3 * 4,
        0,
    ),
    # 6 rows of 4 numbers, each times its weight and added up
    "weighted bag": (weighted_bag, [IDS, zeros(10, 4), zeros(3, 2)], 24, 0),
    # 5 + 3 steps, 4 gates of 6 units from 4 inputs and 6 hidden; biases 2 x 24, a unit 28
    "packed lstm": (
        Packed(nn.LSTM(4, 6, batch_first=True)),
        [zeros(2, 5, 4)],
        8 * 24 * (4 + 6),
        8 * (48 + 28 * 6),
    ),
    # rows of y times columns of x
    "x.__rmatmul__(y)": (lambda x, y: x.__rmatmul__(y), [zeros(5, 6), zeros(3, 5)], 3 * 5 * 6, 0),
    "x.__rmatmul__(other=y)": (
        lambda x, y: x.__rmatmul__(other=y),
        [zeros(5, 6), zeros(2, 3, 5)],
        2 * 3 * 5 * 6,
        0,
    ),
}

#: What is run, on what, and its FLOPs where it contracts nothing.
OTHERS = {
    # 6 rows of 4 added up; divided by their number; the largest taken
    "bag of sums": (bag("sum"), [IDS, zeros(10, 4)], 24),
    "bag of means": (bag("mean"), [IDS, zeros(10, 4)], 24 + 12),
    "bag of maxima": (bag("max"), [IDS, zeros(10, 4)], 24),
    "bag in a module": (nn.EmbeddingBag(10, 4), [IDS], 24 + 12),
    # 3 x 5 x 5 values between 4 cells, a multiply and an add each; between 8, and 16
    "grid_sample": (sampled, [zeros(1, 3, 8, 8), zeros(1, 5, 5, 2)], 75 * 8),
    "grid_sample, 3d": (sampled, [zeros(1, 3, 4, 4, 4), zeros(1, 5, 5, 5, 3)], 375 * 16),
    "grid_sample, bicubic": (
        lambda x, grid: sampled(x, grid, "bicubic"),
        [zeros(1, 3, 8, 8), zeros(1, 5, 5, 2)],
        75 * 32,
    ),
    "grid_sampler, nearest": (
        lambda x, grid: torch.grid_sampler(x, grid, 1, 0, False),
        [zeros(1, 3, 8, 8), zeros(1, 5, 5, 2)],
        0,
    ),
    # 256 squares, 4 x 4 x 4 windows of 4, 64 roots
    "lp_pool2d": (nn.LPPool2d(2, 2), [zeros(1, 4, 8, 8)], 256 + 64 * 4 + 64),
    "lp_pool1d": (nn.LPPool1d(2, 2), [zeros(1, 4, 8)], 32 + 16 * 2 + 16),
    "lp_pool3d": (nn.LPPool3d(2, 2), [zeros(1, 4, 4, 4, 4)], 256 + 32 * 8 + 32),
    # 5 N log2 N: 2 transforms of 8 points
    "fft": (torch.fft.fft, [zeros(2, 8)], 2 * 5 * 8 * 3),
    "fft, padded": (lambda x: torch.fft.fft(x, n=16), [zeros(2, 8)], 2 * 5 * 16 * 4),
    "fft of a side": (lambda x: torch.fft.ifft(x, dim=0), [zeros(4, 3)], 3 * 5 * 4 * 2),
    # one transform of 4 x 8 points for each of 3 images
    "fft2": (torch.fft.fft2, [zeros(3, 4, 8)], 3 * 5 * 32 * 5),
    "fftn": (torch.fft.fftn, [zeros(2, 4, 8)], 5 * 64 * 6),
    # real numbers take half
    "rfft": (torch.fft.rfft, [zeros(2, 8)], 2 * 2.5 * 8 * 3),
    "irfft": (lambda x: torch.fft.irfft(x), [zeros(2, 5, dtype=torch.cfloat)], 2 * 2.5 * 8 * 3),
    "rfft2": (torch.fft.rfft2, [zeros(3, 4, 8)], 3 * 2.5 * 32 * 5),
    "irfft2": (
        lambda x: torch.fft.irfft2(x, s=(4, 8)),
        [zeros(3, 4, 5, dtype=torch.cfloat)],
        3 * 2.5 * 32 * 5,
    ),
    # 100 points, no power of 2: 5 * 100 * 6.643856 = 3321.9
    "fft of 100": (torch.fft.fft, [zeros(100)], 3322),
    # 64 + 8 points in windows of 8, moved by 2: 33 frames
    "stft": (
        lambda x: torch.stft(x, 8, window=torch.ones(8, device=x.device), return_complex=True),
        [zeros(1, 64)],
        33 * 2.5 * 8 * 3,
    ),
}


@pytest.mark.parametrize(("run", "inputs", "macs", "more"), PRODUCTS.values(), ids=PRODUCTS)
def test_products(cost, run, inputs, macs, more):
    counts = cost(run, "flops", *inputs)
    assert (counts.totals.macs, counts.totals.flops) == (macs, 2 * macs)
    assert counts.uncounted == ()
    every = cost(run, "flops_all", *inputs)
    assert (every.totals.flops, every.uncounted) == (2 * macs + more, ())


@pytest.mark.parametrize(("run", "inputs", "flops"), OTHERS.values(), ids=OTHERS)
def test_what_contracts_nothing(cost, run, inputs, flops):
    every = cost(run, "flops_all", *inputs)
    assert (every.totals.flops, every.totals.macs, every.uncounted) == (flops, 0, ())


@pytest.mark.parametrize("norm", [old_weight_norm, parametrizations.weight_norm])
def test_weight_norm(cost, norm):
    # 32 weights: 2 each for 4 norms, 1 for the scale, and 4 scales g / norm; then 2 x 4 x 8
    counts = cost(norm(nn.Linear(8, 4)), "flops_all", (2, 8))
    assert counts.totals.flops == (2 * 32 + 32 + 4) + 2 * 64 + 8
    assert counts.uncounted == ()


def test_a_transform_is_listed_where_macs_alone_are_counted(cost):
    uncounted = cost(torch.fft.rfft, "macs", (2, 8)).uncounted
    assert [(op.function, op.kind) for op in uncounted] == [("torch.fft.rfft", "fft")]


@pytest.mark.parametrize("name", ["qr", "svd", "eigh", "cholesky", "inv", "det", "lu", "pinv"])
def test_decompositions_are_listed(cost, name):
    function = getattr(torch.linalg, name)
    assert cost(lambda x: function(x), "macs", (4, 4)).uncounted


def test_matrix_power_is_its_products(cost):
    # a (a a): two products 4 x 4 x 4
    assert cost(lambda a: torch.linalg.matrix_power(a, 3), "macs", (4, 4)).totals.macs == 128


def test_the_experts_of_transformers_where_torchs_own_product_refuses(cost):
    @torch.library.custom_op("transformers::grouped_mm_fallback", mutates_args=())
    def product(input: torch.Tensor, weight: torch.Tensor, offs: torch.Tensor) -> torch.Tensor:
        return input @ weight[0]

    @product.register_fake
    def _(input, weight, offs):
        return input.new_empty(input.shape[0], weight.shape[2])

    for run in (product, lambda a, b, ends: product(a, weight=b, offs=ends)):
        counts = cost(run, "flops", zeros(6, 16), zeros(2, 16, 32), ENDS)
        assert (counts.totals.flops, counts.uncounted) == (2 * 6 * 16 * 32, ())


def test_a_refused_shape_is_still_refused():
    wrong = Does(grouped)
    with pytest.raises(profiler.errors.TraceError, match="_grouped_mm"):
        profiler.trace(wrong, (zeros(6, 15), zeros(2, 16, 32), ENDS))


# --- as FlopCounterMode has them --------------------------------------------------------------


def gradients(transposed, groups, wanted=(True, True, False)):
    """A convolution's backward on a gradient of ones; strides 2."""

    def run(x, weight):
        forward = F.conv_transpose2d if transposed else F.conv2d
        grad = torch.ones_like(forward(x, weight, stride=2, groups=groups))
        results = torch.ops.aten.convolution_backward(
            grad, x, weight, [1], [2, 2], [0, 0], [1, 1], transposed, [0, 0], groups, wanted
        )
        return results[0 if wanted[0] else 1]

    return run


def attention_gradients(query, key, value):
    ops = torch.ops.aten
    out, lse, seed, offset = ops._scaled_dot_product_efficient_attention(
        query, key, value, None, True
    )
    wanted = [True, True, True, False]
    return ops._scaled_dot_product_efficient_attention_backward(
        torch.ones_like(out), query, key, value, None, out, lse, seed, offset, 0.0, wanted
    )[0]


#: What is run, on what, and its MACs.
BACKWARD = {
    # forward 2 x 4 x 4 x 4 outputs over 4 x 9: 4,608, as much for either gradient
    "conv": (gradients(False, 1), [(2, 4, 9, 9), (4, 4, 3, 3)], 3 * 4608),
    "grouped conv": (gradients(False, 2), [(2, 4, 9, 9), (4, 2, 3, 3)], 3 * 2304),
    # 2 x 4 x 9 x 9 inputs into 6 x 9: 34,992
    "transposed conv": (gradients(True, 1), [(2, 4, 9, 9), (4, 6, 3, 3)], 3 * 34992),
    "grouped transposed conv": (gradients(True, 2), [(2, 4, 9, 9), (4, 3, 3, 3)], 3 * 17496),
    "conv, weight alone": (
        gradients(False, 1, (False, True, False)),
        [(2, 4, 9, 9), (4, 4, 3, 3)],
        2 * 4608,
    ),
    # scores 6 x 5 x 7: two products of 8 forward, five backward
    "attention": (attention_gradients, [(2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 8)], 7 * 210 * 8),
}


@pytest.mark.parametrize(("run", "shapes", "macs"), BACKWARD.values(), ids=BACKWARD)
def test_backward_kernels(cost, run, shapes, macs):
    counts = cost(run, "macs", *shapes)
    assert (counts.totals.macs, counts.uncounted) == (macs, ())


def with_the_counter(run, inputs):
    """What FlopCounterMode counts on the meta device."""
    model = run if isinstance(run, nn.Module) else Does(run)
    given = [
        torch.empty(each, device="meta") if isinstance(each, tuple) else each.to("meta")
        for each in inputs
    ]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.to("meta")(*given)
    return counter.get_total_flops()


#: Refused on the meta device by the kernel itself, so that there is nothing to compare with.
REFUSED = frozenset({"int8", "int8 weights", "int4 weights"}) | {
    name for name in PRODUCTS if name.startswith("grouped") and "bf16" not in name
}


@pytest.mark.parametrize(
    "name", [*BACKWARD, *(name for name in PRODUCTS if name not in REFUSED), *OTHERS]
)
def test_the_torch_rule_is_flop_counter_mode(cost, name):
    run, inputs = {**BACKWARD, **PRODUCTS, **OTHERS}[name][:2]
    assert cost(run, "torch", *inputs).totals.flops == with_the_counter(run, inputs)
