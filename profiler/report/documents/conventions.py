"""Conventions side by side, one explained, tools verified → terminal, markdown, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Group
from rich.text import Text

from profiler import units
from profiler.records import Explanation, Table, Verification
from profiler.render.csv_table import render_csv
from profiler.render.markdown import inline, render_markdown
from profiler.render.messages import load_messages
from profiler.render.terminal import plain, terminal_table
from profiler.report.tables.conventions import (
    UNIT_NAMES,
    disagreements_table,
    explanation_table,
    explanations_table,
    part_reason,
    verifications_table,
)

#: How many parts of a gap a summary line names.
_NAMED = 3

#: A heading, a table, and lines below it.
Section = tuple[str, Table, tuple[str, ...]]


def comparison_sections(models: Sequence[Sequence[Explanation]]) -> list[Section]:
    """Every convention for each model, and a line per convention on why it differs."""
    return [
        (
            title(explained[0]),
            explanations_table(explained),
            tuple(f"{each.convention}: {why(each)}" for each in explained),
        )
        for explained in models
    ]


def explanation_sections(explanations: Sequence[Explanation]) -> list[Section]:
    """The gap between one convention and ``flops``, for each model."""
    return [
        (
            f"{title(each)}: {each.convention} beside flops",
            explanation_table(each),
            (
                f"{each.convention} gives {units.scaled(each.total)} {UNIT_NAMES[each.unit]}, "
                f"flops {units.scaled(each.true_flops)} FLOPs."
                + (f" It is what {each.tool} prints." if each.tool else ""),
                *(
                    f"No rule for {op.function} in {op.path or 'the model itself'} "
                    f"({op.calls} calls): it is not in the figure."
                    for op in each.uncounted
                ),
            ),
        )
        for each in explanations
    ]


def verification_sections(models: Sequence[tuple[str, Sequence[Verification]]]) -> list[Section]:
    """Each tool's own run beside its emulation, and every layer at which they differ."""
    sections: list[Section] = []
    for name, verified in models:
        sections.append((f"{name}: tools run here", verifications_table(verified), ()))
        for each in verified:
            table = disagreements_table(each.layers)
            if table.rows:
                sections.append((f"{name}: layers at which {each.convention} differs", table, ()))
    return sections


def title(explanation: Explanation) -> str:
    """The model, its input and its graph."""
    shapes = " + ".join(units.shape(shape) for shape in explanation.input_shapes.values())
    graph = "" if explanation.variant == "deploy" else f", {explanation.variant} graph"
    return f"{explanation.model}, input {shapes}{graph}"


def why(explanation: Explanation) -> str:
    """Why a convention's figure is not that of ``flops``, in one line."""
    clauses = ["MACs" if explanation.unit == "macs" else "FLOPs"]
    parts = [part for part in explanation.parts if part.kind != "unit"]
    for part in parts[:_NAMED]:
        sign = "−" if part.difference < 0 else "+"
        amount = units.scaled(abs(part.difference))
        clauses.append(f"{part.kind} {sign}{amount} ({part_reason(part)})")
    if len(parts) > _NAMED:
        rest = sum(part.difference for part in parts[_NAMED:])
        sign = "−" if rest < 0 else "+"
        clauses.append(f"{len(parts) - _NAMED} more kinds {sign}{units.scaled(abs(rest))}")
    if not parts:
        clauses.append("nothing beside the contractions" if explanation.tool else "the true figure")
    if explanation.uncounted:
        calls = sum(op.calls for op in explanation.uncounted)
        clauses.append(f"{calls} calls without a rule, not in the figure")
    return "; ".join(clauses)


def comparisons_json(models: Sequence[Sequence[Explanation]]) -> str:
    """One object for one model, a list for several; exact integers."""
    objects = [
        {
            **_head(explained[0]),
            "conventions": {
                each.convention: {"unit": each.unit, "total": each.total, "params": each.params}
                for each in explained
            },
        }
        for explained in models
    ]
    return _dump(objects)


def explanations_json(explanations: Sequence[Explanation]) -> str:
    """The parts of each gap, which add up to it."""
    objects = [
        {
            **_head(each),
            "convention": each.convention,
            "unit": each.unit,
            "total": each.total,
            "flops": each.true_flops,
            "gap": each.gap,
            "uncounted": [
                {"function": op.function, "kind": op.kind, "path": op.path, "calls": op.calls}
                for op in each.uncounted
            ],
            "parts": [
                {
                    "kind": part.kind,
                    "true": part.true,
                    "figure": part.figure,
                    "difference": part.difference,
                    "reason": part_reason(part),
                }
                for part in each.parts
            ],
        }
        for each in explanations
    ]
    return _dump(objects)


def verifications_json(models: Sequence[tuple[str, Sequence[Verification]]]) -> str:
    """Each tool's figures and the emulation's, and the layers that differ."""
    objects = [
        {"model": name, "tools": {each.convention: _verified(each) for each in verified}}
        for name, verified in models
    ]
    return _dump(objects)


def sections_terminal(sections: Sequence[Section], width: int | None = None) -> Group:
    """The sections for a terminal of that width."""
    messages = load_messages("en")
    parts: list[object] = []
    for heading, table, lines in sections:
        parts.append(terminal_table(table, messages, heading, width))
        parts.extend(Text(line, style="dim") for line in lines)
        if lines:
            parts.append(Text())
    return Group(*parts)  # type: ignore[arg-type]


def sections_text(sections: Sequence[Section], output_format: str) -> str:
    """The sections as a file has them: ``table``, ``markdown`` or ``csv``."""
    return _FORMATS[output_format](sections)


def _markdown(sections: Sequence[Section]) -> str:
    messages = load_messages("en")
    parts: list[str] = []
    for heading, table, lines in sections:
        parts += [f"### {inline(heading)}", render_markdown(table, messages).strip("\n")]
        if lines:
            parts.append("\n".join(f"- {inline(line)}" for line in lines))
    return "\n\n".join(parts) + "\n"


def _csv(sections: Sequence[Section]) -> str:
    # figures of one kind under each other; a blank line between models
    return "\n".join(render_csv(table) for _, table, _ in sections)


_FORMATS: dict[str, Callable[[Sequence[Section]], str]] = {
    "table": lambda sections: plain(sections_terminal(sections)),
    "markdown": _markdown,
    "csv": _csv,
}


def _head(explanation: Explanation) -> dict[str, Any]:
    shapes = list(explanation.input_shapes.values())
    return {
        "model": explanation.model,
        "input_shape": list(shapes[0]) if shapes else [],
        "variant": explanation.variant,
    }


def _verified(verification: Verification) -> dict[str, Any]:
    if verification.error:
        return {"agrees": False, "error": verification.error}
    return {
        "agrees": verification.agrees,
        "tool": verification.tool,
        "unit": verification.unit,
        "total": verification.total,
        "emulated_total": verification.emulated_total,
        "params": verification.params,
        "emulated_params": verification.emulated_params,
        "layers": len(verification.layers),
        "disagreements": [
            {"path": layer.path, "figure": layer.figure, "emulated": layer.emulated}
            for layer in verification.layers
            if layer.figure != layer.emulated
        ],
    }


def _dump(objects: list[dict[str, Any]]) -> str:
    return json.dumps(objects[0] if len(objects) == 1 else objects, indent=2) + "\n"
