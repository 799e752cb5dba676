"""A series' plots → a few sentences on which of its models are worth choosing, and why.

Each holds for any series: a sentence that has nothing to say is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from profiler import units
from profiler.records import Axis, Point, ScatterPlot
from profiler.render.messages import Messages
from profiler.report.page import axis_key, axis_words

#: Models whose accuracy is no further than this below the best are called nearly as accurate.
_NEARLY = 0.01
#: Differences of printed accuracies are compared to so many places, far beyond their digits.
_PLACES = 9


def conclusions(
    plots: Sequence[ScatterPlot], labels: Mapping[str, str], messages: Messages
) -> tuple[str, ...]:
    """Sentences on plots of one series, the first of them deciding what is cheap.

    Plots of fewer than two models are passed over, and with none left nothing is said.

    Args:
        plots: their points go by the models' names, which differ where labels may not.
        labels: what a reader calls each model.
        messages: the language.
    """
    told = [plot for plot in plots if len(plot.points) > 1]
    return tuple(_sentences(told, labels, messages)) if told else ()


def _sentences(
    plots: Sequence[ScatterPlot], labels: Mapping[str, str], messages: Messages
) -> Iterator[str]:
    costs = _listed([_cost(plot.x_axis, messages) for plot in plots], messages)
    of_all = _in_all(plots)
    best = [labels[name] for name, points in of_all.items() if all(x.on_frontier for x in points)]
    beaten = [
        labels[name] for name, points in of_all.items() if not any(x.on_frontier for x in points)
    ]
    several = "" if len(plots) == 1 else "_each"
    frontier = several if best else "_none"
    yield messages.text(f"conclusion.frontier{frontier}", models=messages.some(best), costs=costs)
    if beaten:
        yield messages.text(f"conclusion.beaten{several}", models=messages.some(beaten))
    yield from _trade(plots, labels, messages)


def _trade(
    plots: Sequence[ScatterPlot], labels: Mapping[str, str], messages: Messages
) -> Iterator[str]:
    """The cost of the most accurate model against the cheapest, and of one nearly as good."""
    points, axis = plots[0].points, plots[0].x_axis
    cheapest = min(points, key=lambda point: (point.x, -point.y, point.label))
    best = min(points, key=lambda point: (-point.y, point.x, point.label))
    if cheapest.label == best.label:
        yield messages.text("conclusion.both", model=labels[best.label], cost=_cost(axis, messages))
        return
    ratios = list(_ratios(plots, best.label, cheapest.label, messages))
    if ratios:
        yield messages.text(
            "conclusion.trade",
            best=labels[best.label],
            best_top1=units.fixed(best.y, 1, 3),
            cheapest=labels[cheapest.label],
            cheapest_top1=units.fixed(cheapest.y, 1, 3),
            ratios=_listed(ratios, messages),
            cost=_cost(axis, messages),
        )
    near = [point for point in points if round(best.y - point.y, _PLACES) <= _NEARLY]
    nearly = min(near, key=lambda point: (point.x, -point.y, point.label))
    if nearly.label not in (best.label, cheapest.label) and best.x > 0:
        yield messages.text(
            "conclusion.nearly",
            model=labels[nearly.label],
            top1=units.fixed(nearly.y, 1, 3),
            within=units.significant(_NEARLY),
            share=units.fixed(100 * nearly.x / best.x, 1, 0),
            cost=_cost(axis, messages),
            best=labels[best.label],
        )


def _ratios(
    plots: Sequence[ScatterPlot], dear: str, cheap: str, messages: Messages
) -> Iterator[str]:
    """How many times as much the one costs as the other, where a plot has both."""
    for plot in plots:
        at = {point.label: point.x for point in plot.points}
        if dear in at and at.get(cheap, 0) > 0:
            yield messages.text(
                "conclusion.times",
                ratio=units.significant(at[dear] / at[cheap], 3),
                cost=_cost(plot.x_axis, messages),
            )


def _listed(texts: Sequence[str], messages: Messages) -> str:
    """Texts as a list in a sentence, the last behind an "and"."""
    *others, last = texts
    return messages.text("list.and").join([*([messages.join(others)] if others else []), last])


def _in_all(plots: Sequence[ScatterPlot]) -> Mapping[str, list[Point]]:
    """The points of each model that every plot shows, in the first plot's order of cost."""
    ordered = sorted(plots[0].points, key=lambda point: (point.x, -point.y, point.label))
    by_label = [{point.label: point for point in plot.points} for plot in plots]
    return {
        point.label: [each[point.label] for each in by_label]
        for point in ordered
        if all(point.label in each for each in by_label)
    }


def _cost(axis: Axis, messages: Messages) -> str:
    """An axis as words inside a sentence."""
    return messages.text(
        f"conclusion.costs.{axis_key(axis)}",
        batch_size=axis.batch_size or "",
        **axis_words(axis, messages),
    )
