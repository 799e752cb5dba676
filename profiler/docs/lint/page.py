"""A markdown page as the rules see it: tables of plain text, images and comments with lines."""

from __future__ import annotations

from profiler.records import Record


class TableCell(Record, frozen=True):
    """A cell's plain text, without markup; ``<br>`` is a line break in it.

    ``marks`` are the footnote marks that stood in it (``*``, ``†``, ``1``), which ``text`` is
    without; ``links`` the addresses it links to, as written.
    """

    text: str
    line: int
    marks: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class PageTable(Record, frozen=True):
    """A table of a page.

    ``line`` is that of its heading row; ``headings`` the titles above it, outermost first, then
    the paragraph right before it if there is one; ``header`` may be shorter or longer than rows.
    In an html table every cell stands in each row and column that it spans, and heading rows are
    one, their texts joined by line breaks. ``columns`` is how many its line of dashes has: where
    that is not the length of ``header``, no reader shows a table. 0 in an html table.
    """

    line: int
    headings: tuple[str, ...]
    header: tuple[TableCell, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    columns: int = 0

    @property
    def is_html(self) -> bool:
        """Whether it is written in html tags."""
        return not self.columns


class PageImage(Record, frozen=True):
    """A picture: its address as written, its alt text (None where an html tag has none)."""

    line: int
    address: str
    alt: str | None


class Page(Record, frozen=True):
    """A page that was read; ``path`` as the reader named it, ``text`` with its own line ends.

    ``comments`` are the html comments outside code, as (line, text between the marks).
    """

    path: str
    text: str
    tables: tuple[PageTable, ...] = ()
    images: tuple[PageImage, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()


class Outline:
    """The titles that are open where the reader is, and the tables found so far."""

    def __init__(self) -> None:
        self.tables: list[PageTable] = []
        self._titles: list[tuple[int, str]] = []
        self._paragraph = ""

    def title(self, level: int, text: str) -> None:
        """A title: those of its level and below end."""
        self._titles = [each for each in self._titles if each[0] < level]
        self._titles.append((level, text))
        self._paragraph = ""

    def paragraph(self, text: str) -> None:
        """A paragraph, or "" for anything else that parts one from a table."""
        self._paragraph = text

    def above(self) -> tuple[str, ...]:
        """Titles, outermost first, then the paragraph."""
        titles = [text for _, text in self._titles if text]
        return (*titles, self._paragraph) if self._paragraph else tuple(titles)

    def table(self, table: PageTable) -> None:
        """A table that was read."""
        self.tables.append(table)
        self._paragraph = ""
