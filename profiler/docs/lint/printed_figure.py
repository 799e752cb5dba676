"""A figure as a cell prints it → its value, and how far its digits reach.

Like ``counting.quoted_figure``, for what tables print besides counts: accuracies, times, zeros and
negative figures. Pages round and cut off alike, so two figures can be one where they are no further
apart than one unit of the coarser one's last digit.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from profiler.docs.lint.vocabulary import folded
from profiler.records import Record

_FORM = re.compile(
    r"(?P<about>[~≈<>≤≥])?\s*(?P<sign>[-+−])?"
    r"(?P<number>(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)"
    r"\s*(?P<unit>%|[kmgtb]?(?:flops?|macs?|madds?|params?|b)?|ms|us|μs|s|sec|seconds?|fps)"
    r"(?:\s*\([-+−↑↓][^()]*\))?",
)
_MOST_DIGITS = 30


class PrintedFigure(Record, frozen=True):
    """A figure as a cell prints it."""

    #: As printed.
    text: str
    value: Fraction
    #: One unit of its last digit.
    step: Fraction
    #: The text behind it, in small letters.
    unit: str = ""
    #: False for "~4" and "<5".
    is_exact: bool = True

    def times(self, factor: Fraction | int) -> PrintedFigure:
        """The same in another unit."""
        if factor == 1:
            return self
        return PrintedFigure(
            self.text, self.value * factor, self.step * factor, self.unit, self.is_exact
        )

    @property
    def is_positive(self) -> bool:
        """Whether it is above zero; comparing a fraction takes ten times as long."""
        return self.value.numerator > 0

    def agrees(self, other: PrintedFigure) -> bool:
        """Whether both can stand for one value."""
        # most do, and a subtraction of fractions takes long
        if self.value == other.value:
            return True
        return abs(self.value - other.value) <= max(self.step, other.step)

    def is_slip_of(self, other: PrintedFigure) -> bool:
        """Whether one digit makes the difference, or two neighbours that changed places.

        Where one prints more digits than the other, those that both print are compared.
        """
        step = max(self.step, other.step)
        digits, others = str(self.value // step), str(other.value // step)
        if len(digits) != len(others):
            return False
        at = [place for place, digit in enumerate(digits) if digit != others[place]]
        if len(at) == 2 and at[1] == at[0] + 1:
            return digits[at[0]] == others[at[1]] and digits[at[1]] == others[at[0]]
        return len(at) == 1


@lru_cache(maxsize=1 << 15)
def printed_figure(text: str) -> PrintedFigure | None:
    """The one figure that a cell holds; None where it holds none, or more than one."""
    if len(text) > 4 * _MOST_DIGITS or not any(map(str.isdigit, text)):
        return None
    match = _FORM.fullmatch(folded(text))
    if match is None:
        return None
    whole, _, decimals = match["number"].replace(",", "").partition(".")
    digits = whole + decimals
    if len(digits) > _MOST_DIGITS:
        return None
    step = Fraction(1, 10 ** len(decimals))
    value = int(digits) * step
    return PrintedFigure(
        text=text,
        value=-value if match["sign"] in ("-", "−") else value,
        step=step,
        unit=match["unit"],
        is_exact=match["about"] is None and match["sign"] != "+",
    )


def zeros_for_show(figures: list[PrintedFigure]) -> int:
    """How many decimals of a column are zeros in all of its figures, and so say nothing.

    With fewer than three figures they may be zeros by chance.
    """
    printed = [figure for figure in figures if figure.step.denominator > 1]
    if len(printed) < 3:
        return 0
    zeros = 0
    while all(_ends_in_zeros(figure, zeros + 1) for figure in printed):
        zeros += 1
    return zeros


def _ends_in_zeros(figure: PrintedFigure, count: int) -> bool:
    coarser = figure.step * 10**count
    return coarser <= 1 and not figure.value % coarser
