"""The parts that the site's pages are made of: sections, tables at their places, links."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from profiler.records import Cell, Record, Series, SeriesModel, Table
from profiler.render.csv_table import column_names
from profiler.render.messages import Messages
from profiler.render.templating import relative, web_address
from profiler.report.audited import TableNote
from profiler.report.page import alt_text, plot_caption
from profiler.report.sections import CaptionedTable, Paper, Section, paper_sentence
from profiler.website.content import DrawnPicture, SeriesContent, SiteImage
from profiler.website.frame import Link, compare_path

_LONGEST_DESCRIPTION = 160
_TABLES_WITH_A_TOTAL = ("layers",)
_TABLES_BY_FIRST_CELL = ("measured",)
#: A table with more rows scrolls in a frame, so that its heading stays in sight.
_MOST_ROWS_AT_ONCE = 40
#: Up to so many rows stay on one sheet of paper.
_MOST_ROWS_TOGETHER = 32
#: A table of so many columns has less space between them.
_FEWEST_DENSE = 9
#: With fewer rows there is nothing to sort, or too little to search for.
_FEWEST_SORTED = 4
_FEWEST_FILTERED = 12


class SiteTable(Record, frozen=True):
    """A table at its place on a page, and what its template asks about it."""

    #: Unique on the page.
    anchor: str
    #: What a reader who can't see the heading above the table hears.
    caption: str
    table: Table
    #: What the marks at its cells stand for, to be shown below it.
    notes: tuple[TableNote, ...] = ()
    #: Model name → address, for labels of models; without one they link nowhere.
    links: Mapping[str, str] = {}
    #: Label of a row → the address of what explains it.
    explained: Mapping[str, str] = {}
    #: Files with the same figures, from the site's top.
    files: tuple[str, ...] = ()
    #: Whether a script may offer a reader to sort and to filter.
    sortable: bool = True
    #: Whether there is less space between columns however few they are.
    tight: bool = False

    @property
    def foot(self) -> tuple[Cell, ...]:
        """The last row of a table of layers, which is its total."""
        return self.table.rows[-1] if self.table.key in _TABLES_WITH_A_TOTAL else ()

    @property
    def bodies(self) -> Iterator[Sequence[tuple[Cell, ...]]]:
        """Rows that belong together: in some tables neighbours whose first cells say the same."""
        if self.table.key not in _TABLES_BY_FIRST_CELL:
            yield self._body
            return
        for _, run in itertools.groupby(self._body, key=lambda row: row[0].value):
            yield list(run)

    @property
    def is_long(self) -> bool:
        """Whether it has a frame of its own to scroll in."""
        return len(self._body) > _MOST_ROWS_AT_ONCE

    @property
    def is_short(self) -> bool:
        """Whether it stays on one sheet when printed."""
        return len(self._body) <= _MOST_ROWS_TOGETHER

    @property
    def is_dense(self) -> bool:
        """Whether there is less space between columns."""
        many = len(self.table.columns) >= _FEWEST_DENSE
        return self.tight or many or self.table.key in _TABLES_BY_FIRST_CELL

    @property
    def has_tools(self) -> bool:
        """Whether a script offers a reader to sort it."""
        return self.sortable and len(self._body) >= _FEWEST_SORTED

    @property
    def has_filter(self) -> bool:
        """Whether a script offers to filter it as well."""
        return len(self._body) >= _FEWEST_FILTERED

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names for the columns, the same in every language."""
        return column_names(self.table.columns)

    def href(self, cell: Cell) -> str:
        """Where a cell leads to, else nothing."""
        if cell.model:
            return self.links.get(cell.model, "")
        return self.explained.get(str(cell.value), "") or web_address(cell.link)

    def note_anchor(self, mark: str) -> str:
        """Where the note with a mark stands."""
        number = [note.mark for note in self.notes].index(mark)
        return f"{self.anchor}-note-{number + 1}"

    @property
    def _body(self) -> Sequence[tuple[Cell, ...]]:
        return self.table.rows[:-1] if self.foot else self.table.rows


class CaptionedPictures(Record, frozen=True):
    """Pictures side by side under one caption, each with the text that stands in for it."""

    caption: str
    pictures: tuple[tuple[DrawnPicture, str], ...]


class Part(Record, frozen=True):
    """A section: heading, opening lines, pictures, tables, sources, notes; each may be empty."""

    anchor: str
    title: str
    lead: tuple[str, ...] = ()
    #: Where the opening lines are explained.
    more: Link | None = None
    images: tuple[SiteImage, ...] = ()
    figures: tuple[CaptionedPictures, ...] = ()
    tables: tuple[SiteTable, ...] = ()
    #: The short names of the published pages that it quotes, and the message in front of them.
    quoted: tuple[str, ...] = ()
    quoted_as: str = "notes.sources_here"
    notes: tuple[str, ...] = ()
    #: Whether the caption of a table is a heading; with several tables they always are.
    captioned: bool = False
    #: What a fold around all of it says, and what folds around all tables but the first say.
    folded: str = ""
    rest_folded: str = ""


def section_part(section: Section, series: Series, links: Mapping[str, str]) -> Part:
    """A page's section with its table; the legend stands once on the page, not here."""
    single = (
        (SiteTable(section.anchor, section.title, section.table, section.findings, links),)
        if section.table and section.table.rows
        else ()
    )
    return Part(
        anchor=section.anchor,
        title=section.title,
        tables=(*single, *captioned(section.tables, section.anchor, links)),
        quoted=in_series(series, section.pages),
        notes=section.notes,
        captioned=bool(section.tables),
    )


def captioned(
    tables: Sequence[CaptionedTable], anchor: str, links: Mapping[str, str]
) -> tuple[SiteTable, ...]:
    """Tables under captions, with the notes that belong to each alone."""
    return tuple(
        SiteTable(
            anchor=f"{anchor}-table-{number}",
            caption=each.caption,
            table=each.table,
            notes=tuple(TableNote(mark="", text=note) for note in each.notes),
            links=links,
        )
        for number, each in enumerate(tables, start=1)
    )


def in_series(series: Series, pages: Iterable[str]) -> tuple[str, ...]:
    """Those of the short names that are pages of the series, each once."""
    return tuple(page for page in dict.fromkeys(pages) if page in series.pages)


def paper_words(paper: Paper, key: str, messages: Messages) -> tuple[str, str, str, str]:
    """The text before a paper's title, the title, the text after it, and its address or ""."""
    before, title, after = paper_sentence(paper, key, messages)
    return before, title, after, web_address(paper.address) if title else ""


def picture_texts(image: SiteImage, messages: Messages) -> tuple[str, str]:
    """A picture's description, and its caption."""
    plots = image.image.plots
    if len(plots) > 1:
        caption = messages.text("captions.combined", plots=len(plots))
    else:
        caption = plot_caption(plots[0], messages)
    return alt_text(image.image, messages), caption


def model_links(content: SeriesContent, here: str, language: str) -> dict[str, str]:
    """Model name → address of its page as seen from ``here``."""
    return {
        model.name: relative(f"{language}/{content.model_path(model.name)}", here)
        for model in content.series.models
    }


def compare_link(
    content: SeriesContent, messages: Messages, model: SeriesModel | None = None
) -> Link | None:
    """Where the series' models, or one and another, stand side by side; None where it is alone."""
    path = compare_path(content.series)
    if not path:
        return None
    address = f"{messages.language}/{path}"
    if model is None:
        return Link(messages.text("compare.link"), address)
    return Link(
        messages.text("compare.link_model", model=model.label),
        f"{address}?{urlencode({'models': model.name})}",
    )


def first_sentence(texts: Iterable[str], fallback: str) -> str:
    """A page's description: the first text that says something, cut where it gets long."""
    text = " ".join(next((each for each in texts if each.strip()), fallback).split())
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"
