"""A comparison of models → what ``inprof compare`` shows: a terminal, markdown, CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console, Group
from rich.measure import Measurement
from rich.text import Text

from profiler import units
from profiler.counting.model_comparison import CUTS
from profiler.records import Table
from profiler.records.base import grouped
from profiler.render.markdown import inline, paragraph, render_markdown
from profiler.render.messages import load_messages
from profiler.render.terminal import plain, terminal_table
from profiler.report.comparable_figures import is_comparison
from profiler.report.documents.model_comparison_files import (
    ReportedComparison,
    comparison_csv,
    comparison_json,
)
from profiler.report.model_comparison_text import difference_sentences
from profiler.report.table_notes import TableNote, with_notes
from profiler.report.tables.model_comparison import (
    accuracy_table,
    hardware,
    latency_table,
    modules_table,
    parts_table,
    totals_table,
)

#: What a narrow terminal does without.
_FIRST_TO_GO = ("share", "difference")

#: Columns in which any table fits.
_ENDLESS = 100_000

#: What makes a table of some of the models: their places, the baseline's first.
_Make = Callable[[Sequence[int]], Table]
#: A title, a table and what an audit says of its cells.
_Section = tuple[str, _Make, Sequence[TableNote]]


def comparison_terminal(report: ReportedComparison, width: int | None = None) -> Group:
    """Tables and sentences; where all models do not fit side by side, a table after the other."""
    messages = load_messages("en")
    parts: list[object] = [Text(_setting(report)), Text()]
    places = range(len(report.comparison.models))
    for title, make, findings in _sections(report):
        for shown in _fitting(make, places, width):
            parts.append(terminal_table(make(shown), messages, title, width, _FIRST_TO_GO))
        parts += [Text(note.text, style="dim") for note in findings]
        if findings:
            parts.append(Text())
        if title == messages.text("compare.totals"):
            parts.append(Text("\n".join(f"- {line}" for line in _sentences(report)) + "\n"))
    parts += [Text(line, style="dim") for line in _notes(report)]
    return Group(*parts)  # type: ignore[arg-type]


def comparison_text(report: ReportedComparison, output_format: str) -> str:
    """The same as a file has it: ``table``, ``markdown``, ``csv`` or ``json``."""
    return _FORMATS[output_format](report)


def _sections(report: ReportedComparison) -> Iterator[_Section]:
    messages = load_messages("en")
    comparison, metric = report.comparison, report.metric
    name = messages.text(f"compare.metrics.{metric}")
    yield messages.text("compare.totals"), partial(totals_table, comparison, messages=messages), ()
    titles = {"kinds": "compare.by_kind", "stages": "compare.by_stage"}
    for cut in CUTS:
        title = messages.text(titles[cut], metric=name)
        table = partial(parts_table, comparison, cut, metric, messages=messages)
        yield f"{title[0].upper()}{title[1:]}", table, ()
    modules = partial(modules_table, comparison, messages=messages)
    yield messages.text("compare.modules"), modules, ()
    if report.accuracies:
        accuracies = partial(accuracy_table, comparison, report.accuracies, messages=messages)
        yield messages.text("compare.accuracies_heading"), accuracies, ()
    places = range(len(comparison.models))
    compared = filter(is_comparison, report.latencies)
    for page, rows in grouped(compared, lambda row: row.conditions.page).items():
        title = messages.text("compare.published" if page else "compare.measured")
        title = f"{title}: {report.pages.get(page, page)}" if page else title
        latencies = partial(latency_table, comparison, rows, report.devices, messages=messages)
        _, findings = with_notes(latencies(places), report.audited, messages)
        yield title, partial(_marked, latencies, report), findings


def _marked(make: _Make, report: ReportedComparison, shown: Sequence[int]) -> Table:
    return with_notes(make(shown), report.audited, load_messages("en"))[0]


def _fitting(make: _Make, places: Sequence[int], width: int | None) -> Iterator[Sequence[int]]:
    """The models of each table: as many beside the baseline as the terminal has room for."""
    baseline, others = places[0], places[1:]
    size = len(others)
    while size > 1 and width is not None and not _fits(make((baseline, *others[:size])), width):
        size -= 1
    for start in range(0, len(others), size):
        yield (baseline, *others[start : start + size])


def _fits(table: Table, width: int) -> bool:
    drawn = terminal_table(table, load_messages("en"), "", width, ())
    endless = Console(width=_ENDLESS)
    return Measurement.get(endless, endless.options, drawn).maximum <= width


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
        precision=first.precision,
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
        for op in model.counts.uncounted:
            yield messages.text(
                "compare.uncounted",
                model=model.label,
                calls=op.calls,
                function=op.function,
                convention=model.counts.convention,
            )


def _markdown(report: ReportedComparison) -> str:
    messages = load_messages("en")
    places = range(len(report.comparison.models))
    parts = [paragraph(_setting(report)), "\n".join(f"- {inline(x)}" for x in _sentences(report))]
    for title, make, findings in _sections(report):
        parts += [f"### {inline(title)}", render_markdown(make(places), messages).strip("\n")]
        if findings:
            parts.append("\n".join(map(_finding, findings)))
    parts += map(paragraph, _notes(report))
    return "\n\n".join(parts) + "\n"


def _finding(note: TableNote) -> str:
    mark = f"<sup>{note.mark}</sup> " if note.mark else ""
    return f"- {mark}{inline(note.text)}"


_FORMATS: dict[str, Callable[[ReportedComparison], str]] = {
    "table": lambda report: plain(comparison_terminal(report)),
    "markdown": _markdown,
    "csv": comparison_csv,
    "json": comparison_json,
}
