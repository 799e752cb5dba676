"""Generated regions inside hand-written markdown: found, filled, and told when they are stale.

Everything outside a region's two marker lines stays as it is, byte for byte. ``kinds`` is the
registry of what a region can show; the modules imported here fill them.
"""

from profiler.docs import (
    audits,
    comparisons,
    measured,
    notes,
    plots,
    rules,
    tables,
)

__all__ = ["audits", "comparisons", "measured", "notes", "plots", "rules", "tables"]
