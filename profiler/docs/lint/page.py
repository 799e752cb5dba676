"""A markdown page as the rules see it: tables of plain text, images and comments with lines."""

from __future__ import annotations

import re

from profiler.records import Record

_LINE_END = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    """The lines of a page's text, as markdown tells them apart."""
    return _LINE_END.split(text)


class TableCell(Record, frozen=True):
    """A cell of a table."""

    #: Plain text, without markup and footnote marks; ``<br>`` is a line break in it.
    text: str
    line: int
    #: The footnote marks that stood in it: ``*``, ``†``, ``1``.
    marks: tuple[str, ...] = ()
    #: The addresses it links to, as written.
    links: tuple[str, ...] = ()


class PageTable(Record, frozen=True):
    """A table of a page.

    In an html table every cell stands in each row and column that it spans, and heading rows are
    one, their texts joined by line breaks.
    """

    #: The line of its heading row.
    line: int
    #: The titles above it, outermost first, then the paragraph right before it if there is one.
    headings: tuple[str, ...]
    #: May be shorter or longer than rows.
    header: tuple[TableCell, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    #: How many its line of dashes has: where that is not the length of ``header``, no reader shows
    #: a table. 0 in an html table.
    columns: int = 0

    @property
    def is_html(self) -> bool:
        """Whether it is written in html tags."""
        return not self.columns


class ImageLink(Record, frozen=True):
    """A picture that a page shows."""

    line: int
    #: As written.
    address: str
    #: None where an html tag has none.
    alt: str | None


class Page(Record, frozen=True):
    """A page that was read."""

    #: As the reader named it.
    path: str
    #: With its own line ends.
    text: str
    tables: tuple[PageTable, ...] = ()
    images: tuple[ImageLink, ...] = ()
    #: The html comments outside code: line, text between the marks.
    comments: tuple[tuple[int, str], ...] = ()
    #: Its lines, those being empty that are code, commented out or the page's own settings.
    prose: tuple[str, ...] = ()


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
