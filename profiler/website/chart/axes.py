"""What ranges the axes of the interactive chart can show; pure arithmetic on the values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from profiler.plots.scales import LOG_RATIO, accuracy_scale

_LEFT, _RIGHT = 0.05, 0.1  # of the range; names mostly stand to the right of their points
#: What the ticks of a logarithmic axis begin with, in the order of preference …
_DIGITS = ((1,), (1, 2, 5), (1, 2, 3, 5, 7))
#: … of which the first that gives so many is taken.
_FEWEST_TICKS = 4
_MOST_DECADES = 8
_FROM_ZERO = 0.6  # an axis begins at zero where the lowest figure is at most this of the highest


def cost_axes(values: Sequence[float]) -> dict[str, Any]:
    """The x axis both ways, and whether the range wants it logarithmic."""
    low, high = min(values), max(values)
    logarithmic = _logarithmic(low, high)
    return {
        "log": low > 0 and high / low > LOG_RATIO,
        "linear": _linear(low, high),
        "logarithmic": logarithmic,
        "logTicks": _log_ticks(*logarithmic) if logarithmic else None,
    }


def accuracy_axes(values: Sequence[float]) -> dict[str, Any]:
    """The y axis zoomed on the bulk of the models, and with all of them to scale.

    ``floor`` is where the strip for models below the zoomed scale ends, ``middle`` where in it
    they stand; there is no strip where every model is in the bulk.
    """
    zoomed = accuracy_scale(values)
    places = max((len(text.partition(".")[2]) for text in zoomed.tick_labels), default=3)
    low, high = min(values), max(values)
    margin = zoomed.high - high
    whole = margin + 0.05 * (high - low)
    return {
        "zoomed": {
            "domain": [_rounded(zoomed.low), _rounded(zoomed.high)],
            "ticks": [_rounded(tick) for tick in zoomed.ticks],
            "format": f".{places}f",
            **(
                {"floor": _rounded(zoomed.floor), "middle": _rounded(zoomed.strip_middle)}
                if any(map(zoomed.is_below, values))
                else {}
            ),
        },
        "whole": [_rounded(low - whole), _rounded(high + whole)],
    }


def _linear(low: float, high: float) -> list[float]:
    """From zero where that wastes little."""
    if high - low <= 1e-6 * abs(high):  # one value: it stands in the middle
        around = 0.2 * abs(high) or 1.0
        return [_rounded(low - around), _rounded(high + around)]
    start = 0.0 if 0 <= low <= _FROM_ZERO * high else low - _LEFT * (high - low)
    return [_rounded(start), _rounded(high + _RIGHT * (high - start))]


def _logarithmic(low: float, high: float) -> list[float] | None:
    """None where a value has no logarithm."""
    if low <= 0:
        return None
    ratio = max(high / low, 1.5)
    return [_rounded(low / ratio**_LEFT), _rounded(high * ratio**_RIGHT)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Round figures; evenly apart where the range is too small for enough that double or so."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    decades = decades[:: math.ceil(len(decades) / _MOST_DECADES)]
    for digits in _DIGITS:
        ticks = [float(f"{digit}e{decade}") for decade in decades for digit in digits]
        within = [tick for tick in ticks if low <= tick <= high]
        if len(within) >= _FEWEST_TICKS:
            return within
    power = 10.0 ** math.floor(math.log10(high - low))
    multiples = [
        [_rounded(index * step) for index in range(math.ceil(low / step), int(high / step) + 1)]
        for step in (power, power / 2, power / 5)
    ]
    return next((even for even in multiples if len(even) >= _FEWEST_TICKS), multiples[-1])


def _rounded(value: float) -> float:
    """Six digits are more than a screen can show."""
    return float(f"{value:.6g}") if math.isfinite(value) else 0.0
