"""A series and its traces → what an audit finds in it, with names to say it with."""

from __future__ import annotations

from profiler.audit import AuditTraces, audit
from profiler.catalog import known_devices
from profiler.records import Series
from profiler.report.finding_text import names_of
from profiler.report.table_notes import Audited


def audited(series: Series, traces: AuditTraces) -> Audited:
    """Audit a series whose models are traced; see ``profiler.report.gathering.trace_audit``."""
    devices = known_devices(series)
    found = audit(series, traces, devices)
    return Audited(found.findings, names_of(series, devices), found.checks)
