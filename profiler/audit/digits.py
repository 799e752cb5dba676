"""What the figures of a printed column can stand for."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.counting.identification import QuotedFigure, quoted_figure

#: A column of fewer figures may end in zeros by chance.
_FEWEST_PADDED = 3


def places(text: str) -> int:
    """Digits behind the decimal point."""
    return len(text.partition(".")[2])


def column_places(texts: Sequence[str]) -> int:
    """The decimals that a column was rounded to: those of its figure with the most.

    Where every one of three or more figures ends in a zero, the column was padded: "2.880" in such
    a column is 2.88, rounded to hundredths.
    """
    if len(texts) < _FEWEST_PADDED:
        return max(map(places, texts), default=0)
    return max(len(text.partition(".")[2].rstrip("0")) for text in texts)


def rounded_from(text: str, decimals: int, unit: str) -> QuotedFigure:
    """What a printed figure can stand for.

    Args:
        text: the figure as printed.
        decimals: what its column was rounded to; a figure printed shorter is taken as printed.
        unit: "G" or "M".
    """
    whole, _, fraction = text.partition(".")
    kept = fraction[:decimals]
    return quoted_figure(f"{whole}.{kept}{unit}" if kept else f"{whole}{unit}")
