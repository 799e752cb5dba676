"""The interactive chart in a real browser, opened from a folder with no network."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from charted_site import MEASURED, ODD, drawn_text, opened
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_it_is_drawn_with_every_model(chart_window: Visit) -> None:
    page = opened(chart_window)
    text = drawn_text(page)
    assert "FLOPs (G) · convention flops" in text
    assert "Pareto frontier" in text  # in the legend
    for name in ("GoogLeNet 0.707", "Xception71", "Xception65_deeplab", "InceptionV3", "↓"):
        assert name in text
    assert page.locator("#chart [role=option]").count() == 8
    assert page.locator("#chart [data-part=notes]").inner_text() == (
        "Inputs differ: GoogLeNet at 224x224 px; the others at 299x299 px.\n"
        "Below the close-up’s scale, in the strip at its foot: GoogLeNet."
    )
    label = page.get_attribute("#chart [data-part=drawing]", "aria-label")
    assert label.startswith("Scatter plot of top-1 accuracy against FLOPs in G")
    assert label.endswith("GoogLeNet.")


def test_x_is_switched_with_the_keyboard_alone(chart_window: Visit) -> None:
    page = opened(chart_window)
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


def test_published_and_measured_latencies_are_apart(chart_window: Visit) -> None:
    page = opened(chart_window)
    metrics = page.locator("[name=chart-metric] option").all_inner_texts()
    assert metrics == ["FLOPs", "Parameters", "Published latency", "Measured latency"]
    page.select_option("[name=chart-metric]", "published")
    page.wait_for_function("document.querySelector('#chart svg').textContent.includes('Published')")
    devices = page.locator("[name=chart-hw] option").all_inner_texts()
    assert "T4" in devices
    assert "hardware not stated" in devices
    assert "H100 SXM" not in devices
    assert not page.is_visible("[name=chart-quantity]")


def test_the_address_holds_the_state_and_brings_it_back(chart_window: Visit) -> None:
    page = opened(chart_window, query=f"?kept=1&x={MEASURED}&log=1&zoom=all")
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


def test_an_address_that_asks_for_nonsense_shows_the_first(chart_window: Visit) -> None:
    page = opened(chart_window, query="?x=__proto__&log=%22&zoom=")
    assert page.input_value("[name=chart-metric]") == "flops"


def test_the_chart_speaks_chinese_on_the_chinese_page(chart_window: Visit) -> None:
    page = opened(chart_window, "zh_CN/measured.html", f"?x={MEASURED}")
    text = drawn_text(page)
    assert "实测的设备时间 (ms)" in text
    assert "Top-1 准确率" in text
    words = page.locator("#chart label").all_inner_texts()
    assert all(re.search("[\u4e00-\u9fff]", word) for word in words)


def test_it_follows_the_theme(chart_window: Visit) -> None:
    page = opened(chart_window)
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


def test_it_fits_the_window(chart_window: Visit) -> None:
    page = opened(chart_window)
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


def test_names_cover_no_other_name(chart_window: Visit) -> None:
    for width in (360, 1280):
        page = opened(chart_window)
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


def test_every_name_is_drawn_or_listed_below(chart_window: Visit) -> None:
    for width in (360, 1280):
        for query in ("?x=params&zoom=all", "?x=published.t4.fp16.bs4&zoom=all&log=1"):
            page = opened(chart_window, query=query)
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)
            drawn = page.evaluate(
                """[...document.querySelectorAll("#chart svg .mark-text text")]
                    .filter(text => !text.closest(".role-legend"))
                    .map(text => text.textContent)"""
            )
            models = page.evaluate(  # in the order of the points, as the list is
                """(key) => {
                    const data = JSON.parse(document.getElementById("chart-data").textContent);
                    const { points } = data.choices.find((choice) => choice.key === key);
                    return points.map((point) => data.models[point.model].label);
                }""",
                query.partition("=")[2].partition("&")[0],
            )
            missing = [name for name in models if name not in drawn]
            notes = page.locator("#chart [data-part=notes]").inner_text()
            assert len(models) == 8
            if missing:
                assert f"Not named in the picture, for want of room: {', '.join(missing)}." in notes
            else:
                assert "Not named" not in notes
            assert width == 360 or not missing


def test_a_logarithmic_axis_has_a_text_at_every_tick(chart_window: Visit) -> None:
    page = opened(chart_window, query="?x=published.t4.fp16.bs4&log=1")
    labels = page.locator("#chart svg .role-axis-label").first.locator("text").all_text_contents()
    # 3.4 to 13.7 ms, whose axis reaches as far to the right as that of a static plot, to 16.2
    assert labels == ["4", "6", "8", "10", "12", "14", "16"]


def test_bars_are_drawn_where_they_are_wider_than_a_marker(chart_window: Visit) -> None:
    page = opened(chart_window, query=f"?x={MEASURED}")
    # seven intervals, of which InceptionV3's alone is wide
    boxes = page.evaluate(
        """[...document.querySelectorAll("#chart svg .mark-rect.role-mark path")]
            .map(path => path.getBoundingClientRect())
            .filter(box => box.width < 3)
            .map(box => box.height)"""
    )
    assert len(boxes) == 2
    assert max(boxes) <= 10


def test_without_scripts_and_on_paper_the_static_plots_stand_in(
    browser: Any, charted_site: Path, chart_window: Visit
) -> None:
    plain = Visit(browser, charted_site, java_script_enabled=False)
    page = plain.open("en/inception.html")
    assert not page.is_visible("#chart")
    assert page.locator(".figures img").count() >= 4
    plain.page.context.close()
    page = opened(chart_window)
    page.emulate_media(media="print")
    assert not page.is_visible("#chart")
    assert page.locator(".figures img").first.is_visible()


def test_odd_names_are_text(chart_window: Visit) -> None:
    page = opened(chart_window, "en/odd.html")
    assert page.locator("#chart b").count() == 0
    assert ODD in drawn_text(page)
    page.focus("#chart [role=option]")
    assert page.inner_text("#chart [data-part=record] .name") == ODD
    page.click("#chart details summary")
    assert page.inner_text("#chart tbody button") == ODD


def test_a_thousand_models_are_drawn_and_pointed_at(chart_window: Visit) -> None:
    page = opened(chart_window, "en/many.html")
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
    page.wait_for_selector("#chart tbody tr")  # an opened one says so a moment later
    assert page.locator("#chart tbody tr").count() == 1000
