"""Fused and quantised ops of ONNX Runtime (``com.microsoft``): their outputs, and what they do.

Inputs, attributes and shapes are as ``docs/ContribOperators.md`` of ONNX Runtime lists them. ONNX
has no inference for these ops, so every one says the shapes of its outputs itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

from profiler.errors import one_line
from profiler.records import Attribute, Shape
from profiler.tracing.onnx_graph import contractions, elementwise, windows
from profiler.tracing.onnx_graph.nodes import FLOATING, Node, Tensor
from profiler.tracing.onnx_graph.work import Describe, Outputs, Typed, Work, functional, view
from profiler.units import shape as sized

#: ``activation`` of a fused op → what it is in ``torch.nn.functional``.
_ACTIVATIONS = {
    "relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "leakyrelu": "leaky_relu",
    "hardsigmoid": "hardsigmoid", "hardswish": "hardswish", "clip": "hardtanh", "elu": "elu",
    "softplus": "softplus", "silu": "silu", "swish": "silu", "gelu": "gelu", "quickgelu": "gelu",
}  # fmt: skip


# --- shapes of outputs ------------------------------------------------------------------------


def as_input(index: int = 0, dtype_from: int | None = None, *, also: Sequence[int] = ()) -> Outputs:
    """The first output has the shape of an input.

    Args:
        index: which input.
        dtype_from: the input whose dtype it has; the same one if None.
        also: inputs whose shapes the outputs after the first have; below 0, the output is unknown.
    """

    def outputs(node: Node) -> Sequence[Typed]:
        first = (node.shape(index), _dtype(node, index if dtype_from is None else dtype_from))
        rest = [(node.shape(at), node.input(at).dtype) if at >= 0 else None for at in also]
        return [first, *rest]

    return outputs


def _dtype(node: Node, index: int) -> str:
    return node.input(index).dtype if node.has(index) else "float32"


def as_onnx(op: str, *reads: int, dtype_from: int = 0, channels_last: bool = False) -> Outputs:
    """The shape that ONNX infers for an op of its own on some of the inputs.

    Args:
        op: the op of ONNX.
        reads: inputs by number, in its order.
        dtype_from: the input whose dtype the output has.
        channels_last: the map is [n, *in, c] where the attribute says so, or has no say.
    """

    def outputs(node: Node) -> Sequence[Typed]:
        last = _is_channels_last(node, always=channels_last)
        shapes = [node.shape(at) if node.has(at) else None for at in reads]
        if last and shapes[0]:
            shapes[0] = channels_first(shapes[0])
        shape = inferred(node, op, shapes)
        if last:
            shape = (shape[0], *shape[2:], shape[1])
        return [(shape, _dtype(node, dtype_from))]

    return outputs


def _is_channels_last(node: Node, *, always: bool) -> bool:
    return always or bool(node.integer("channels_last", 0))


def channels_first(shape: Shape) -> Shape:
    """[n, *in, c] → [n, c, *in]."""
    return (shape[0], shape[-1], *shape[1:-1]) if len(shape) > 2 else shape


def inferred(node: Node, op: str, shapes: Sequence[Shape | None]) -> Shape:
    """ONNX's own inference for an op with the node's attributes.

    Raises:
        TraceError: shapes that do not fit.
    """
    import onnx
    from onnx import helper
    from onnx.shape_inference import infer_node_outputs

    schema = onnx.defs.get_schema(op)
    names = ["" if shape is None else f"x{at}" for at, shape in enumerate(shapes)]
    kept = {key: value for key, value in node.attributes.items() if key in schema.attributes}
    types = {
        name: helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, shape)
        for name, shape in zip(names, shapes, strict=True)
        if shape is not None
    }
    try:
        found = infer_node_outputs(
            schema,
            helper.make_node(op, names, ["y"], **kept),
            types,
            opset_imports=[helper.make_opsetid("", onnx.defs.onnx_opset_version())],
        )
        dims = found["y"].tensor_type.shape.dim
    except Exception as error:  # classes of a compiled module, by version of onnx
        given = ", ".join(sized(shape) for shape in shapes if shape is not None)
        raise node.error(f"does not take {given}: {one_line(error)}") from error
    return tuple(dim.dim_value for dim in dims)


def _broadcast(node: Node, *shapes: Shape) -> Shape:
    return inferred(node, "Sum", shapes)


# --- products ---------------------------------------------------------------------------------


def _with_activation(describe: Describe, *, added: int | None = None) -> Describe:
    """A contraction, then what is added to it, then what its attribute ``activation`` names."""

    def described(node: Node) -> tuple[Work, ...]:
        works = list(describe(node))
        shape = node.output.shape
        if added is not None:
            reads = works[-1].reads or tuple(at for at in range(len(node.inputs)) if at != added)
            works[-1] = replace(works[-1], reads=reads)
            if node.has(added):
                works[-1] = replace(works[-1], shape=shape)
                both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
                works.append(Work("Tensor.__add__", "add", "add", both, reads=(added,)))
        name = str(node.attributes.get("activation", "") or "").lower()
        if name and name != "none":
            works[-1] = replace(works[-1], shape=shape)
            works.append(functional("activation", _ACTIVATIONS.get(name, name), reads=()))
        return tuple(works)

    return described


def _fused_operands(node: Node) -> tuple[Shape, Shape]:
    """Both operands of a FusedMatMul as they are multiplied.

    ``transBatch`` moves the first side behind the batch: [m, b, k] is [b, m, k].
    """
    found = []
    for at, side in enumerate("AB"):
        shape = node.shape(at)
        if node.integer(f"transBatch{side}", 0) and len(shape) > 2:
            shape = (*shape[1:-1], shape[0], shape[-1])
        if node.integer(f"trans{side}", 0) and len(shape) > 1:
            shape = (*shape[:-2], shape[-1], shape[-2])
        found.append(shape)
    return found[0], found[1]


def fused_matmul(node: Node) -> tuple[Work, ...]:
    """``alpha`` x A @ B, either one transposed; the scale is no work of its own."""
    left, right = _fused_operands(node)
    turned = (replace(node.input(0), shape=left), replace(node.input(1), shape=right))
    return contractions.matmul()(replace(node, inputs=turned))


def fused_matmul_outputs(node: Node) -> Sequence[Typed]:
    """The product's shape, of both operands as they are multiplied."""
    return [(inferred(node, "MatMul", _fused_operands(node)), node.input(0).dtype)]


def channels_last_convolution(*, always: bool, reads: tuple[int, int, int]) -> Describe:
    """A convolution of [n, *in, c]; the weight is [Cout, Cin/g, *k] all the same."""
    plain = windows.convolution(*reads)

    def describe(node: Node) -> tuple[Work, ...]:
        if not _is_channels_last(node, always=always):
            return plain(node)
        inputs = list(node.inputs)
        inputs[reads[0]] = replace(node.input(reads[0]), shape=channels_first(node.shape(reads[0])))
        return plain(replace(node, inputs=tuple(inputs)))

    return describe


def quantised_gemm(node: Node) -> tuple[Work, ...]:
    """A Gemm whose operands stand at 0, 3 and 6, each with its scale and zero point."""
    return contractions.gemm(_picked(node, 0, 3, 6))


def _picked(node: Node, *reads: int) -> Node:
    """The node with some of its inputs, in this order."""
    return replace(node, inputs=tuple(node.inputs[at] if node.has(at) else None for at in reads))


def packed_matmul(node: Node) -> tuple[Work, ...]:
    """[*, K] @ [K, N]; the weight is packed, and its sizes are attributes."""
    rows, (columns, contracted) = node.shape(0), _packed_sizes(node)
    if not rows or rows[-1] != contracted:
        raise node.error(f"{sized(rows)} does not fit a weight of {columns}x{contracted}")
    at = 4 if "Fp8Weight" in node.op else 5
    bias = node.shape(at) if node.has(at) else None
    return (contractions.linear(contracted, (columns, contracted), bias),)


def packed_matmul_outputs(node: Node) -> Sequence[Typed]:
    """[*, K] → [*, N]."""
    return [((*node.shape(0)[:-1], _packed_sizes(node)[0]), node.input(0).dtype)]


def _packed_sizes(node: Node) -> tuple[int, int]:
    """Columns and rows of a packed weight: what goes out, and what comes in."""
    if "Fp4Weight" in node.op:  # two numbers a byte
        return node.shape(1)[0], 2 * node.shape(1)[1]
    if "Fp8Weight" in node.op:
        return node.shape(1)[0], node.shape(1)[1]
    if not node.integer("transB", 1):
        return node.integer("K", 0), node.integer("N", 0)
    if "K" in node.attributes:
        return node.integer("N", 0), node.integer("K", 0)
    sizes = node.input(2).value if node.has(2) else None  # MatMulFpQ4: the shape of B is an input
    if sizes is None or len(sizes) != 2:
        raise node.error("the sizes of its packed weight are not known")
    return int(sizes[1]), int(sizes[0])


def packed_weight(bits: int) -> Callable[[Node], tuple[Shape, str]]:
    """What a packed weight is: [N, K] of so many bits, unless the op says how many."""

    def unpacked(node: Node) -> tuple[Shape, str]:
        if "Fp8Weight" in node.op:
            return node.shape(1), node.input(1).dtype
        return _packed_sizes(node), f"uint{node.integer('bits', bits)}"

    return unpacked


# --- attention --------------------------------------------------------------------------------


def projected_attention(bias: int, past: int, past_length: int) -> Describe:
    """Queries, keys and values by one matrix, then attention.

    The input is [b, s, i], the weight [i, q + k + v].

    Args:
        bias: which input is the bias.
        past: which one the earlier keys and values, [2, b, h, p, d].
        past_length: which one says how much of a longer ``past`` is filled.
    """

    def describe(node: Node) -> tuple[Work, ...]:
        given, weight = node.shape(0), node.shape(1)
        if len(given) != 3 or len(weight) != 2 or given[2] != weight[0]:
            raise node.error(f"{sized(given)} does not fit a weight of {sized(weight)}")
        heads, (query, _, value) = _heads(node), _parts(node)
        kept = tuple(at for at in range(len(node.inputs)) if at > 1 and at != bias)
        shape = (*given[:2], weight[1])
        bias_shape = node.shape(bias) if node.has(bias) else None
        if node.input(1).stored:
            product = contractions.linear(given[2], weight[::-1], bias_shape)
        else:
            product = contractions.product(given, weight)
        product = replace(product, shape=shape, reads=(0, 1, bias))
        length = _length(node, given[1], node.shape(past)[3] if node.has(past) else 0, past_length)
        rows = given[0] * heads * given[1]
        return (product, _scores(rows, length, query // heads, value // heads, kept))

    return describe


def _heads(node: Node, name: str = "num_heads") -> int:
    heads = node.integer(name, 0)
    if heads < 1:
        raise node.error(f"{name} is not stated")
    return heads


def _parts(node: Node) -> tuple[int, int, int]:
    """Widths of queries, keys and values."""
    sizes = [int(each) for each in node.attributes.get("qkv_hidden_sizes", ())]
    third = node.shape(1)[-1] // 3
    if len(sizes) not in (0, 3):
        raise node.error(f"qkv_hidden_sizes is {sizes}")
    return (sizes[0], sizes[1], sizes[2]) if sizes else (third, third, third)


def _length(node: Node, new: int, past: int, filled: int) -> int:
    """Keys that are attended to; where the past is a buffer that is filled, all of it at most."""
    if not node.has(filled):
        return new + past
    known = node.input(filled).value
    return new + int(known.max()) if known is not None and known.size else max(past, new)


def _scores(
    rows: int, length: int, head_dim: int, value_dim: int, reads: tuple[int, ...] | None = None
) -> Work:
    return functional(
        "attention",
        "scaled_dot_product_attention",
        {
            "query_rows": rows,
            "key_length": length,
            "head_dim": head_dim,
            "value_dim": value_dim,
        },
        reads=reads,
    )


def projected_attention_outputs(past: int, past_length: int, dtype_from: int = 0) -> Outputs:
    """[b, s, v] and the keys and values so far, [2, b, h, l, d]."""

    def outputs(node: Node) -> Sequence[Typed]:
        (batch, length, _), heads, (_, key, value) = node.shape(0), _heads(node), _parts(node)
        before = node.shape(past)[3] if node.has(past) else 0
        total = before if node.has(past_length) else before + length
        dtype = _dtype(node, dtype_from)
        present = (2, batch, heads, total, key // heads)
        return [((batch, length, value), dtype), (present, dtype)]

    return outputs


def multi_head(past: int, past_length: int, bias: int) -> tuple[Describe, Outputs]:
    """Attention of [b, l, h * d] on keys and values of their own, or of packed ones.

    [b, l, h, 3, d] holds all three, [b, s, h, 2, d] keys and values, [b, h, s, d] is split by head.
    A bias is added to all of them before.

    Args:
        past: which input is the earlier keys; the values come after it.
        past_length: which one says how much of a longer ``past`` is filled.
        bias: which one the bias of the projections.
    """

    def sizes(node: Node) -> tuple[int, int, int, int, int, int, int]:
        """Batch, queries, heads, width of a head, width of a value, new keys, earlier keys."""
        query, heads = node.shape(0), _heads(node)
        batch, rows = query[0], query[1]
        before = node.shape(past)[2] if node.has(past) else 0
        head = query[4] if len(query) == 5 else query[-1] // heads
        value, new = head, rows
        if node.has(1) and len(query) != 5:
            key = node.shape(1)
            new = key[2] if len(key) == 4 else key[1]
            if node.has(2):
                given = node.shape(2)
                value = given[3] if len(given) == 4 else given[-1] // heads
        return batch, rows, heads, head, value, new, before

    def describe(node: Node) -> tuple[Work, ...]:
        batch, rows, heads, head, value, new, before = sizes(node)
        length = _length(node, new, before, past_length)
        works: list[Work] = []
        if node.has(bias):  # one addition each for queries, keys and values
            added = batch * heads * (rows * head + (new if node.has(1) else rows) * (head + value))
            both: dict[str, Attribute] = {"input_shape": (added,), "other_shape": (added,)}
            works.append(Work("Tensor.__add__", "add", "add", both, shape=(added,), reads=(bias,)))
        kept = tuple(at for at in range(len(node.inputs)) if at != bias)
        return (*works, _scores(batch * heads * rows, length, head, value, kept))

    def outputs(node: Node) -> Sequence[Typed]:
        batch, rows, heads, head, value, new, before = sizes(node)
        total = before if node.has(past_length) else before + new
        dtype = node.input(0).dtype
        return [
            ((batch, rows, heads * value), dtype),
            ((batch, heads, total, head), dtype),
            ((batch, heads, total, value), dtype),
        ]

    return describe, outputs


def _grouped(node: Node) -> tuple[Shape, int, int, int]:
    """Shape of the queries, heads, heads of keys, width of a head."""
    query, heads = node.shape(0), _heads(node)
    shared = _heads(node, "kv_num_heads")
    if len(query) != 3:
        raise node.error(f"{sized(query)} is no sequence of queries")
    width = query[2] // (heads if node.has(1) else heads + 2 * shared)
    return query, heads, shared, width


def grouped_query(node: Node) -> tuple[Work, ...]:
    """Attention of [b, s, h * d] with fewer heads of keys, [b, s, g * d], all three in one or not.

    The earlier keys are [b, g, p, d], maybe a buffer with room for more: the total length says so,
    where it is constant. ``do_rotary`` turns queries and keys before.
    """
    query, heads, shared, width = _grouped(node)
    before = node.shape(3)[2] if node.has(3) else 0
    total = node.input(6).value if node.has(6) else None
    length = int(total.max()) if total is not None and total.size else before + query[1]
    works: tuple[Work, ...] = ()
    if node.integer("do_rotary", 0):
        works = rotated((*query[:2], (heads + shared) * width), last=False)
    return (*works, _scores(query[0] * heads * query[1], length, width, width))


def grouped_query_outputs(node: Node) -> Sequence[Typed]:
    """[b, s, h * d], and keys and values so far, [b, g, l, d]."""
    query, heads, shared, width = _grouped(node)
    before = node.shape(3)[2] if node.has(3) else 0
    total = node.input(6).value if node.has(6) else None
    length = max(before, int(total.max())) if total is not None else before + query[1]
    dtype = node.input(0).dtype
    present = ((query[0], shared, length, width), dtype)
    return [((*query[:2], heads * width), dtype), present, present]


def rotated(shape: Shape, *, last: bool = True) -> tuple[Work, ...]:
    """Rotary embedding: x * cos + turned x * sin; a table of angles is no parameter."""
    both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
    end = None if last else shape
    return (
        Work("Tensor.__mul__", "mul", "mul", both, shape=shape, reads=(0,)),
        Work("Tensor.__mul__", "mul", "mul", both, shape=shape, reads=(0,)),
        Work("Tensor.__add__", "add", "add", both, shape=end, reads=()),
    )


def rotary(node: Node) -> tuple[Work, ...]:
    """Rotary embedding of queries or keys, or of the part of them that the attribute says."""
    shape = node.shape(0)
    part, heads = node.integer("rotary_embedding_dim", 0), node.integer("num_heads", 0)
    width = shape[-1] if len(shape) == 4 or not heads else shape[-1] // heads
    if 0 < part < width:
        turned = (prod(shape) // width * part,)
        whole: dict[str, Attribute] = {}
        return (*rotated(turned, last=False), Work("torch.cat", "concat", "cat", whole, reads=(0,)))
    return rotated(shape)


# --- mixtures of experts ----------------------------------------------------------------------


def experts(*weights: int) -> Describe:
    """Each row of [*, h] goes through the layers of ``k`` experts, whose results are joined.

    A weight is [experts, *, *], one matrix an expert: every row meets k of them. The choice of
    experts is a sort of [*, experts].

    Args:
        weights: which inputs are weights, the one that gives h columns again second.
    """

    def describe(node: Node) -> tuple[Work, ...]:
        given, chosen = node.shape(0), node.integer("k", 1)
        rows, hidden = prod(given[:-1]) * chosen, given[-1]
        is_quantised = node.op.endswith("QMoE")
        works = [Work("torch.topk", "sort", "topk", shape=(rows, 1), reads=(1,))]
        for place, at in enumerate(weights):
            if not node.has(at):
                continue
            count = node.shape(at)[0]
            inner = prod(unpacked_experts(at)(node)[0]) // (count * hidden)
            contracted, columns = (inner, hidden) if place == 1 else (hidden, inner)
            attributes: dict[str, Attribute] = {
                "contracted": contracted,
                "input_shape": (rows, contracted),
                "other_shape": (contracted, columns),
            }
            work = Work("torch.matmul", "matmul", "matmul", attributes)
            bias = at + (2 if is_quantised else 1)
            reads = (*(() if place else (0,)), at, bias)
            bias_shape = node.shape(bias) if node.has(bias) else None
            works.append(replace(work, shape=(rows, columns), reads=reads, bias_shape=bias_shape))
            if place == 0:
                works += _expert_activation(node, rows, columns)
        attributes = {"input_elements": rows * hidden}
        works.append(Work("torch.sum", "reduction", "sum", attributes, reads=()))
        return tuple(works)

    return describe


def _expert_activation(node: Node, rows: int, columns: int) -> list[Work]:
    """What stands between an expert's layers; SwiGLU scales one half of them by the other."""
    name = str(node.attributes.get("activation_type", "relu")).lower()
    if name == "identity":
        return []
    if name != "swiglu":
        shape = (rows, columns)
        return [functional("activation", _ACTIVATIONS.get(name, name), shape=shape, reads=())]
    half = (rows, columns // 2 if node.integer("swiglu_fusion", 0) else columns)
    both: dict[str, Attribute] = {"input_shape": half, "other_shape": half}
    return [
        functional("activation", "silu", shape=half, reads=()),
        Work("Tensor.__mul__", "mul", "mul", both, shape=half, reads=()),
    ]


def unpacked_experts(at: int) -> Callable[[Node], tuple[Shape, str]]:
    """A weight of all experts; of bytes that hold several numbers each, as the numbers."""

    def unpacked(node: Node) -> tuple[Shape, str]:
        weight = node.input(at)
        if weight.dtype != "uint8":
            return weight.shape, weight.dtype
        bits = node.integer("expert_weight_bits", 4)
        return (*weight.shape[:-1], weight.shape[-1] * 8 // bits), f"uint{bits}"

    return unpacked


# --- element by element -----------------------------------------------------------------------


def skip_norm(kind: str, bias: int | None, beta: int | None) -> Describe:
    """A sum of the input, a skip and maybe a bias, normalised."""

    def describe(node: Node) -> tuple[Work, ...]:
        shape = node.shape(0)
        both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
        works = [Work("Tensor.__add__", "add", "add", both, shape=shape, reads=(0, 1))]
        if bias is not None and node.has(bias):
            works.append(Work("Tensor.__add__", "add", "add", both, shape=shape, reads=(bias,)))
        has_beta = beta is not None and node.has(beta)
        norm = functional(
            kind,
            kind,
            {"affine": True, "training": False},
            weight_shape=node.shape(2),
            bias_shape=node.shape(beta) if beta is not None and has_beta else None,
            reads=(2, beta) if beta is not None else (2,),
        )
        return (*works, norm)

    return describe


def skip_norm_outputs(node: Node) -> Sequence[Typed]:
    """The normalised sum, statistics that inference leaves out, and the sum itself."""
    same = (node.shape(0), node.input(0).dtype)
    statistics = ((*node.shape(0)[:-1], 1), "float32")
    return [same, statistics, statistics, same]


def embedded_norm(weights: Sequence[int], gamma: int) -> tuple[Describe, Outputs]:
    """Tables of words, positions and maybe segments, looked up, added and normalised."""

    def describe(node: Node) -> tuple[Work, ...]:
        shape = node.output.shape
        both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
        works: list[Work] = []
        for place, at in enumerate(weights):
            if node.has(at):
                index = (0, 0, 1)[place]
                works.append(
                    functional(
                        "embedding",
                        "embedding",
                        weight_shape=node.shape(at),
                        shape=shape,
                        reads=(index, at),
                    )
                )
                if place:
                    works.append(Work("Tensor.__add__", "add", "add", both, shape=shape, reads=()))
        norm = functional(
            "layer_norm",
            "layer_norm",
            {"affine": True, "training": False},
            weight_shape=node.shape(gamma),
            bias_shape=node.shape(gamma + 1),
            reads=(gamma, gamma + 1),
        )
        return (*works, norm)

    def outputs(node: Node) -> Sequence[Typed]:
        tokens = node.shape(0)
        dtype = node.input(gamma).dtype
        whole = (
            (*tokens, node.shape(weights[0])[-1]),
            dtype if dtype in FLOATING else "float32",
        )
        return [whole, ((tokens[0],), "int32"), whole]

    return describe, outputs


def biased(*works: Describe, bias: int = 1) -> Describe:
    """A bias is added where it is given, and then the op does what it does."""

    def describe(node: Node) -> tuple[Work, ...]:
        shape = node.shape(0)
        both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
        found = [work for each in works for work in each(node)]
        if node.has(bias):
            found = [replace(work, reads=()) for work in found]
            added = Work("Tensor.__add__", "add", "add", both, shape=shape, reads=(0, bias))
            return (added, *found)
        return tuple(found)

    return describe


def halved_gelu(node: Node) -> tuple[Work, ...]:
    """A bias is added, and one half of the channels scales the GELU of the other."""
    shape = node.shape(0)
    half = (*shape[:-1], shape[-1] // 2)
    both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
    halves: dict[str, Attribute] = {"input_shape": half, "other_shape": half}
    return (
        Work("Tensor.__add__", "add", "add", both, shape=shape, reads=(0, 1)),
        functional("activation", "gelu", shape=half, reads=()),
        Work("Tensor.__mul__", "mul", "mul", halves, reads=()),
    )


def halved(node: Node) -> Sequence[Typed]:
    """The input with half its channels."""
    shape = node.shape(0)
    return [((*shape[:-1], shape[-1] // 2), node.input(0).dtype)]


def picked(describe: Describe, *reads: int) -> Describe:
    """What the op does to the inputs that are data, scales and zero points left out."""
    return lambda node: describe(_picked(node, *reads))


def broadcast(*reads: int) -> Outputs:
    """Inputs of several shapes, as they fit each other."""
    return lambda node: [(_broadcast(node, *map(node.shape, reads)), node.input(reads[-1]).dtype)]


def global_pool_outputs(node: Node) -> Sequence[Typed]:
    """One value a channel, which comes last where the attribute says so."""
    shape = node.shape(0)
    ones = (1,) * (len(shape) - 2)
    last = _is_channels_last(node, always=False)
    pooled = (shape[0], *ones, shape[-1]) if last else (*shape[:2], *ones)
    return [(pooled, node.input(0).dtype)]


def joined(node: Node) -> Sequence[Typed]:
    """Tensors at 2, 5, 8 …, each with its scale and zero point, along an axis."""
    shapes = [node.shape(at) for at in range(2, len(node.inputs), 3)]
    return [(inferred(node, "Concat", shapes), node.input(2).dtype)]


def looked_up(node: Node) -> tuple[Work, ...]:
    """Rows of a quantised table."""
    return (functional("embedding", "embedding", weight_shape=node.shape(0)),)


def looked_up_outputs(node: Node) -> Sequence[Typed]:
    """Places in the table's axis, for that axis; dequantised, as the scales are."""
    shape, _ = unpacked_table(node)
    axis = node.integer("gather_axis", 0) % len(shape)
    return [((*shape[:axis], *node.shape(1), *shape[axis + 1 :]), _dtype(node, 2))]


def unpacked_table(node: Node) -> tuple[Shape, str]:
    """A table of bytes that hold several numbers each, as the numbers."""
    table: Tensor = node.input(0)
    bits = node.integer("bits", 4)
    if table.dtype != "uint8" or bits >= 8:
        return table.shape, table.dtype
    return (*table.shape[:-1], table.shape[-1] * (8 // bits)), f"uint{bits}"


def transposed_recurrent(node: Node) -> tuple[Work, ...]:
    """An LSTM with its weights the other way round: W [d, i, 4h], R [d, h, 4h]."""
    inputs = list(node.inputs)
    for at in (1, 2):
        shape = node.shape(at)
        inputs[at] = replace(node.input(at), shape=(shape[0], *shape[:0:-1]))
    return contractions.recurrent("lstm")(replace(node, inputs=tuple(inputs)))


def transposed_recurrent_outputs(node: Node) -> Sequence[Typed]:
    """Every step's state, the last one, and the last cell."""
    (steps, batch, _), (directions, units, _) = node.shape(0), node.shape(2)
    dtype = node.input(0).dtype
    last = ((directions, batch, units), dtype)
    return [((steps, directions, batch, units), dtype), last, last]


def layer_norm_outputs(node: Node) -> Sequence[Typed]:
    """The input normalised, and statistics over the last side."""
    return [(node.shape(0), node.input(0).dtype), ((*node.shape(0)[:-1], 1), "float32")]


def fused_convolution() -> Describe:
    """A convolution, a sum with an input of the same shape, and an activation."""
    return _with_activation(windows.convolution(), added=3)


def fused_gemm() -> Describe:
    """A Gemm and an activation."""
    return _with_activation(contractions.gemm)


def fused_matmul_activation() -> Describe:
    """A product and an activation."""
    return _with_activation(fused_matmul)


def channels_last_fused_convolution() -> Describe:
    """The same with channels last."""
    plain = channels_last_convolution(always=True, reads=(0, 1, 2))
    return _with_activation(plain, added=3)


def channels_last_pool(describe: Describe) -> Describe:
    """A pool over [n, *in, c], where the attribute says so."""

    def described(node: Node) -> tuple[Work, ...]:
        if not _is_channels_last(node, always=False):
            return describe(node)
        turned = replace(node.input(0), shape=channels_first(node.shape(0)))
        return describe(replace(node, inputs=(turned, *node.inputs[1:])))

    return described


def with_gelu(node: Node) -> tuple[Work, ...]:
    """A product, a bias, and GELU."""
    (work,) = contractions.matmul()(replace(node, inputs=node.inputs[:2]))
    bias = node.shape(2) if node.has(2) else None
    shape = node.output.shape
    return (
        replace(work, bias_shape=bias, shape=shape),
        functional("activation", "gelu", shape=None, reads=()),
    )


def scaled_matmul(bias: int) -> Describe:
    """A product of integers, scaled, and a bias."""

    def describe(node: Node) -> tuple[Work, ...]:
        (work,) = contractions.matmul()(node)
        return (replace(work, bias_shape=node.shape(bias) if node.has(bias) else None),)

    return describe


def quantised_gemm_outputs(node: Node) -> Sequence[Typed]:
    """Eight bits where a scale for them is given, else floating point."""
    shapes = [node.shape(at) if node.has(at) else None for at in (0, 3, 6)]
    return [(inferred(node, "Gemm", shapes), _dtype(node, 0 if node.has(7) else 1))]


def wide(op: str, dtype: str) -> Outputs:
    """An op of ONNX on the first two inputs, with a dtype of its own."""
    return lambda node: [(inferred(node, op, [node.shape(0), node.shape(1)]), dtype)]


def stateful_outputs(node: Node) -> Sequence[Typed]:
    """A map like the input, and the last k - 1 places of it."""
    given, dtype = node.shape(0), node.input(0).dtype
    return [(given, dtype), ((*given[:2], node.shape(1)[-1] - 1), dtype)]


def linear_attention_outputs(node: Node) -> Sequence[Typed]:
    """[b, t, h * dv], and the state [b, g, dk, dv]."""
    query, key, value = node.shape(0), node.shape(1), node.shape(2)
    heads, shared = _heads(node, "q_num_heads"), _heads(node, "kv_num_heads")
    width, out = key[-1] // shared, value[-1] // shared
    dtype = node.input(0).dtype
    return [((*query[:2], heads * out), dtype), ((query[0], shared, width, out), dtype)]


def with_silu(describe: Describe) -> Describe:
    """A norm, and SiLU where the attribute ``activation`` is 1."""

    def described(node: Node) -> tuple[Work, ...]:
        works = describe(node)
        if not node.integer("activation", 0):
            return works
        shape = node.output.shape
        silu = functional("activation", "silu", reads=())
        return (*works[:-1], replace(works[-1], shape=shape), silu)

    return described


def skip_group_norm(node: Node) -> tuple[Work, ...]:
    """A sum of the input, a skip and maybe a bias, normalised in groups, and maybe SiLU."""
    norms = with_silu(elementwise.norm("group_norm"))(node)
    shape = node.shape(0)
    return (
        *sum_of(0, 3, 4, shape=shape)(node),
        *(replace(work, reads=() if at else (1, 2)) for at, work in enumerate(norms)),
    )


def sum_of(*reads: int, shape: Shape | None = None) -> Describe:
    """Inputs that are given, added one after the other.

    Args:
        reads: which inputs.
        shape: of the sum, where it is not what the op gives.
    """

    def describe(node: Node) -> tuple[Work, ...]:
        whole = node.shape(0)
        both: dict[str, Attribute] = {"input_shape": whole, "other_shape": whole}
        given = [at for at in reads[1:] if node.has(at)]
        if not given:
            return view(node)
        return tuple(
            Work(
                "Tensor.__add__",
                "add",
                "add",
                both,
                shape=whole if shape or at != given[-1] else None,
                reads=(reads[0], at) if at == given[0] else (at,),
            )
            for at in given
        )

    return describe


def gated_norm(node: Node) -> tuple[Work, ...]:
    """A root-mean-square norm, scaled by SiLU of a gate."""
    shape = node.shape(0)
    both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
    norm = functional(
        "rms_norm",
        "rms_norm",
        {"affine": True, "training": False},
        weight_shape=node.shape(1),
        shape=shape,
        reads=(0, 1),
    )
    return (
        norm,
        functional("activation", "silu", shape=shape, reads=(2,)),
        Work("Tensor.__mul__", "mul", "mul", both, reads=()),
    )


def quantised_concat(node: Node) -> tuple[Work, ...]:
    """Tensors at 2, 5, 8 …, each with its scale and zero point."""
    return elementwise.concat(_picked(node, *range(2, len(node.inputs), 3)))


def distances(node: Node) -> tuple[Work, ...]:
    """Between rows of [m, k] and of [n, k]."""
    return (Work("torch.cdist", "distance", "cdist", {"contracted": node.shape(0)[-1]}),)


def distances_outputs(node: Node) -> Sequence[Typed]:
    """[m, n]."""
    return [((node.shape(0)[0], node.shape(1)[0]), node.input(0).dtype)]


def grid_sample_outputs(node: Node) -> Sequence[Typed]:
    """Channels of the map at the places of the grid."""
    return [((*node.shape(0)[:2], *node.shape(1)[1:-1]), node.input(0).dtype)]
