"""Which latencies a plot shows: published or measured, one quantity, one set of conditions.

Needs no counts, so a command can ask before it traces anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from profiler.errors import NoDataError, UsageError
from profiler.records import (
    QUANTITIES,
    HowTimed,
    Latency,
    MeasuredLatency,
    Quantity,
    Record,
    Series,
    Source,
)
from profiler.timing.latencies.measured import has_own_input

SOURCES: tuple[Source, ...] = get_args(Source)
#: Hardware, precision and batch size.
Combination = tuple[str, str, int]


class PlottedLatencies(Record, frozen=True):
    """One latency for each model that has one, by the model's name; all published or all measured.

    ``conditions`` are those of measured ones. ``left_out`` says what could be shown instead, a
    clause each.
    """

    hw: str
    precision: str
    batch_size: int
    published: Mapping[str, Latency]
    measured: Mapping[str, MeasuredLatency]
    conditions: HowTimed | None = None
    left_out: tuple[str, ...] = ()


def plotted_latencies(
    series: Series,
    measured: Sequence[MeasuredLatency],
    hw: str,
    precision: str,
    batch_size: int,
    *,
    source: Source | None = None,
    quantity: Quantity | None = None,
) -> PlottedLatencies:
    """Choose what to show for one combination. Case does not matter in ``hw`` and ``precision``.

    Args:
        series: the models and their published latencies.
        measured: latencies of its models; those at other input sizes are passed over.
        hw: the hardware's slug; published latencies may have "unstated".
        precision: such as "fp32".
        batch_size: images in the batch.
        source: whose latencies; unless given, whichever covers more models, measured on a tie.
        quantity: what of the measured ones; unless given, the first of ``QUANTITIES`` there is.

    Raises:
        NoDataError: there is none; the message lists the combinations there are.
        UsageError: a quantity is asked of published latencies, which state none.
    """
    if quantity and source == "published":
        raise UsageError("published latencies state no quantity: leave it out, or plot measured")
    asked: Source | None = "measured" if quantity else source
    wanted = (hw.lower(), precision.lower(), batch_size)
    own = at_own_input(series, measured)
    printed = _published(series, wanted)
    groups = _groups(own, wanted)
    chosen = _chosen(groups, quantity)
    timed = groups[chosen] if chosen else {}
    fuller: Source = "measured" if len(timed) >= len(printed) else "published"
    source = asked or fuller
    if source == "measured" and chosen:
        first = next(iter(timed.values()))
        return PlottedLatencies(
            hw=first.hw,
            precision=first.precision,
            batch_size=batch_size,
            published={},
            measured=timed,
            conditions=chosen,
            left_out=(
                *_of_source("published", series, printed),
                *_of_other_conditions(series, groups, chosen),
            ),
        )
    if source == "published" and printed:
        latency = next(iter(printed.values()))
        return PlottedLatencies(
            hw=latency.hw,
            precision=latency.precision,
            batch_size=batch_size,
            published=printed,
            measured={},
            left_out=_of_source("measured", series, timed),
        )
    kind = " ".join(filter(None, (asked, quantity, "latency")))
    raise NoDataError(
        f"no {kind} of series {series.name!r} for {hw}, {precision}, batch size {batch_size}: "
        f"{_there_is(series, own, asked)}"
    )


def at_own_input(
    series: Series, measured: Iterable[MeasuredLatency]
) -> tuple[MeasuredLatency, ...]:
    """Those that were measured at their model's own input size, whose accuracy is known."""
    models = {model.name: model for model in series.models}
    return tuple(
        each
        for each in measured
        if each.model in models and has_own_input(models[each.model], each.input_shape)
    )


def _published(series: Series, wanted: Combination) -> dict[str, Latency]:
    """Each model's first; a page may print another one further down."""
    found: dict[str, Latency] = {}
    for latency in series.latencies:
        if _combination(latency) == wanted:
            found.setdefault(latency.model, latency)
    return found


def _groups(
    measured: Iterable[MeasuredLatency], wanted: Combination
) -> dict[HowTimed, dict[str, MeasuredLatency]]:
    groups: dict[HowTimed, dict[str, MeasuredLatency]] = {}
    for latency in measured:
        if _combination(latency) == wanted:
            groups.setdefault(latency.how, {}).setdefault(latency.model, latency)
    return groups


def _chosen(
    groups: Mapping[HowTimed, Mapping[str, MeasuredLatency]], quantity: Quantity | None
) -> HowTimed | None:
    """The conditions that most models were measured under, of one quantity."""
    there = [each for each in QUANTITIES if any(group.quantity == each for group in groups)]
    if quantity is None and there:
        quantity = there[0]
    fitting = [group for group in groups if group.quantity == quantity]
    return min(fitting, key=lambda group: (-len(groups[group]), group.rank), default=None)


def _of_source(source: Source, series: Series, figures: Mapping[str, object]) -> tuple[str, ...]:
    if not figures:
        return ()
    return (f"{source} latencies ({_models(series, figures)}; --source {source})",)


def _of_other_conditions(
    series: Series,
    groups: Mapping[HowTimed, Mapping[str, MeasuredLatency]],
    chosen: HowTimed,
) -> list[str]:
    others = sorted((group for group in groups if group != chosen), key=lambda group: group.rank)
    said = []
    for group in others:
        how = [" ".join(pair) for pair in group.unusual]
        models = _models(series, groups[group])
        if group.quantity != chosen.quantity:
            models = f"{models}; --quantity {group.quantity}"
        said.append(f"{', '.join([f'measured {group.quantity} time', *how])} ({models})")
    return said


def _models(series: Series, figures: Mapping[str, object]) -> str:
    return f"{len(figures)} of {len(series.models)} models"


def _there_is(series: Series, own: Sequence[MeasuredLatency], asked: Source | None) -> str:
    """Every combination there is, those of the pages and those of measurements apart."""
    printed = _listed(map(_as_printed, series.latencies)) if asked != "measured" else ""
    timed = _listed((each.hw, each.precision, each.batch_size) for each in own)
    choose = "choose from (hardware, precision, batch sizes)"
    if printed and timed:
        return f"{choose} published: {printed}; measured: {timed}"
    if printed:
        return f"{choose} {printed}"
    if timed:
        return f"{choose} measured: {timed}"
    if asked == "measured":
        return "none of its models has been measured at its own input size; inprof time measures"
    return "no latency is published for this series"


def _listed(combinations: Iterable[Combination]) -> str:
    """Such as "t4 fp16 1/4/8, …", in the order of first appearance."""
    sizes: dict[str, set[int]] = {}
    for hw, precision, batch_size in combinations:
        sizes.setdefault(f"{hw} {precision}", set()).add(batch_size)
    return ", ".join(f"{key} {'/'.join(map(str, sorted(sizes[key])))}" for key in sizes)


def _combination(latency: Latency | MeasuredLatency) -> Combination:
    return latency.hw.lower(), latency.precision.lower(), latency.batch_size


def _as_printed(latency: Latency) -> Combination:
    return latency.hw, latency.precision, latency.batch_size
