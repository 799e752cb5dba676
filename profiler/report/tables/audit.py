"""Published counts beside what gives them, findings, and the parts of a wrong count → Table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

from profiler.audit import CountCheck
from profiler.records import (
    UNDEFINED,
    Cell,
    Finding,
    Metric,
    Record,
    Table,
)
from profiler.render.messages import Messages
from profiler.report.audited import Names, finding_text, shared_cause_text
from profiler.report.tables.columns import (
    ColumnSpec,
    label,
    published,
    relative_error,
    table,
    traced,
)

#: Latin letters in a line of a heading that is a whole clause; of Chinese, half as many.
_HEADING_WIDTH = 16


class _Gap(Record, frozen=True):
    """A model's label, its true count, and the parts of what a rule counts otherwise."""

    model: str
    true: int
    causes: dict[tuple[str, str], int]


def checked_counts_table(checks: Iterable[CountCheck], metric: Metric) -> Table:
    """A row per published figure: the rule that gives its digits, and the truth on that graph."""
    columns: tuple[ColumnSpec[CountCheck], ...] = (
        ColumnSpec("model", "label",
                   lambda check: label(check.model.label, model=check.model.name)),
        ColumnSpec(f"quoted.{metric}", "published", lambda check: published(check.text)),
        ColumnSpec("rules.gives_it", "text", lambda check: _given_by(check, 0)),
        ColumnSpec("rules.graph", "text", lambda check: _given_by(check, 1)),
        ColumnSpec("rules.given", "integer", lambda check: traced(check.given)),
        ColumnSpec("rules.true_figure", "integer", lambda check: traced(check.true)),
        ColumnSpec("rules.beside_true", "fine_difference", lambda check: (
            UNDEFINED if check.given is None else relative_error(check.given, check.true))),
    )  # fmt: skip
    return table("checked_counts", [check for check in checks if check.metric == metric], columns)


def _given_by(check: CountCheck, place: int) -> Cell:
    """The likeliest rule that gives a figure, or its graph."""
    return UNDEFINED if check.given is None else label(check.reproduced[0][place])


def findings_table(
    findings: Iterable[Finding],
    names: Names,
    messages: Messages,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> Table:
    """A row per finding: how grave, by which rule, about which model on which pages, and what.

    ``pages`` says what a page is called, by its key; one that is not there goes by its key.
    """

    def pages_of(finding: Finding) -> str:
        return messages.join(
            [pages.get(page, page) for page in dict.fromkeys(c.page for c in finding.cells)]
        )

    # a sentence may fold, a key may not
    columns: tuple[ColumnSpec[Finding], ...] = (
        ColumnSpec("audit.severity", "key",
                   lambda each: label(messages.text(f"audit.severities.{each.severity}"))),
        ColumnSpec("audit.rule", "key", lambda each: label(each.rule)),
        ColumnSpec("audit.model", "label",
                   lambda each: label(names.models.get(each.model, each.model))),
        ColumnSpec("audit.pages", "label", lambda each: label(pages_of(each))),
        ColumnSpec("audit.message", "sentence",
                   lambda each: label(finding_text(each, names, messages))),
    )  # fmt: skip
    return table("findings", findings, columns)


def causes_table(findings: Iterable[tuple[str, Finding]], messages: Messages) -> Table:
    """A row per published count of FLOPs, by its model's label, that is not the true one.

    It adds up from left to right: the true figure, each part of the gap, what the rule gives.
    """
    rows = [
        _Gap(
            model, finding.true, {(each.kind, each.effect): each.amount for each in finding.causes}
        )
        for model, finding in findings
        if finding.causes and finding.true and finding.evidence.get("metric") == "flops"
    ]
    weight: dict[tuple[str, str], int] = {}
    for row in rows:
        for key, amount in row.causes.items():
            weight[key] = weight.get(key, 0) + abs(amount)
    columns: tuple[ColumnSpec[_Gap], ...] = (
        ColumnSpec("model", "label", lambda row: label(row.model)),
        ColumnSpec("rules.true_giga", "giga", lambda row: traced(row.true)),
        *(
            ColumnSpec(
                "rules.cause",
                "signed",
                partial(_cause, key),
                placeholders={"cause": _folded(shared_cause_text(*key, messages))},
            )
            for key in sorted(weight, key=lambda key: (-weight[key], key))
        ),
        ColumnSpec(
            "rules.given_giga", "giga", lambda row: traced(row.true + sum(row.causes.values()))
        ),
    )
    return table("causes", rows, columns)


def _cause(key: tuple[str, str], row: _Gap) -> Cell:
    return traced(row.causes.get(key))


def _folded(text: str) -> str:
    wide = not text.isascii()
    return "<br>".join(textwrap.wrap(text, _HEADING_WIDTH // 2 if wide else _HEADING_WIDTH))
