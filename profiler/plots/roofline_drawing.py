"""Measured layers under the roof of their device → a drawing on two logarithmic axes.

A layer stands at its FLOPs per byte and the FLOP/s it reached; its disc's area is its share of
the time. Only layers with FLOPs, and a time that the clock could tell, have a place.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from profiler import units
from profiler.plots.line_drawing import (
    Dot,
    Drawing,
    Frame,
    Label,
    Stroke,
    axes,
    place,
    title_below,
)
from profiler.records import Record
from profiler.render.messages import Messages
from profiler.timing.latencies.layer_timings import LayerTiming, Roof, TimedLayer, device_roof

_WIDTH, _HEIGHT = 440, 310
_FRAME = Frame(left=42, top=28, right=424, bottom=266)
_LEAST, _MOST = 4, 36  # a disc's diameter for no time and for all of it
#: How many layers are labelled, and how long a label is at most; its path's end tells more.
_LABELLED, _LONGEST_NAME = 3, 30
#: A letter's width at most, a line's height, and how many lines up and down a label may move.
_LETTER, _LINE, _TRIES = 6.0, 12.0, 4
_UNITS = ((1e12, "TFLOP/s"), (1e9, "GFLOP/s"), (1e6, "MFLOP/s"))


class _Spot(Record, frozen=True):
    """A layer with a place: its FLOPs per byte and FLOP/s."""

    layer: TimedLayer
    intensity: float
    rate: float


def roofline_drawing(
    timing: LayerTiming, named: Collection[str], where: str, messages: Messages
) -> Drawing | None:
    """The drawing; None where no layer has a place.

    Args:
        timing: the layers.
        named: the paths of those that say their name under a pointer.
        where: on what they were measured, for those who can't see it.
        messages: the language.
    """
    spots = _spots(timing.layers)
    if not spots:
        return None
    roof = device_roof(timing.record.device, timing.record.precision)
    intensities = [spot.intensity for spot in spots] + ([roof.ridge_point] if roof else [])
    rates = [spot.rate for spot in spots] + ([roof.flops_per_s] if roof else [])
    across, up = _decades(intensities), _decades(rates)
    factor, unit = next((each for each in _UNITS if max(rates) >= each[0]), _UNITS[-1])
    grid, labels = axes(
        _FRAME,
        [
            (_share(10.0**n, across), units.significant(10.0**n))
            for n in range(across[0], across[1] + 1)
        ],
        [
            (_share(10.0**n, up), units.significant(10.0**n / factor))
            for n in range(up[0], up[1] + 1)
        ],
    )
    strokes = [grid, *_discs(spots, across, up)]
    slowest = sorted(spots, key=lambda spot: -spot.layer.self_ms)[:_LABELLED]
    labels += _names(slowest, across, up)
    if roof:
        strokes.append(_roof_line(roof, across, up))
        labels.append(_roof_name(roof, factor, unit, messages))
    labels.append(Label("4", "14", messages.text("roofline.rate", unit=unit)))
    labels.append(title_below(_FRAME, 32, messages.text("roofline.intensity")))
    return Drawing(
        width=_WIDTH,
        height=_HEIGHT,
        description=messages.text(
            "roofline.alt",
            where=where,
            layers=len(spots),
            of_layers=len(timing.layers),
            slowest=messages.text("list.clauses").join(
                _said(spot, factor, unit) for spot in slowest
            ),
            table=messages.text("roofline.slowest"),
        ),
        strokes=tuple(strokes),
        dots=tuple(_named(spots, named, across, up, factor, unit)),
        labels=tuple(labels),
    )


def _spots(layers: Sequence[TimedLayer]) -> list[_Spot]:
    return [
        _Spot(layer, layer.flops / layer.bytes_moved, layer.flops_per_s)
        for layer in layers
        if layer.flops_per_s and layer.flops and layer.bytes_moved
    ]


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around all values, at least one apart."""
    low = math.floor(math.log10(min(values)) - 0.02)
    high = math.ceil(math.log10(max(values)) + 0.02)
    return low, max(high, low + 1)


def _share(value: float, decades: tuple[int, int]) -> float:
    return (math.log10(value) - decades[0]) / (decades[1] - decades[0])


def _diameter(layer: TimedLayer) -> int:
    """The disc's area grows with the share of the time."""
    return round(_LEAST + (_MOST - _LEAST) * math.sqrt(min(max(layer.share, 0), 1)))


def _discs(spots: Sequence[_Spot], across: tuple[int, int], up: tuple[int, int]) -> list[Stroke]:
    """Discs as the round ends of lines of no length, those of one size in one path."""
    by_size: dict[int, list[str]] = {}
    for spot in spots:
        x = _FRAME.x(_share(spot.intensity, across))
        y = _FRAME.y(_share(spot.rate, up))
        by_size.setdefault(_diameter(spot.layer), []).append(f"M{x} {y}h0")
    return [
        Stroke("".join(dict.fromkeys(by_size[size])), "dots", str(size))
        for size in sorted(by_size, reverse=True)
    ]


def _named(
    spots: Sequence[_Spot],
    named: Collection[str],
    across: tuple[int, int],
    up: tuple[int, int],
    factor: float,
    unit: str,
) -> list[Dot]:
    return [
        Dot(
            _FRAME.x(_share(spot.intensity, across)),
            _FRAME.y(_share(spot.rate, up)),
            place(_diameter(spot.layer) / 2),
            "pointed",
            _said(spot, factor, unit),
        )
        for spot in spots
        if spot.layer.path in named
    ]


def _said(spot: _Spot, factor: float, unit: str) -> str:
    return (
        f"{_name(spot)}: {units.significant(spot.rate / factor, 3)} {unit}, "
        f"{units.by_hint(spot.layer.share, 'share')}"
    )


def _name(spot: _Spot) -> str:
    return spot.layer.path or spot.layer.class_name


def _names(spots: Sequence[_Spot], across: tuple[int, int], up: tuple[int, int]) -> Iterator[Label]:
    """Each spot's name above its disc or, where another name is there, further up or below."""
    taken: list[tuple[float, float, float]] = []
    for spot in spots:
        name = _name(spot)
        shown = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
        half = len(shown) * _LETTER / 2
        x = float(_FRAME.x(_share(spot.intensity, across)))
        x = min(max(x, _FRAME.left + half), _FRAME.right - half)
        y = float(_FRAME.y(_share(spot.rate, up)))
        reach = _diameter(spot.layer) / 2
        heights = [
            *(y - reach - 3 - _LINE * line for line in range(_TRIES)),
            *(y + reach + 10 + _LINE * line for line in range(_TRIES)),
        ]
        free = (
            height
            for height in heights
            if _FRAME.top + _LINE < height < _FRAME.bottom - 2
            and not any(
                abs(x - other_x) < half + other_half and abs(height - other) < _LINE
                for other_x, other, other_half in taken
            )
        )
        height = next(free, None)
        if height is not None:
            taken.append((x, height, half))
            yield Label(place(x), place(height), shown, "mid ink halo")


def _roof_line(roof: Roof, across: tuple[int, int], up: tuple[int, int]) -> Stroke:
    """Along the memory's slope up to the ridge, then level; cut at the frame."""
    start = max(10.0 ** across[0], 10.0 ** up[0] / roof.bytes_per_s)
    spots = [
        (start, start * roof.bytes_per_s),
        (roof.ridge_point, roof.flops_per_s),
        (10.0 ** across[1], roof.flops_per_s),
    ]
    path = "L".join(f"{_FRAME.x(_share(x, across))} {_FRAME.y(_share(y, up))}" for x, y in spots)
    return Stroke(f"M{path}", "roof")


def _roof_name(roof: Roof, factor: float, unit: str, messages: Messages) -> Label:
    peak = f"{units.significant(roof.flops_per_s / factor, 3)} {unit}"
    bandwidth = f"{units.significant(roof.bytes_per_s / 1e9, 3)} GB/s"
    text = messages.text("roofline.roof", peak=peak, bandwidth=bandwidth)
    return Label(place(_FRAME.right), "14", text, "end ink")
