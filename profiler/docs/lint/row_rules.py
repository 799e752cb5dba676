"""Rules about which rows tables have: swapped, missing, of another size, translated otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.docs.lint.contradictions import contradicted, is_swapped, swaps
from profiler.docs.lint.facts import TableFacts, read_facts
from profiler.docs.lint.finding import LintFinding, Place, rule
from profiler.docs.lint.page import Page
from profiler.docs.lint.translations import translated_figures

#: Tables list the same models if no more than this part of either is missing in the other.
_MOST_MISSING = 0.2
_FEWEST_MODELS = 3
#: Who leaves out more than this leaves them out on purpose.
_MOST_FORGOTTEN = 2
#: A table is held against so many before and after it on its page.
_NEIGHBOURS = 20


@rule("rows-swapped", "error")
def rows_swapped(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Two models whose figures stand the other way round in another table."""
    reported: set[tuple[int, int, int]] = set()
    for swap in swaps(pages):
        rows = swap.first.table, swap.first.row, swap.second.row
        if rows in reported:
            continue
        reported.add(rows)
        yield LintFinding(
            rule="rows-swapped",
            place=swap.first.place,
            evidence={
                "model": swap.first.model,
                "other_model": swap.second.model,
                "heading": swap.first.heading,
                "figure": swap.first.figure.text,
                "other": swap.second.figure.text,
            },
            others=(swap.second.place, swap.first_other.place, swap.second_other.place),
        )


@rule("translation-differs", "error")
def translation_differs(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Figures of a page that its translation states otherwise."""
    found = swaps(pages)
    for cell, other in translated_figures(pages):
        if not is_swapped(cell, other, found):
            yield contradicted("translation-differs", cell, other)


@rule("model-missing", "warning")
def model_missing(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """A model in every other table of a page that lists the same models."""
    by_page: dict[str, list[TableFacts]] = {}
    for table in read_facts(pages).tables:
        if table.facts and len(set(table.keys) - {""}) >= _FEWEST_MODELS:
            by_page.setdefault(table.page.path, []).append(table)
    for tables in by_page.values():
        keys = [frozenset(table.keys) - {""} for table in tables]
        for number, table in enumerate(tables):
            near = range(max(0, number - _NEIGHBOURS), min(len(tables), number + _NEIGHBOURS + 1))
            alike = [
                other
                for other in near
                if other != number
                and tables[other].columns[tables[other].names or 0].role
                == table.columns[table.names or 0].role
                and _list_the_same(keys[number], keys[other])
            ]
            if not alike:
                continue
            missing = frozenset.intersection(*(keys[other] for other in alike)) - keys[number]
            if len(missing) > _MOST_FORGOTTEN:
                continue
            for key in sorted(missing, key=tables[alike[0]].keys.index):
                yield _missing(table, [tables[other] for other in alike], key)


def _list_the_same(first: frozenset[str], second: frozenset[str]) -> bool:
    common = len(first & second)
    return (
        common >= _FEWEST_MODELS
        and len(first) - common <= _MOST_MISSING * len(first)
        and len(second) - common <= _MOST_MISSING * len(second)
    )


def _missing(table: TableFacts, others: Sequence[TableFacts], key: str) -> LintFinding:
    rows = [(other, other.keys.index(key)) for other in others]
    first, row = rows[0]
    return LintFinding(
        rule="model-missing",
        place=Place(table.page.path, table.table.line),
        evidence={"model": first.models[row], "tables": len(others)},
        others=tuple(
            Place(other.page.path, other.table.rows[row][other.names or 0].line)
            for other, row in rows
        ),
        wording="one" if len(others) == 1 else "",
    )
