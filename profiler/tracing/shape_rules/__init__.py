"""The registry of shape rules: what a hot op returns, without entering the dispatcher."""

from __future__ import annotations

from profiler.tracing.shape_rules.contractions import (
    attention,
    conv,
    conv_transpose,
    grouped_matmul,
    int_matmul,
    linear,
    matmul,
    packed_matmul,
    product,
)
from profiler.tracing.shape_rules.elementwise import (
    arithmetic,
    batch_norm,
    cat,
    clamp,
    group_norm,
    layer_norm,
    power,
    reduction,
    softmax,
    unary,
    unary_in_place,
)
from profiler.tracing.shape_rules.rule import Rule
from profiler.tracing.shape_rules.windows import (
    adaptive_pool,
    interpolate,
    pad,
    pool,
    roll,
)

_ACTIVATIONS = (
    "relu relu6 leaky_relu elu selu celu gelu silu mish sigmoid tanh hardtanh hardsigmoid "
    "hardswish softplus".split()
)
_ELEMENTWISE = "exp log sqrt rsqrt square reciprocal neg abs sin cos erf".split()

#: Keywords that change no shape, beside those a rule reads.
HARMLESS = frozenset(
    "inplace negative_slope alpha beta threshold min_val max_val eps momentum approximate "
    "_stacklevel count_include_pad divisor_override ceil_mode return_indices scale is_causal "
    "dropout_p attn_mask enable_gqa training keepdim dtype dim dilation align_corners "
    "recompute_scale_factor antialias".split()
)

#: Bare name → rule; a function that writes in place is looked up as name + "_".
RULES: dict[str, Rule] = {
    **{f"conv{dims}d": conv(dims) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": conv_transpose(dims) for dims in (1, 2, 3)},
    **{f"{kind}_pool{dims}d": pool(dims) for dims in (1, 2, 3) for kind in ("max", "avg")},
    **{
        f"adaptive_{kind}_pool{dims}d": adaptive_pool(dims)
        for dims in (1, 2, 3)
        for kind in ("max", "avg")
    },
    **dict.fromkeys((*_ACTIVATIONS, *_ELEMENTWISE), unary),
    **{f"{name}_": unary_in_place for name in _ACTIVATIONS},
    **dict.fromkeys(("clamp", "clip"), clamp),
    "pow": power,
    **dict.fromkeys(("add", "sub", "mul", "div"), arithmetic(in_place=False)),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_"), arithmetic(in_place=True)),
    "matmul": matmul,
    "mm": product(2),
    "bmm": product(3),
    **dict.fromkeys(("softmax", "log_softmax"), softmax),
    "linear": linear,
    "scaled_dot_product_attention": attention,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "cat": cat,
    **dict.fromkeys(("mean", "sum"), reduction),
    "interpolate": interpolate,
    "pad": pad,
    "roll": roll,
}

#: Bare name → what stands in where the op's own kernel refuses; some know one dtype, or device.
STAND_INS: dict[str, Rule] = {
    "_grouped_mm": grouped_matmul,
    "_scaled_grouped_mm": grouped_matmul,
    "_int_mm": int_matmul,
    "_weight_int8pack_mm": packed_matmul(0),  # scales: [n]
    # scales and zeros: [k / group, n, 2]
    **dict.fromkeys(("_weight_int4pack_mm", "_weight_int4pack_mm_for_cpu"), packed_matmul(1)),
}
