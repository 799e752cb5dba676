"""Where a quoted figure comes from: the convention, graph and input size that give it.

A figure quoted as FLOPs may well be a number of MACs, so every convention's own figure is compared
with it, whatever its unit. Where FLOPs and MACs are quoted together each is compared with the one
that a count under the convention states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal, get_args

from profiler.counting.conventions import (
    TRUE_CONVENTION,
    Unit,
    list_conventions,
    list_earlier,
)
from profiler.counting.conventions import convention as find_convention
from profiler.counting.counts import count
from profiler.counting.slips import (
    COSTS,
    EARLIER_COST,
    OTHER_SIZE_COST,
    RECTANGLE_COST,
    TRAIN_GRAPH_COST,
    Size,
    Slip,
    SlipKind,
    area,
    batch_slips,
    binary_slips,
    letterboxes,
    parameter_parts,
    part_slips,
    scaled,
    unit_slips,
)
from profiler.errors import UsageError
from profiler.records import (
    DEPLOY,
    Input,
    Record,
    Totals,
    Trace,
    ValuesUsed,
)

QuotedMetric = Literal["flops", "macs", "params"]
METRICS: tuple[QuotedMetric, ...] = get_args(QuotedMetric)

#: Sides of the images that image networks are usually stated for.
COMMON_SIZES = (192, 224, 240, 256, 260, 288, 299, 300, 320, 331, 380, 384, 448, 480, 512, 600)
#: Misses to show where nothing matches.
_MISSES = 5
#: What readings of the same figures are joined over → the field that then holds all of it.
_AXES = {"sizes": "sizes", "variants": "variants", "conventions": "candidates"}
#: Suffix of a printed figure → what it stands for.
_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
#: Suffixes by the power of a thousand; those are units of 1024 on some pages, a billion is not.
_THOUSANDS = " KMGT"
#: How much a far-fetched explanation lets a figure vary: three digits.
_PRECISE = Fraction(1, 100)
#: Slips of a unit → the one metric that it is of where both are quoted.
_OF_UNITS: Mapping[SlipKind, str] = {"doubled": "flops", "halved": "macs"}
#: Of a figure, as many are told as can be told apart.
_MOST_SLIPS = 2
#: What follows the suffix, by its first letter → the metric it names.
_METRICS = {"f": "flops", "m": "macs", "p": "params"}
_FORM = re.compile(
    r"(?P<number>(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?)"
    r" *(?P<suffix>[KMGTB]?)"
    r" *(?P<word>FLOPs?|MACs?|params?|parameters?|)",
    re.IGNORECASE | re.ASCII,
)
#: More than any network costs, and few enough to be read as a number whatever Python's limits.
_MOST_DIGITS = 30
_LONGEST_ECHO = 40
_EXAMPLE = "write it as it is printed, for example 11.46G"


class QuotedFigure(Record, frozen=True):
    """A printed figure and every value that it can stand for.

    It is rounded: "11.46G" may stand for anything from 11.455e9 to 11.465e9. All arithmetic is on
    integers and fractions, so that the ends are exact.
    """

    text: str
    #: What the words behind it call it: "flops", "macs" or "params"; "" without words.
    metric: str
    #: The value that it says.
    value: Fraction
    #: The ends of the values that it can stand for, both included.
    low: Fraction
    high: Fraction
    #: The power of a thousand that its suffix stands for: 3 of G.
    thousands: int = 0
    #: The text without zeros at the end of its decimals, which some pages print for show; "" where
    #: there are none.
    unpadded: str = ""

    @property
    def is_precise(self) -> bool:
        """Whether so little can be printed this way that a far-fetched cause is worth telling."""
        return self.high - self.low <= self.value * _PRECISE

    def holds(self, figure: Fraction | int) -> bool:
        """Whether the figure can have been printed this way."""
        return self.low <= figure <= self.high


class Quote(Record, frozen=True):
    """A figure and what it was quoted as."""

    metric: QuotedMetric
    figure: QuotedFigure


class Skipped(Record, frozen=True):
    """A graph at an input size (at any if None) that could not be counted, and why."""

    variant: str
    size: Size | None
    reason: str


@dataclass(frozen=True)
class Candidate:
    """One graph at one input size under one convention."""

    convention: str
    unit: Unit
    variant: str
    #: Side of an image in pixels, or both; None where the inputs were given.
    size: Size | None
    #: Totals under the convention.
    counted: Totals
    #: Totals that are true of the graph.
    true: Totals
    #: False where the convention has no rule for some op.
    complete: bool = True
    #: What the forward was run on; as in ``Trace``.
    values: ValuesUsed = ""
    #: Parts of the model → their parameters.
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def figure(self) -> int:
        """The convention's figure, a number of what ``unit`` says."""
        return self.counted.macs if self.unit == "macs" else self.counted.flops


@dataclass(frozen=True)
class Reading:
    """Figures, and where they come out: under each convention, on each graph, at each size."""

    #: One for each convention, at the most ordinary of these graphs and sizes.
    candidates: tuple[Candidate, ...]
    variants: tuple[str, ...]
    sizes: tuple[Size | None, ...]
    #: Those that were asked for, in the quotes' order, as they were counted.
    figures: tuple[int, ...]
    #: How far they are from the quotes, relative to what is quoted; the furthest of several.
    difference: Fraction
    #: What was done to them before they were printed.
    slips: tuple[Slip, ...] = ()

    @property
    def first(self) -> Candidate:
        """The most ordinary candidate."""
        return self.candidates[0]

    @property
    def conventions(self) -> tuple[str, ...]:
        """Names of the conventions."""
        return tuple(candidate.convention for candidate in self.candidates)


@dataclass(frozen=True)
class Identification:
    """Figures that were quoted of a model, and where they come from."""

    model: str
    quotes: tuple[Quote, ...]
    matches: tuple[Reading, ...]
    #: The nearest misses where nothing matches, else none.
    nearest: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    #: Graph → the sizes that it was tried at.
    sizes: Mapping[str, tuple[Size | None, ...]]
    #: Conventions that were tried.
    conventions: tuple[str, ...]
    #: Those among them without a rule for some op of the model.
    incomplete: tuple[str, ...]
    #: The inputs of the forward where they are no image of these sizes.
    inputs: tuple[Input, ...] = ()
    #: Address of the function that gave them; empty without one.
    inputs_from: str = ""
    #: Whether a match is as it is counted, at a size that the figures are stated for.
    is_plain: bool = True

    def at_any_size(self, reading: Reading) -> bool:
        """Whether a reading holds at every size its graphs were tried at, and these are several."""
        tried = {size for variant in reading.variants for size in self.sizes[variant]}
        return len(tried) > 1 and tried == set(reading.sizes)


def read_quotes(**texts: str | None) -> tuple[Quote, ...]:
    """The quotes, from a text for each metric that was quoted.

    Raises:
        UsageError: nothing was quoted, or a text is no figure of its metric.
    """
    quotes = []
    for metric in METRICS:
        text = texts.get(metric)
        if text is None:
            continue
        figure = quoted_figure(text)
        if figure.metric not in ("", metric):
            raise UsageError(
                f"{figure.text!r} is given as --{metric} and calls itself {figure.metric}: "
                f"leave the word out, or give it as --{figure.metric}"
            )
        quotes.append(Quote(metric, figure))
    if not quotes:
        raise UsageError("say what was quoted: --flops 11.46G, --macs 5.71G, --params 23.83M")
    return tuple(quotes)


def sizes_to_try(default: int, wanted: Sequence[int] = ()) -> tuple[int, ...]:
    """The sizes that are wanted, else the model's default and the common ones."""
    return tuple(dict.fromkeys(wanted or (default, *COMMON_SIZES)))


def candidates(
    trace: Trace, variant: str, size: Size | None, names: Sequence[str] = ()
) -> list[Candidate]:
    """One graph at one size under these conventions, under every one unless told."""
    true = count(trace, TRUE_CONVENTION).totals
    parts = parameter_parts(trace)
    found = []
    for name in names or list_conventions():
        counts = count(trace, name)
        found.append(
            Candidate(
                convention=name,
                unit=find_convention(name).unit,
                variant=variant,
                size=size,
                counted=counts.totals,
                true=true,
                complete=not counts.uncounted,
                values=counts.values,
                parts=parts if counts.totals.params == true.params else {},
            )
        )
    return found


def earlier_candidates(trace: Trace, variant: str, size: Size | None) -> list[Candidate]:
    """The same under the rules of earlier versions of tools."""
    return candidates(trace, variant, size, list_earlier())


def identify(
    model: str,
    quotes: Sequence[Quote],
    tried: Sequence[Candidate],
    default_size: int | None,
    skipped: Sequence[Skipped] = (),
    inputs: tuple[Input, ...] = (),
    inputs_from: str = "",
    *,
    stated: Sequence[Size] = (),
    further: Sequence[Candidate] = (),
) -> Identification:
    """Find the candidates that give every quote at its printed precision, else the nearest.

    Where none does as it is counted at a stated size, the counts are taken through what may have
    happened to them (``profiler.counting.slips``); the least far-fetched that give every quote are
    matches as well.

    Args:
        model: its address.
        quotes: what must all come out of one candidate.
        tried: what may.
        default_size: the input side that is looked at first.
        skipped: what could not be tried.
        inputs: what the forward was given, where it was no image of a size.
        inputs_from: the function that gave it, where it can't be said as ``inputs``.
        stated: the sizes that the figures are stated for; the default one unless told.
        further: graphs at rectangles and at small sizes, and under earlier versions' rules, to be
            looked at only where nothing else matches.
    """
    sizes: dict[str, tuple[Size | None, ...]] = {}
    for candidate in tried:
        known = sizes.get(candidate.variant, ())
        sizes[candidate.variant] = tuple(dict.fromkeys((*known, candidate.size)))
    usual = sorted(tried, key=lambda candidate: _rank(candidate, default_size))
    readings = [_reading(candidate, quotes) for candidate in usual]
    holding = [each for each in readings if _holds(each, quotes)]
    at = frozenset(stated or (default_size,))
    is_plain = any(each.first.size in at for each in holding)
    if not is_plain:
        most = OTHER_SIZE_COST if holding else None
        others = sorted(further, key=lambda candidate: _rank(candidate, default_size))
        holding.extend(_explained((*usual, *others), quotes, at, most))
    matches = _grouped(holding, quotes)
    nearest = [] if matches else sorted(readings, key=lambda each: abs(each.difference))
    return Identification(
        model=model,
        quotes=tuple(quotes),
        matches=tuple(matches),
        nearest=tuple(_grouped(nearest, quotes)[:_MISSES]),
        skipped=tuple(skipped),
        sizes=sizes,
        conventions=tuple(dict.fromkeys(candidate.convention for candidate in usual)),
        incomplete=tuple(dict.fromkeys(each.convention for each in usual if not each.complete)),
        inputs=inputs,
        inputs_from=inputs_from,
        is_plain=is_plain,
    )


def own_figure_asked(quotes: Sequence[Quote]) -> bool:
    """Whether a quote is compared with the convention's own figure, be it MACs or FLOPs."""
    return len({"flops", "macs"} & {quote.metric for quote in quotes}) == 1


def _rank(candidate: Candidate, default_size: int | None) -> tuple[object, ...]:
    """The more ordinary, the smaller: where it is counted, then by what rule."""
    rule = find_convention(candidate.convention)
    return (
        candidate.size != default_size,
        candidate.variant != "deploy",
        bool(rule.tool),
        len(set(rule.reasons.values())),
        rule.name,
        area(candidate.size) if candidate.size else 0,
    )


def _reading(
    candidate: Candidate, quotes: Sequence[Quote], slips: tuple[Slip, ...] = ()
) -> Reading:
    figures = _asked(candidate, quotes, slips)
    differences = [
        (_printed(figure, quote, slips) - quote.figure.value) / quote.figure.value
        for figure, quote in zip(figures, quotes, strict=True)
    ]
    return Reading(
        candidates=(candidate,),
        variants=(candidate.variant,),
        sizes=(candidate.size,),
        figures=figures,
        difference=max(differences, key=abs),
        slips=slips,
    )


def _asked(
    candidate: Candidate, quotes: Sequence[Quote], slips: tuple[Slip, ...] = ()
) -> tuple[int, ...]:
    """The candidate's figures that the quotes are compared with."""
    own_figure = own_figure_asked(quotes) or any(slip.kind in _OF_UNITS for slip in slips)
    return tuple(
        candidate.figure
        if own_figure and quote.metric != "params"
        else getattr(candidate.counted, quote.metric)
        for quote in quotes
    )


def _holds(reading: Reading, quotes: Sequence[Quote]) -> bool:
    return all(
        quote.figure.holds(_printed(figure, quote, reading.slips))
        for quote, figure in zip(quotes, reading.figures, strict=True)
    )


def _printed(figure: int, quote: Quote, slips: tuple[Slip, ...]) -> Fraction:
    """What a page prints of a count after these slips."""
    printed = Fraction(figure)
    of_params = quote.metric == "params"
    for slip in slips:
        if slip.kind == "binary":
            if slip.detail in (None, "params" if of_params else "work"):
                printed *= Fraction(1000, 1024) ** quote.figure.thousands
        elif of_params:
            printed -= slip.left_out
        elif slip.kind not in _OF_UNITS or quote.metric == _OF_UNITS[slip.kind]:
            printed *= slip.work
    return printed


def _explained(
    tried: Sequence[Candidate],
    quotes: Sequence[Quote],
    stated: frozenset[Size | None],
    most: int | None,
) -> list[Reading]:
    """Readings that give the quotes after the least far-fetched slips, at most so far-fetched."""
    precise = all(quote.figure.is_precise for quote in quotes)
    asked = {quote.metric for quote in quotes}
    found: list[tuple[int, Reading]] = []
    for candidate in tried:
        for cost, slips in _ways(candidate, asked, stated):
            if (most is not None and cost > most) or (cost > 1 and not precise):
                continue
            reading = _reading(candidate, quotes, slips)
            if _holds(reading, quotes):
                found.append((cost, reading))
                most = cost if most is None else min(cost, most)
    least = [reading for cost, reading in found if cost == most]
    return sorted(least, key=lambda reading: len(reading.slips))


def _ways(
    candidate: Candidate, asked: Set[str], stated: frozenset[Size | None]
) -> Iterator[tuple[int, tuple[Slip, ...]]]:
    """How a candidate's figures may have come to be printed, and how far-fetched each way is."""
    rule = find_convention(candidate.convention)
    is_stated = candidate.size in stated
    base = EARLIER_COST if candidate.convention in list_earlier() else 0
    if candidate.variant != DEPLOY:
        base += TRAIN_GRAPH_COST
    places: list[tuple[int, tuple[Slip, ...]]] = [(base, ())] if is_stated else []
    works = asked & {"flops", "macs"}
    if works and isinstance(candidate.size, tuple) and not is_stated:
        places.append((base + RECTANGLE_COST, ()))
    if works:
        places.extend((base, (each,)) for each in _scaled(candidate, stated))
    for cost, place in places:
        ways = [place]
        ways += [(*place, each) for each in unit_slips(bool(rule.tool), rule.unit, asked)]
        if is_stated and not place:
            ways += [(each,) for each in batch_slips()] if works else []
            if "params" in asked:
                parts = part_slips(candidate.parts, candidate.counted.params)
                ways += [(*way, part) for part in parts for way in ways[:2]]
        for way in ways:
            so_far = cost + sum(COSTS[slip.kind] for slip in way)
            # as it is counted at a stated size it has been looked at, unless by an earlier rule
            if way or not is_stated or candidate.convention in list_earlier():
                yield so_far, way
            if len(way) < _MOST_SLIPS:
                for binary in binary_slips(asked):
                    yield so_far + COSTS["binary"], (*way, binary)


def _scaled(candidate: Candidate, stated: frozenset[Size | None]) -> Iterator[Slip]:
    """Its count taken for another size, or for the rectangle that images of its size are put in."""
    size = candidate.size
    if size is None:
        return
    for other in stated:
        if other is not None and area(other) != area(size):
            yield scaled(size, other)
    if size in stated and isinstance(size, int):
        for rectangle in letterboxes(size):
            yield scaled(size, rectangle)


def _grouped(readings: Sequence[Reading], quotes: Sequence[Quote]) -> list[Reading]:
    """Readings of the same figures as one: over sizes, then graphs, then conventions."""
    # what a convention's own figure is a number of matters where that figure was compared
    unit_matters = own_figure_asked(quotes)
    grouped = list(readings)
    for axis, joined in _AXES.items():
        groups: dict[tuple[object, ...], list[Reading]] = {}
        for part in grouped:
            same = (getattr(part, other) for other in _AXES if other != axis)
            key = (part.figures, part.first.unit if unit_matters else "", part.slips, *same)
            groups.setdefault(key, []).append(part)
        grouped = [_joined(parts, joined) for parts in groups.values()]
    return grouped


def _joined(readings: Sequence[Reading], field: str) -> Reading:
    """The first of them, with what all of them have in a field."""
    whole: dict[str, Any] = {
        field: tuple(each for reading in readings for each in getattr(reading, field))
    }
    return replace(readings[0], **whole)


def quoted_figure(text: str) -> QuotedFigure:
    """Read a figure: digits, then perhaps K, M, G, T or B (billion), then perhaps FLOPs or so.

    Raises:
        UsageError: the text is no such figure; says why and how it should look.
    """
    text = text.strip()
    match = _FORM.fullmatch(text)
    if match is None:
        raise UsageError(f"{_echo(text)} is no figure: {_fault(text)}; {_EXAMPLE}")
    number, suffix, word = match["number"], match["suffix"], match["word"]
    whole, _, decimals = number.replace(",", "").partition(".")
    digits = whole + decimals
    if len(digits) > _MOST_DIGITS:
        raise UsageError(f"{_echo(text)} is no figure: too many digits; {_EXAMPLE}")
    if not int(digits):
        raise UsageError(f"{_echo(text)}: a figure of zero can't be traced back; {_EXAMPLE}")
    place = Fraction(_FACTORS[suffix.upper()], 10 ** len(decimals))
    value = int(digits) * place
    thousands = "" if suffix.upper() == "B" else suffix.upper()
    padded = decimals.endswith("0")
    return QuotedFigure(
        text=text,
        metric=_METRICS[word[0].lower()] if word else "",
        value=value,
        low=value - place / 2,
        high=value + place / 2,
        thousands=_THOUSANDS.find(thousands) if thousands else 0,
        unpadded=number.rstrip("0").rstrip(".") + text[len(number) :] if padded else "",
    )


def _fault(text: str) -> str:
    """Why a text is no figure."""
    if not text:
        return "it is empty"
    if text[0] in "-−":
        return "a count can't be negative"
    if "," in text:
        return "a comma parts thousands, as in 1,234,567, and the decimal point is a full stop"
    if text.count(".") > 1:
        return "it has more than one decimal point"
    return "it has to be a number, then K, M, G, T or B if the number is in such a unit"


def _echo(text: str) -> str:
    """The text as it may stand in a message: on one line, and not without end."""
    return repr(text if len(text) <= _LONGEST_ECHO else f"{text[: _LONGEST_ECHO - 1]}…")
