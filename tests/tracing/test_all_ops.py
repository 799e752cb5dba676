"""No op of PyTorch is free in silence: it is counted, listed as uncounted, or free for a reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.overrides import get_testing_overrides
from torch.utils.flop_counter import flop_registry

from profiler.counting.conventions.contractions import MACS, UNKNOWN
from profiler.tracing.functions import lookup
from profiler.tracing.ops import KINDS

#: Kind → why it has no multiply-accumulates.
FREE_KINDS = {
    **dict.fromkeys(
        "batch_norm layer_norm group_norm instance_norm rms_norm weight_norm".split(),
        "statistics and a scale for each element",
    ),
    **dict.fromkeys("activation softmax elementwise add sub mul div".split(), "element by element"),
    **dict.fromkeys("pool reduction".split(), "sums, no products"),
    **dict.fromkeys("interpolate grid_sample".split(), "weights of neighbours; flops_all has them"),
    **dict.fromkeys("embedding view concat copy sort".split(), "data is moved or compared"),
    "create": "no operand",
    "dropout": "nothing at inference",
}

#: Functions that are made of others, none of which contracts.
_ELEMENTS = "element by element, and a plain sum"
_MOVES = "data is moved"
FREE_BELOW = {
    **dict.fromkeys(
        "sum_to_size diff gradient quantile nanquantile isclose isreal unravel_index trapz "
        "trapezoid cumulative_trapezoid linalg.vander special.ndtr linalg.matrix_norm "
        "torch.ops.aten._safe_softmax.default nn.functional.normalize nn.functional.logsigmoid "
        "nn.functional.local_response_norm nn.functional.pairwise_distance".split(),
        _ELEMENTS,
    ),
    **dict.fromkeys(
        [
            f"nn.functional.{name}"
            for name in (
                "margin_ranking_loss multilabel_soft_margin_loss triplet_margin_loss l1_loss "
                "triplet_margin_with_distance_loss cosine_embedding_loss hinge_embedding_loss "
                "poisson_nll_loss gaussian_nll_loss kl_div".split()
            )
        ],
        _ELEMENTS,
    ),
    **dict.fromkeys(
        "slice hsplit vsplit dsplit atleast_3d column_stack byte char cdouble cfloat chalf "
        "fft.fftshift fft.ifftshift".split(),
        _MOVES,
    ),
    "outer": "products with nothing added up, one multiplication each",
    "kron": "products with nothing added up, one multiplication each",
    "combinations": "elements that are picked by an index",
    "einsum": "its samples are a trace and a diagonal; a contraction is a product below",
    "nn.functional.cosine_similarity": "a product of elements, then a sum, as PyTorch runs it",
}

#: Names that torch's own counter has a formula for and the vocabulary does not: they are listed.
LISTED = {
    *("_flash_attention_forward", "_efficient_attention_forward", "_slow_conv2d_forward"),
    *("_flash_attention_backward", "_efficient_attention_backward", "_varlen_attn"),
}


def test_every_kind_that_is_free_has_a_reason():
    assert FREE_KINDS.keys() == set(KINDS.values()) - MACS.keys() - UNKNOWN


def test_every_function_that_can_be_overridden_is_counted_listed_or_free():
    functions = [lookup(each) for each in get_testing_overrides()]
    kinds = {function.name: function.kind for function in functions if not function.is_query}
    assert len(kinds) > 1000
    known = MACS.keys() | UNKNOWN | FREE_KINDS.keys()
    assert {name: kind for name, kind in kinds.items() if kind not in known} == {}


def test_what_the_counter_of_torch_has_a_formula_for_is_never_free():
    names = [
        packet.__name__
        for packet in flop_registry
        if isinstance(packet, torch._ops.OpOverloadPacket)
        and packet._qualified_op_name.startswith("aten::")
    ]
    assert "convolution_backward" in names
    silent = [name for name in names if KINDS.get(name, "other") in FREE_KINDS]
    assert silent == []
    assert {name for name in names if name not in KINDS} <= LISTED


@pytest.mark.slow
def test_no_op_with_samples_is_free_for_no_reason():
    script = Path(__file__).with_name("all_ops.py")
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    fates = json.loads(ran.stdout)
    assert len(fates) > 600
    below = {name for name, what in fates.items() if what == "below"}
    assert below - FREE_BELOW.keys() == set()
    counted = "mm matmul nn.functional.linear linalg.vecdot cdist addr nn.functional.conv2d".split()
    assert {fates[name] for name in counted} == {"counted"}
    listed = "linalg.qr linalg.solve linalg.svd cholesky fft.fft nn.functional.ctc_loss".split()
    assert {fates[name] for name in listed} == {"listed"}
