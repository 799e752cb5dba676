"""Number → text: the only place that formats a number."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

from profiler.records import Shape

_SCALES = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_LEAST_PERCENT = 0.001
_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def integer(value: int) -> str:
    """1234567 → "1,234,567"."""
    return f"{value:,}"


def signed_integer(value: int) -> str:
    """1234567 → "+1,234,567", -5 → "−5"."""
    return f"{'−' if value < 0 else '+' if value else ''}{integer(abs(value))}"


def scaled(value: int, places: int = 2) -> str:
    """A count in the largest unit that keeps it above one: 2863112704 → "2.86 G"."""
    for factor, suffix in _SCALES:
        if _reaches(abs(value), factor, 1000, places):
            return f"{fixed(value, factor, places)} {suffix}"
    return str(value)


def signed(value: int) -> str:
    """A count with its sign, scaled: 11584672 → "+11.58 M", -2046 → "−2.05 k"."""
    return f"{'−' if value < 0 else '+'}{scaled(abs(value))}"


def fixed(value: int | float, factor: int, places: int) -> str:
    """``value / factor`` with that many decimals, rounded half to even on the exact quotient."""
    quantum = Decimal(1).scaleb(-places)
    quotient = Decimal(value) / Decimal(factor)
    return str(quotient.quantize(quantum, rounding=ROUND_HALF_EVEN))


def as_published(value: int, factor: int) -> str:
    """Two decimals padded to three, as the published tables print: 2876311024/1e9 → "2.880"."""
    return f"{fixed(value, factor, 2)}0"


def tera(value: float) -> str:
    """A rate in units of 1e12: 17.86e12 → "17.9"; below 10, another digit: 8.1e12 → "8.10"."""
    return fixed(value, 10**12, 1 if value >= 10**13 else 2)


def byte_size(value: int) -> str:
    """Bytes in binary units: 27965088 → "26.67 MiB"."""
    for factor, suffix in _BINARY:
        if _reaches(value, factor, 1024, 2):
            return f"{fixed(value, factor, 2)} {suffix}"
    return f"{value} B"


def _reaches(value: int, factor: int, step: int, places: int) -> bool:
    """Whether a value is one unit, or rounds to it in the unit below: 999,995 is no 1000.00 k."""
    rounded_up = factor // step * 5 // int(10 ** (places + 1))
    return value >= factor - rounded_up


def byte_count(value: int) -> str:
    """Bytes exactly: 27965088 → "27,965,088 B"."""
    return f"{integer(value)} B"


def signed_percent(share: float) -> str:
    """A relative difference with one decimal and its sign: 0.0213 → "+2.1%", -0.0213 → "−2.1%"."""
    text = fixed(100 * share, 1, 1)
    if float(text) == 0:
        return "0.0%"
    return f"−{text[1:]}%" if text.startswith("-") else f"+{text}%"


def fine_percent(share: float) -> str:
    """A small relative difference with its sign and three digits: 0.0000821 → "+0.00821%".

    Below a thousandth of a percent it says no more than that: "+<0.001%" and "−<0.001%".
    """
    if share == 0:
        return "0%"
    sign, percent = "−" if share < 0 else "+", 100 * abs(share)
    if percent < _LEAST_PERCENT:
        return f"{sign}<{significant(_LEAST_PERCENT)}%"
    return f"{sign}{significant(percent, 3)}%"


def shape(sizes: Shape) -> str:
    """(1, 64, 112, 112) → "1x64x112x112"; "scalar" for none."""
    return "x".join(str(size) for size in sizes) or "scalar"


def significant(value: float, digits: int = 4) -> str:
    """That many significant digits, no exponent and no trailing zeros: 25.88778 → "25.89"."""
    if value == 0:
        return "0"
    number = Decimal(repr(value))
    quantum = Decimal(1).scaleb(number.adjusted() - digits + 1)
    rounded = number.quantize(quantum, rounding=ROUND_HALF_EVEN) if quantum < 1 else round(number)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def milliseconds(value: float) -> str:
    """Four digits and all before the point, at most four decimals: 1.25 → "1.250"."""
    places = 3 - Decimal(f"{value:.3e}").adjusted()
    return f"{Decimal(fixed(value, 1, min(max(places, 0), 4))):,}"


def giga_rate(value: float) -> str:
    """A rate in units of 1e9, with as many digits as ``milliseconds``: 32019929e6 → "32,020"."""
    return milliseconds(value / 1e9)


def images_per_s(value: float) -> str:
    """As many digits as ``milliseconds`` gives the latency: 429.04 → "429.0"."""
    return milliseconds(value)


def span(ends: tuple[object, object], joint: str = "–") -> str:
    """The fewest and the most of something, or the first and the last: "3" or "2–3"."""
    return joint.join(str(end) for end in dict.fromkeys(ends))


def by_hint(value: int | float, hint: str) -> str:
    """A table cell's number, printed the way its column's hint asks; KeyError for another hint."""
    return _BY_HINT[hint](value)


_BY_HINT: dict[str, Callable[[int | float], str]] = {
    "integer": lambda value: integer(int(value)),
    "signed_integer": lambda value: signed_integer(int(value)),
    "signed": lambda value: signed(int(value)),
    "scaled": lambda value: scaled(int(value)),
    "giga": lambda value: fixed(value, 10**9, 3),
    "mega": lambda value: fixed(value, 10**6, 3),
    "kilo": lambda value: fixed(value, 10**3, 3),
    "giga_as_published": lambda value: as_published(int(value), 10**9),
    "mega_as_published": lambda value: as_published(int(value), 10**6),
    "bytes": lambda value: byte_size(int(value)),
    "ratio": lambda value: fixed(value, 1, 2),
    "share": lambda value: f"{fixed(100 * value, 1, 1)}%".replace("-", "−"),
    "difference": signed_percent,
    "fine_difference": fine_percent,
    "measured_ms": milliseconds,
    "interval_ms": milliseconds,
    "images_per_s": images_per_s,
    "giga_rate": giga_rate,
    "factor": lambda value: fixed(value, 1, 3),
    "factor_interval": lambda value: fixed(value, 1, 3),
}
