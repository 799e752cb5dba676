"""Counts → what ``inprof count`` shows: a terminal, markdown, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from profiler import units
from profiler.counting.conventions import convention
from profiler.records import Counts
from profiler.render.csv_table import render_csv
from profiler.render.markdown import inline, render_markdown
from profiler.render.messages import load_messages
from profiler.render.terminal import plain, terminal_table, totals_lines
from profiler.report.documents.counts_json import counts_json
from profiler.report.tables.layers import (
    DEFAULT_COLUMNS,
    layer_table,
    stacked_layer_table,
    totals_table,
    uncounted_table,
)


def _title(counts: Counts) -> str:
    shapes = " + ".join(units.shape(shape) for shape in counts.input_shapes.values())
    graph = "" if counts.variant == "deploy" else f", {counts.variant} graph"
    return f"{counts.model}, input {shapes}{graph}"


def counts_terminal(
    counted: Sequence[Counts], columns: Sequence[str], detailed: bool, width: int | None = None
) -> Group:
    """Tables and totals; ``detailed`` shows the rows of each model, else a row per model."""
    messages = load_messages("en")
    parts: list[object] = []
    for counts in counted if detailed else ():
        parts.append(terminal_table(layer_table(counts, columns), messages, _title(counts), width))
        parts.append(totals_lines(counts))
    if len(counted) > 1:
        parts.append(terminal_table(totals_table(counted), messages, "Totals", width))
    for counts in counted:
        if counts.uncounted:
            title = f"{counts.model}: no rule under {counts.convention}, not in any figure"
            parts.append(terminal_table(uncounted_table(counts), messages, title, width))
    rule = convention(counted[0].convention)
    parts.append(Text(f"{rule.name}: {rule.summary}", style="dim"))
    return Group(*parts)  # type: ignore[arg-type]


def counts_text(
    counted: Sequence[Counts], columns: Sequence[str], output_format: str, detailed: bool
) -> str:
    """The same as a file has it: ``table``, ``markdown``, ``csv`` or ``json``."""
    if output_format == "table":
        return plain(counts_terminal(counted, columns, detailed))
    if output_format == "json":
        return counts_json(counted, more=tuple(columns) != DEFAULT_COLUMNS)
    if output_format == "csv":
        return _csv(counted, columns, detailed)
    return _markdown(counted, columns, detailed)


def _csv(counted: Sequence[Counts], columns: Sequence[str], detailed: bool) -> str:
    """One table; with several models a row per model, or their rows under each other."""
    if not detailed:
        return render_csv(totals_table(counted))
    if len(counted) == 1:
        return render_csv(layer_table(counted[0], columns))
    return render_csv(stacked_layer_table(counted, columns))


def _markdown(counted: Sequence[Counts], columns: Sequence[str], detailed: bool) -> str:
    messages = load_messages("en")
    parts: list[str] = []
    for counts in counted if detailed else ():
        parts.append(f"### {inline(_title(counts))}")
        parts.append(render_markdown(layer_table(counts, columns), messages))
    if len(counted) > 1:
        parts.append(render_markdown(totals_table(counted), messages))
    for counts in counted:
        if counts.uncounted:
            parts.append(f"No rule under `{counts.convention}` and not in any figure:")
            parts.append(render_markdown(uncounted_table(counts), messages))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
