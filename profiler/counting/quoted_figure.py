"""A figure as somebody quoted it → what it can stand for, exactly.

A printed figure is rounded: "11.46G" may stand for anything from 11.455e9 to 11.465e9. All
arithmetic here is on integers and fractions, so that the ends are exact.
"""

from __future__ import annotations

import re
from fractions import Fraction

from profiler.errors import UsageError
from profiler.records import Record

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
    """A printed figure and every value it can stand for: ``low`` to ``high``, both included.

    ``value`` is what it says; ``metric`` what the words behind it call it ("flops", "macs",
    "params"), "" without words. ``unpadded`` is the text without zeros at the end of its decimals,
    which some pages print for show; "" where there are none.
    """

    text: str
    metric: str
    value: Fraction
    low: Fraction
    high: Fraction
    unpadded: str = ""

    def holds(self, figure: int) -> bool:
        """Whether the figure can have been printed this way."""
        return self.low <= figure <= self.high


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
    """What is wrong with a text that is no figure."""
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
