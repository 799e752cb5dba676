"""Findings as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiler.records import (
    Block,
    CellRef,
    Document,
    Finding,
    Heading,
    Lines,
    Series,
    TableBlock,
)
from profiler.render.messages import Messages, load_messages
from profiler.report.audited import Audited, Names, finding_text
from profiler.report.tables.audit import findings_table


def audit_document(found: Audited, series: Series) -> Document:
    """The findings of a series' audit, worst first.

    In the data ``message`` is in English. ``published``, ``true`` and ``reproduced_by`` stand in
    findings about counts only; ``reproduced_by`` is null where no convention gives the figure.
    """
    messages = load_messages("en")
    title = messages.text("audit.report.title", series=series.name)
    summary = (_summary(found.findings, series, messages),)
    table: tuple[Block, ...] = ()
    if found.findings:
        table = (TableBlock(title, findings_table(found.findings, found.names, messages)),)
    return Document(
        (
            Heading(title, level=1),
            Lines(summary, formats=("markdown",)),
            *table,
            Lines(summary, style="bold", formats=("terminal",)),
        ),
        [_finding(each, found.names, messages) for each in found.findings],
        ascii=False,
    )


def _finding(finding: Finding, names: Names, messages: Messages) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding_text(finding, names, messages),
        "model": finding.model,
    }
    evidence: dict[str, Any] = dict(finding.evidence)
    if finding.published:
        found["published"] = finding.published
        found["true"] = finding.true
        found["reproduced_by"] = finding.reproduced_by or None
        evidence["causes"] = finding.causes
    return found | {"evidence": evidence, "cells": list(map(_cell, finding.cells))}


def _cell(cell: CellRef) -> dict[str, Any]:
    """The cell without the conditions that it does not have."""
    named = ("page", "table", "row", "column", "model")
    return {name: getattr(cell, name) for name in named} | {
        name: value
        for name in ("hw", "precision", "batch_size")
        if (value := getattr(cell, name)) not in ("", None)
    }


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
