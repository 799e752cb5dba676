"""Where a quoted figure comes from, as a document: a sentence, a table, notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from profiler import units
from profiler.counting.identification import (
    Candidate,
    Identification,
    Quote,
    QuotedMetric,
    Reading,
    own_figure_asked,
)
from profiler.counting.slips import Size, Slip, sides
from profiler.models.arguments import input_text
from profiler.records import Cell, Column, Document, Lines, Table, TableBlock
from profiler.records.base import grouped
from profiler.report.documents.count import run_marks

_SLIPS = {
    "doubled": "doubled into FLOPs",
    "halved": "halved into MACs",
    "batch": "for a batch of {} and not divided by it",
    "per_batch": "divided by a batch of {} once too often",
    "without": "without the parameters of {}",
    "only": "the parameters of {} alone",
}
_WORDS: dict[str, str] = {"flops": "FLOPs", "macs": "MACs", "params": "parameters"}


def identification_document(found: Identification) -> Document:
    """The answer: what the figure is, a table of what gives it, and what was tried.

    In the data a match is one convention; ``variant`` and ``size`` are the most ordinary of
    ``variants`` and ``sizes``, and ``figure`` and ``params`` the convention's own there; ``causes``
    say what was done to them before they were printed. A size is the side of a square, or height
    and width. Where ``inputs`` were given there are no sizes: they are null.
    """
    data: dict[str, Any] = {
        "model": found.model,
        "quoted": {quote.metric: quote.figure.text for quote in found.quotes},
        "matches": [
            _entry(match, candidate) for match in found.matches for candidate in match.candidates
        ],
        "nearest": [
            {
                **_entry(miss, miss.first),
                "conventions": miss.conventions,
                "difference": float(miss.difference),
            }
            for miss in found.nearest
        ],
        "skipped": found.skipped,
    }
    if given := _given(found):
        data["inputs"] = given
    return Document(
        (
            Lines((summary(found),), style="bold", gap=True),
            TableBlock("Matches" if found.matches else "Nearest", identification_table(found)),
            Lines(tuple(notes(found)), style="dim", listed=True),
        ),
        data,
    )


def summary(found: Identification) -> str:
    """The answer in words, one line."""
    quoted = " and ".join(map(_quoted, found.quotes))
    if not found.matches:
        nearest = found.nearest[0]
        figures = " and ".join(map(units.scaled, nearest.figures))
        off = units.fine_percent(float(nearest.difference))
        return (
            f"{found.model}: nothing tried gives {quoted}; the nearest is "
            f"{nearest.first.convention}{_place(found, nearest)}, {figures} ({off})"
        )
    best = found.matches[0]
    verb = "is" if len(found.quotes) == 1 else "are"
    return (
        f"{found.model}: {quoted} {verb} {_rules(found, best)}{_place(found, best)}"
        f"{''.join(f', {_words(slip, found)}' for slip in best.slips)}{_meaning(found, best)}"
    )


def identification_table(found: Identification) -> Table:
    """The matches, else the nearest misses, the most ordinary first."""
    asked = [quote.metric for quote in found.quotes]
    own_figure = own_figure_asked(found.quotes)
    columns = [Column(key="identify.rule", hint="label", align="left")]
    if own_figure:
        columns.append(Column(key="identify.unit", hint="text", align="left"))
    columns.append(Column(key="identify.graph", hint="text", align="left"))
    columns.append(Column(key="input_size", hint="text", align="left"))
    for metric in asked:
        key = "figure" if own_figure and metric != "params" else metric
        columns.append(Column(key=f"identify.{key}", hint="integer", align="right"))
    if any(match.slips for match in found.matches):
        columns.append(Column(key="identify.causes", hint="text", align="left"))
    if not found.matches:
        columns.append(Column(key="identify.difference", hint="fine_difference", align="right"))
    rows = tuple(
        tuple(_cell(column.key.rpartition(".")[2], each, found, asked) for column in columns)
        for each in found.matches or found.nearest
    )
    return Table(key="identification", columns=tuple(columns), rows=rows)


def notes(found: Identification) -> list[str]:
    """Notes below the table: what was tried, what was skipped, what to try next."""
    graphs = [
        f"the {variant} graph"
        + ("" if _given(found) else f" at {_number(len(sizes), 'input size')}")
        for variant, sizes in found.sizes.items()
    ]
    lines = [f"Tried: {_number(len(found.conventions), 'convention')} on {' and '.join(graphs)}."]
    lines.extend(_skipped(found))
    shown = {name for each in found.matches or found.nearest for name in each.conventions}
    incomplete = [name for name in found.incomplete if name in shown]
    if incomplete:
        lines.append(
            f"Without a rule for some op, and so perhaps too low: {', '.join(incomplete)} "
            "(inprof count lists the ops)."
        )
    run_on = {each.first.values for each in found.matches or found.nearest}
    for values in sorted(run_on):
        lines.extend(f"{found.model}: {mark}." for mark in run_marks(values, ""))
    padded = [quote for quote in found.quotes if quote.figure.unpadded]
    if padded and not found.matches:
        shorter = " ".join(f"--{quote.metric} {quote.figure.unpadded!r}" for quote in padded)
        lines.append(f"Some pages pad figures with zeros: try {shorter} too.")
    return lines


def _entry(finding: Reading, candidate: Candidate) -> dict[str, Any]:
    return {
        "convention": candidate.convention,
        "unit": candidate.unit,
        "variant": candidate.variant,
        "size": candidate.size,
        "figure": candidate.figure,
        "params": candidate.counted.params,
        **({"values": candidate.values} if candidate.values else {}),
        "variants": finding.variants,
        "sizes": finding.sizes,
        **({"causes": [_cause(slip) for slip in finding.slips]} if finding.slips else {}),
    }


def _cause(slip: Slip) -> dict[str, Any]:
    return {"cause": slip.kind} | ({} if slip.detail is None else {"detail": slip.detail})


def _quoted(quote: Quote) -> str:
    """The quoted text, with the word for what it was quoted as."""
    text = quote.figure.text
    return text if quote.figure.metric else f"{text} {_WORDS[quote.metric]}"


def _rules(found: Identification, best: Reading) -> str:
    """The conventions that give the figure at the same place as the best match."""
    place, unit = (best.first.variant, best.first.size), best.first.unit
    if _only_params(found) and not best.slips and best.figures[0] == best.first.true.params:
        return "the true count"
    any_unit = not own_figure_asked(found.quotes)
    names = [
        candidate.convention
        for match in found.matches
        if match.slips == best.slips
        for candidate in match.candidates
        if (candidate.variant, candidate.size) == place and (any_unit or candidate.unit == unit)
    ]
    others = f" (or {', '.join(names[1:])})" if names[1:] else ""
    return names[0] + others


def _place(found: Identification, finding: Reading) -> str:
    at = "" if found.at_any_size(finding) else f" at {_size(finding.first.size, found)}"
    return f" on the {finding.first.variant} graph{at}"


def _meaning(found: Identification, best: Reading) -> str:
    """The figure's real unit where it is quoted as another, and the true values."""
    first, said = best.first, []
    asked = {quote.metric for quote in found.quotes}
    converted = any(slip.kind in ("doubled", "halved") for slip in best.slips)
    if own_figure_asked(found.quotes) and first.unit not in asked and not converted:
        (metric,) = asked - {"params"}
        said.append(f"quoted as {_WORDS[metric]}, but these are {_WORDS[first.unit]}")
    for quote, figure in zip(found.quotes, best.figures, strict=True):
        true = getattr(first.true, quote.metric)
        if figure != true or best.slips:
            said.append(f"true {_WORDS[quote.metric]} there: {units.scaled(true)}")
    return "".join(f"; {part}" for part in said)


def _cell(name: str, finding: Reading, found: Identification, asked: list[QuotedMetric]) -> Cell:
    if name in ("figure", *asked):
        at = next(i for i, metric in enumerate(asked) if metric == name or name == "figure")
        return Cell(value=finding.figures[at], origin="traced")
    if name == "difference":
        return Cell(value=float(finding.difference), origin="traced")
    texts = {
        "rule": ", ".join(finding.conventions),
        "unit": _WORDS[finding.first.unit],
        "graph": ", ".join(finding.variants),
        "input_size": _sizes(finding, found),
        "causes": "; ".join(_words(slip, found) for slip in finding.slips),
    }
    return Cell(value=texts[name], origin="label")


def _sizes(finding: Reading, found: Identification) -> str:
    if found.at_any_size(finding):
        return "any"
    return ", ".join(_size(size, found) for size in finding.sizes)


def _size(size: Size | None, found: Identification) -> str:
    """An image's sides, or all the inputs that were given instead of one."""
    return units.shape(sides(size)) if size else " + ".join(_given(found))


def _given(found: Identification) -> list[str]:
    """What was given instead of an image, input by input, or the function that gave it."""
    return [found.inputs_from] if found.inputs_from else list(map(input_text, found.inputs))


def _words(slip: Slip, found: Identification) -> str:
    """What was done to a count before it was printed."""
    if slip.kind == "binary":
        of = [
            quote
            for quote in found.quotes
            if slip.detail in (None, "params" if quote.metric == "params" else "work")
        ]
        powers = dict.fromkeys(quote.figure.thousands for quote in of if quote.figure.thousands)
        by = " and ".join(f"1024^{power} for 1000^{power}" for power in powers)
        which = f"{_WORDS[of[0].metric]} " if slip.detail and of else ""
        return f"{which}divided by {by}"
    if slip.kind == "area":
        assert isinstance(slip.detail, int | tuple)
        return f"scaled by area to {_size(slip.detail, found)}"
    return _SLIPS[slip.kind].format(slip.detail)


def _skipped(found: Identification) -> Iterator[str]:
    """The skipped graphs: a line for those that fail alike, with the first reason."""
    by_graph = grouped(found.skipped, lambda each: each.variant)
    alike: dict[tuple[Size | None, ...], list[str]] = {}
    for variant, skips in by_graph.items():
        alike.setdefault(tuple(each.size for each in skips), []).append(variant)
    for sizes, variants in alike.items():
        skipped = ", ".join(_side(size) for size in sizes if size is not None)
        at = f" at {skipped} px" if skipped else ""
        reason = by_graph[variants[0]][0].reason.rstrip(".")
        yield f"Skipped: the {' and '.join(variants)} graph{at}. The first says: {reason}."


def _side(size: Size) -> str:
    return str(size) if isinstance(size, int) else units.shape(size)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _only_params(found: Identification) -> bool:
    return all(quote.metric == "params" for quote in found.quotes)
