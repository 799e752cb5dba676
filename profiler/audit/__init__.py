"""The audit: published figures held against the trace, against physics and against each other.

Pure: series, traces and devices in, findings out. The rules know no names of models, pages or
conventions. A finding's severity is

- ``error``: a figure that nothing explains, or that can't be;
- ``warning``: a figure that is explained and still not what a reader takes it for, or that its
  neighbours contradict;
- ``info``: within what a measurement may do, or an inference that blames no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from profiler.audit.counts import (
    AuditTraces,
    CountCheck,
    check_counts,
    count_findings,
    unreproduced,
)
from profiler.audit.coverage import coverage_findings
from profiler.audit.latencies import latency_findings
from profiler.audit.physics import physics_findings
from profiler.audit.rows import row_findings
from profiler.records import (
    Device,
    Finding,
    Record,
    Series,
)

__all__ = ["Audit", "AuditTraces", "CountCheck", "audit", "unreproduced", "worth_a_failure"]

_SEVERITIES = ("error", "warning", "info")


class Audit(Record, frozen=True):
    """Everything an audit of one series comes to."""

    #: The gravest first.
    findings: tuple[Finding, ...] = ()
    #: Every published count, and the conventions that give it.
    checks: tuple[CountCheck, ...] = ()


def audit(series: Series, traces: AuditTraces, devices: Mapping[str, Device]) -> Audit:
    """Hold every published figure of a series against the trace, physics and the others.

    Args:
        series: the published figures.
        traces: model name → graph and input side → trace. Every model with counts needs its
            stated graph and its deployed one at its own crop size.
        devices: slug → device, with its peaks.

    Returns:
        The findings, in the order of the rules and pages within a severity, and the checks.
    """
    checks = check_counts(series, traces)
    found = (
        *count_findings(checks, traces),
        *row_findings(series),
        *latency_findings(series),
        *physics_findings(series, traces, devices),
        *coverage_findings(series, traces),
    )
    return Audit(
        findings=tuple(sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))),
        checks=checks,
    )


def worth_a_failure(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those above ``info``, which ``--strict`` fails on."""
    return tuple(finding for finding in findings if finding.severity != "info")
