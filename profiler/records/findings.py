"""What an audit finds."""

from __future__ import annotations

from typing import Literal

from profiler.records.base import Record
from profiler.records.catalogue import CellRef


class Cause(Record, frozen=True, gc=False):
    """One part of why a convention's figure is not the true one; the parts add up to it.

    ``effect`` is a message key below "audit.effects"; ``amount`` what it adds to the true figure,
    ``reason`` the convention's own words. It concerns ``layers`` of the ``of_layers`` layers of
    its kind; ``paths`` names those that are left out.
    """

    kind: str
    effect: str
    amount: int
    layers: int = 0
    of_layers: int = 0
    paths: tuple[str, ...] = ()
    reason: str = ""


Severity = Literal["error", "warning", "info"]
Evidence = int | float | str | tuple[int | float | str, ...] | None


class Finding(Record, frozen=True, gc=False):
    """Something a published figure contradicts: the trace, physics or another figure.

    ``rule`` is the message key below "audit.rules" that ``evidence`` fills in. The last four are
    set for counts: the digits as printed, the true figure of the graph they were counted on, the
    convention that gives them (empty where none does), and why the two differ.
    """

    id: str
    rule: str
    severity: Severity
    model: str
    cells: tuple[CellRef, ...]
    evidence: dict[str, Evidence] = {}
    published: str = ""
    true: int | None = None
    reproduced_by: str = ""
    causes: tuple[Cause, ...] = ()
