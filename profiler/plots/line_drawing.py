"""What a small drawing on a page is made of: lines, texts and marks at places worked out before.

The page's template writes them as SVG; colours are classes, so the page's theme decides them.
"""

from __future__ import annotations

from profiler.records import Record


class Stroke(Record, frozen=True):
    """A path as SVG writes one; ``width`` of its line where the class does not say it."""

    path: str
    style: str
    width: str = ""


class Label(Record, frozen=True):
    """A text at a place; the class "mid" centres it there, "end" ends it there."""

    x: str
    y: str
    text: str
    style: str = ""


class Dot(Record, frozen=True):
    """A circle with what it says under a pointer."""

    x: str
    y: str
    radius: str
    style: str
    title: str


class Drawing(Record, frozen=True):
    """A drawing: its size, what it shows in words, and its parts from back to front."""

    width: int
    height: int
    description: str
    strokes: tuple[Stroke, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]


class Frame(Record, frozen=True):
    """Where in a drawing its axes stand; places are shares of them, from the lower left."""

    left: float
    top: float
    right: float
    bottom: float

    def x(self, share: float) -> str:
        """The place of a share of the horizontal axis."""
        return place(self.left + share * (self.right - self.left))

    def y(self, share: float) -> str:
        """The place of a share of the vertical axis."""
        return place(self.bottom - share * (self.bottom - self.top))


def place(value: float) -> str:
    """A coordinate with one decimal at most."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def axes(
    frame: Frame, ticks_x: list[tuple[float, str]], ticks_y: list[tuple[float, str]]
) -> tuple[Stroke, list[Label]]:
    """A grid at the ticks, which are (share, text), and their texts."""
    path = "".join(
        f"M{frame.x(share)} {frame.y(0)}V{frame.y(1)}" for share, _ in ticks_x
    ) + "".join(f"M{frame.x(0)} {frame.y(share)}H{frame.x(1)}" for share, _ in ticks_y)
    labels = [
        Label(frame.x(share), place(frame.bottom + 14), text, "mid") for share, text in ticks_x
    ]
    labels += [
        Label(place(frame.left - 5), place(frame.bottom - share * (frame.bottom - frame.top) + 4),
              text, "end")
        for share, text in ticks_y
    ]  # fmt: skip
    return Stroke(path, "grid"), labels


def title_below(frame: Frame, drop: float, text: str) -> Label:
    """The horizontal axis's title, centred that far below it."""
    return Label(place((frame.left + frame.right) / 2), place(frame.bottom + drop), text, "mid")


class CaptionedDrawings(Record, frozen=True):
    """Drawings side by side under one caption; ``wide`` is a single large one."""

    caption: str
    drawings: tuple[Drawing, ...]
    wide: bool = False
