"""Nodes that contract: products of matrices, einsum, attention, recurrent layers."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from profiler.records import Attribute, Shape
from profiler.tracing.onnx_graph.nodes import Node
from profiler.tracing.onnx_graph.work import (
    Describe,
    Work,
    functional,
    view,
)
from profiler.units import shape as sized


def matmul(left: int = 0, right: int = 1) -> Describe:
    """[*, m, k] @ [*, k, n]; a matrix that the file stores makes it a linear layer.

    Args:
        left: which input is the left operand.
        right: which one the right.
    """

    def describe(node: Node) -> tuple[Work, ...]:
        rows, other = node.shape(left), node.shape(right)
        if not rows or not other:
            raise node.error("a number is no operand of a product")
        contracted = rows[-1]
        if contracted != (other[-2] if len(other) > 1 else other[-1]):
            raise node.error(f"{sized(rows)} and {sized(other)} do not fit")
        if node.input(right).stored and len(other) == 2:
            return (linear(contracted, other[::-1]),)
        return (product(rows, other),)

    return describe


def product(rows: Shape, other: Shape, name: str = "matmul") -> Work:
    """[*, m, k] @ [*, k, n]."""
    attributes: dict[str, Attribute] = {
        "contracted": rows[-1],
        "input_shape": rows,
        "other_shape": other,
    }
    return Work(f"torch.{name}", "matmul", name, attributes)


def gemm(node: Node) -> tuple[Work, ...]:
    """[m, k] @ [k, n] + c, either one transposed; with a stored matrix it is a linear layer.

    The scales ``alpha`` and ``beta`` are no work of their own.
    """
    left, right = node.shape(0), node.shape(1)
    if len(left) != 2 or len(right) != 2:
        raise node.error(f"{sized(left)} and {sized(right)} are no matrices")
    rows = left[::-1] if node.integer("transA", 0) else left
    other = right[::-1] if node.integer("transB", 0) else right
    if rows[1] != other[0]:
        raise node.error(f"{sized(rows)} and {sized(other)} do not fit")
    bias = node.shape(2) if node.has(2) else None
    if node.input(1).stored:
        return (linear(rows[1], other[::-1], bias),)
    return (replace(product(rows, other, "mm" if bias is None else "addmm"), bias_shape=bias),)


def linear(contracted: int, weight: Shape, bias: Shape | None = None) -> Work:
    """[*, k] by a stored weight [n, k]."""
    return functional(
        "linear",
        "linear",
        {"contracted": contracted, "contiguous": True},
        weight_shape=weight,
        bias_shape=bias,
    )


def einsum(node: Node) -> tuple[Work, ...]:
    """Operands from left to right, two at a time, as PyTorch does without an optimiser.

    Labels of both that nothing after them needs are contracted: the MACs are the product of all
    sizes of the two. Labels of one alone that nothing needs are summed before.
    """
    equation = str(node.attributes.get("equation", "")).replace(" ", "")
    operands, result = _labels(node, equation)
    sizes: dict[str, int] = {}
    for index, labels in enumerate(operands):
        for label, size in zip(labels, node.shape(index), strict=True):
            known = sizes.get(label, 1)
            if 1 not in (known, size) and known != size:
                raise node.error(f"{equation!r}: {label!r} is {known} and {size}")
            sizes[label] = max(known, size)

    def shape(labels: list[str]) -> Shape:
        return tuple(sizes[label] for label in labels)

    shapes_given = [node.shape(index) for index in range(len(operands))]
    call: dict[str, Attribute] = {
        "equation": equation,
        "operands": " ".join("x".join(map(str, given)) for given in shapes_given),
        "einsum": node.outputs[0].name if node.outputs[0] else node.label,
    }
    works: list[Work] = []
    current = list(dict.fromkeys(operands[0]))
    for index in range(1, len(operands)):
        other = list(dict.fromkeys(operands[index]))
        needed = {*result, *(label for rest in operands[index + 1 :] for label in rest)}
        alone = set(current) ^ set(other)
        for labels in (current, other):
            if any(label in alone and label not in needed for label in labels):
                works.append(_summed(call, shape(labels)))
        current = [label for label in current if label not in alone or label in needed]
        other = [label for label in other if label not in alone or label in needed]
        both = [label for label in current if label in other]
        batch = [label for label in both if label in needed]
        inner = [label for label in both if label not in needed]
        rows = [label for label in current if label not in other]
        columns = [label for label in other if label not in current]
        b, m, k, n = (prod(shape(labels)) for labels in (batch, rows, inner, columns))
        current = batch + rows + columns
        step = shape(current) if index + 1 < len(operands) else None
        reads = (0, 1) if index == 1 else (index,)
        shapes: dict[str, Attribute] = {"input_shape": (b, m, k), "other_shape": (b, k, n)}
        kind, aten = ("matmul", "bmm") if inner else ("mul", "mul")
        if inner:
            shapes["contracted"] = k
        works.append(
            Work(
                "torch.einsum",
                kind,
                aten,
                {**shapes, **call},
                shape=step,
                reads=reads,
            )
        )
    if len(operands) > 1:
        return tuple(works)
    if set(current) <= set(result):
        return view(node)
    return (Work("torch.einsum", "reduction", "sum", {"input_elements": node.input(0).numel}),)


def _summed(call: dict[str, Attribute], shape: Shape) -> Work:
    attributes = {"input_elements": prod(shape), **call}
    return Work("torch.einsum", "reduction", "sum", attributes, shape=shape, reads=())


def _labels(node: Node, equation: str) -> tuple[list[list[str]], list[str]]:
    """The labels of each operand and of the result; an ellipsis stands for "0", "1" … from the end.

    Without an arrow the result has the ellipsis and, in order, the labels that stand once.
    """
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(node.inputs):
        raise node.error(f"{equation!r} is for {len(terms)} operands, not {len(node.inputs)}")
    operands = [_expanded(node, term, len(node.shape(i))) for i, term in enumerate(terms)]
    dots = max(([each for each in labels if each.isdecimal()] for labels in operands), key=len)
    if arrow:
        named = list(right.replace("...", ""))
        return operands, [*(dots if "..." in right else []), *named]
    once = sorted(label for label in set(left) - set(",.") if left.count(label) == 1)
    return operands, [*dots, *once]


def _expanded(node: Node, term: str, rank: int) -> list[str]:
    before, dots, after = term.partition("...")
    rest = rank - len(before) - len(after)
    if rest < 0 or (rest and not dots):
        raise node.error(f"{term!r} does not fit {rank} dimensions")
    return [*before, *(str(at) for at in range(rest - 1, -1, -1)), *after]


def attention(node: Node) -> tuple[Work, ...]:
    """Scaled dot-product attention: [b, h, l, e] or, with the heads joined, [b, l, h * e].

    What is given of earlier keys is attended to as well; key and value heads may be fewer.
    """
    query, key, value = node.shape(0), node.shape(1), node.shape(2)
    if len(query) == 3:
        heads, shared = node.integer("q_num_heads", 0), node.integer("kv_num_heads", 0)
        if heads < 1 or shared < 1:
            raise node.error("q_num_heads and kv_num_heads are not stated")
        rows, length = query[0] * heads * query[1], key[1]
        head_dim, value_dim = query[2] // heads, value[2] // shared
    else:
        rows, length, head_dim, value_dim = prod(query[:3]), key[2], query[3], value[3]
    past = node.shape(4)[2] if node.op == "Attention" and node.has(4) else 0
    return (
        functional(
            "attention",
            "scaled_dot_product_attention",
            {
                "query_rows": rows,
                "key_length": length + past,
                "head_dim": head_dim,
                "value_dim": value_dim,
            },
        ),
    )


def linear_attention(node: Node) -> tuple[Work, ...]:
    """A state [b, g, dk, dv] to which each of t steps adds key x value, read by each query.

    With the heads joined: query [b, t, h * dk], key [b, t, g * dk], value [b, t, g * dv]. All steps
    together, ``state += k v`` is k' [dk, t] @ v [t, dv], and a reading q [1, dk] @ state; a delta
    rule reads the state by its keys as well, before it writes. Decay scales the state at each step.
    Source: the body that ONNX gives the op.
    """
    query, key, value = node.shape(0), node.shape(1), node.shape(2)
    heads, shared = node.integer("q_num_heads", 0), node.integer("kv_num_heads", 0)
    if heads < 1 or shared < 1 or (len(query), len(key), len(value)) != (3, 3, 3):
        raise node.error(f"{sized(query)}, {sized(key)} and {sized(value)} do not fit its heads")
    batch, steps, width, out = *query[:2], key[2] // shared, value[2] // shared
    state = (batch, shared, width, out)
    rule = str(node.attributes.get("update_rule", "gated_delta"))
    works: list[Work] = []
    if "gated" in rule:
        scaled: dict[str, Attribute] = {"input_elements": steps * prod(state)}
        works += [
            Work("torch.exp", "elementwise", "exp", shape=node.shape(4), reads=(4,)),
            Work("torch.cumprod", "reduction", "cumprod", scaled, shape=state, reads=(3,)),
        ]
    rows = (batch * shared, steps, width)
    reading = replace(product(rows, (batch * shared, width, out)), shape=value)
    if "delta" in rule:
        both: dict[str, Attribute] = {"input_shape": value, "other_shape": value}
        works += [
            replace(reading, reads=(1,)),
            Work("Tensor.__sub__", "sub", "sub", shape=value, reads=(2,)),
            Work("Tensor.__mul__", "mul", "mul", both, shape=value, reads=(5,)),
        ]
    writing = product((batch * shared, width, steps), (batch * shared, steps, out))
    return (
        *works,
        replace(writing, shape=state, reads=(1, 2)),
        product((batch * heads, steps, width), (batch * heads, width, out)),
    )


def recurrent(mode: str) -> Describe:
    """Of x [t, b, i], W [d, gates * h, i] and R [d, gates * h, h], at each step and sequence.

    Peepholes of an LSTM (3h products) are parameters and no contraction.
    """
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)

    def describe(node: Node) -> tuple[Work, ...]:
        x, given, hidden = node.shape(0), node.shape(1), node.shape(2)
        if (len(x), len(given), len(hidden)) != (3, 3, 3) or given[2] != x[2]:
            raise node.error(f"{sized(x)}, {sized(given)} and {sized(hidden)} do not fit")
        name = mode
        if mode == "rnn":
            name = "rnn_relu" if "Relu" in node.attributes.get("activations", ()) else "rnn_tanh"
        directions, units = given[0], given[1] // gates
        attributes: dict[str, Attribute] = {
            "mode": name,
            "positions": x[0] * x[1],
            "weights": prod(given) + prod(hidden),
            "biases": node.input(3).numel if node.has(3) else 0,
            "hidden_units": directions * units,
            "projected": False,
        }
        output = (x[0], x[1], directions * units)
        return (Work(f"torch.{name}", "recurrent", name, attributes, layer_output=output),)

    return describe
