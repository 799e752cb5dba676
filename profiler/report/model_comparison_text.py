"""How much more one model is than another, and where most of it is, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler import units
from profiler.counting.model_comparison import (
    CUTS,
    Cut,
    ModelComparison,
    amount,
    dominance,
    ratio,
)
from profiler.render.messages import Messages
from profiler.report.tables.model_comparison import amount_text, part_place, signed_text

#: Ratios between these are told as "about as many".
_ABOUT_ONE = (0.995, 1.005)


def difference_sentences(
    comparison: ModelComparison, metric: str, messages: Messages
) -> Iterator[str]:
    """For each model but the first: how much more it has, and where most of that is."""
    base = amount(comparison.models[0].counts.totals, metric)
    for at, model in enumerate(comparison.models[1:], start=1):
        difference = amount(model.counts.totals, metric) - base
        sentences = [_scale(comparison, metric, at, messages)]
        if difference:
            sentences += (_where(comparison, cut, metric, at, messages) for cut in CUTS[::-1])
        yield messages.text("list.sentences").join(sentences)


def _scale(comparison: ModelComparison, metric: str, at: int, messages: Messages) -> str:
    baseline, model = comparison.models[0], comparison.models[at]
    base, value = (amount(each.counts.totals, metric) for each in (baseline, model))
    names = {
        "model": model.label,
        "baseline": baseline.label,
        "metric": messages.text(f"compare.metrics.{metric}"),
    }
    if value == base:
        return messages.text("compare.same", **names)
    times = ratio(value, base)
    if times is None:
        return messages.text("compare.from_none", amount=amount_text(value, metric), **names)
    difference = signed_text(value - base, metric)
    if _ABOUT_ONE[0] <= times <= _ABOUT_ONE[1]:
        return messages.text("compare.about_same", difference=difference, **names)
    return messages.text(
        "compare.sentence", ratio=units.significant(times, 3), difference=difference, **names
    )


def _where(comparison: ModelComparison, cut: Cut, metric: str, at: int, messages: Messages) -> str:
    """The fewest parts that most of a difference is in, with its share or, if above 1, both."""
    found = dominance(comparison, cut, metric, at)
    parts = _enumerated([part_place(cut, key, messages) for key, _ in found.parts], messages)
    share = found.explained / found.difference
    if share > 1:
        return messages.text(
            f"compare.by_{cut}_more",
            parts=parts,
            explained=signed_text(found.explained, metric),
            rest=signed_text(found.rest, metric),
        )
    if not found.others:
        return messages.text(f"compare.by_{cut}_all", parts=parts)
    percent = f"{units.fixed(100 * share, 1, 0)}%"
    return messages.text(f"compare.by_{cut}", parts=parts, share=percent)


def _enumerated(texts: Sequence[str], messages: Messages) -> str:
    """The texts as a sentence lists them: "one, two and three"."""
    *first, last = texts
    return messages.text("list.and").join([messages.join(first), last] if first else [last])
