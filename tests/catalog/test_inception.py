"""The built-in series against the published tables, cell by cell and digit by digit."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import archs
from profiler.catalog import (
    LANGUAGES,
    known_devices,
    load_series,
    uncounted_linear,
)
from profiler.records import Series

DATA = Path(__file__).parent.parent / "data"
COUNTS_COLUMNS = ("top1", "top5", "reference_top1", "reference_top5", "flops_g", "params_m")


@pytest.fixture(scope="module")
def inception() -> Series:
    return load_series("inception")


def reference(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def printed_tables(page: str) -> dict[str, list[list[str]]]:
    """The published tables of one page by heading: their data rows, cells stripped."""
    tables: dict[str, list[list[str]]] = {}
    heading = ""
    for line in (DATA / f"tables_{page}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("<!-- section: "):
            heading = line.removeprefix("<!-- section: ").removesuffix(" -->")
        elif line.startswith("|"):
            tables.setdefault(heading, []).append([c.strip() for c in line.strip("|").split("|")])
    return {heading: rows[2:] for heading, rows in tables.items()}


def test_every_published_count_is_the_reference_cell(inception: Series) -> None:
    expected = {row["model"]: row for row in reference("published_counts.csv")}
    by_page = Counter(row.page for row in inception.counts)
    assert by_page == {"en": 8, "zh_CN": 7}
    for row in inception.counts:
        for column in COUNTS_COLUMNS:
            figure = getattr(row, column)
            assert (figure.text if figure else "") == expected[row.model][column]
    assert {r.model for r in inception.counts if r.page == "en"} == set(expected)


def test_every_published_latency_is_the_reference_row(inception: Series) -> None:
    expected = [tuple(row.values()) for row in reference("published_latency.csv")]
    rows = [
        (
            row.page,
            row.hw,
            row.precision,
            str(row.batch_size),
            row.model,
            str(row.crop_size),
            str(row.resize_short_size),
            row.latency_ms.text,
        )
        for row in inception.latencies
    ]
    assert rows == expected
    assert len(rows) == 111


@pytest.mark.parametrize("page", LANGUAGES)
def test_provenance_finds_the_cell_in_the_printed_table(inception: Series, page: str) -> None:
    tables = printed_tables(page)
    figures = [
        figure
        for row in inception.counts
        if row.page == page
        for column in COUNTS_COLUMNS
        if (figure := getattr(row, column))
    ] + [row.latency_ms for row in inception.latencies if row.page == page]
    found: Counter[str] = Counter()
    for figure in figures:
        source = figure.source
        assert source.page == page
        (row,) = [cells for cells in tables[source.table] if cells[0] == source.row]
        assert figure.text in row[1:]
        found[source.table] += 1
    # Every figure that is printed is there: sizes of crop and resize are conditions, not figures.
    printed = {
        heading: sum(bool(c) for row in rows for c in row[1:])
        - sum(c in ("224", "256", "299", "320") for row in rows for c in row[1:3])
        for heading, rows in tables.items()
    }
    assert found == printed


def test_the_order_is_the_pages(inception: Series) -> None:
    page = [row[0].replace("<br>", "") for row in printed_tables("en")[_COUNTS_TABLE]]
    assert [model.label for model in inception.models] == page
    assert [row.model for row in inception.counts if row.page == "en"] == page


_COUNTS_TABLE = "2. Accuracy, FLOPs and Parameters"


def test_models_are_the_built_in_architectures(inception: Series) -> None:
    graphs = {(row["model"], row["input"]) for row in reference("expected_counts.csv")}
    for model in inception.models:
        side = model.crop_size
        assert (model.address, f"1x3x{side}x{side}") in graphs
    published = {
        row["model"]: row["variant"]
        for row in reference("expected_counts.csv")
        if row["published_flops_g"]
    }
    assert {m.address: m.published_variant for m in inception.models} == published


def test_families_hold_their_models_in_size_order(inception: Series) -> None:
    members: dict[str, list[str]] = {}
    for model in inception.models:
        members.setdefault(model.family, []).append(model.name)
    names = {family.slug: family.name for family in inception.families}
    assert {names[slug]: models for slug, models in members.items()} == {
        "GoogLeNet": ["GoogLeNet"],
        "Xception": ["Xception41", "Xception65", "Xception71"],
        "Xception_deeplab": ["Xception41_deeplab", "Xception65_deeplab"],
        "InceptionV3": ["InceptionV3"],
        "InceptionV4": ["InceptionV4"],
    }


def test_both_languages_say_the_same_amount(inception: Series) -> None:
    assert set(inception.titles) == set(inception.summaries) == set(LANGUAGES)
    assert len(inception.notes["en"]) == len(inception.notes["zh_CN"]) > 0
    assert inception.summaries["en"] != inception.summaries["zh_CN"]


def test_every_latency_names_a_device_or_says_that_the_page_does_not(inception: Series) -> None:
    devices = known_devices(inception)
    hw = {(row.page, row.hw) for row in inception.latencies}
    assert hw == {("en", "v100"), ("en", "t4"), ("zh_CN", "unstated")}
    assert "unstated" not in devices
    assert {"v100", "t4"} <= devices.keys()


def test_a_name_the_series_does_not_have(inception: Series) -> None:
    assert inception.model("GoogLeNet").crop_size == 224
    with pytest.raises(KeyError):
        inception.model("googlenet")


@pytest.mark.parametrize(("variant", "left_out", "counted"), [("deploy", 1, 0), ("train", 3, 2)])
def test_uncounted_linear_layers_are_googlenets_classifiers(
    variant: str, left_out: int, counted: int
) -> None:
    import torch
    from torch import nn

    with torch.device("meta"):
        model = archs.create("googlenet", variant=variant)
    linear = {path: m for path, m in model.named_modules() if isinstance(m, nn.Linear)}
    uncounted = uncounted_linear("googlenet", variant)
    assert {path for path, m in linear.items() if m.out_features == 1000} == uncounted
    assert len(uncounted) == left_out
    assert len(linear) - len(uncounted) == counted


def test_other_networks_count_every_linear_layer(inception: Series) -> None:
    for model in inception.models[1:]:
        assert uncounted_linear(model.address, model.published_variant) == frozenset()
