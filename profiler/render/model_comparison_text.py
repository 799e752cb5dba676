"""What a difference between two models comes from, in sentences with the figures."""

from __future__ import annotations

from collections.abc import Iterator

from profiler import units
from profiler.model_comparison import (
    CUTS,
    Cut,
    Dominance,
    ModelComparison,
    amount,
    dominance,
    ratio,
)
from profiler.render.messages import Messages
from profiler.render.model_comparison_tables import part_name, signed_text


def difference_sentences(
    comparison: ModelComparison, metric: str, messages: Messages
) -> Iterator[str]:
    """For each model but the first: its difference, and the parts that most of it comes from."""
    baseline = comparison.models[0]
    name = messages.text(f"compare.metrics.{metric}")
    base = amount(baseline.counts.totals, metric)
    for at, model in enumerate(comparison.models[1:], start=1):
        value = amount(model.counts.totals, metric)
        if value == base:
            yield messages.text(
                "compare.same", model=model.label, baseline=baseline.label, metric=name
            )
            continue
        times = ratio(value, base)
        parts = {
            cut: leading_parts(dominance(comparison, cut, metric, at), cut, metric, messages)
            for cut in CUTS
        }
        sentences = [
            messages.text(
                "compare.sentence",
                model=model.label,
                baseline=baseline.label,
                metric=name,
                difference=signed_text(value - base, metric),
                ratio=units.fixed(times, 1, 3) if times else messages.text("reasons.undefined"),
            ),
            *(messages.text(f"compare.by_{cut}", parts=text) for cut, text in parts.items()),
        ]
        yield messages.text("list.sentences").join(sentences)


def leading_parts(found: Dominance, cut: Cut, metric: str, messages: Messages) -> str:
    """The parts that most of a difference comes from: "linear +1.02 M (99.1% of it)"."""
    if not found.parts:
        return messages.text("reasons.undefined")
    named = messages.join(
        [
            f"{part_name(cut, key, messages)} {signed_text(difference, metric)}"
            for key, difference in found.parts
        ]
    )
    return messages.text(
        "compare.leading_with_rest" if found.others else "compare.leading",
        parts=named,
        share=units.by_hint(found.explained / found.difference, "share"),
        rest=signed_text(found.rest, metric),
    )
