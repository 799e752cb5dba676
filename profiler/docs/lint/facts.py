"""Tables → facts: which figure of which model a page states, in which cell, and under what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Generic, TypeVar

from profiler.docs.lint.columns import (
    ACCURACIES,
    COUNTS,
    IGNORED,
    LATENCY,
    NAME,
    RESIZE,
    TEXT,
    THROUGHPUT,
    TableColumn,
    column,
)
from profiler.docs.lint.conditions import (
    BATCH,
    HARDWARE,
    PRECISION,
    SIZE,
    regimes,
    size_of,
    stated,
    stated_above,
    without_conditions,
)
from profiler.docs.lint.finding import Place
from profiler.docs.lint.page import Page, PageTable, TableCell
from profiler.docs.lint.printed_figure import PrintedFigure, printed_figure, zeros_for_show
from profiler.docs.lint.vocabulary import folded, form, model_key, says_nothing
from profiler.records import Record

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_LINE_BREAK = re.compile(r"\n+")
_NO_MODELS = form("headings", "no_models")
#: The kinds of columns that make facts.
METRICS = frozenset((*COUNTS, *ACCURACIES, LATENCY, THROUGHPUT))
_CELL_CONDITIONS = (SIZE, RESIZE, PRECISION, BATCH, HARDWARE)
#: A paragraph above a table that is no longer than this is its title, not prose about it.
_LONGEST_CAPTION = 100
_SCALES = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "t": 12}
_TIMES = {
    "ms": Fraction(1),
    "us": Fraction(1, 1000),
    "μs": Fraction(1, 1000),
    "s": Fraction(1000),
    "sec": Fraction(1000),
    "second": Fraction(1000),
    "seconds": Fraction(1000),
}
#: From here on a bare count is one in ones; "4.1" may be in any unit.
_LEAST_BARE_COUNT = 10**5


class Latest(Generic[_Item, _Result]):
    """A function of a sequence of immutable objects that keeps its latest result.

    The objects are told apart by identity: to compare pages by content takes longer than to lint.
    """

    def __init__(self, work_out: Callable[[Sequence[_Item]], _Result]) -> None:
        self._work_out = work_out
        self._latest: tuple[tuple[_Item, ...], _Result] | None = None

    def __call__(self, items: Sequence[_Item]) -> _Result:
        """The result for these objects."""
        if self._latest is not None:
            known, result = self._latest
            if len(known) == len(items) and all(a is b for a, b in zip(known, items, strict=True)):
                return result
        result = self._work_out(items)
        self._latest = tuple(items), result
        return result


class FigureCell(Record, frozen=True):
    """A figure in a table."""

    #: The model's name as it stands there, and as it is compared.
    model: str
    key: str
    figure: PrintedFigure
    place: Place
    #: Its number among the tables of all pages.
    table: int
    row: int
    column: int
    heading: str


class Fact(FigureCell, frozen=True):
    """One figure of one model, in ones, per cent or milliseconds where ``has_scale``."""

    metric: str
    #: The heading of the name's column where that is not one of models.
    role: str
    #: Whether the unit of ``figure`` is known.
    has_scale: bool
    #: Those known of size, precision, batch and hardware.
    conditions: Mapping[str, str]
    #: The row's other cells, by heading.
    qualifiers: Mapping[str, str]
    #: The heading's other words.
    words: frozenset[str]
    #: Words of titles that set the table apart.
    regimes: frozenset[str]
    #: The footnote marks of its name, its cell and its heading.
    marks: frozenset[str]


class SizeFact(Record, frozen=True):
    """The input size of one model, by the table that states it."""

    model: str
    key: str
    role: str
    kind: str
    size: str
    text: str
    place: Place
    table: int
    heading: str


class TableFacts(Record, frozen=True):
    """A table as rules see it."""

    page: Page
    table: PageTable
    number: int
    columns: tuple[TableColumn, ...]
    #: The position of the column of names, None where there is none.
    names: int | None
    #: The keys of its rows' models, "" for a row without one.
    keys: tuple[str, ...]
    models: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    sizes: tuple[SizeFact, ...] = ()


class AllFacts(Record, frozen=True):
    """All tables of the pages that are read together, in their order."""

    tables: tuple[TableFacts, ...]

    def facts(self) -> Iterator[Fact]:
        """Every fact, in the order of pages, tables and rows."""
        for table in self.tables:
            yield from table.facts


def _read_facts(pages: Sequence[Page]) -> AllFacts:
    tables: list[TableFacts] = []
    for page in pages:
        for table in page.tables:
            tables.append(table_facts(page, table, len(tables)))
    return AllFacts(tuple(tables))


#: The facts of these pages.
read_facts = Latest(_read_facts)


def table_facts(page: Page, table: PageTable, number: int = 0) -> TableFacts:
    """The facts of one table."""
    columns = tuple(column(cell.text) for cell in table.header)
    names = _name_column(table, columns)
    cells = [row[names] if names is not None and names < len(row) else None for row in table.rows]
    keys = tuple(_key(cell.text) if cell else "" for cell in cells)
    models = tuple(_LINE_BREAK.sub(_joint, cell.text) if cell else "" for cell in cells)
    read = TableFacts(page, table, number, columns, names, keys, models)
    if names is None or not any(keys):
        return read
    facts = tuple(_facts(read, names))
    sizes = tuple(_sizes(read))
    return TableFacts(page, table, number, columns, names, keys, models, facts, sizes)


@lru_cache(maxsize=1 << 14)
def _key(name: str) -> str:
    """The key of a model's name; "" for "FP16" and "V100", which name no model."""
    key = model_key(name)
    return key if key and re.search(r"[^\W\d_]", without_conditions(folded(name))) else ""


def _joint(line_break: re.Match[str]) -> str:
    """The text for a line break in a name: none beside an underscore or a hyphen."""
    name = line_break.string
    around = name[line_break.start() - 1 : line_break.start()], name[line_break.end()]
    return "" if {"_", "-"} & set(around) else " "


def figures_of(
    table: PageTable, position: int, kind: TableColumn
) -> dict[int, tuple[PrintedFigure, bool]]:
    """Row → figure in the unit that facts are in, and whether that unit is known."""
    printed: dict[int, PrintedFigure] = {}
    for number, row in enumerate(table.rows):
        if position < len(row):
            figure = printed_figure(row[position].text)
            if figure is not None and figure.is_exact:
                printed[number] = figure
    coarser = 10 ** zeros_for_show(list(printed.values()))
    fraction = _is_fraction(list(printed.values()), kind)
    result = {}
    for number, figure in printed.items():
        if coarser > 1 and figure.step < 1:
            figure = PrintedFigure(figure.text, figure.value, figure.step * coarser, figure.unit)
        scaled = _scaled(figure, kind, fraction)
        if scaled is not None:
            result[number] = scaled
    return result


def _is_fraction(figures: Sequence[PrintedFigure], kind: TableColumn) -> bool:
    """Whether a column of accuracies is in fractions: nearly all of its figures are."""
    if kind.is_percent or not figures or any(figure.unit == "%" for figure in figures):
        return False
    ones = sum(figure.value <= 1 for figure in figures)
    return ones == len(figures) or (len(figures) >= 3 and ones >= len(figures) - len(figures) // 3)


def _scaled(
    figure: PrintedFigure, kind: TableColumn, fraction: bool
) -> tuple[PrintedFigure, bool] | None:
    unit = figure.unit
    if kind.kind in ACCURACIES:
        if unit not in ("", "%"):
            return None
        return figure.times(Fraction(100 if fraction and not unit else 1)), True
    if kind.kind == LATENCY:
        scale = _TIMES.get(unit) if unit else kind.scale
        if unit and scale is None:
            return None
        return (figure.times(scale), True) if scale else (figure, False)
    if kind.kind == THROUGHPUT:
        return (figure, True) if unit in ("", "fps") else None
    prefix = unit.removesuffix("s")
    for word in ("flop", "macc", "mac", "madd", "param"):
        prefix = prefix.removesuffix(word)
    if prefix not in _SCALES or unit in ("s", "ms", "us"):
        return None
    if prefix:
        return figure.times(Fraction(10 ** _SCALES[prefix])), True
    if kind.scale is not None:
        return figure.times(kind.scale), True
    return figure, abs(figure.value) >= _LEAST_BARE_COUNT


def _name_column(table: PageTable, columns: Sequence[TableColumn]) -> int | None:
    """The likeliest heading of names, else the first column if its cells can be names."""
    named = [position for position, each in enumerate(columns) if each.kind == NAME]
    if named:
        return min(named, key=lambda position: (columns[position].rank, position))
    if not columns or columns[0].kind not in (TEXT, IGNORED):
        return None
    if _NO_MODELS.search(folded(columns[0].heading)):
        return None
    texts = [row[0].text for row in table.rows if row]
    # a column of links shows the same text again and again
    if columns[0].kind == IGNORED and (len(texts) < 2 or len(set(texts)) < len(texts)):
        return None
    return 0 if texts and all(printed_figure(text) is None for text in texts) else None


def _facts(read: TableFacts, names: int) -> Iterator[Fact]:
    table = read.table
    role = read.columns[names].role
    above = stated_above(table.headings)
    apart = _regimes(read)
    rows = [_row_says(read, number) for number in range(len(table.rows))]
    for position, kind in enumerate(read.columns):
        if kind.kind not in METRICS:
            continue
        heading_marks = table.header[position].marks
        for number, (figure, has_scale) in figures_of(table, position, kind).items():
            if not read.keys[number]:
                continue
            row = table.rows[number]
            conditions, qualifiers = rows[number]
            yield Fact(
                metric=kind.kind,
                model=read.models[number],
                key=read.keys[number],
                role=role,
                figure=figure,
                has_scale=has_scale,
                place=Place(read.page.path, row[position].line),
                table=read.number,
                row=number,
                column=position,
                heading=kind.heading,
                conditions={**above, **conditions, **kind.conditions},
                qualifiers=qualifiers,
                words=kind.words,
                regimes=apart,
                marks=frozenset((*row[names].marks, *row[position].marks, *heading_marks)),
            )


def _row_says(read: TableFacts, number: int) -> tuple[dict[str, str], dict[str, str]]:
    """Conditions and qualifiers in the cells of a row."""
    conditions: dict[str, str] = {}
    qualifiers: dict[str, str] = {}
    for position, (kind, cell) in enumerate(
        zip(read.columns, read.table.rows[number], strict=False)
    ):
        if position == read.names or kind.kind in METRICS or says_nothing(cell.text):
            continue
        if kind.kind in _CELL_CONDITIONS:
            conditions[kind.kind] = _condition(kind.kind, cell)
        elif kind.kind != IGNORED:
            qualifiers[folded(kind.heading)] = folded(cell.text)
    return conditions, qualifiers


def _condition(kind: str, cell: TableCell) -> str:
    if kind in (SIZE, RESIZE):
        return size_of(cell.text)
    return stated(cell.text).get(kind, folded(cell.text))


def _sizes(read: TableFacts) -> Iterator[SizeFact]:
    for position, kind in enumerate(read.columns):
        if kind.kind not in (SIZE, RESIZE):
            continue
        for number, row in enumerate(read.table.rows):
            if not read.keys[number] or position >= len(row) or says_nothing(row[position].text):
                continue
            size = size_of(row[position].text)
            if "x" in size and size.replace("x", "").isdigit():
                yield SizeFact(
                    model=read.models[number],
                    key=read.keys[number],
                    role=read.columns[read.names or 0].role,
                    kind=kind.kind,
                    size=size,
                    text=row[position].text,
                    place=Place(read.page.path, row[position].line),
                    table=read.number,
                    heading=kind.heading,
                )


def _regimes(read: TableFacts) -> frozenset[str]:
    """Words of titles and caption that set a table apart; prose is about more than one table."""
    return frozenset().union(
        *(regimes(title) for title in read.table.headings if len(title) <= _LONGEST_CAPTION)
    )
