"""Models side by side: totals, op kinds and stages, and the parts behind most of a difference.

``profiler.counting.explain`` holds conventions against each other; this holds networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from msgspec.structs import replace

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.conventions import convention as find_convention
from profiler.counting.counts import count
from profiler.counting.grouping import summed
from profiler.counting.parts import NO_OP, op_kind, op_stages, ordered_kinds, ordered_stages
from profiler.records import (
    OWN_DTYPES,
    Counts,
    LayerCounts,
    Record,
    Totals,
    Trace,
)

_Key = TypeVar("_Key")

#: The metrics that kinds and stages are compared by: those whose parts add up to the total.
PART_METRICS = ("flops", "macs", "params", "activations", "bytes_moved")
#: The metrics of a total, those of parts among them; the last is FLOPs over bytes moved.
TOTAL_METRICS = (
    "params",
    "macs",
    "flops",
    "activations",
    "bytes_moved",
    "weight_bytes",
    "peak_activation_bytes",
    "arithmetic_intensity",
)
#: The share of a difference, in percent, that its leading parts must explain more than.
MOST = 50

Cut = Literal["kinds", "stages"]
CUTS: tuple[Cut, ...] = ("kinds", "stages")

_NOTHING = summed("", "", ())


class ModelParts(Record, frozen=True):
    """One model's counts, cut by op kind and by stage; each cut adds up to the totals."""

    label: str
    #: The counts without their rows.
    counts: Counts
    kinds: Mapping[str, LayerCounts]
    stages: Mapping[str, LayerCounts]
    #: Stage → the top-level modules that run at it, in execution order, with what they spend there.
    #: The model's own forward is at the path "".
    modules: Mapping[str, tuple[LayerCounts, ...]]


class ComparedPart(Record, frozen=True):
    """One op kind or one stage of several models."""

    key: str
    #: The cost of each model there, in the order of the models.
    counts: tuple[LayerCounts, ...]
    #: Each model's top-level modules that run at a stage; a kind has none.
    modules: tuple[tuple[LayerCounts, ...], ...] = ()


class ModelComparison(Record, frozen=True):
    """Models under one rule; the first is what ratios and differences are to."""

    models: tuple[ModelParts, ...]
    kinds: tuple[ComparedPart, ...]
    stages: tuple[ComparedPart, ...]

    @property
    def convention(self) -> str:
        """The counting rule of all of them."""
        return self.models[0].counts.convention

    @property
    def precision(self) -> str:
        """What bytes of all of them are stated at: their own dtypes where these differ."""
        stated = {model.counts.precision for model in self.models}
        return stated.pop() if len(stated) == 1 else OWN_DTYPES

    @property
    def unit(self) -> str:
        """The metric that goes by the rule's name: "macs" or "flops"."""
        return find_convention(self.convention).unit

    def parts(self, cut: Cut) -> tuple[ComparedPart, ...]:
        """The parts of one cut."""
        return self.kinds if cut == "kinds" else self.stages


class Dominance(Record, frozen=True):
    """The fewest parts that explain most of a difference."""

    difference: int
    #: Key and difference of each, the largest first; none where there is no difference.
    parts: tuple[tuple[str, int], ...]
    #: The difference of all others together, which makes up the whole.
    rest: int
    #: How many others there are.
    others: int

    @property
    def explained(self) -> int:
        """The parts together: more than the difference where the rest takes some back."""
        return self.difference - self.rest


def model_parts(
    trace: Trace, label: str, convention: str = TRUE_CONVENTION, precision: str | None = None
) -> ModelParts:
    """Count one trace and cut it.

    Args:
        trace: the model's forward.
        label: what the model is called beside others.
        convention: the counting rule.
        precision: what bytes are stated at, each tensor's own dtype unless given.
    """
    counts = count(trace, convention, by="op", precision=precision)
    of_ops = len(trace.ops)
    rest = counts.layers[of_ops:]  # unused parameters, and what the rule counts beside the ops
    kinds = [*map(op_kind, trace.ops), *(row.kind for row in rest)]
    at_stages = [*op_stages(trace), *[NO_OP] * len(rest)]
    tops = [row.path.partition(".")[0] for row in counts.layers]
    by_module = _sums(zip(zip(at_stages, tops, strict=True), counts.layers, strict=True))
    modules: dict[str, list[LayerCounts]] = {}
    for (stage, path), row in by_module.items():
        if _spends(row):
            modules.setdefault(stage, []).append(replace(row, path=path))
    return ModelParts(
        label=label,
        counts=replace(counts, layers=()),
        kinds=_sums(zip(kinds, counts.layers, strict=True)),
        stages=_sums(zip(at_stages, counts.layers, strict=True)),
        modules={stage: tuple(rows) for stage, rows in modules.items()},
    )


def compare_models(models: Sequence[ModelParts]) -> ModelComparison:
    """Put models side by side; kinds and stages in which none of them spends anything are left out.

    Args:
        models: at least one, all under one rule and with bytes at the same precision, or each at
            its own dtypes.
    """
    every_kind = ordered_kinds(key for model in models for key in model.kinds)
    every_stage = ordered_stages(key for model in models for key in model.stages)
    return ModelComparison(
        models=tuple(models),
        kinds=_spending(
            ComparedPart(key=key, counts=tuple(model.kinds.get(key, _NOTHING) for model in models))
            for key in every_kind
        ),
        stages=_spending(
            ComparedPart(
                key=key,
                counts=tuple(model.stages.get(key, _NOTHING) for model in models),
                modules=tuple(model.modules.get(key, ()) for model in models),
            )
            for key in every_stage
        ),
    )


def dominance(
    comparison: ModelComparison, cut: Cut, metric: str, model: int, baseline: int = 0
) -> Dominance:
    """The fewest parts that explain more than ``MOST`` percent of what one model has more or less.

    Only parts that differ in the direction of the total are taken, the largest first, so that no
    smaller choice could explain as much; equals come in the order of the parts.

    Args:
        comparison: the models.
        cut: which parts.
        metric: one of ``PART_METRICS``.
        model: the model's place among the models.
        baseline: the place of the one it is held against.
    """
    differences = [
        (part.key, amount(part.counts[model], metric) - amount(part.counts[baseline], metric))
        for part in comparison.parts(cut)
    ]
    total = sum(difference for _, difference in differences)
    sign = -1 if total < 0 else 1
    leading: list[tuple[str, int]] = []
    explained = 0
    for key, difference in sorted(differences, key=lambda part: -sign * part[1]):
        if not total or 100 * sign * explained > MOST * sign * total:
            break
        leading.append((key, difference))
        explained += difference
    others = sum(1 for _, difference in differences if difference) - len(leading)
    return Dominance(total, tuple(leading), total - explained, others)


def amount(counted: LayerCounts | Totals, metric: str) -> int:
    """A metric of parts, of one part or of a total."""
    value: int = getattr(counted, metric)
    return value


def total_of(model: ModelParts, metric: str) -> int | float | None:
    """A metric of ``TOTAL_METRICS``; None where it has no value."""
    totals = model.counts.totals
    if metric == "arithmetic_intensity":
        return totals.flops / totals.bytes_moved if totals.bytes_moved else None
    return amount(totals, metric)


def ratio(value: float | None, base: float | None) -> float | None:
    """The figure over the baseline's; None where either has none, or the baseline's is 0."""
    return value / base if value is not None and base else None


def _sums(rows: Iterable[tuple[_Key, LayerCounts]]) -> dict[_Key, LayerCounts]:
    """Rows of one key as one, in the order of the first of each."""
    groups: dict[_Key, list[LayerCounts]] = {}
    for key, row in rows:
        groups.setdefault(key, []).append(row)
    return {key: summed("", "", group) for key, group in groups.items()}


def _spending(parts: Iterable[ComparedPart]) -> tuple[ComparedPart, ...]:
    return tuple(part for part in parts if any(map(_spends, part.counts)))


def _spends(row: LayerCounts) -> bool:
    return any(amount(row, metric) for metric in PART_METRICS)
