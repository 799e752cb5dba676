"""Which pages are one page in two languages, and which of their tables are one table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from profiler.docs.lint.facts import TableFacts, read_zoo
from profiler.docs.lint.latest import Latest
from profiler.docs.lint.page import Page

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


def _pairs(pages: Sequence[Page]) -> tuple[TablePair, ...]:
    by_path: dict[str, list[TableFacts]] = {}
    for table in read_zoo(pages).tables:
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
translated_tables = Latest(_pairs)


def page_language(path: str) -> tuple[str, str]:
    """What a page has in common with its translations, and its language, "" where it names none.

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
            if _are_one(table, second[position]):
                yield table, second[position]
                start = position + 1
                break


def _are_one(first: TableFacts, second: TableFacts) -> bool:
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
