"""Pages that are one page in two languages, their tables, and the figures that differ there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from profiler.docs.lint.columns import TableColumn
from profiler.docs.lint.facts import METRICS, FigureCell, Latest, TableFacts, read_facts
from profiler.docs.lint.finding import Place
from profiler.docs.lint.page import Page
from profiler.docs.lint.printed_figure import PrintedFigure, printed_figure

_LANGUAGES = {
    "en": "en",
    "english": "en",
    "zh": "zh",
    "cn": "zh",
    "ch": "zh",
    "chinese": "zh",
    "zh-cn": "zh",
    "zh-hans": "zh",
}
_LANGUAGE = "|".join(sorted(_LANGUAGES, key=len, reverse=True)).replace("-", "[-_]")
_AT_END = re.compile(rf"^(?P<name>.+?)[._-](?P<language>{_LANGUAGE})$", re.IGNORECASE)
_WHOLE = re.compile(_LANGUAGE, re.IGNORECASE)
#: How many of the rows of the shorter of two tables both must have to be one table.
_SAME_ROWS = 0.8

TablePair = tuple[TableFacts, TableFacts]


def _translated_tables(pages: Sequence[Page]) -> tuple[TablePair, ...]:
    by_path: dict[str, list[TableFacts]] = {}
    for table in read_facts(pages).tables:
        by_path.setdefault(table.page.path, []).append(table)
    twins: dict[str, dict[str, str]] = {}
    for page in pages:
        base, language = page_language(page.path)
        twins.setdefault(base, {}).setdefault(language, page.path)
    pairs: list[TablePair] = []
    for languages in twins.values():
        first, *others = languages.values()
        for other in others:
            pairs += _one_table(by_path.get(first, []), by_path.get(other, []))
    return tuple(pairs)


#: The tables that stand in two pages which are each other's translation, by twos.
translated_tables = Latest(_translated_tables)


def page_language(path: str) -> tuple[str, str]:
    """The name that a page shares with its translations, and its language, "" where it names none.

    >>> page_language("docs/zh_CN/a.md"), page_language("README_cn.md"), page_language("README.md")
    (('docs/*/a', 'zh'), ('README', 'zh'), ('README', ''))
    """
    parts = list(PurePosixPath(path.replace("\\", "/")).with_suffix("").parts)
    language = ""
    for number, part in enumerate(parts):
        if _WHOLE.fullmatch(part):
            language = _LANGUAGES[part.lower().replace("_", "-")]
            parts[number] = "*"
    match = _AT_END.match(parts[-1]) if parts else None
    if match is not None:
        language = _LANGUAGES[match["language"].lower().replace("_", "-")]
        parts[-1] = match["name"]
    return "/".join(parts), language


def matched_rows(first: TableFacts, second: TableFacts) -> Iterator[tuple[int, int]]:
    """The rows of one model in both, by their order where a name stands in several.

    A name that stands in one of them more often than in the other matches nothing.
    """
    wanted = _rows_by_key(second)
    for key, rows in _rows_by_key(first).items():
        others = wanted.get(key, [])
        if len(rows) == len(others):
            yield from zip(rows, others, strict=True)


def _one_table(first: list[TableFacts], second: list[TableFacts]) -> Iterator[TablePair]:
    """Tables of two pages that are one, in the order of both."""
    start = 0
    for table in first:
        for position in range(start, len(second)):
            if _are_one_table(table, second[position]):
                yield table, second[position]
                start = position + 1
                break


def _are_one_table(first: TableFacts, second: TableFacts) -> bool:
    if len(first.columns) != len(second.columns) or first.names != second.names:
        return False
    kinds = zip(first.columns, second.columns, strict=True)
    if any(a.kind != b.kind and a.scale and b.scale for a, b in kinds):
        return False
    if first.names is None or not any(first.keys):
        return False
    common = (Counter(first.keys) & Counter(second.keys)).total()
    return common >= _SAME_ROWS * min(len(first.keys), len(second.keys))


def _rows_by_key(table: TableFacts) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for number, key in enumerate(table.keys):
        if key:
            rows.setdefault(key, []).append(number)
    return rows


#: A figure can be in per cent in one language and a fraction in the other.
_PER_CENT = 100

FigurePair = tuple[FigureCell, FigureCell]


def _translated_figures(pages: Sequence[Page]) -> tuple[FigurePair, ...]:
    found: list[FigurePair] = []
    for first, second in translated_tables(pages):
        pairs = [
            pair
            for row, other_row in matched_rows(first, second)
            for pair in _pairs(first, second, row, other_row)
        ]
        different = [pair for pair in pairs if not _are_one(*(each.figure for each in pair))]
        # tables that differ in most figures are two tables, whatever their pages are
        if len(different) <= max(1, len(pairs) // 2):
            found += different
    return tuple(found)


#: The figures of a translation, each with the one of the first language that it contradicts.
translated_figures = Latest(_translated_figures)


def _pairs(first: TableFacts, second: TableFacts, row: int, other_row: int) -> Iterator[FigurePair]:
    for column, (kind, other_kind) in enumerate(zip(first.columns, second.columns, strict=True)):
        if column != first.names and _may_be_one(kind, other_kind):
            figure = _figure(first, row, column)
            other = _figure(second, other_row, column)
            if figure is not None and other is not None:
                yield other, figure


def _may_be_one(kind: TableColumn, other: TableColumn) -> bool:
    if {kind.kind, other.kind} <= METRICS and kind.kind != other.kind:
        return False
    known = kind.conditions.keys() & other.conditions.keys()
    return kind.scale == other.scale and all(
        kind.conditions[each] == other.conditions[each] for each in known
    )


def _figure(table: TableFacts, row: int, column: int) -> FigureCell | None:
    cells = table.table.rows[row]
    figure = printed_figure(cells[column].text) if column < len(cells) else None
    if figure is None:
        return None
    return FigureCell(
        model=table.models[row],
        key=table.keys[row],
        figure=figure,
        place=Place(table.page.path, cells[column].line),
        table=table.number,
        row=row,
        column=column,
        heading=table.columns[column].heading,
    )


def _are_one(figure: PrintedFigure, other: PrintedFigure) -> bool:
    """Whether both print one number: the same digits, or fewer of them, or per cent."""
    if figure.step == other.step:
        return abs(figure.value) in (abs(other.value), abs(other.value) * _PER_CENT) or (
            abs(other.value) == abs(figure.value) * _PER_CENT
        )
    return figure.unit != other.unit or any(
        figure.times(factor).agrees(other.times(other_factor))
        for factor, other_factor in ((1, 1), (_PER_CENT, 1), (1, _PER_CENT))
    )
