"""The interactive chart in a real browser, opened from a folder with no network."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from made_latencies import latency, of_every_model
from site_visit import Visit

from profiler.records import Published, PublishedCounts, Report
from profiler.render.chart.charts import chart_data
from profiler.render.messages import load_messages
from profiler.render.templating import inline_json
from profiler.report import series_latencies

Build = Callable[..., Report]
MEASURED = "measured.h100-sxm.device.fp32.bs4"
ODD = "\"</script><b>|\\'.[x] 🙂 שלום"
_DATA = re.compile(
    r'(?<=<script type="application/json" id="chart-data">).*?(?=</script>)', re.DOTALL
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(
    built_site: Path,
    inception_report: Build,
    tiny_report: Build,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The built site, with pages beside its own whose charts show other reports."""
    folder = tmp_path_factory.mktemp("chart") / "site"
    shutil.copytree(built_site, folder)
    plain = inception_report("flops")
    first, *others = of_every_model(plain)
    timed = (
        msgspec.structs.replace(first, flags=("drift",)),
        *others[:6],
        *of_every_model(plain, precision="fp16", quantity="eager"),
        latency(layout="nhwc"),
    )
    reports = {
        "measured": msgspec.structs.replace(plain, measured=series_latencies(plain.series, timed)),
        "odd": tiny_report(ODD),
        "many": many(tiny_report, 1000),
    }
    for language in ("en", "zh_CN"):
        page = (folder / language / "inception.html").read_text(encoding="utf-8")
        for name, report in reports.items():
            data = str(inline_json(chart_data(report, load_messages(language), {})))
            before, after = _DATA.split(page)
            (folder / language / f"{name}.html").write_text(before + data + after, encoding="utf-8")
    return folder


def many(tiny_report: Build, models: int) -> Report:
    """A series in which every model has an accuracy and a cost of its own."""
    report = tiny_report(*(f"Net {index}" for index in range(models)))
    first = report.rows[0].accuracy
    assert first is not None
    assert first.top1 is not None
    rows = []
    for index, row in enumerate(report.rows):
        totals = msgspec.structs.replace(row.counts.totals, flops=10**9 + index * 7_000_000)
        top1 = Published(text=f"{0.5 + index * 37 % 400 / 1000:.3f}", source=first.top1.source)
        rows.append(
            msgspec.structs.replace(
                row,
                counts=msgspec.structs.replace(row.counts, totals=totals),
                accuracy=PublishedCounts(
                    model=row.model.name, page="web", printed_name=row.model.label, top1=top1
                ),
            )
        )
    return msgspec.structs.replace(report, rows=tuple(rows))


@pytest.fixture
def window(browser: Any, folder: Path) -> Iterator[Visit]:
    visit = Visit(browser, folder, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield visit
    assert visit.complaints == []
    for address in visit.requests:
        parts = urlsplit(address)
        assert parts.scheme in ("file", "blob"), address
        if parts.scheme == "file":
            assert Path(unquote(parts.path)).is_relative_to(folder)
    visit.page.context.close()


def opened(visit: Visit, name: str = "en/measured.html", query: str = "") -> Any:
    """The page with its chart drawn."""
    page = visit.page
    page.set_default_timeout(8000)
    page.goto((visit.folder / name).as_uri() + query)
    page.wait_for_selector("#chart svg")
    page.wait_for_selector("#chart [role=option]", state="attached")
    return page


def drawn_text(page: Any) -> str:
    text = page.evaluate("document.querySelector('#chart svg').textContent")
    assert isinstance(text, str)
    return text


def downloaded(page: Any, format: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(f"#chart [data-format={format}]")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_it_is_drawn_with_every_model(window: Visit) -> None:
    page = opened(window)
    text = drawn_text(page)
    assert "FLOPs (G) · rule flops" in text
    for name in ("GoogLeNet 0.707", "Xception71", "Xception65_deeplab", "InceptionV3", "↓"):
        assert name in text
    assert page.locator("#chart [role=option]").count() == 8
    assert page.locator("#chart [data-part=notes]").inner_text() == (
        "Below the close-up’s scale, in the strip at its foot: GoogLeNet."
    )
    label = page.get_attribute("#chart [data-part=drawing]", "aria-label")
    assert label.startswith("Scatter plot of top-1 accuracy against FLOPs in G")
    assert label.endswith("GoogLeNet.")


def test_x_is_switched_with_the_keyboard_alone(window: Visit) -> None:
    page = opened(window)
    page.focus("[name=chart-metric]")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelector('#chart svg').textContent.includes('(M)')")
    assert page.url.endswith("?x=params")
    page.keyboard.press("End")
    page.wait_for_function(
        "document.querySelector('#chart svg').textContent.includes('Measured device time (ms)')"
    )
    assert f"?x={MEASURED}" in page.url
    page.focus("[name=chart-quantity]")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelector('#chart svg').textContent.includes('eager')")
    # what fits the new quantity is chosen with it
    assert page.input_value("[name=chart-precision]") == "fp16"
    assert not page.is_visible("[name=chart-conditions]")


def test_published_and_measured_latencies_are_apart(window: Visit) -> None:
    page = opened(window)
    metrics = page.locator("[name=chart-metric] option").all_inner_texts()
    assert metrics == ["FLOPs", "Parameters", "Published latency", "Measured latency"]
    page.select_option("[name=chart-metric]", "published")
    page.wait_for_function("document.querySelector('#chart svg').textContent.includes('Published')")
    devices = page.locator("[name=chart-hw] option").all_inner_texts()
    assert "T4" in devices
    assert "hardware not stated" in devices
    assert "H100 SXM" not in devices
    assert not page.is_visible("[name=chart-quantity]")


def test_the_address_holds_the_state_and_brings_it_back(window: Visit) -> None:
    page = opened(window, query=f"?kept=1&x={MEASURED}&log=1&zoom=all")
    assert page.is_checked("[name=chart-log]")
    assert page.input_value("[name=chart-zoom]") == "whole"
    assert page.input_value("[name=chart-hw]") == "h100-sxm"
    page.uncheck("[name=chart-log]")
    page.select_option("[name=chart-zoom]", "zoomed")
    page.select_option("[name=chart-metric]", "params")
    assert page.url.endswith("?kept=1&x=params&log=0")
    page.reload()
    page.wait_for_selector("#chart svg")
    assert page.input_value("[name=chart-metric]") == "params"
    assert not page.is_checked("[name=chart-log]")


def test_an_address_that_asks_for_nonsense_shows_the_first(window: Visit) -> None:
    page = opened(window, query="?x=__proto__&log=%22&zoom=")
    assert page.input_value("[name=chart-metric]") == "flops"


def test_the_keyboard_moves_through_the_points_from_left_to_right(window: Visit) -> None:
    page = opened(window)
    page.focus("#chart [role=option]")
    names = []
    page.keyboard.press("Home")
    for _ in range(8):
        names.append(page.inner_text("#chart [data-part=record] .name"))
        page.keyboard.press("ArrowRight")
    flops = page.evaluate(
        """names => {
            const { models } = JSON.parse(document.getElementById("chart-data").textContent);
            return names.map(name => models.find(model => model.label === name).flops);
        }""",
        names,
    )
    assert len(set(names)) == 8
    assert flops == sorted(flops)
    # one stop for the Tab key, wherever the focus is
    assert page.locator("#chart [role=option][tabindex='0']").count() == 1


def test_the_record_is_whole(window: Visit) -> None:
    page = opened(window, query=f"?x={MEASURED}")
    page.focus("#chart [role=option]")
    page.keyboard.press("Home")
    words = page.locator("#chart dt").all_inner_texts()
    record = dict(zip(words, page.locator("#chart dd").all_inner_texts(), strict=True))
    source = record.pop("Accuracy from")
    assert "PaddleClas" in source
    assert record == {
        "Top-1 accuracy": "0.707",
        "Measured device time (ms)": "2.000",
        "Interval": "1.980–2.020 ms",
        "Conditions": "H100 SXM, FP32, batch size 4",
        "FLOPs": "2.86 G",
        "Parameters": "6.99 M",
        "Input (px)": "224x224",
        "Samples": "700 in 3 processes",
        "Flags": "drift",
        "Measured on": "2026-01-02",
        "Pareto frontier": "on it",
        "Source": "measured by inprof",
    }
    assert "casts doubt" in page.inner_text("#chart [data-part=record]")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    for word, text in record.items():
        assert f"{word} {text}" in label


def test_the_focus_stands_on_its_point(window: Visit) -> None:
    for width in (360, 1280):
        page = opened(window)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        page.focus("#chart [role=option]")
        option = page.locator("#chart [role=option]").first.bounding_box()
        rings = page.evaluate(
            """[...document.querySelectorAll("#chart svg .mark-symbol path")]
                .map(path => path.getBoundingClientRect())
                .filter(box => box.width > 15)
                .map(box => [box.x + box.width / 2, box.y + box.height / 2])"""
        )
        centre = [option["x"] + option["width"] / 2, option["y"] + option["height"] / 2]
        assert rings == [pytest.approx(centre, abs=1.5)]


def test_a_pointer_near_a_point_shows_its_record(window: Visit) -> None:
    page = opened(window)
    page.locator("#chart [data-part=stage]").scroll_into_view_if_needed()
    spot = page.locator("#chart [role=option]").nth(3).bounding_box()
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x + 5, y - 4)
    first = page.inner_text("#chart [data-part=record] .name")
    assert first in page.locator("#chart [role=option]").nth(3).get_attribute("aria-label")
    page.mouse.move(2, 2)
    assert page.inner_text("#chart [data-part=record] .name") == first


def test_chart_and_tables_select_together(window: Visit) -> None:
    page = opened(window)
    page.evaluate(
        """() => {
            window.heard = [];
            document.addEventListener("inprof:select", event => heard.push(event.detail.model));
        }"""
    )
    page.focus("#chart [role=option]")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert page.evaluate("heard") == ["GoogLeNet"]
    assert page.locator("#chart [aria-selected=true]").count() == 1
    row = page.locator("#accuracy-table tr[data-model=GoogLeNet]")
    assert row.get_attribute("aria-current") == "true"
    page.keyboard.press("Escape")
    assert page.evaluate("heard") == ["GoogLeNet", None]
    # the other way round
    page.click("#accuracy-table tr[data-model=Xception71] td:last-child")
    chosen = page.get_attribute("#chart [aria-selected=true]", "aria-label")
    assert chosen.startswith("Xception71, ")
    assert page.inner_text("#chart [data-part=record] .name") == "Xception71"


def test_files_have_the_plotted_rows(window: Visit) -> None:
    page = opened(window, query=f"?x={MEASURED}")
    name, content = downloaded(page, "csv")
    assert name == "h100-sxm.fp32.bs4.device.Inception.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["model"] for row in rows][:2] == ["GoogLeNet", "Xception41"]
    assert len(rows) == 7
    first = rows[0]
    assert (first["top1"], first["value"], first["unit"]) == ("0.707", "2", "ms")
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


def test_files_are_the_same_in_both_languages(window: Visit) -> None:
    contents = [
        downloaded(opened(window, f"{language}/measured.html", f"?x={MEASURED}"), "csv")
        for language in ("en", "zh_CN")
    ]
    assert contents[0] == contents[1]


def test_the_chart_speaks_chinese_on_the_chinese_page(window: Visit) -> None:
    page = opened(window, "zh_CN/measured.html", f"?x={MEASURED}")
    text = drawn_text(page)
    assert "实测的设备时间 (ms)" in text
    assert "Top-1 精度" in text
    words = page.locator("#chart label").all_inner_texts()
    assert all(re.search("[\u4e00-\u9fff]", word) for word in words)


def test_it_follows_the_theme(window: Visit) -> None:
    page = opened(window)
    paper = "document.querySelector('#chart svg').getAttribute('style')"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{paper} !== {json.dumps(light)}")
    assert "#14181b" in page.evaluate(paper) or "20, 24, 27" in page.evaluate(paper)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{paper} === {json.dumps(light)}")
    # a reader's choice on the page
    for _ in ("light", "dark"):
        page.click("button.theme")
    page.wait_for_function(f"{paper} !== {json.dumps(light)}")


def test_it_fits_the_window(window: Visit) -> None:
    page = opened(window)
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("document.querySelector('#chart svg').clientWidth < 360")
    assert page.evaluate("document.getElementById('chart').scrollWidth") < 360
    boxes = page.evaluate(
        """() => {
            const svg = document.querySelector("#chart svg").getBoundingClientRect();
            return [...document.querySelectorAll("#chart svg text")]
                .filter(text => text.textContent && !text.closest("[opacity='0']"))
                .map(text => text.getBoundingClientRect())
                .every(box => box.left >= svg.left - 1 && box.right <= svg.right + 1);
        }"""
    )
    assert boxes
    sizes = page.evaluate(
        """[...document.querySelectorAll("#chart svg text")]
            .map(text => parseFloat(getComputedStyle(text).fontSize))"""
    )
    assert min(sizes) >= 11


def test_names_cover_no_other_name(window: Visit) -> None:
    for width in (360, 1280):
        page = opened(window)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        covered = page.evaluate(
            """() => {
                const names = ["GoogLeNet", "Xception", "Inception"];
                const inside = document.querySelectorAll("#chart svg .mark-text text");
                const boxes = [...new Map([...inside]
                    .filter(text => names.some(name => text.textContent.startsWith(name)))
                    .filter(text => !text.closest(".role-legend"))
                    .map(text => [text.textContent, text.getBoundingClientRect()])).values()];
                return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right &&
                    b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
            }"""
        )
        assert not covered, width


def test_without_scripts_and_on_paper_the_static_plots_stand_in(
    browser: Any, folder: Path, window: Visit
) -> None:
    plain = Visit(browser, folder, java_script_enabled=False)
    page = plain.open("en/inception.html")
    assert not page.is_visible("#chart")
    assert page.locator(".figures img").count() >= 4
    plain.page.context.close()
    page = opened(window)
    page.emulate_media(media="print")
    assert not page.is_visible("#chart")
    assert page.locator(".figures img").first.is_visible()


def test_odd_names_are_text(window: Visit) -> None:
    page = opened(window, "en/odd.html")
    assert page.locator("#chart b").count() == 0
    assert ODD in drawn_text(page)
    page.focus("#chart [role=option]")
    assert page.inner_text("#chart [data-part=record] .name") == ODD
    page.click("#chart details summary")
    assert page.inner_text("#chart tbody button") == ODD
    _, content = downloaded(page, "csv")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["label"] == ODD


def test_a_thousand_models_are_drawn_and_pointed_at(window: Visit) -> None:
    page = opened(window, "en/many.html")
    assert page.locator("#chart [role=option]").count() == 1000
    assert "Net 5" not in drawn_text(page)
    page.focus("#chart [role=option]")
    took = page.evaluate(
        """() => {
            const start = performance.now();
            document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
            return performance.now() - start;
        }"""
    )
    assert took < 500
    assert re.search(r"Net \d+", drawn_text(page))
    page.click("#chart details summary")
    assert page.locator("#chart tbody tr").count() == 1000
