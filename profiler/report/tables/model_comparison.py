"""A comparison of models → tables with a column for each model, and the words of their rows.

The first model is the baseline: every other one has its ratio to it beside its figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Literal

from profiler import units
from profiler.counting.model_comparison import (
    TOTAL_METRICS,
    ComparedPart,
    Cut,
    ModelComparison,
    amount,
    ratio,
    total_of,
)
from profiler.counting.parts import fineness_of, stride_of
from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    LayerCounts,
    Published,
    Record,
    Table,
)
from profiler.records.base import distinct
from profiler.render.cells import heading_lines, how_texts
from profiler.render.messages import Messages
from profiler.report.comparable_figures import (
    AccuracyRow,
    LatencyRow,
    RowConditions,
    TimedFigure,
)
from profiler.report.tables.columns import (
    ColumnSpec,
    RowT,
    label,
    measured,
    missing,
    named,
    published,
    quotient,
    table,
    traced,
)

#: Metrics that are numbers of bytes.
IN_BYTES = ("bytes_moved", "weight_bytes", "peak_activation_bytes")
#: So many modules of a stage are named; of more, the first and the last.
_NAMED_MODULES = 3


class _Amounts(Record, frozen=True):
    """A metric of each model, in a row of a table of parts."""

    label: Cell
    values: tuple[int, ...]

    @property
    def difference(self) -> int:
        """How much more the last model has than the first."""
        return self.values[-1] - self.values[0]


def compared_totals_table(
    comparison: ModelComparison, shown: Sequence[int], messages: Messages
) -> Table:
    """A row per metric of the whole model; ``shown`` are places of models, the baseline first."""

    def total(at: int, metric: str) -> int | float | None:
        return total_of(comparison.models[at], metric)

    columns: tuple[ColumnSpec[str], ...] = (
        ColumnSpec("compare.metric", "label",
                   lambda metric: label(messages.text(f"compare.metrics.{metric}"))),
        *_model_columns(
            comparison, shown, "integer",
            lambda at, metric: _amount(total(at, metric), metric),
            lambda at, metric: traced(ratio(total(at, metric), total(shown[0], metric))),
        ),
    )  # fmt: skip
    return table("totals", TOTAL_METRICS, columns)


def parts_table(
    comparison: ModelComparison, cut: Cut, metric: str, shown: Sequence[int], messages: Messages
) -> Table:
    """A row per op kind or stage that has any of the metric, and their total.

    Two models have columns for their difference and the share of it that a row makes up.
    """
    total = _Amounts(
        named("total"), tuple(amount(model.counts.totals, metric) for model in comparison.models)
    )
    parts = [
        _Amounts(
            label(part_name(cut, part.key, messages)),
            tuple(amount(counts, metric) for counts in part.counts),
        )
        for part in comparison.parts(cut)
    ]
    columns: list[ColumnSpec[_Amounts]] = [
        ColumnSpec(f"compare.{cut}", "label", lambda row: row.label),
        *_model_columns(
            comparison, shown, "integer",
            lambda at, row: _amount(row.values[at], metric),
            lambda at, row: traced(ratio(row.values[at], row.values[shown[0]])),
        ),
    ]  # fmt: skip
    if len(comparison.models) == 2:
        columns += [
            ColumnSpec("compare.difference", "signed_integer",
                       lambda row: _signed(row.difference, metric)),
            ColumnSpec("compare.share", "share",
                       lambda row: quotient(row.difference, total.difference)),
        ]  # fmt: skip
    return table("layers", [*(part for part in parts if any(part.values)), total], columns)


def modules_table(comparison: ModelComparison, shown: Sequence[int], messages: Messages) -> Table:
    """A row per stage: the top-level modules of each model that run there."""

    def modules(at: int, stage: ComparedPart) -> Cell:
        return label(module_names(stage.modules[at], messages))

    columns: tuple[ColumnSpec[ComparedPart], ...] = (
        ColumnSpec("compare.stages", "label",
                   lambda stage: label(part_name("stages", stage.key, messages))),
        *(
            ColumnSpec("compare.model", "text", partial(modules, at),
                       placeholders={"model": comparison.models[at].label})
            for at in shown
        ),
    )  # fmt: skip
    return table("modules", comparison.stages, columns)


def compared_accuracy_table(
    comparison: ModelComparison,
    rows: Sequence[AccuracyRow],
    shown: Sequence[int],
    messages: Messages,
) -> Table:
    """A row per accuracy: what one page prints of each model, and how much more it is."""
    columns: tuple[ColumnSpec[AccuracyRow], ...] = (
        ColumnSpec("compare.accuracy", "label",
                   lambda row: label(messages.text(f"compare.accuracies.{row.name}"))),
        *_model_columns(
            comparison, shown, "published",
            lambda at, row: published(row.figures[at]),
            lambda at, row: _gain(row.figures[at], row.figures[shown[0]]),
            beside="gain",
        ),
    )  # fmt: skip
    return table("accuracy", rows, columns)


def compared_latency_table(
    comparison: ModelComparison,
    rows: Sequence[LatencyRow],
    devices: Mapping[str, str],
    shown: Sequence[int],
    messages: Messages,
) -> Table:
    """A row per set of conditions, all of them published or all of them measured."""

    def inputs(row: LatencyRow) -> Cell:
        figures = [row.figures[at] for at in shown]
        return label(
            messages.text("list.alternatives").join(map(units.shape, row.grids(shown))),
            at=distinct(each.crop_cell for each in figures if each and each.crop_cell),
        )

    columns: tuple[ColumnSpec[LatencyRow], ...] = (
        ColumnSpec("compare.conditions", "label",
                   lambda row: label(conditions_text(row.conditions, devices, messages))),
        ColumnSpec("compare.input", "text", inputs, "center"),
        *_model_columns(
            comparison, shown, "measured_ms" if rows and rows[0].conditions.how else "published",
            lambda at, row: timed(row.figures[at], row.reasons[at]),
            lambda at, row: _latency_ratio(row.figures[at], row.figures[shown[0]]),
        ),
    )  # fmt: skip
    return table("latency", rows, columns)


def timed(figure: TimedFigure | None, reason: str) -> Cell:
    """A latency as it is printed or was measured, or why there is none."""
    if figure is None:
        return missing(reason)
    if figure.text:
        return published(figure.text, at=(figure.cell,) if figure.cell else ())
    return measured(figure.latency_ms, doubtful=figure.doubtful)


def part_column(cut: Cut, key: str, messages: Messages, hint: str = "integer") -> Column:
    """A column for an op kind or a stage; a kind that has no words goes by its own name."""
    own = f"compare.{cut.removesuffix('s')}.{key}"
    if f"columns.{own}" in messages.texts:
        return Column(key=own, hint=hint)
    if cut == "kinds":
        return Column(key="compare.other_kind", hint=hint, placeholders={"kind": key})
    if stride := stride_of(key):
        return Column(key="compare.strided", hint=hint, placeholders={"stride": stride})
    return Column(key="compare.finer", hint=hint, placeholders={"factor": fineness_of(key)})


def part_place(cut: Cut, key: str, messages: Messages) -> str:
    """An op kind, or where a stage is, as a sentence has it: "at 1/8 of the input's resolution"."""
    if cut == "kinds":
        return part_name(cut, key, messages)
    stride, factor = stride_of(key), fineness_of(key)
    if stride > 1:
        return messages.text("compare.at.strided", stride=stride)
    if factor:
        return messages.text("compare.at.finer", factor=factor)
    return messages.text("compare.at.full" if stride else f"compare.at.{key}")


def part_name(cut: Cut, key: str, messages: Messages) -> str:
    """An op kind or a stage in words."""
    return " ".join(heading_lines(part_column(cut, key, messages), messages))


def module_names(modules: Sequence[LayerCounts], messages: Messages) -> str:
    """The modules' names, of more than a few the first and the last."""
    names = [row.path or messages.text("compare.own_forward") for row in modules]
    if len(names) > _NAMED_MODULES:
        return f"{names[0]} … {names[-1]} ({len(names)})"
    return messages.join(names) or messages.text("reasons.undefined")


def conditions_text(
    conditions: RowConditions, devices: Mapping[str, str], messages: Messages
) -> str:
    """Hardware, precision, batch size, and of a measured figure what was measured and how."""
    how = conditions.how
    parts = [
        hardware(conditions, devices, messages),
        conditions.precision.upper(),
        messages.text("compare.batch", batch_size=conditions.batch_size),
    ]
    if how:
        parts += how_texts(how, messages)
    return messages.join(parts)


def hardware(conditions: RowConditions, devices: Mapping[str, str], messages: Messages) -> str:
    """The device by its name, or that none is stated."""
    unknown = messages.texts.get(f"hardware.{conditions.hw}", conditions.hw)
    return devices.get(conditions.hw, unknown)


def amount_text(value: int, metric: str) -> str:
    """A metric's value, rounded: bytes in binary units, other counts in decimal ones."""
    return units.byte_size(value) if metric in IN_BYTES else units.scaled(value)


def signed_text(value: int, metric: str) -> str:
    """A difference with its sign, rounded: "+8.57 G", "−2.00 MiB", "0"."""
    sign = "−" if value < 0 else "+" if value else ""
    return f"{sign}{amount_text(abs(value), metric)}"


def accuracy_gain(text: str, base: str) -> str:
    """How much one printed accuracy is above another, exactly: "0.791" over "0.707" → "+0.084"."""
    gain = Decimal(text) - Decimal(base)
    return f"{'−' if gain < 0 else '+' if gain else ''}{abs(gain)}"


def _model_columns(
    comparison: ModelComparison,
    shown: Sequence[int],
    hint: str,
    figure: Callable[[int, RowT], Cell],
    against: Callable[[int, RowT], Cell],
    beside: Literal["ratio", "gain"] = "ratio",
) -> Iterator[ColumnSpec[RowT]]:
    """A model's figure and, of all but the baseline, what it is against that one's."""
    for at in shown:
        yield ColumnSpec(
            "compare.model",
            hint,
            partial(figure, at),
            "right",
            placeholders={"model": comparison.models[at].label},
        )
        if at != shown[0]:
            beside_hint = "factor" if beside == "ratio" else "text"
            yield ColumnSpec(f"compare.{beside}", beside_hint, partial(against, at), "right")


def _amount(value: int | float | None, metric: str) -> Cell:
    if isinstance(value, float):
        return traced(units.fixed(value, 1, 2))
    if value is not None and metric in IN_BYTES:
        return traced(units.byte_size(value))
    return traced(value)


def _signed(value: int, metric: str) -> Cell:
    return traced(signed_text(value, metric) if metric in IN_BYTES else value)


def _gain(figure: Published | None, base: Published | None) -> Cell:
    gain = accuracy_gain(figure.text, base.text) if figure and base else None
    return published(gain, absent=UNDEFINED)


def _latency_ratio(figure: TimedFigure | None, base: TimedFigure | None) -> Cell:
    if figure is None or base is None or not base.latency_ms:
        return UNDEFINED
    return Cell(
        value=figure.latency_ms / base.latency_ms,
        origin="published" if figure.text else "measured",
        doubtful=figure.doubtful or base.doubtful,
        at=distinct(cell for cell in (figure.cell, base.cell) if cell),
    )
