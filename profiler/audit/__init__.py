"""Published figures held against the trace, against physics and against each other.

Pure: series, traces and devices in, findings out. The rules know no names of models, pages or
conventions; what a severity means is said in ``findings.py``.
"""

from profiler.audit.counts import AuditTraces, CountCheck, unreproduced
from profiler.audit.findings import Audit, audit, worth_a_failure

__all__ = ["Audit", "AuditTraces", "CountCheck", "audit", "unreproduced", "worth_a_failure"]
