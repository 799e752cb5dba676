"""Findings → tables in a language: what each says, and what parts a wrong count is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    Finding,
    Table,
)
from profiler.render.messages import Messages
from profiler.report.finding_text import Names, finding_text, shared_cause_text

#: Column → the hint that says how it is set: a sentence may fold, a key may not.
_COLUMNS = {
    "severity": "key",
    "rule": "key",
    "model": "label",
    "pages": "label",
    "message": "sentence",
}
#: Latin letters in a line of a heading that is a whole clause; of Chinese, half as many.
_HEADING_WIDTH = 16


def findings_table(
    findings: Iterable[Finding],
    names: Names,
    messages: Messages,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> Table:
    """A row per finding: how grave, by which rule, about which model on which pages, and what.

    ``pages`` says what a page is called, by its key; one that is not there goes by its key.
    """
    columns = tuple(
        Column(key=f"audit.{name}", hint=hint, align="left") for name, hint in _COLUMNS.items()
    )
    rows = tuple(
        tuple(
            Cell(value=text, origin="label")
            for text in (
                messages.text(f"audit.severities.{finding.severity}"),
                finding.rule,
                names.models.get(finding.model, finding.model),
                messages.join(
                    [pages.get(page, page) for page in dict.fromkeys(c.page for c in finding.cells)]
                ),
                finding_text(finding, names, messages),
            )
        )
        for finding in findings
    )
    return Table(key="findings", columns=columns, rows=rows)


def causes_table(findings: Iterable[tuple[str, Finding]], messages: Messages) -> Table:
    """A row per published count of FLOPs, by its model's label, that is not the true one.

    It adds up from left to right: the true figure, each part of the gap, what the rule gives.
    """
    concerned = [
        (label, finding)
        for label, finding in findings
        if finding.causes and finding.true and finding.evidence.get("metric") == "flops"
    ]
    amounts = [
        {(cause.kind, cause.effect): cause.amount for cause in finding.causes}
        for _, finding in concerned
    ]
    weight: dict[tuple[str, str], int] = {}
    for own in amounts:
        for key, amount in own.items():
            weight[key] = weight.get(key, 0) + abs(amount)
    causes = sorted(weight, key=lambda key: (-weight[key], key))
    columns = (
        Column(key="model", hint="label", align="left"),
        Column(key="rules.true_giga", hint="giga", align="right"),
        *(
            Column(
                key="rules.cause",
                hint="signed",
                align="right",
                placeholders={"cause": _folded(shared_cause_text(kind, effect, messages))},
            )
            for kind, effect in causes
        ),
        Column(key="rules.given_giga", hint="giga", align="right"),
    )
    rows = tuple(
        (
            Cell(value=label, origin="label"),
            Cell(value=finding.true, origin="traced"),
            *(Cell(value=own[key], origin="traced") if key in own else UNDEFINED for key in causes),
            Cell(value=(finding.true or 0) + sum(own.values()), origin="traced"),
        )
        for (label, finding), own in zip(concerned, amounts, strict=True)
    )
    return Table(key="causes", columns=columns, rows=rows)


def _folded(text: str) -> str:
    wide = not text.isascii()
    return "<br>".join(textwrap.wrap(text, _HEADING_WIDTH // 2 if wide else _HEADING_WIDTH))
