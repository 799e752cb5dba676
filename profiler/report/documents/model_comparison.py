"""A comparison of models as a document: tables, sentences on where a difference is, and data.

What is in the CSV and the data has English names, whatever the language of the page that offers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from profiler import units
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    TOTAL_METRICS,
    Cut,
    Dominance,
    ModelComparison,
    amount,
    dominance,
    ratio,
    total_of,
)
from profiler.records import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    LayerCounts,
    Lines,
    Record,
    Table,
    TableBlock,
)
from profiler.records.base import grouped
from profiler.render.cells import stated_precision
from profiler.render.messages import Messages, load_messages
from profiler.report.audited import NOT_AUDITED, Audited, TableNote, with_notes
from profiler.report.comparable_figures import (
    AccuracyRow,
    LatencyRow,
    RowConditions,
    is_comparison,
)
from profiler.report.documents.count import marks_data, run_marks
from profiler.report.tables.model_comparison import (
    amount_text,
    compared_accuracy_table,
    compared_latency_table,
    compared_totals_table,
    hardware,
    modules_table,
    part_place,
    parts_table,
    signed_text,
)

#: What a narrow terminal does without.
_FIRST_TO_GO = ("share", "difference")
#: Ratios between these are said to be "about as many".
_ABOUT_ONE = (0.995, 1.005)
#: What stands between the conditions of a latency, and between inputs that differ.
_SEPARATOR = ", "
_ALTERNATIVES = "/"

#: What makes a table of some of the models: their places, the baseline's first.
_Make = Callable[[Sequence[int]], Table]
#: A title, a table and what an audit says of its cells.
_Section = tuple[str, _Make, Sequence[TableNote]]
#: Cut, part, metric, and each model's value and ratio to the baseline's.
_Line = tuple[str, str, str, Sequence[float | str | None], Sequence[float | None]]


class ReportedComparison(Record, frozen=True):
    """A comparison with everything that is said beside the counts."""

    comparison: ModelComparison
    #: What kinds and stages are shown by.
    metric: str
    accuracies: tuple[AccuracyRow, ...] = ()
    latencies: tuple[LatencyRow, ...] = ()
    #: Names of pages and of devices by slug.
    pages: Mapping[str, str] = {}
    devices: Mapping[str, str] = {}
    #: What is said of published figures.
    audited: Audited = NOT_AUDITED


def comparison_document(report: ReportedComparison) -> Document:
    """Tables and sentences; in CSV a row for each figure of each model."""
    messages = load_messages("en")
    setting, sentences = (_setting(report),), tuple(_sentences(report))
    blocks: list[Block] = [
        Lines(setting, gap=True),
        Lines(sentences, listed=True, formats=("markdown",)),
    ]
    places = range(len(report.comparison.models))
    for title, make, findings in _sections(report):
        blocks.append(Heading(title))
        blocks.append(
            TableBlock(title, make(places), first_to_go=_FIRST_TO_GO, models=len(places), part=make)
        )
        if findings:
            said, marks = zip(*((note.text, note.mark) for note in findings), strict=True)
            blocks.append(Lines(said, style="dim", listed=True, marks=marks, gap=True))
        if title == messages.text("compare.totals"):
            items = tuple(f"- {line}" for line in sentences)
            blocks.append(Lines(items, gap=True, formats=("terminal",)))
    blocks.append(Lines(tuple(_notes(report)), style="dim"))
    blocks.append(TableBlock("", comparison_table(report), formats=("csv",)))
    return Document(tuple(blocks), comparison_data(report), ascii=False)


def _sections(report: ReportedComparison) -> Iterator[_Section]:
    messages = load_messages("en")
    comparison, metric = report.comparison, report.metric
    name = messages.text(f"compare.metrics.{metric}")
    yield (
        messages.text("compare.totals"),
        partial(compared_totals_table, comparison, messages=messages),
        (),
    )
    titles = {"kinds": "compare.by_kind", "stages": "compare.by_stage"}
    for cut in CUTS:
        title = messages.text(titles[cut], metric=name)
        table = partial(parts_table, comparison, cut, metric, messages=messages)
        yield f"{title[0].upper()}{title[1:]}", table, ()
    modules = partial(modules_table, comparison, messages=messages)
    yield messages.text("compare.modules"), modules, ()
    if report.accuracies:
        accuracies = partial(
            compared_accuracy_table, comparison, report.accuracies, messages=messages
        )
        yield messages.text("compare.accuracies_heading"), accuracies, ()
    places = range(len(comparison.models))
    compared = filter(is_comparison, report.latencies)
    for page, rows in grouped(compared, lambda row: row.conditions.page).items():
        title = messages.text("compare.published" if page else "compare.measured")
        title = f"{title}: {report.pages.get(page, page)}" if page else title
        latencies = partial(
            compared_latency_table, comparison, rows, report.devices, messages=messages
        )
        _, findings = with_notes(latencies(places), report.audited, messages)
        yield title, partial(_marked, latencies, report), findings


def _marked(make: _Make, report: ReportedComparison, shown: Sequence[int]) -> Table:
    return with_notes(make(shown), report.audited, load_messages("en"))[0]


def _setting(report: ReportedComparison) -> str:
    messages = load_messages("en")
    models = report.comparison.models
    first = models[0].counts
    shapes = [" + ".join(map(units.shape, model.counts.input_shapes.values())) for model in models]
    inputs = [
        messages.text("compare.input_of", model=model.label, shape=shape)
        for model, shape in zip(models, shapes, strict=True)
    ]
    return messages.text(
        "compare.setting",
        convention=first.convention,
        batch_size=first.input_shape[0],
        precision=stated_precision([model.counts for model in models], messages),
        inputs=shapes[0] if len(set(shapes)) == 1 else messages.join(inputs),
        baseline=models[0].label,
    )


def _sentences(report: ReportedComparison) -> Iterator[str]:
    """Of the rule's own metric and parameters, and of the one asked for if it is neither."""
    for metric in dict.fromkeys((report.comparison.unit, "params", report.metric)):
        yield from difference_sentences(report.comparison, metric, load_messages("en"))


def _notes(report: ReportedComparison) -> Iterator[str]:
    messages = load_messages("en")
    yield messages.text("compare.stage_rule")
    yield messages.text("compare.kind_rule")
    if report.accuracies or report.latencies:
        yield messages.text("compare.fair_rule")
    alone = [row for row in report.latencies if not is_comparison(row)]
    if alone:
        names = dict.fromkeys(hardware(row.conditions, report.devices, messages) for row in alone)
        yield messages.text("compare.alone", hardware=messages.join(list(names)))
    for model in report.comparison.models:
        marks = run_marks(model.counts.values, model.counts.until)
        if marks:
            yield f"{model.label}: {', '.join(marks)}."
        for op in model.counts.uncounted:
            yield messages.text(
                "compare.uncounted",
                model=model.label,
                calls=op.calls,
                function=op.function,
                convention=model.counts.convention,
            )


def difference_sentences(
    comparison: ModelComparison, metric: str, messages: Messages
) -> Iterator[str]:
    """For each model but the first: how much more it has, and where most of that is."""
    base = amount(comparison.models[0].counts.totals, metric)
    for at, model in enumerate(comparison.models[1:], start=1):
        difference = amount(model.counts.totals, metric) - base
        sentences = [_scale(comparison, metric, at, messages)]
        if difference:
            sentences += (_where(comparison, cut, metric, at, messages) for cut in CUTS[::-1])
        yield messages.text("list.sentences").join(sentences)


def _scale(comparison: ModelComparison, metric: str, at: int, messages: Messages) -> str:
    baseline, model = comparison.models[0], comparison.models[at]
    base, value = (amount(each.counts.totals, metric) for each in (baseline, model))
    names = {
        "model": model.label,
        "baseline": baseline.label,
        "metric": messages.text(f"compare.metrics.{metric}"),
    }
    if value == base:
        return messages.text("compare.same", **names)
    times = ratio(value, base)
    if times is None:
        return messages.text("compare.from_none", amount=amount_text(value, metric), **names)
    difference = signed_text(value - base, metric)
    if _ABOUT_ONE[0] <= times <= _ABOUT_ONE[1]:
        return messages.text("compare.about_same", difference=difference, **names)
    return messages.text(
        "compare.sentence", ratio=units.significant(times, 3), difference=difference, **names
    )


def _where(comparison: ModelComparison, cut: Cut, metric: str, at: int, messages: Messages) -> str:
    """The fewest parts that most of a difference is in, with its share or, if above 1, both."""
    found = dominance(comparison, cut, metric, at)
    parts = _enumerated([part_place(cut, key, messages) for key, _ in found.parts], messages)
    share = found.explained / found.difference
    if share > 1:
        return messages.text(
            f"compare.by_{cut}_more",
            parts=parts,
            explained=signed_text(found.explained, metric),
            rest=signed_text(found.rest, metric),
        )
    if not found.others:
        return messages.text(f"compare.by_{cut}_all", parts=parts)
    percent = f"{units.fixed(100 * share, 1, 0)}%"
    return messages.text(f"compare.by_{cut}", parts=parts, share=percent)


def _enumerated(texts: Sequence[str], messages: Messages) -> str:
    """The texts as a sentence lists them: "one, two and three"."""
    *first, last = texts
    return messages.text("list.and").join([messages.join(first), last] if first else [last])


def comparison_table(report: ReportedComparison) -> Table:
    """A row for each figure of each model: exact numbers, published ones as they are printed."""
    comparison = report.comparison
    figures: list[tuple[str, str, str, list[float | None]]] = [
        ("total", "", metric, [total_of(model, metric) for model in comparison.models])
        for metric in TOTAL_METRICS
    ]
    for cut in CUTS:
        for part in comparison.parts(cut):
            for metric in PART_METRICS:
                values: list[float | None] = [amount(each, metric) for each in part.counts]
                figures.append((cut.removesuffix("s"), part.key, metric, values))
    lines: list[_Line] = [
        (cut, part, metric, values, [ratio(value, values[0]) for value in values])
        for cut, part, metric, values in figures
    ]
    lines += map(_accuracy_line, report.accuracies)
    lines += map(_latency_line, report.latencies)
    marks = [
        name
        for name in ("values", "until")
        if any(getattr(model.counts, name) for model in comparison.models)
    ]
    names = ("cut", "part", "metric", "model", "value", "ratio", *marks)
    columns = tuple(Column(key=name, hint="text") for name in names)
    rows = tuple(
        tuple(
            Cell(value=field, origin="label")
            for field in (
                *(cut, part, metric, model.counts.model, value, times),
                *(getattr(model.counts, name) for name in marks),
            )
        )
        for cut, part, metric, values, ratios in lines
        for model, value, times in zip(comparison.models, values, ratios, strict=True)
    )
    return Table(key="comparison", columns=columns, rows=rows)


def conditions_name(conditions: RowConditions) -> str:
    """The conditions of a latency but for the input, in a file: page and table, or "measured"."""
    how = conditions.how
    names = [
        *([conditions.page, conditions.table] if how is None else ["measured"]),
        conditions.hw,
        conditions.precision,
        f"batch {conditions.batch_size}",
    ]
    if how:
        names += [how.quantity, *(f"{name} {value}" for name, value in how.unusual)]
    return _SEPARATOR.join(names)


def _accuracy_line(row: AccuracyRow) -> _Line:
    texts = [figure.text if figure else None for figure in row.figures]
    return ("accuracy", row.page, row.name, texts, [None] * len(texts))


def _latency_line(row: LatencyRow) -> _Line:
    inputs = _ALTERNATIVES.join(map(units.shape, row.grids(range(len(row.figures)))))
    name = _SEPARATOR.join([conditions_name(row.conditions), inputs])
    values = [figure.text or figure.latency_ms if figure else None for figure in row.figures]
    return ("latency", name, "latency_ms", values, _latency_ratios(row))


def _latency_ratios(row: LatencyRow) -> list[float | None]:
    base = row.figures[0]
    return [
        ratio(figure.latency_ms, base.latency_ms) if figure and base else None
        for figure in row.figures
    ]


def comparison_data(report: ReportedComparison) -> dict[str, Any]:
    """Everything there is, with exact integers; the first model is the baseline."""
    comparison = report.comparison
    return {
        "convention": comparison.convention,
        "precision": comparison.precision,
        "baseline": comparison.models[0].counts.model,
        "models": [_model(comparison, at) for at in range(len(comparison.models))],
        **{
            cut: [
                {
                    "name": part.key,
                    "counts": [_counts(each) for each in part.counts],
                    **(
                        {"modules": [_modules(each) for each in part.modules]}
                        if part.modules
                        else {}
                    ),
                }
                for part in comparison.parts(cut)
            ]
            for cut in CUTS
        },
        "accuracies": [
            {
                "name": row.name,
                "page": row.page,
                "published": [figure and figure.text for figure in row.figures],
            }
            for row in report.accuracies
        ],
        "latencies": [_latency(row) for row in report.latencies],
    }


def _model(comparison: ModelComparison, at: int) -> dict[str, Any]:
    model, base = comparison.models[at], comparison.models[0]
    return {
        "model": model.counts.model,
        "label": model.label,
        "input_shape": model.counts.input_shape,
        "variant": model.counts.variant,
        **marks_data(model.counts),
        **({"dtypes": model.counts.dtypes} if model.counts.dtypes else {}),
        "totals": {metric: total_of(model, metric) for metric in TOTAL_METRICS},
        "ratios": {
            metric: ratio(total_of(model, metric), total_of(base, metric))
            for metric in TOTAL_METRICS
        },
        "dominant": {
            metric: {cut: _dominance(dominance(comparison, cut, metric, at)) for cut in CUTS}
            for metric in PART_METRICS
        }
        if at
        else {},
        "uncounted": model.counts.uncounted,
    }


def _dominance(found: Dominance) -> dict[str, Any]:
    return {
        "difference": found.difference,
        "parts": [{"name": name, "difference": difference} for name, difference in found.parts],
        "rest": found.rest,
    }


def _counts(row: LayerCounts) -> dict[str, int]:
    return {metric: amount(row, metric) for metric in PART_METRICS}


def _modules(rows: Sequence[LayerCounts]) -> list[dict[str, Any]]:
    return [{"path": row.path, **_counts(row)} for row in rows]


def _latency(row: LatencyRow) -> dict[str, Any]:
    conditions, how = row.conditions, row.conditions.how
    described: dict[str, Any] = {
        "source": "measured" if how else "published",
        "hw": conditions.hw,
        "precision": conditions.precision,
        "batch_size": conditions.batch_size,
        "input": row.grid or None,
    }
    if how:
        described |= {
            "quantity": how.quantity,
            "layout": how.layout,
            "engine": how.engine,
            "threads": how.threads,
            "flush_l2": how.flush_l2,
        }
    else:
        described |= {"page": conditions.page, "table": conditions.table}
    return described | {
        "latency_ms": [figure and (figure.text or figure.latency_ms) for figure in row.figures],
        "inputs": [figure and figure.grid for figure in row.figures],
        "ratios": _latency_ratios(row),
        "missing": [reason or None for reason in row.reasons],
    }
