"""The range that an axis shows and where its ticks stand; pure arithmetic on the values.

A model far below the rest would flatten them into a band. ``accuracy_scale`` then zooms on the
rest and keeps a strip at the bottom of the axis for what lies below, so that all are shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from profiler import units
from profiler.records import Plot, Point, Record, ScatterPlot

#: x takes a log axis when its largest value is more than this many times its smallest.
LOG_RATIO = 50.0
#: A gap in y this many times as high as the rest's range puts what is below it off the scale …
GAP_RATIO = 1.5
#: … when that is at most this share of the points …
_FEW = 0.25
#: … and the rest's range is taken as no less than this.
_LEAST_RANGE = 0.01
#: Share of the axis height that the strip takes.
STRIP = 0.13
_MARGIN = 0.07
_RIGHT_MARGIN = 0.12  # names mostly stand to the right of their points
#: A logarithmic axis spans no less than this, also around one value.
_LEAST_RATIO = 1.5
#: Over so many decades its ticks are powers of ten, and in no more of them than this.
_WIDE, _MOST_DECADES = 3, 8
#: What its ticks begin with over fewer decades: the first of these that gives so many.
_DIGITS = ((1, 2, 5), (1, 2, 3, 5, 7))
_FEWEST_TICKS = 4
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Scale(Record, frozen=True):
    """An axis: its limits, its ticks with their text, and what lies below its scale.

    ``floor`` is the value at which the strip for points below the scale ends; it is ``low`` where
    there is no strip.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    tick_labels: tuple[str, ...]
    floor: float
    log: bool = False

    def is_below(self, value: float) -> bool:
        """Whether the value lies below the scale and belongs into the strip."""
        return value < self.floor

    @property
    def strip_middle(self) -> float:
        """Where in the strip a marker stands."""
        return (self.low + self.floor) / 2

    def fraction(self, value: float) -> float:
        """Where the value stands along the axis, 0 to 1; in the strip when it lies below."""
        shown = self.strip_middle if self.is_below(value) else value
        if self.log:
            return math.log(shown / self.low) / math.log(self.high / self.low)
        return (shown - self.low) / (self.high - self.low)

    def thinned(self) -> Scale:
        """The same scale with every second tick, for texts that are too wide to stand in a row."""
        return self.with_ticks(list(zip(self.ticks, self.tick_labels, strict=True))[::2])

    def with_ticks(self, ticks: Sequence[tuple[float, str]]) -> Scale:
        """The same scale with these ticks and their texts."""
        return msgspec.structs.replace(
            self,
            ticks=tuple(tick for tick, _ in ticks),
            tick_labels=tuple(text for _, text in ticks),
        )


#: An axis of nothing, without ticks.
_EMPTY = Scale(low=0.0, high=1.0, ticks=(), tick_labels=(), floor=0.0)


def x_scale(plot: Plot) -> Scale:
    """The x axis of a plot."""
    if isinstance(plot, ScatterPlot):
        return cost_scale(extremes(plot.points))
    scale = log_scale([mark.x for mark in plot.marks] + [x for x, _ in _ridges(plot)])
    ticks = [(float(tick), str(tick)) for tick in plot.x_ticks]
    return scale.with_ticks(ticks) if ticks else scale


def y_scale(plots: Sequence[Plot]) -> Scale:
    """The y axis that plots share."""
    shown = [point.y for plot in plots if isinstance(plot, ScatterPlot) for point in plot.points]
    lines = [plot for plot in plots if not isinstance(plot, ScatterPlot)]
    if not lines:
        return accuracy_scale(shown)
    marks = [mark for plot in lines for mark in plot.marks]
    ends = [end for mark in marks for end in (mark.low, mark.y, mark.high) if end is not None]
    ends += [y for plot in lines for _, y in _ridges(plot)]
    return log_scale(ends) if any(plot.log for plot in lines) else cost_scale(ends)


def cost_scale(values: Sequence[float]) -> Scale:
    """A linear axis of figures, or a logarithmic one where their range is huge."""
    if not values:
        return _EMPTY
    low, high = min(values), max(values)
    return log_scale(values) if low > 0 and high / low > LOG_RATIO else linear_scale(values)


def linear_scale(values: Sequence[float]) -> Scale:
    """An axis to scale, from zero where that wastes little."""
    low, high = min(values), max(values)
    if high - low <= 1e-6 * abs(high):  # one value: it stands in the middle
        around = 0.2 * abs(high) or 1.0
        return _linear(low - around, high + around)
    start = 0.0 if 0 <= low < 0.6 * high else low - _MARGIN * (high - low)
    return _linear(start, high + _RIGHT_MARGIN * (high - start))


def log_scale(values: Sequence[float]) -> Scale:
    """A logarithmic axis of values above zero."""
    low, high = min(values), max(values)
    ratio = max(high / low, _LEAST_RATIO)
    low, high = low / ratio**_MARGIN, high * ratio**_RIGHT_MARGIN
    ticks = _log_ticks(low, high)
    labels = tuple(units.significant(tick) for tick in ticks)
    return Scale(low=low, high=high, ticks=ticks, tick_labels=labels, floor=low, log=True)


def accuracy_scale(values: Sequence[float], zoomed: bool = True) -> Scale:
    """An axis of accuracies: zoomed on the bulk, with a strip below for what would flatten it.

    Unless it is ``zoomed`` every accuracy is to scale.
    """
    if not values:
        return _EMPTY
    bulk = bulk_of(values) if zoomed else sorted(values)
    span = max(bulk) - min(bulk)
    margin = max(1.5 * _MARGIN * span, (_LEAST_RANGE - span) / 2)
    floor, high = min(bulk) - margin, max(bulk) + margin
    if len(bulk) == len(values):
        return _linear(floor, high)
    low = floor - (high - floor) * STRIP / (1 - STRIP)
    return _linear(low, high, floor)


def bulk_of(values: Sequence[float]) -> list[float]:
    """The values without the few that a wide gap separates below them, in ascending order."""
    ordered = sorted(values)
    for below in range(int(len(ordered) * _FEW), 0, -1):
        rest = ordered[below:]
        span = max(rest[-1] - rest[0], _LEAST_RANGE)
        if rest[0] - ordered[below - 1] > GAP_RATIO * span:
            return rest
    return ordered


def _linear(low: float, high: float, floor: float | None = None) -> Scale:
    start = low if floor is None else floor
    step = _step(high - start)
    places = max(0, -math.floor(math.log10(step) + 1e-9) + (_mantissa(step) == 2.5))
    first, last = math.ceil(start / step - 1e-6), math.floor(high / step + 1e-6)
    ticks = tuple(index * step for index in range(first, last + 1))
    labels = tuple(units.fixed(tick, 1, places) for tick in ticks)
    return Scale(low=low, high=high, ticks=ticks, tick_labels=labels, floor=start)


def _step(span: float, most: int = 8) -> float:
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _mantissa(step: float) -> float:
    return round(step / 10.0 ** math.floor(math.log10(step) + 1e-9), 6)


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round figures; evenly apart where the range is too small for enough that double or so."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, math.ceil(len(decades) / _MOST_DECADES))
    shown = [decade for decade in decades if decade % every == 0]
    wide = math.log10(high / low) >= _WIDE
    for digits in ((1,),) if wide else _DIGITS:
        ticks = [float(f"{digit}e{decade}") for decade in shown for digit in digits]
        within = tuple(tick for tick in ticks if low <= tick <= high)
        if wide or len(within) >= _FEWEST_TICKS:
            return within
    step = _step(high - low)
    multiples = range(math.ceil(low / step), math.floor(high / step) + 1)
    return tuple(float(f"{index * step:.12g}") for index in multiples)


def extremes(points: Sequence[Point]) -> list[float]:
    """Every x that an axis has to show: the figures, and the ends of their intervals."""
    ends = [end for point in points for end in (point.low, point.x, point.high)]
    return [end for end in ends if end is not None]


def _ridges(plot: Plot) -> list[tuple[float, float]]:
    return [plot.ridge] if not isinstance(plot, ScatterPlot) and plot.ridge else []
