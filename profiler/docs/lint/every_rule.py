"""Every rule there is: importing the modules that hold them registers them."""

from __future__ import annotations

from collections.abc import Mapping

from profiler.docs.lint import (  # noqa: F401 (register their rules)
    accuracy_rules,
    count_rules,
    ignoring,
    latency_rules,
    row_rules,
    size_rules,
    structure_rules,
    unread,
)
from profiler.docs.lint.finding import Rule, rules


def every_rule() -> Mapping[str, Rule]:
    """Every rule by its id."""
    return rules()
