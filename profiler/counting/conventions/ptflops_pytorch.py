"""``ptflops_pytorch``: ``ptflops.get_model_complexity_info``, its default backend (0.7.5), MACs.

Source: ``ptflops/pytorch_engine.py`` and ``pytorch_ops.py``. The project's README names ``aten`` as
the default backend; the code's is this one.

Two counters are added up. Forward hooks on modules whose exact class it knows, with X the input's
elements and Y the output's:

- convolution MACs + Y with a bias (transposed: from the input side); linear the same;
- batch and instance norm X, 2X with an affine; group and layer norm X or 2X by an attribute named
  ``affine``, which layer norm does not have;
- ReLU, PReLU, ELU, LeakyReLU, ReLU6, GELU Y; every pool X; upsample Y;
- RNN, GRU, LSTM: weights and biases at each position, and 1, 7 or 10 per hidden unit.

And patches of public functions, wherever they are called from, a hooked module's forward included:
relu, prelu, elu, relu6, gelu, silu, all pools and softmax X, interpolate Y; matmul, mm, bmm, addmm
and baddbmm as functions and methods, add and mul as functions and methods their elements. Operators
(``a + b``, ``a @ b``), linear, convolution, attention and einsum are not patched. A trace can't
tell under which name a function was found: one imported before (``from torch.nn.functional import
relu``) is not patched either, and is counted here.

So an ``nn.ReLU`` counts twice in the total and once in its layer: what the patches add stands in
the total alone. Hooked figures are divided by the batch size, the patches' are not. A module is
hooked once and summed at each of its paths. Parameters are the trainable ones.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE, op_macs, operand_products
from profiler.counting.conventions.ledger import (
    TOTAL_ONLY,
    Call,
    Formula,
    Ledger,
    is_below_function,
)
from profiler.counting.conventions.tool_formulas import (
    broadcast_from_the_left,
    has_batch,
    input_elements,
    is_einsum,
    output_elements,
    recurrent_figure,
)
from profiler.records import OpRecord, Tally, Trace

_PER_UNIT = {"rnn": 1, "gru": 7, "lstm": 10}


def _contraction(kind: str) -> Formula:
    def figure(call: Call) -> int | None:
        op = call.op(kind)
        if op is None or (kind == "conv" and not has_batch(op)):
            return None
        return op_macs(op) + (output_elements(call) if op.bias_shape else 0)

    return figure


def _norm(call: Call) -> int:
    return (2 if "weight" in call.record.parameters else 1) * input_elements(call)


def _recurrent(call: Call) -> int | None:
    op = call.op("recurrent")
    return None if op is None else recurrent_figure(op, call.input_shape, 1, _PER_UNIT)


#: Class of torch.nn → what its hook adds at a call.
HOOKED: dict[str, Formula] = {
    **{f"Conv{dims}d": _contraction("conv") for dims in (1, 2, 3)},
    **{f"ConvTranspose{dims}d": _contraction("conv") for dims in (1, 2, 3)},
    "Linear": _contraction("linear"),
    **dict.fromkeys(("ReLU", "PReLU", "ELU", "LeakyReLU", "ReLU6", "GELU"), output_elements),
    "Upsample": lambda call: prod(call.output_shape[1:]),  # of the first image alone
    **{
        f"{kind}Pool{dims}d": input_elements
        for kind in ("Max", "Avg", "AdaptiveMax", "AdaptiveAvg")
        for dims in (1, 2, 3)
    },
    **{f"{kind}Norm{dims}d": _norm for kind in ("Batch", "Instance") for dims in (1, 2, 3)},
    "GroupNorm": _norm,
    "LayerNorm": input_elements,  # it has no attribute named affine
    **dict.fromkeys(("RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"), _recurrent),
    "MultiheadAttention": lambda call: None,
}

_ACTIVATIONS = frozenset({"relu", "prelu", "elu", "relu6", "gelu", "silu", "softmax"})
_POOLS = frozenset(
    f"{kind}_pool{dims}d"
    for kind in ("max", "avg", "adaptive_max", "adaptive_avg")
    for dims in (1, 2, 3)
)
_PATCHED_KINDS = frozenset({"matmul", "activation", "softmax", "pool", "interpolate"})
_PRODUCTS = frozenset({"matmul", "mm", "bmm", "__rmatmul__"})


def patched_figure(op: OpRecord) -> int | None:
    """Figure that the patch of the op's public function adds; 0 for a function that is not patched.

    None for an op below a function written in Python, which may call patched ones.
    """
    if is_below_function(op) and not is_einsum(op) and op.kind in _PATCHED_KINDS:
        return None
    owner, _, name = op.function.rpartition(".")
    if owner == "torch.nn.functional":
        if name in _ACTIVATIONS or name.removesuffix("_with_indices") in _POOLS:
            return op.inputs[0].numel if op.inputs else 0
        if name.startswith("lp_pool"):  # calls an average pool, a ReLU and mul
            return prod(op.input_shape) + 2 * op.outputs[0].numel
        return _resized(op) if name in {"interpolate", "upsample"} else 0
    if owner not in {"torch", "Tensor"}:
        return 0
    if name in _PRODUCTS:
        return operand_products(op)
    if name == "addmm" or op.function == "torch.baddbmm":
        return operand_products(op) + prod(op.bias_shape or ())
    return broadcast_from_the_left(op) if name in {"add", "mul"} else 0


def _resized(op: OpRecord) -> int:
    """The output's elements, worked out from what was asked for; and what is called below."""
    shape, size, scale = op.inputs[0].shape, op.attributes["size"], op.attributes["scale"]
    figure = op.outputs[0].numel
    if isinstance(size, tuple):
        figure = prod(size) * prod(shape[:2])
    elif isinstance(size, int):
        figure = size ** (len(shape) - 2) * prod(shape[:2])
    elif isinstance(scale, (int, float)):
        figure = int(prod(shape) * scale)
    if op.function.endswith(".upsample"):
        figure *= 2  # it calls interpolate
    return figure + (prod(shape) if op.attributes["mode"] == "area" else 0)


@register(
    "ptflops_pytorch",
    unit="macs",
    tool="ptflops.get_model_complexity_info",
    summary="MACs and bias adds of hooked modules, plus patched functions; ReLUs and pools twice",
    params="trainable",
    reasons={
        **dict.fromkeys(RARE, "not seen"),
        "conv": "bias adds",
        "linear": "bias adds; functional calls not seen",
        "matmul": "operators and einsum not seen",
        "attention": "not seen",
        "recurrent": "biases and gates added",
        "batch_norm": "1 per element, 2 with an affine",
        "layer_norm": "1 per element",
        "group_norm": "1 per element, 2 with an affine",
        "instance_norm": "1 per element, 2 with an affine",
        "activation": "1 per output element",
        "pool": "1 per input element",
        "interpolate": "1 per output element",
        "total only": "patched functions: ReLUs, pools and the like once more",
    },
)
def ptflops_pytorch(trace: Trace) -> Tally:
    """Hooks per batch image at every path of a module; patches in the total alone."""
    ledger = Ledger(trace, "macs")
    batch = trace.inputs[0].shape[0] if trace.inputs and trace.inputs[0].shape else 1
    remainder = 0
    for index, call in enumerate(ledger.calls()):
        rule = HOOKED.get(call.torch_class)
        if rule is None:
            continue
        figure = rule(call)
        if figure is None:
            ledger.add_unknown_call(index)
            continue
        # a layer sees the whole batch; what is left over by one that does not is in the total only
        remainder += (figure % batch) * (1 + len(call.record.shared_with))
        ledger.add_call(index, figure // batch)
        for path in call.record.shared_with:
            ledger.add_path(path, "shared", figure // batch)
    patched = remainder // batch
    for index, op in enumerate(trace.ops):
        added = patched_figure(op)
        if added is None:
            ledger.add_unknown(index)
        patched += added or 0
    if patched:
        ledger.add_path(TOTAL_ONLY, "total only", patched)
    return ledger.tally()
