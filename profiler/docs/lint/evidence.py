"""What a finding about figures shows of them: as printed, with the heading that gives the unit."""

from __future__ import annotations

from collections.abc import Mapping

from profiler.docs.lint.facts import FigureCell
from profiler.docs.lint.finding import LintFinding
from profiler.records import Evidence


def stated(cell: FigureCell) -> Mapping[str, Evidence]:
    """``model``, ``heading`` and ``figure``."""
    return {"model": cell.model, "heading": cell.heading, "figure": cell.figure.text}


def contradicted(id: str, cell: FigureCell, other: FigureCell) -> LintFinding:
    """A finding at a figure that another one contradicts, ``other`` under ``other_heading``."""
    return LintFinding(
        rule=id,
        place=cell.place,
        evidence={
            **stated(cell),
            "other": other.figure.text,
            "other_heading": other.heading,
        },
        others=(other.place,),
    )
