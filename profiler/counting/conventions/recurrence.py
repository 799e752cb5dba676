"""What tools add to the weights of a recurrent layer, per time step, sequence and hidden unit."""

from __future__ import annotations

from profiler.counting.conventions.contractions import number
from profiler.records import OpRecord, Shape


def recurrent_figure(
    op: OpRecord,
    given: Shape,
    weight_factor: int,
    per_unit: dict[str, int],
    per_gate_unit: int = 0,
) -> int | None:
    """At each position: factor * weights + biases + hidden units * what each costs.

    None for a layer with projections, and for sequences without batch or packed ones, whose sides
    tools take for others.

    Args:
        op: a recurrent op; its hidden units are summed over layers and directions.
        given: shape of the input that the layer was given.
        weight_factor: 1 for a tool that counts MACs, 2 for FLOPs.
        per_unit: mode ("lstm", "gru", "rnn") → cost of a hidden unit beside its weights.
        per_gate_unit: cost of a hidden unit in each gate.
    """
    if op.attributes["projected"] or len(given) != (2 if op.aten.endswith("_cell") else 3):
        return None
    mode = str(op.attributes["mode"])
    mode = mode if mode in {"lstm", "gru"} else "rnn"
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    units = number(op, "hidden_units")
    per_position = (
        weight_factor * number(op, "weights")
        + number(op, "biases")
        + (per_unit[mode] + gates * per_gate_unit) * units
    )
    return number(op, "positions") * per_position
