"""What the interactive chart hands out: files with the plotted rows and the picture."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from charted_site import MEASURED, ODD, opened
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def downloaded(page: Any, format: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(f"#chart [data-format={format}]")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_files_have_the_plotted_rows(chart_window: Visit) -> None:
    page = opened(chart_window, query=f"?x={MEASURED}")
    name, content = downloaded(page, "csv")
    assert name == "h100-sxm.fp32.bs4.device.Inception.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["model"] for row in rows][:2] == ["GoogLeNet", "Xception41"]
    assert len(rows) == 7
    first = rows[0]
    assert (first["top1"], first["value"], first["unit"]) == ("0.707", "2", "ms")
    assert (first["input"], first["flops_input"]) == ("224x224", "224x224")
    assert (first["low"], first["high"], first["flags"]) == ("1.98", "2.02", "drift")
    assert (first["hw"], first["quantity"], first["batch_size"]) == ("h100-sxm", "device", "4")
    name, content = downloaded(page, "json")
    assert name.endswith(".json")
    listed = json.loads(content)
    assert [row["model"] for row in listed] == [row["model"] for row in rows]
    assert listed[0]["flops"] == int(first["flops"]) > 2_000_000_000
    name, content = downloaded(page, "svg")
    assert content.startswith(b"<svg")
    assert "Measured device time (ms)" in content.decode()
    name, content = downloaded(page, "png")
    assert content.startswith(b"\x89PNG")


def test_files_are_the_same_in_both_languages(chart_window: Visit) -> None:
    contents = [
        downloaded(opened(chart_window, f"{language}/measured.html", f"?x={MEASURED}"), "csv")
        for language in ("en", "zh_CN")
    ]
    assert contents[0] == contents[1]


def test_a_row_states_the_input_of_each_figure(chart_window: Visit) -> None:
    page = opened(chart_window, query="?x=published.t4.fp16.bs4")
    _, content = downloaded(page, "csv")
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    first = rows["GoogLeNet"]
    assert (first["input"], first["flops_input"]) == ("299x299", "224x224")


def test_odd_names_are_in_files_as_they_are(chart_window: Visit) -> None:
    page = opened(chart_window, "en/odd.html")
    _, content = downloaded(page, "csv")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["label"] == ODD
