"""The points of the interactive chart: pointed at, walked through, selected, and their records."""

import pytest
from charted_site import MEASURED, opened
from site_visit import Visit, follow

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_keyboard_moves_through_the_points_from_left_to_right(chart_window: Visit) -> None:
    page = opened(chart_window)
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


def test_the_record_is_whole(chart_window: Visit) -> None:
    page = opened(chart_window, query=f"?x={MEASURED}")
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
        "Samples": "700 (processes: 3)",
        "Flags": "drift",
        "Measured on": "2026-01-02",
        "Pareto frontier": "on it",
        "Source": "measured by inprof",
    }
    assert "casts doubt" in page.inner_text("#chart [data-part=record]")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    # the rest is in the record, which is read out as it changes
    assert label == "GoogLeNet, Top-1 accuracy 0.707, Measured device time (ms) 2.000"
    assert page.get_attribute("#chart [data-part=record]", "aria-live") == "polite"


def test_the_focus_stands_on_its_point(chart_window: Visit) -> None:
    for width in (360, 1280):
        page = opened(chart_window)
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


def test_a_pointer_near_a_point_shows_its_record(chart_window: Visit) -> None:
    page = opened(chart_window)
    page.locator("#chart [data-part=stage]").scroll_into_view_if_needed()
    spot = page.locator("#chart [role=option]").nth(3).bounding_box()
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x + 5, y - 4)
    first = page.inner_text("#chart [data-part=record] .name")
    assert first in page.locator("#chart [role=option]").nth(3).get_attribute("aria-label")
    page.mouse.move(2, 2)
    assert page.inner_text("#chart [data-part=record] .name") == first


def test_chart_and_tables_select_together(chart_window: Visit) -> None:
    page = opened(chart_window)
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


def test_latency_and_flops_of_different_inputs_state_both(chart_window: Visit) -> None:
    page = opened(chart_window, "en/inception.html", "?x=published.t4.fp16.bs4&model=GoogLeNet")
    words = page.locator("#chart dt").all_inner_texts()
    record = dict(zip(words, page.locator("#chart dd").all_inner_texts(), strict=True))
    assert record["FLOPs"] == "2.86 G"
    assert record["Input of the FLOPs (px)"] == "224x224"
    assert record["Input of the latency (px)"] == "299x299"
    assert "Input (px)" not in record
    # the page's other table states another crop, which the audit found
    text = page.inner_text("#chart [data-part=record]")
    assert "From the audit:" in text
    assert "GoogLeNet, 224 and 299 pixels" in text


def test_the_selected_model_is_in_the_address(chart_window: Visit) -> None:
    page = opened(chart_window, query="?x=params&model=Xception71")
    assert page.inner_text("#chart [data-part=record] .name") == "Xception71"
    row = page.locator("#accuracy-table tr[data-model=Xception71]")
    assert row.get_attribute("aria-current") == "true"
    page.click("#accuracy-table tr[data-model=GoogLeNet] td:last-child")
    assert page.url.endswith("?x=params&model=GoogLeNet")
    follow(page, ".languages a")
    assert page.url.endswith("/zh_CN/measured.html?x=params&model=GoogLeNet")
    page.wait_for_selector("#chart [aria-selected=true]", state="attached")
    assert page.inner_text("#chart [data-part=record] .name") == "GoogLeNet"
    page.click("#accuracy-table tr[data-model=GoogLeNet] td:last-child")
    assert page.url.endswith("?x=params")


def test_a_model_that_nobody_knows_is_ignored(chart_window: Visit) -> None:
    page = opened(chart_window, query="?model=%22%3E%3Cb%3E__proto__")
    assert page.locator("#chart [aria-selected=true]").count() == 0
    assert page.locator("tr[aria-current]").count() == 0


def test_a_record_that_stays_is_not_read_out_again(chart_window: Visit) -> None:
    page = opened(chart_window)
    page.focus("#chart [role=option]")
    page.evaluate(
        """() => {
            window.changes = 0;
            new MutationObserver(() => { changes += 1; })
                .observe(document.querySelector("#chart [data-part=record]"), { childList: true });
        }"""
    )
    page.keyboard.press("Enter")
    page.focus("[name=chart-metric]")
    page.wait_for_timeout(50)
    assert page.evaluate("changes") == 0
