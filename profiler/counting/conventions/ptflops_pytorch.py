"""``ptflops_pytorch``: ``ptflops.get_model_complexity_info``, its default backend (0.7.5), MACs.

Source: ``ptflops/pytorch_engine.py`` and ``pytorch_ops.py``. The project's README names ``aten`` as
the default backend; the code's is this one.

Two counters are added up. Forward hooks on modules whose exact class it knows, with X the input's
elements and Y the output's:

- convolution MACs + Y with a bias (transposed: from the input side); linear the same;
- batch and instance norm X, 2X with an affine; group and layer norm X or 2X by an attribute named
  ``affine``, which layer norm does not have;
- ReLU, PReLU, ELU, LeakyReLU, ReLU6, GELU Y; every pool X; upsample Y;
- RNN, GRU, LSTM: weights and biases at each position, and 1, 7 or 10 per hidden unit;
- multi-head attention: its projections, scaling, scores, softmax and sums of values; timm's
  ``Attention`` without its projections, and none of the layers in it.

And patches of public functions, wherever they are called from, a hooked module's forward included:
relu, prelu, elu, relu6, gelu, silu, all pools and softmax X, interpolate Y; matmul, mm, bmm, addmm
and baddbmm as functions and methods, add and mul as functions and methods their elements. Operators
(``a + b``, ``a @ b``), linear, convolution, attention and einsum are not patched, nor is a function
that was found before: an activation that a layer was given when it was built, ``from
torch.nn.functional import relu``. Attention modules call softmax and products by patched names,
unless they are frozen, when one kernel does their work.

So an ``nn.ReLU`` counts twice in the total and once in its layer: what the patches add stands in
the total alone. Hooked figures are divided by the batch size, the patches' are not. A module is
hooked once and summed at each of its paths. Parameters are the trainable ones.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE, op_macs, operand_products
from profiler.counting.conventions.fused_attention import fused_attention
from profiler.counting.conventions.ledger import (
    TOTAL_ONLY,
    Call,
    Formula,
    Ledger,
    is_below_function,
    is_hidden_python,
)
from profiler.counting.conventions.tool_formulas import (
    broadcast_from_the_left,
    input_elements,
    int_option,
    is_affine,
    is_einsum,
    output_elements,
    positions,
    power_pool_elements,
    recurrent_figure,
)
from profiler.records import ModuleCall, OpRecord, Tally, Trace

_PER_UNIT = {"rnn": 1, "gru": 7, "lstm": 10}


def _conv(call: Call) -> int | None:
    """At the first side for a batch and the sides from the third on, with a batch or without."""
    op = call.op("conv")
    if op is None or op.weight_shape is None:
        return None
    batch = call.input_shape[0]
    sides = call.input_shape if op.attributes["transposed"] else call.output_shape
    bias = batch * prod(call.output_shape[1:]) if op.bias_shape else 0
    return prod(op.weight_shape) * batch * prod(sides[2:]) + bias


def _linear(call: Call) -> int | None:
    op = call.op("linear")
    if op is None:
        return None
    return op_macs(op) + (output_elements(call) if op.bias_shape else 0)


def _attention(call: Call) -> int | None:
    """Projections as if keys and values kept their widths, scaling, scores, softmax, output.

    q [n, l, e], k [n, s, ek], v [n, s, ev], or length first, which is the rule for one without
    batch too, where the tool fails.
    """
    shapes, options = call.record.input_shapes, call.record.options
    if len(shapes) < 3 or len(shapes[0]) != 3:
        return None
    batch, length = (0, 1) if options["batch_first"] else (1, 0)
    heads = int_option(call.record, "num_heads")
    (lq, dq), (lk, dk), (lv, dv) = [(shape[length], shape[2]) for shape in shapes[:3]]
    projected = lq * dq * dq + lk * dk * dk + lv * dv * dv
    if options["bias"]:
        projected += (lq + lk + lv) * dq
    head = lq * lk * (dq // heads + 1 + dv // heads)
    return shapes[0][batch] * (lq * dq + projected + heads * head + lq * dv * (dv + 1))


def _norm(call: Call) -> int:
    return (2 if is_affine(call) else 1) * input_elements(call)


def _recurrent(call: Call) -> int | None:
    return recurrent_figure(call, positions(call), 1, _PER_UNIT)


def _timm_attention(call: Call) -> int:
    """Scaling, scores, softmax and sums of values, as if nothing were below it.

    x [n, l, c]; each head has scores [l, l].
    """
    batch, length = call.input_shape[:2]
    heads, width = int_option(call.record, "num_heads"), int_option(call.record, "head_dim")
    return batch * heads * (length * width + length * length * (2 * width + 1))


def _is_timm_attention(record: ModuleCall) -> bool:
    return record.class_name == "Attention" and "head_dim" in record.options


#: Class of torch.nn → what its hook adds at a call.
HOOKED: dict[str, Formula] = {
    **{f"Conv{dims}d": _conv for dims in (1, 2, 3)},
    **{f"ConvTranspose{dims}d": _conv for dims in (1, 2, 3)},
    "Linear": _linear,
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
    "MultiheadAttention": _attention,
}

_ACTIVATIONS = frozenset({"relu", "prelu", "elu", "relu6", "gelu", "silu", "softmax"})
_POOLS = frozenset(
    f"{kind}_pool{dims}d"
    for kind in ("max", "avg", "adaptive_max", "adaptive_avg")
    for dims in (1, 2, 3)
)
_PRODUCTS = frozenset({"matmul", "mm", "bmm", "__rmatmul__"})


#: Kinds that no patch counts anything for.
_FREE = frozenset({"view", "copy", "create", "concat"})


def patched_figure(op: OpRecord) -> int | None:
    """Figure that the patch of the op's public function adds; 0 for a function that is not patched.

    None for an op below a function that may call patched ones.
    """
    if is_below_function(op) and op.kind in _FREE:
        return 0
    figure = _patched_figure(op)
    if is_hidden_python(op) or (figure and is_below_function(op)):
        return None
    return 0 if op.alias else figure


def _patched_figure(op: OpRecord) -> int:
    owner, _, name = op.function.rpartition(".")
    if owner == "torch.nn.functional":
        if name in _ACTIVATIONS or name.removesuffix("_with_indices") in _POOLS:
            return op.inputs[0].numel
        if name.startswith("lp_pool"):
            return power_pool_elements(op)
        return _resized(op) if name in {"interpolate", "upsample"} else 0
    if owner not in {"torch", "Tensor"} or is_einsum(op):
        return 0
    if name in _PRODUCTS:
        return operand_products(op)
    if name == "addmm" or op.function == "torch.baddbmm":
        return operand_products(op) + (
            prod(op.bias_shape or ()) if op.attributes.get("adds", True) else 0
        )
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


def images(trace: Trace) -> int:
    """The first side of the first input, by which the tool divides; 1 where there is none."""
    return (trace.inputs[0].shape[0] if trace.inputs and trace.inputs[0].shape else 1) or 1


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
        "attention": "not seen as a function; its module by a formula",
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
    batch = images(trace)
    remainder = 0
    wholes = tuple([f"{call.path}." for call in trace.modules if _is_timm_attention(call)])
    for index, call in enumerate(ledger.calls()):
        record = call.record
        rule = _timm_attention if _is_timm_attention(record) else HOOKED.get(call.torch_class)
        if rule is None or record.path.startswith(wholes):
            continue
        figure = rule(call)
        if figure is None:
            ledger.add_unknown_call(index)
            continue
        # a layer sees the whole batch; what is left over by one that does not is in the total only
        remainder += (figure % batch) * (1 + len(record.shared_with))
        ledger.add_call(index, figure // batch)
        for path in record.shared_with:
            ledger.add_path(path, "shared", figure // batch)
    patched = remainder // batch
    fused = fused_attention(trace)
    for index, op in enumerate(trace.ops):
        if index in fused.certain:
            continue
        added = None if index in fused.possible else patched_figure(op)
        if added is None:
            ledger.add_unknown(index)
        patched += added or 0
    if patched:
        ledger.add_path(TOTAL_ONLY, "total only", patched)
    return ledger.tally()
