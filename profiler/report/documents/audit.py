"""Findings → a table for a terminal or a markdown page, or JSON with exact integers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.text import Text

from profiler.records import CellRef, Finding, Series
from profiler.render.markdown import inline, paragraph, render_markdown
from profiler.render.messages import Messages, load_messages
from profiler.render.terminal import terminal_table
from profiler.report.finding_text import Names, finding_text
from profiler.report.table_notes import Audited
from profiler.report.tables.findings import findings_table


def findings_terminal(found: Audited, series: Series, width: int | None = None) -> Group:
    """The findings for a terminal of that many columns."""
    messages = load_messages("en")
    summary = Text(_summary(found.findings, series, messages), style="bold")
    if not found.findings:
        return Group(summary)
    title = messages.text("audit.report.title", series=series.name)
    table = findings_table(found.findings, found.names, messages)
    return Group(terminal_table(table, messages, title, width), summary)


def findings_markdown(found: Audited, series: Series) -> str:
    """The findings as a markdown page of its own that mdformat leaves alone."""
    messages = load_messages("en")
    parts = [f"# {inline(messages.text('audit.report.title', series=series.name))}"]
    parts.append(paragraph(_summary(found.findings, series, messages)))
    if found.findings:
        parts.append(
            render_markdown(findings_table(found.findings, found.names, messages), messages).rstrip(
                "\n"
            )
        )
    return "\n\n".join(parts) + "\n"


def findings_json(found: Audited) -> str:
    """The findings as a JSON list with exact integers; ends in a line feed.

    ``message`` is in English. ``published``, ``true`` and ``reproduced_by`` stand in findings
    about counts only; ``reproduced_by`` is null where no convention gives the figure.
    """
    messages = load_messages("en")
    objects = [_object(finding, found.names, messages) for finding in found.findings]
    return json.dumps(objects, indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding, names: Names, messages: Messages) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding_text(finding, names, messages),
        "model": finding.model,
    }
    evidence: dict[str, Any] = dict(finding.evidence)
    if finding.published:
        result["published"] = finding.published
        result["true"] = finding.true
        result["reproduced_by"] = finding.reproduced_by or None
        evidence["causes"] = [
            {
                "kind": cause.kind,
                "effect": cause.effect,
                "amount": cause.amount,
                "layers": cause.layers,
                "of_layers": cause.of_layers,
                "paths": cause.paths,
                "reason": cause.reason,
            }
            for cause in finding.causes
        ]
    return result | {"evidence": evidence, "cells": [_cell(cell) for cell in finding.cells]}


def _cell(cell: CellRef) -> dict[str, Any]:
    named: dict[str, Any] = {
        "page": cell.page,
        "table": cell.table,
        "row": cell.row,
        "column": cell.column,
        "model": cell.model,
    }
    conditions = {
        "hw": cell.hw or None,
        "precision": cell.precision or None,
        "batch_size": cell.batch_size,
    }
    return named | {name: value for name, value in conditions.items() if value is not None}


def _summary(findings: Sequence[Finding], series: Series, messages: Messages) -> str:
    if not findings:
        return messages.text("audit.report.clean", series=series.name)
    severities = [finding.severity for finding in findings]
    return messages.text(
        "audit.report.totals",
        findings=len(findings),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        infos=severities.count("info"),
    )
