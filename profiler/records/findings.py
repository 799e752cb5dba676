"""Findings of an audit."""

from __future__ import annotations

from typing import Literal

from profiler.records.base import Record
from profiler.records.catalogue import CellRef
from profiler.records.counts import Cause

Severity = Literal["error", "warning", "info"]
Evidence = int | float | str | tuple[int | float | str, ...] | None


class Finding(Record, frozen=True, gc=False):
    """Something a published figure contradicts: the trace, physics or another figure."""

    id: str
    #: Message key below "audit.rules", which ``evidence`` fills in.
    rule: str
    severity: Severity
    model: str
    cells: tuple[CellRef, ...]
    evidence: dict[str, Evidence] = {}
    #: Set for counts alone, as all that follows: the digits as printed.
    published: str = ""
    #: The true figure of the graph that they were counted on.
    true: int | None = None
    #: The convention that gives the digits; "" where none does.
    reproduced_by: str = ""
    #: Why the convention's figure is not the true one.
    causes: tuple[Cause, ...] = ()
