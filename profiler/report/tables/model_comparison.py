"""A comparison of models → tables with a column for each model, and the words of their rows.

The first model is the baseline: every other one has its ratio to it beside its figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from profiler import units
from profiler.counting.model_comparison import (
    TOTAL_METRICS,
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

#: Metrics that are numbers of bytes.
IN_BYTES = ("bytes_moved", "weight_bytes", "peak_activation_bytes")
#: So many modules of a stage are named; of more, the first and the last.
_NAMED_MODULES = 3


def totals_table(comparison: ModelComparison, shown: Sequence[int], messages: Messages) -> Table:
    """A row per metric of the whole model; ``shown`` are places of models, the baseline first."""
    rows = [
        (
            text_cell(messages.text(f"compare.metrics.{metric}")),
            *_beside([total_of(comparison.models[at], metric) for at in shown], metric),
        )
        for metric in TOTAL_METRICS
    ]
    columns = (_first("metric"), *_model_columns(comparison, shown, "integer"))
    return Table(key="totals", columns=columns, rows=tuple(rows))


def parts_table(
    comparison: ModelComparison, cut: Cut, metric: str, shown: Sequence[int], messages: Messages
) -> Table:
    """A row per op kind or stage that has any of the metric, and their total.

    Two models have columns for their difference and the share of it that a row makes up.
    """
    totals = [amount(model.counts.totals, metric) for model in comparison.models]
    pair = len(comparison.models) == 2
    difference = totals[-1] - totals[0]
    rows = []
    for part in comparison.parts(cut):
        values = [amount(counts, metric) for counts in part.counts]
        if any(values):
            label = text_cell(part_name(cut, part.key, messages))
            own = values[-1] - values[0]
            more = (_signed(own, metric), _share(own, difference)) if pair else ()
            rows.append((label, *_beside([values[at] for at in shown], metric), *more))
    more = (_signed(difference, metric), _share(difference, difference)) if pair else ()
    total = Cell(value=None, origin="label", reason="total")
    rows.append((total, *_beside([totals[at] for at in shown], metric), *more))
    columns = [_first(cut), *_model_columns(comparison, shown, "integer")]
    if pair:
        columns.append(Column(key="compare.difference", hint="signed_integer", align="right"))
        columns.append(Column(key="compare.share", hint="share", align="right"))
    return Table(key="layers", columns=tuple(columns), rows=tuple(rows))


def modules_table(comparison: ModelComparison, shown: Sequence[int], messages: Messages) -> Table:
    """A row per stage: the top-level modules of each model that run there."""
    columns = (
        _first("stages"),
        *(
            Column(
                key="compare.model",
                hint="text",
                align="left",
                placeholders={"model": comparison.models[at].label},
            )
            for at in shown
        ),
    )
    rows = tuple(
        (
            text_cell(part_name("stages", part.key, messages)),
            *(text_cell(module_names(part.modules[at], messages)) for at in shown),
        )
        for part in comparison.stages
    )
    return Table(key="modules", columns=columns, rows=rows)


def accuracy_table(
    comparison: ModelComparison,
    rows: Sequence[AccuracyRow],
    shown: Sequence[int],
    messages: Messages,
) -> Table:
    """A row per accuracy: what one page prints of each model, and how much more it is."""
    columns = (_first("accuracy"), *_model_columns(comparison, shown, "published", "gain"))
    table = []
    for row in rows:
        texts = [figure.text if (figure := row.figures[at]) else None for at in shown]
        cells = [printed_cell(text, "not_published") for text in texts]
        name = messages.text(f"compare.accuracies.{row.name}")
        table.append(
            (text_cell(name), *_alternate(cells, [_gain(text, texts[0]) for text in texts]))
        )
    return Table(key="accuracy", columns=columns, rows=tuple(table))


def latency_table(
    comparison: ModelComparison,
    rows: Sequence[LatencyRow],
    devices: Mapping[str, str],
    shown: Sequence[int],
    messages: Messages,
) -> Table:
    """A row per set of conditions, all of them published or all of them measured."""
    hint = "measured_ms" if rows and rows[0].conditions.how else "published"
    columns = (
        _first("conditions"),
        Column(key="compare.input", hint="text"),
        *_model_columns(comparison, shown, hint),
    )
    table = []
    for row in rows:
        figures = [row.figures[at] for at in shown]
        cells = [timed(figure, row.reasons[at]) for figure, at in zip(figures, shown, strict=True)]
        ratios = [_latency_ratio(figure, figures[0]) for figure in figures]
        size = Cell(
            value=messages.text("list.alternatives").join(map(units.shape, row.grids(shown))),
            origin="label",
            at=distinct(each.crop_cell for each in figures if each and each.crop_cell),
        )
        conditions = conditions_text(row.conditions, devices, messages)
        table.append((text_cell(conditions), size, *_alternate(cells, ratios)))
    return Table(key="latency", columns=columns, rows=tuple(table))


def timed(figure: TimedFigure | None, reason: str) -> Cell:
    """A latency as it is printed or was measured, or why there is none."""
    if figure is None or figure.text:
        cell = printed_cell(figure.text if figure else None, reason)
        return replace(cell, at=(figure.cell,)) if figure and figure.cell else cell
    return Cell(value=figure.latency_ms, origin="measured", doubtful=figure.doubtful)


def count_cell(value: float | None) -> Cell:
    """A count, or what is worked out from some; undefined where it is None."""
    return UNDEFINED if value is None else Cell(value=value, origin="traced")


def printed_cell(printed: str | None, reason: str) -> Cell:
    """A figure as it is printed, or why there is none: a key below "reasons"."""
    if printed is None:
        return Cell(value=None, origin="missing", reason=reason)
    return Cell(value=printed, origin="published")


def text_cell(words: str) -> Cell:
    """Words that are no figure."""
    return Cell(value=words, origin="label")


def part_column(cut: Cut, key: str, messages: Messages, hint: str = "integer") -> Column:
    """A column for an op kind or a stage; a kind that has no words goes by its own name."""
    named = f"compare.{cut.removesuffix('s')}.{key}"
    if f"columns.{named}" in messages.texts:
        return Column(key=named, hint=hint)
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
    comparison: ModelComparison, shown: Sequence[int], hint: str, beside: str = "ratio"
) -> Iterator[Column]:
    for place, at in enumerate(shown):
        yield Column(
            key="compare.model",
            hint=hint,
            align="right",
            placeholders={"model": comparison.models[at].label},
        )
        if place:
            beside_hint = "factor" if beside == "ratio" else "text"
            yield Column(key=f"compare.{beside}", hint=beside_hint, align="right")


def _beside(values: Sequence[int | float | None], metric: str) -> tuple[Cell, ...]:
    ratios = [count_cell(ratio(value, values[0])) for value in values]
    return _alternate([_amount(value, metric) for value in values], ratios)


def _alternate(cells: Sequence[Cell], beside: Sequence[Cell]) -> tuple[Cell, ...]:
    """The baseline's cell, then each other one with what stands beside it."""
    pairs = zip(cells[1:], beside[1:], strict=True)
    return (cells[0], *(cell for pair in pairs for cell in pair))


def _amount(value: int | float | None, metric: str) -> Cell:
    if isinstance(value, float):
        return Cell(value=units.fixed(value, 1, 2), origin="traced")
    if value is not None and metric in IN_BYTES:
        return Cell(value=units.byte_size(value), origin="traced")
    return count_cell(value)


def _signed(value: int, metric: str) -> Cell:
    shown = signed_text(value, metric) if metric in IN_BYTES else value
    return Cell(value=shown, origin="traced")


def _share(part: int, whole: int) -> Cell:
    return Cell(value=part / whole, origin="traced") if whole else UNDEFINED


def _gain(text: str | None, base: str | None) -> Cell:
    if text is None or base is None:
        return UNDEFINED
    return Cell(value=accuracy_gain(text, base), origin="published")


def _latency_ratio(figure: TimedFigure | None, base: TimedFigure | None) -> Cell:
    if figure is None or base is None or not base.latency_ms:
        return UNDEFINED
    return Cell(
        value=figure.latency_ms / base.latency_ms,
        origin="published" if figure.text else "measured",
        doubtful=figure.doubtful or base.doubtful,
        at=distinct(cell for cell in (figure.cell, base.cell) if cell),
    )


def _first(name: str) -> Column:
    return Column(key=f"compare.{name}", hint="label", align="left")
