"""Counts: a trace under a convention, and why two conventions differ.

Pure functions over records: the same trace gives the same integers, without torch or a device.
"""

from profiler.counting.conventions import (
    TRUE_CONVENTION,
    Convention,
    convention,
    list_conventions,
)
from profiler.counting.counts import count

__all__ = ["TRUE_CONVENTION", "Convention", "convention", "count", "list_conventions"]
