"""What stands above a table: the titles it is under, and the paragraph right before it."""

from __future__ import annotations

from profiler.docs.lint.page import PageTable


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
