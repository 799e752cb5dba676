"""Published FLOPs and parameters against the trace: which rule gives them, and what is true.

A figure is right where the true count of the graph and input it is stated for rounds to its
digits. Any other is looked for under every convention, on every graph and input there is a trace
of; of several conventions that give it, the one that gives most of its page is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from profiler.counting.conventions import TRUE_CONVENTION, list_conventions
from profiler.counting.conventions import convention as find_convention
from profiler.counting.explain import explain, figures
from profiler.counting.identification import (
    Candidate,
    Quote,
    QuotedFigure,
    candidates,
    earlier_candidates,
    identify,
    quoted_figure,
)
from profiler.counting.slips import slip_text
from profiler.records import (
    DEPLOY,
    Cause,
    CellRef,
    Evidence,
    Finding,
    Metric,
    Record,
    Series,
    SeriesModel,
    Severity,
    Trace,
)

#: Graph and input side → the model's trace.
ModelTraces = Mapping[tuple[str, int], Trace]
#: Model name → its traces. A graph that can't be run at a size is not there.
AuditTraces = Mapping[str, ModelTraces]

#: Metric → its column in the data files, and the unit that it is printed in.
_PRINTED: dict[Metric, tuple[str, str]] = {
    "flops": ("flops_g", "G"),
    "params": ("params_m", "M"),
}
_DIFFERS: dict[Metric, str] = {"flops": "count-differs", "params": "params-differ"}
#: How many of the figures nearest to one that nothing gives are named.
_MISSES = 3
#: A column of fewer figures may end in zeros by chance.
_FEWEST_PADDED = 3


class CountCheck(Record, frozen=True):
    """One published count, wherever it is printed with these digits, and what gives them."""

    model: SeriesModel
    metric: Metric
    text: str
    cells: tuple[CellRef, ...]
    #: Conventions that give it, with graph and input side, the likeliest first.
    reproduced: tuple[tuple[str, str, int], ...]
    #: The figure of the likeliest; None without any.
    given: int | None
    #: The true figure on its graph, or on the stated graph if there is none.
    true: int
    #: Whether the true figure of the stated or of the deployed graph gives it.
    right: bool
    figure: QuotedFigure


class _Printed(Record, frozen=True):
    """A figure with its digits, once though several pages print it."""

    model: SeriesModel
    metric: Metric
    text: str
    figure: QuotedFigure
    cells: tuple[CellRef, ...]


def check_counts(series: Series, traces: AuditTraces) -> tuple[CountCheck, ...]:
    """Hold every published count of the series against the traces, in the order of its pages."""
    printed = list(_printed(series))
    values = {name: _values(own) for name, own in traces.items()}
    hits: dict[tuple[str, str], int] = {}
    for each in printed:
        stated = each.model.published_variant, each.model.crop_size
        for found, graph, crop in _reproducing(each, values[each.model.name].items()):
            if (graph, crop) == stated:
                for page, rule in product(
                    {c.page for c in each.cells}, _equals(found, each.metric)
                ):
                    hits[page, rule] = hits.get((page, rule), 0) + 1
    return tuple(_check(each, values[each.model.name], hits) for each in printed)


def unreproduced(series: Series, traces: AuditTraces) -> tuple[SeriesModel, ...]:
    """The models with a count that no convention gives on the traces there are."""
    # most figures are found under one of the first rules, and the others are then not counted
    names = {
        each.model.name
        for each in _printed(series)
        if not any(_reproducing(each, _figures(traces[each.model.name])))
    }
    return tuple(model for model in series.models if model.name in names)


def count_findings(checks: Iterable[CountCheck], traces: AuditTraces) -> Iterator[Finding]:
    """A finding for each published count that is not the true one."""
    for check in checks:
        if check.reproduced and not check.right:
            yield _differs(check, traces[check.model.name])
        elif not check.reproduced:
            own = traces[check.model.name]
            yield _slipped(check, own) or _unexplained(check, own)


#: Convention, metric, graph and input side.
_Key = tuple[str, Metric, str, int]
_Values = Mapping[_Key, int]


def _printed(series: Series) -> Iterator[_Printed]:
    """Each model's figures; what two pages print with the same digits is one figure."""
    models = {model.name: model for model in series.models}
    for metric, (column, unit) in _PRINTED.items():
        figures: list[tuple[str, CellRef]] = []
        for row in series.counts:
            published, cell = getattr(row, column), row.cell(column)
            if cell is not None:
                figures.append((published.text, cell))
        columns: dict[tuple[str, str], list[str]] = {}
        for text, cell in figures:
            columns.setdefault((cell.page, cell.table), []).append(text)
        places: dict[tuple[str, str, int], list[CellRef]] = {}
        for text, cell in figures:
            decimals = column_places(columns[cell.page, cell.table])
            places.setdefault((cell.model, text, decimals), []).append(cell)
        for (name, text, decimals), cells in places.items():
            figure = rounded_from(text, decimals, unit)
            yield _Printed(models[name], metric, text, figure, tuple(cells))


def _values(traces: ModelTraces) -> _Values:
    return dict(_figures(traces))


def _figures(traces: ModelTraces) -> Iterator[tuple[_Key, int]]:
    """Every figure that any convention gives; one that defines no parameters gives the true."""
    return (
        ((rule, metric, graph, crop), value)
        for (graph, crop), trace in traces.items()
        for rule in list_conventions()
        for metric, value in figures(trace, rule).items()
        if metric == "flops" or rule == TRUE_CONVENTION or find_convention(rule).own_params
    )


def _reproducing(
    printed: _Printed, values: Iterable[tuple[_Key, int]]
) -> Iterator[tuple[str, str, int]]:
    for (rule, metric, graph, crop), value in values:
        if metric == printed.metric and printed.figure.holds(value):
            yield rule, graph, crop


def _equals(rule: str, metric: Metric) -> Iterable[str]:
    """The rules that give this figure whenever this one does: true parameters are most rules'."""
    if metric == "params" and rule == TRUE_CONVENTION:
        return (name for name in list_conventions() if not find_convention(name).own_params)
    return (rule,)


def _check(printed: _Printed, values: _Values, hits: Mapping[tuple[str, str], int]) -> CountCheck:
    model = printed.model
    stated = model.published_variant, model.crop_size
    pages = {cell.page for cell in printed.cells}

    def unlikeliness(found: tuple[str, str, int]) -> tuple[bool, int, bool, str, str, int]:
        rule, graph, crop = found
        explained = max(
            sum(hits.get((page, each), 0) for page in pages)
            for each in _equals(rule, printed.metric)
        )
        # of equals, a rule of ours stands for the plain quantity, a tool's for itself
        return (graph, crop) != stated, -explained, bool(find_convention(rule).tool), *found

    reproduced = sorted(_reproducing(printed, values.items()), key=unlikeliness)
    graph, crop = reproduced[0][1:] if reproduced else stated
    plain = {(TRUE_CONVENTION, *stated), (TRUE_CONVENTION, DEPLOY, model.crop_size)}
    return CountCheck(
        model=model,
        metric=printed.metric,
        text=printed.text,
        cells=printed.cells,
        reproduced=tuple(reproduced),
        given=values[reproduced[0][0], printed.metric, graph, crop] if reproduced else None,
        true=values[TRUE_CONVENTION, printed.metric, graph, crop],
        right=not plain.isdisjoint(reproduced),
        figure=printed.figure,
    )


def _differs(check: CountCheck, traces: ModelTraces) -> Finding:
    rule, graph, crop = check.reproduced[0]
    trace = traces[graph, crop]
    also = [other for other, *where in check.reproduced[1:] if where == [graph, crop]]
    evidence: dict[str, Evidence] = {
        "graph": graph,
        "crop_size": crop,
        "reproduced": check.given,
        "also_reproduced_by": tuple(also),
    }
    why = explain(trace, rule).causes[check.metric]
    return _finding(check, _DIFFERS[check.metric], "warning", traces, evidence, rule, why)


def _slipped(check: CountCheck, traces: ModelTraces) -> Finding | None:
    """A figure that a convention gives after what may happen to one before it is printed."""
    crop = check.model.crop_size
    tried: list[Candidate] = []
    earlier: list[Candidate] = []
    for (graph, size), trace in traces.items():
        tried.extend(candidates(trace, graph, size))
        if size == crop:
            earlier.extend(earlier_candidates(trace, graph, size))
    quotes = (Quote(check.metric, check.figure),)
    found = identify(check.model.name, quotes, tried, crop, further=earlier)
    if not found.matches:
        return None
    best = found.matches[0]
    place = best.first.size
    evidence: dict[str, Evidence] = {
        "graph": best.first.variant,
        "crop_size": place if isinstance(place, int) else crop,
        "reproduced": best.figures[0],
        "slips": tuple(slip.kind for slip in best.slips),
        "slip_details": tuple(slip_text(slip) for slip in best.slips),
    }
    return _finding(check, "count-slipped", "warning", traces, evidence, best.first.convention)


def _unexplained(check: CountCheck, traces: ModelTraces) -> Finding:
    near: dict[int, tuple[str, str]] = {}
    for (rule, metric, graph, _), value in _values(traces).items():
        if metric == check.metric:
            near.setdefault(value, (rule, graph))
    nearest = sorted(near, key=lambda value: (abs(value - check.figure.value), value))[:_MISSES]
    evidence: dict[str, Evidence] = {
        "graph": check.model.published_variant,
        "crop_size": check.model.crop_size,
        "nearest": tuple(near[value][0] for value in nearest),
        "nearest_graphs": tuple(near[value][1] for value in nearest),
        "nearest_figures": tuple(nearest),
    }
    return _finding(check, "count-unexplained", "error", traces, evidence)


def _finding(
    check: CountCheck,
    rule: str,
    severity: Severity,
    traces: ModelTraces,
    evidence: dict[str, Evidence],
    reproduced_by: str = "",
    why: tuple[Cause, ...] = (),
) -> Finding:
    model, column = check.model, _PRINTED[check.metric][0]
    deployed = figures(traces[DEPLOY, model.crop_size], TRUE_CONVENTION)[check.metric]
    difference = check.figure.value / check.true - 1 if check.true else None
    return Finding(
        id=f"{rule}:{check.cells[0].page}:{model.name}:{column}",
        rule=rule,
        severity=severity,
        model=model.name,
        cells=check.cells,
        evidence={
            "metric": check.metric,
            **evidence,
            "true_deployed": deployed,
            "difference": None if difference is None else float(difference),
        },
        published=check.text,
        true=check.true,
        reproduced_by=reproduced_by,
        causes=why,
    )


def column_places(texts: Sequence[str]) -> int:
    """The decimals that a column was rounded to: those of its figure with the most.

    Where every one of three or more figures ends in a zero, the column was padded: "2.880" in such
    a column is 2.88, rounded to hundredths.
    """
    decimals = [text.partition(".")[2] for text in texts]
    if len(texts) < _FEWEST_PADDED:
        return max(map(len, decimals), default=0)
    return max(len(each.rstrip("0")) for each in decimals)


def rounded_from(text: str, decimals: int, unit: str) -> QuotedFigure:
    """A printed figure with every value that it can stand for.

    Args:
        text: the figure as printed.
        decimals: what its column was rounded to; a figure printed shorter is taken as printed.
        unit: "G" or "M".
    """
    whole, _, fraction = text.partition(".")
    kept = fraction[:decimals]
    return quoted_figure(f"{whole}.{kept}{unit}" if kept else f"{whole}{unit}")
