"""Published and measured figures side by side: only what was taken under the same conditions."""

import itertools
from collections.abc import Sequence

import pytest
from made_latencies import latency

from profiler.catalog import load_series
from profiler.records import (
    Latency,
    MeasuredLatency,
    Provenance,
    Published,
)
from profiler.report.comparable_figures import (
    LatencyRow,
    ModelFigures,
    accuracy_rows,
    figures_of,
    is_comparison,
    latency_rows,
)

INCEPTION = load_series("inception")


def printed(latency_ms: str, crop: int = 224, **conditions: str | int) -> Latency:
    """A published latency: T4, FP32, batch size 1, of table "speed" on page "web"."""
    given = {"hw": "t4", "precision": "fp32", "batch_size": 1, "table": "speed", "page": "web"}
    given |= conditions
    source = Provenance(str(given["page"]), str(given.pop("table")), "row")
    text = Published(latency_ms, source)
    return Latency("m", printed_name="M", crop_size=crop, resize_short_size=crop, latency_ms=text,
                   **given)  # type: ignore[arg-type] # fmt: skip


def model(grid: int, *published: Latency, measured: Sequence[MeasuredLatency] = ()) -> ModelFigures:
    return ModelFigures(grid=(grid, grid), published=published, measured=tuple(measured))


def texts(rows: Sequence[LatencyRow]) -> list[list[str]]:
    """Of each row the input's side ("own" where each has its own) and its figures or reasons."""
    return [
        [
            str(row.grid[0]) if row.grid else "own",
            *(
                figure.text or str(figure.latency_ms) if figure else reason
                for figure, reason in zip(row.figures, row.reasons, strict=True)
            ),
        ]
        for row in rows
    ]


def test_each_at_its_own_input() -> None:
    rows = latency_rows([model(224, printed("1.50")), model(299, printed("3.00", 299))])
    assert texts(rows) == [["own", "1.50", "3.00"]]
    assert is_comparison(rows[0])


def test_both_at_one_input_that_is_not_the_counted_one_of_either() -> None:
    rows = latency_rows([model(224, printed("1.50", 299)), model(320, printed("3.00", 299))])
    assert texts(rows) == [["299", "1.50", "3.00"]]


def test_another_input_is_another_row() -> None:
    first, second = printed("1.50", 299), printed("3.00", 299)
    rows = latency_rows([model(224, first), model(224, printed("2.00"))])
    assert texts(rows) == [["224", "other_input", "2.00"], ["299", "1.50", "other_input"]]
    assert not any(map(is_comparison, rows))
    # at its own input it is in one row with what is in a row of its own size as well
    rows = latency_rows([model(224, first, printed("1.20")), model(299, second)])
    assert texts(rows) == [["own", "1.20", "3.00"], ["299", "1.50", "3.00"]]


@pytest.mark.parametrize(
    "other",
    [
        {"hw": "v100"}, {"precision": "fp16"}, {"batch_size": 4}, {"table": "speed 2"},
        {"page": "elsewhere"},
    ],
)  # fmt: skip
def test_one_condition_that_differs_keeps_them_apart(other: dict[str, str | int]) -> None:
    rows = latency_rows([model(224, printed("1.50")), model(224, printed("3.00", **other))])
    assert texts(rows) == [["224", "1.50", "not_published"], ["224", "not_published", "3.00"]]


@pytest.mark.parametrize(
    "other",
    [
        {"hw": "t4"}, {"precision": "fp16"}, {"batch_size": 8}, {"quantity": "eager"},
        {"layout": "nhwc"}, {"engine": "tensorrt"}, {"threads": 8}, {"flush_l2": True},
    ],
)  # fmt: skip
def test_measured_ones_too(other: dict[str, str | int]) -> None:
    one, two = latency(median_ms=2.0), latency(median_ms=5.0)
    rows = latency_rows([model(224, measured=[one]), model(224, measured=[two])])
    assert texts(rows) == [["224", "2.0", "5.0"]]
    two = latency(median_ms=5.0, **other)
    rows = latency_rows([model(224, measured=[one]), model(224, measured=[two])])
    assert texts(rows) == [["224", "2.0", "not_measured"], ["224", "not_measured", "5.0"]]


def test_a_measured_figure_never_stands_beside_a_published_one() -> None:
    measured = latency(median_ms=2.0, hw="t4", batch_size=1)
    rows = latency_rows([model(224, measured=[measured]), model(224, printed("3.00"))])
    assert texts(rows) == [["224", "not_published", "3.00"], ["224", "2.0", "not_measured"]]
    assert [row.conditions.how is None for row in rows] == [True, False]


def test_doubt_goes_with_a_figure() -> None:
    doubtful = latency(median_ms=2.0, flags=("drift",))
    (row,) = latency_rows([model(224, measured=[doubtful]), model(224, measured=[latency()])])
    assert [figure and figure.doubtful for figure in row.figures] == [True, False]


def test_permuting_models_permutes_figures() -> None:
    models = [
        figures_of(INCEPTION, INCEPTION.model(name), (crop, crop))
        for name, crop in (("GoogLeNet", 224), ("InceptionV3", 299), ("Xception41", 299))
    ]
    rows = latency_rows(models)

    def keys(rows: Sequence[LatencyRow], order: Sequence[int]) -> set[object]:
        return {(row.conditions, row.grid, tuple(row.figures[at] for at in order)) for row in rows}

    for order in itertools.permutations(range(3)):
        permuted = latency_rows([models[at] for at in order])
        back = [order.index(at) for at in range(3)]
        assert keys(permuted, back) == keys(rows, range(3))


def test_the_published_series() -> None:
    models = [
        figures_of(INCEPTION, INCEPTION.model(name), (crop, crop))
        for name, crop in (("GoogLeNet", 224), ("InceptionV3", 299))
    ]
    compared = [row for row in latency_rows(models) if is_comparison(row)]
    # T4, two precisions, three batch sizes, all stated at 299; V100 has no InceptionV3
    assert [(row.conditions.hw, row.grid) for row in compared] == [("t4", (299, 299))] * 6
    accuracies = {row.name: row for row in accuracy_rows(models)}
    assert [row.page for row in accuracies.values()] == ["en"] * 4
    assert [figure and figure.text for figure in accuracies["top1"].figures] == ["0.707", "0.791"]
    # the other page has no row for InceptionV3, and says of GoogLeNet what this one says
    assert [figure and figure.text for figure in accuracies["reference_top5"].figures] == [
        None, "0.944",
    ]  # fmt: skip


def test_of_nothing_there_are_no_rows() -> None:
    assert latency_rows([model(8), model(8)]) == ()
    assert accuracy_rows([model(8), model(8)]) == ()
