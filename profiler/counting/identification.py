"""Where a quoted figure comes from: the convention, graph and input size that give it.

A figure quoted as FLOPs may well be a number of MACs, so every convention's own figure is compared
with it, whatever its unit. Where FLOPs and MACs are quoted together each is compared with the one
that a count under the convention states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, get_args

from profiler.counting.conventions import TRUE_CONVENTION, Unit, list_conventions
from profiler.counting.conventions import convention as find_convention
from profiler.counting.counts import count
from profiler.errors import UsageError
from profiler.records import (
    Input,
    Record,
    Totals,
    Trace,
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
    #: The text without zeros at the end of its decimals, which some pages print for show; "" where
    #: there are none.
    unpadded: str = ""

    def holds(self, figure: int) -> bool:
        """Whether the figure can have been printed this way."""
        return self.low <= figure <= self.high


class Quote(Record, frozen=True):
    """A figure and what it was quoted as."""

    metric: QuotedMetric
    figure: QuotedFigure


class Skipped(Record, frozen=True):
    """A graph at an input size (at any if None) that could not be counted, and why."""

    variant: str
    size: int | None
    reason: str


@dataclass(frozen=True)
class Candidate:
    """One graph at one input size under one convention."""

    convention: str
    unit: Unit
    variant: str
    #: Side of an image in pixels; None where the inputs were given.
    size: int | None
    #: Totals under the convention.
    counted: Totals
    #: Totals that are true of the graph.
    true: Totals
    #: False where the convention has no rule for some op.
    complete: bool = True

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
    sizes: tuple[int | None, ...]
    #: Those that were asked for, in the quotes' order.
    figures: tuple[int, ...]
    #: How far they are from the quotes, relative to what is quoted; the furthest of several.
    difference: Fraction

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
    sizes: Mapping[str, tuple[int | None, ...]]
    #: Conventions that were tried.
    conventions: tuple[str, ...]
    #: Those among them without a rule for some op of the model.
    incomplete: tuple[str, ...]
    #: The inputs of the forward where they are no image of these sizes.
    inputs: tuple[Input, ...] = ()
    #: Address of the function that gave them; empty without one.
    inputs_from: str = ""

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


def candidates(trace: Trace, variant: str, size: int | None) -> list[Candidate]:
    """One graph at one size under every convention."""
    true = count(trace, TRUE_CONVENTION).totals
    found = []
    for name in list_conventions():
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
            )
        )
    return found


def identify(
    model: str,
    quotes: Sequence[Quote],
    tried: Sequence[Candidate],
    default_size: int | None,
    skipped: Sequence[Skipped] = (),
    inputs: tuple[Input, ...] = (),
    inputs_from: str = "",
) -> Identification:
    """Find the candidates that give every quote at its printed precision, else the nearest.

    Args:
        model: its address.
        quotes: what must all come out of one candidate.
        tried: what may.
        default_size: the input side that is looked at first.
        skipped: what could not be tried.
        inputs: what the forward was given, where it was no image of a size.
        inputs_from: the function that gave it, where it can't be said as ``inputs``.
    """
    sizes: dict[str, tuple[int | None, ...]] = {}
    for candidate in tried:
        known = sizes.get(candidate.variant, ())
        sizes[candidate.variant] = tuple(dict.fromkeys((*known, candidate.size)))
    usual = sorted(tried, key=lambda candidate: _rank(candidate, default_size))
    readings = [_reading(candidate, quotes) for candidate in usual]
    matches = _grouped([each for each in readings if _holds(each, quotes)], quotes)
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
        len(rule.reasons),
        rule.name,
        candidate.size or 0,
    )


def _reading(candidate: Candidate, quotes: Sequence[Quote]) -> Reading:
    figures = _asked(candidate, quotes)
    differences = [
        (figure - quote.figure.value) / quote.figure.value
        for figure, quote in zip(figures, quotes, strict=True)
    ]
    return Reading(
        candidates=(candidate,),
        variants=(candidate.variant,),
        sizes=(candidate.size,),
        figures=figures,
        difference=max(differences, key=abs),
    )


def _asked(candidate: Candidate, quotes: Sequence[Quote]) -> tuple[int, ...]:
    """The candidate's figures that the quotes are compared with."""
    own_figure = own_figure_asked(quotes)
    return tuple(
        candidate.figure
        if own_figure and quote.metric != "params"
        else getattr(candidate.counted, quote.metric)
        for quote in quotes
    )


def _holds(reading: Reading, quotes: Sequence[Quote]) -> bool:
    return all(
        quote.figure.holds(figure) for quote, figure in zip(quotes, reading.figures, strict=True)
    )


def _grouped(readings: Sequence[Reading], quotes: Sequence[Quote]) -> list[Reading]:
    """Readings of the same figures as one: over sizes, then graphs, then conventions."""
    # what a convention's own figure is a number of matters where that figure was compared
    unit_matters = own_figure_asked(quotes)
    grouped = list(readings)
    for axis, joined in _AXES.items():
        groups: dict[tuple[object, ...], list[Reading]] = {}
        for part in grouped:
            same = (getattr(part, other) for other in _AXES if other != axis)
            key = (part.figures, part.first.unit if unit_matters else "", *same)
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
    padded = decimals.endswith("0")
    return QuotedFigure(
        text=text,
        metric=_METRICS[word[0].lower()] if word else "",
        value=value,
        low=value - place / 2,
        high=value + place / 2,
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
