"""Cell → lines of plain text in a language; what every table renderer starts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from profiler import units
from profiler.records import OWN_DTYPES, Cell, Column, Condition, Counts, HowTimed
from profiler.records.base import distinct

if TYPE_CHECKING:
    from profiler.render.messages import Messages

#: How data and messages write a line break; each renderer has its own.
LINE_BREAK = "<br>"

_TEXT_HINTS = ("label", "text", "published", "verbatim")
#: Columns whose cells name one of a model's graphs.
_GRAPH_COLUMNS = ("compared.graph", "rules.graph", "count.variant")


def how_texts(how: HowTimed, messages: Messages) -> tuple[str, ...]:
    """The measured quantity's name, and the conditions that are not the usual ones."""
    return (
        messages.text(f"quantities.names.{how.quantity}"),
        *condition_texts(how.unusual, messages),
    )


def heading_lines(column: Column, messages: Messages) -> tuple[str, ...]:
    """A column's heading, one text a line."""
    text = messages.text(f"columns.{column.key}", **column.placeholders)
    return tuple(text.split(LINE_BREAK))


def cell_lines(cell: Cell, column: Column, messages: Messages) -> tuple[str, ...]:
    """A cell's text, one text a line. A missing value gives the reason, or nothing."""
    if cell.value is None:
        return (messages.text(f"reasons.{cell.reason}") if cell.reason else "",)
    if column.hint == "printed":
        return tuple(str(cell.value).split(LINE_BREAK))
    if column.hint == "flags":
        flags = str(cell.value).split()
        return tuple(flag_name(flag, messages) for flag in flags) or (flag_names((), messages),)
    if column.key in _GRAPH_COLUMNS:
        return (graph_name(str(cell.value), messages),)
    if column.hint in _TEXT_HINTS or isinstance(cell.value, str):
        return (str(cell.value),)
    ends = [cell.value] if cell.upper is None else [cell.value, cell.upper]
    return ("–".join(units.by_hint(end, column.hint) for end in ends),)


def graph_name(variant: str, messages: Messages) -> str:
    """A graph of a model in words; "deploy" and "train" are those of the command line."""
    return messages.texts.get(f"graphs.{variant}", variant)


def stated_precision(
    counted: Sequence[Counts], messages: Messages, *, capital: bool = False
) -> str:
    """What bytes are stated at: a precision, or the dtypes of the tensors themselves.

    Args:
        counted: the counts of each model that are spoken of at once, at least one.
        messages: the language.
        capital: write a precision as texts do, FP32, and not as the command line does.
    """
    (precision, dtypes), *others = distinct((each.precision, each.dtypes) for each in counted)
    if others:
        return messages.text("stated.own_each")
    if precision != OWN_DTYPES:
        return precision.upper() if capital else precision
    return messages.text("stated.own", dtypes=messages.join(dtypes))


def flag_name(flag: str, messages: Messages) -> str:
    """A measurement's flag in words; one that only a newer inprof knows goes by its own name."""
    return messages.texts.get(f"flags.names.{flag}", flag)


def flag_names(flags: Iterable[str], messages: Messages) -> str:
    """Flags as a list in words, or that there is none."""
    names = [flag_name(flag, messages) for flag in flags]
    return messages.join(names) or messages.text("flags.none")


def condition_texts(conditions: Iterable[Condition], messages: Messages) -> tuple[str, ...]:
    """Conditions of a measurement that are not the usual ones, in words."""
    return tuple(messages.text(f"conditions.{name}", value=value) for name, value in conditions)


def is_quoted(cell: Cell, column: Column) -> bool:
    """Whether the cell is a quoted figure that must look different from a traced one."""
    return cell.origin == "published" and column.hint == "published"


def is_measured(cell: Cell, column: Column) -> bool:
    """Whether the cell is a measured figure that must look different from any other."""
    return cell.origin == "measured" and column.hint == "measured_ms"


def raw_number(cell: Cell) -> str:
    """The number behind a cell's text, unrounded; nothing where it is no number."""
    if cell.value is None:
        return ""
    text = str(cell.value)
    try:
        return text if isfinite(float(text)) else ""
    except ValueError:
        return ""
