"""Conventions side by side, one explained, and tools held against theirs, as documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from profiler import units
from profiler.records import (
    READ,
    TABULAR,
    Block,
    Document,
    Explanation,
    Heading,
    Lines,
    Table,
    TableBlock,
    Verification,
)
from profiler.report.documents.count import marks_data, model_title, uncounted_lines
from profiler.report.tables.conventions import (
    UNIT_NAMES,
    disagreements_table,
    explanation_table,
    explanations_table,
    part_reason,
    verifications_table,
)
from profiler.report.tables.layers import calls_text, with_run_marks

#: How many parts of a gap a summary line names.
_NAMED = 3

#: What a narrow terminal does without: never the names of the conventions.
_FIRST_TO_GO = ("graph", "tool_params", "params", "layers", "unit", "beside_true")

#: A heading, a table, lines below it, and what the table is of, for want of a heading in CSV.
_Section = tuple[str, Table, tuple[str, ...], Explanation | None]


def conventions_document(models: Sequence[Sequence[Explanation]]) -> Document:
    """Every convention for each model, and a line per convention on why it differs."""
    sections = [
        (
            model_title(explained[0]),
            explanations_table(explained),
            tuple(f"{each.convention}: {why(each)}" for each in explained),
            explained[0],
        )
        for explained in models
    ]
    data = [
        {
            **_head(explained[0]),
            "conventions": {
                each.convention: {
                    "unit": each.unit,
                    "total": each.total,
                    "params": each.params,
                    "uncounted": each.uncounted,
                }
                for each in explained
            },
        }
        for explained in models
    ]
    return _document(sections, data)


def explanation_document(explanations: Sequence[Explanation]) -> Document:
    """The gap between one convention and ``flops``, for each model."""
    sections = [
        (
            f"{model_title(each)}: {each.convention} beside flops",
            explanation_table(each),
            (
                f"{each.convention} gives {units.scaled(each.total)} {UNIT_NAMES[each.unit]}, "
                f"flops {units.scaled(each.true_flops)} FLOPs.{_standing(each)}",
                *(
                    f"No rule for {function} {where}: it is not in the figure."
                    for function, where in uncounted_lines(each.uncounted)
                ),
            ),
            each,
        )
        for each in explanations
    ]
    data = [
        {
            **_head(each),
            "convention": each.convention,
            "unit": each.unit,
            "total": each.total,
            "flops": each.true_flops,
            "gap": each.gap,
            "uncounted": each.uncounted,
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
    return _document(sections, data)


def verification_document(models: Sequence[tuple[str, Sequence[Verification]]]) -> Document:
    """Each tool's own run beside its emulation, and every layer at which they differ."""
    sections: list[_Section] = []
    for name, verified in models:
        errors = tuple(each.error for each in verified if each.error)
        sections.append((f"{name}: tools run here", verifications_table(verified), errors, None))
        for each in verified:
            table = disagreements_table(each.layers)
            if table.rows:
                sections.append(
                    (f"{name}: layers at which {each.convention} differs", table, (), None)
                )
    data = [
        {"model": name, "tools": {each.convention: _verified(each) for each in verified}}
        for name, verified in models
    ]
    return _document(sections, data)


def _standing(explanation: Explanation) -> str:
    """Whether the figure is the tool's own, and the other the whole truth."""
    said = ""
    if explanation.tool and explanation.uncounted:
        said = f" {explanation.tool} may print another: what has no rule here is left out."
    elif explanation.tool:
        said = f" It is what {explanation.tool} prints."
    if explanation.without_true and not explanation.uncounted:
        said += f" flops has no rule for {calls_text(explanation.without_true)}."
    return said


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
    if explanation.uncounted:
        calls = sum(op.calls for op in explanation.uncounted)
        clauses.append(f"{calls_text(calls)} without a rule, not in the figure")
    elif not parts and explanation.without_true:
        times = calls_text(explanation.without_true)
        clauses.append(f"as flops, which has no rule for {times}")
    elif not parts:
        clauses.append("nothing beside the contractions" if explanation.tool else "the true figure")
    return "; ".join(clauses)


def _document(sections: Sequence[_Section], data: Sequence[dict[str, Any]]) -> Document:
    blocks = tuple(block for section in sections for block in _blocks(section))
    return Document(blocks, data[0] if len(data) == 1 else data)


def _blocks(section: _Section) -> Iterator[Block]:
    heading, table, lines, explained = section
    yield Heading(heading)
    marked = with_run_marks(table, explained) if explained else table
    yield TableBlock(heading, table, _FIRST_TO_GO, formats=TABULAR if marked is table else READ)
    if marked is not table:
        yield TableBlock(heading, marked, formats=("csv",))
    if lines:
        yield Lines(lines, style="dim", listed=True, gap=True)


def _head(explanation: Explanation) -> dict[str, Any]:
    return {
        "model": explanation.model,
        "input_shape": next(iter(explanation.input_shapes.values()), ()),
        "variant": explanation.variant,
        **marks_data(explanation),
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
        "without_rule": verification.without_rule,
        "layers": len(verification.layers),
        "disagreements": [layer for layer in verification.layers if layer.figure != layer.emulated],
    }
