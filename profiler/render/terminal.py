"""Table → a terminal, through rich."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from profiler import units
from profiler.records import (
    Cell,
    Column,
    Counts,
    Table,
)
from profiler.render.cells import cell_lines, heading_lines
from profiler.render.messages import Messages

#: What a narrow terminal does without, in this order, unless a table says otherwise.
_FIRST_TO_GO = ("output_shape", "input_shape", "variant", "convention", "share", "kind", "calls")
#: Columns that must stay whole when the terminal is narrow; the others may fold.
_FOLDING = ("label", "text", "sentence", "flags")
#: Width of output that goes to a file or a pipe: wide enough that no row folds.
_PIPE_WIDTH = 200


def console(stream: TextIO | None = None) -> Console:
    """A console for standard output or ``stream``; a pipe gets plain text of a fixed width."""
    probe = Console(file=stream, highlight=False)
    if probe.is_terminal:
        return probe
    return Console(file=stream, highlight=False, width=_PIPE_WIDTH, no_color=True)


def terminal_table(
    table: Table,
    messages: Messages,
    title: str,
    width: int | None = None,
    first_to_go: Sequence[str] = _FIRST_TO_GO,
) -> RichTable:
    """The table with its last row, the total, set apart; text is never taken for markup.

    Args:
        table: what to show.
        messages: the words of the headings.
        title: a line above.
        width: columns of the terminal. Where the table is wider its numbers are rounded, and where
            that is not enough its least telling columns are left out; no number is ever cut.
        first_to_go: those columns, by the last part of their keys, in the order they go.
    """
    rows, shown = _cells(table, messages, _exact), list(range(len(table.columns)))
    if width is not None and _width(table, rows, shown, messages) > width:
        rows = _cells(table, messages, _rounded)
        for key in first_to_go:
            if _width(table, rows, shown, messages) <= width:
                break
            shown = [at for at in shown if not table.columns[at].key.endswith(f".{key}")]
    drawn = RichTable(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_footer=False,
        header_style="bold",
        pad_edge=False,
    )
    for at in shown:
        column = table.columns[at]
        drawn.add_column(
            Text("\n".join(heading_lines(column, messages))),
            justify=column.align,
            no_wrap=column.hint not in _FOLDING,
            overflow="fold",
            style=_style(column),
        )
    has_total = table.key == "layers"
    for index, row in enumerate(rows):
        last = index == len(rows) - 1
        if has_total and last:
            drawn.add_section()
        drawn.add_row(*[Text(row[at]) for at in shown], style="bold" if has_total and last else "")
    return drawn


def _cells(
    table: Table, messages: Messages, number: Callable[[Cell, Column, Messages], str]
) -> list[list[str]]:
    return [
        [number(cell, column, messages) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def _exact(cell: Cell, column: Column, messages: Messages) -> str:
    text = "\n".join(cell_lines(cell, column, messages))
    return f"{text} ?" if cell.doubtful else text


def _rounded(cell: Cell, column: Column, messages: Messages) -> str:
    if column.hint == "integer" and isinstance(cell.value, int):
        return units.scaled(cell.value)
    if column.hint == "signed_integer" and isinstance(cell.value, int) and cell.value:
        return units.signed(cell.value)
    return _exact(cell, column, messages)


def _width(
    table: Table, rows: Sequence[Sequence[str]], shown: Sequence[int], messages: Messages
) -> int:
    """Columns of the terminal that the table takes: its widest texts and what is between them."""
    total = 1
    for at in shown:
        heading = heading_lines(table.columns[at], messages)
        texts = [*heading, *(line for row in rows for line in row[at].splitlines())]
        total += max(map(cell_len, texts), default=0) + 3
    return total - 2


def totals_lines(counts: Counts) -> Text:
    """What the table's total row does not say: rounded totals, and memory at the precision."""
    totals = counts.totals
    frozen = totals.params - totals.trainable_params
    facts = [
        ("parameters", f"{units.scaled(totals.params)}"),
        ("MACs", units.scaled(totals.macs)),
        ("FLOPs", f"{units.scaled(totals.flops)} ({counts.convention})"),
        ("activations", units.scaled(totals.activations)),
        ("weights", f"{units.byte_size(totals.weight_bytes)} at {counts.precision}"),
        (
            "peak live activations",
            f"{units.byte_size(totals.peak_activation_bytes)} at {counts.precision}",
        ),
    ]
    if frozen:
        facts.insert(1, ("frozen", units.scaled(frozen)))
    width = max(len(name) for name, _ in facts)
    text = Text()
    for name, value in facts:
        text.append(f"{name:<{width}}  ", style="dim")
        text.append(f"{value}\n")
    return text


def plain(renderable: object) -> str:
    """A renderable as text of a fixed width, for ``-o``."""
    buffer = io.StringIO()
    console(buffer).print(renderable)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _style(column: Column) -> str:
    return {"label": "cyan", "text": "dim"}.get(column.hint, "")
