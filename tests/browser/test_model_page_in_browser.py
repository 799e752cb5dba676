"""A model's page in a real browser: the tree folds, the icicle zooms, and both say the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from measured_site import HOSTILE, build_measured_site
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOGLENET = "en/inception/GoogLeNet.html"
INCEPTION_V4 = "en/inception/InceptionV4.html"


#: How far, in pixels, any block reaches over the end of the one above it.
OVERHANG = """() => {
    const above = [];
    let most = 0;
    const rows = document.querySelectorAll("#layers-table tbody tr");
    [...document.querySelectorAll(".blocks button")].forEach((block, at) => {
        const depth = Number(/\\bd(\\d+)/.exec(rows[at].className)[1]);
        above[depth] = block.getBoundingClientRect().right;
        if (depth && !block.hidden) most = Math.max(most, above[depth] - above[depth - 1]);
    });
    return most;
}"""


@pytest.fixture(scope="module")
def measured_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_measured_site(tmp_path_factory.mktemp("measured"))


@pytest.fixture
def fresh(browser: Any, built_site: Path) -> Iterator[Visit]:
    """A window of its own, where nothing is zoomed or folded yet."""
    opened = Visit(browser, built_site, viewport={"width": 1280, "height": 900})
    yield opened
    assert opened.complaints == []
    opened.page.context.close()


def block(page: Any, path: str) -> Any:
    """The block of a layer, by the path that its name for readers begins with."""
    return page.locator(f'.blocks button[aria-label^="{path},"]')


def trail(page: Any) -> list[str]:
    return page.locator(".icicle nav button").all_inner_texts()


def shown_rows(page: Any, table: str = "layers") -> int:
    return page.locator(f"#{table}-table tbody tr:visible").count()


def test_a_click_zooms_and_the_trail_leads_back(fresh: Visit) -> None:
    page = fresh.open(INCEPTION_V4)
    narrow = block(page, "inception_b").bounding_box()["width"]
    block(page, "inception_b").click()
    assert trail(page) == ["InceptionV4", "inception_b"]
    wide = block(page, "inception_b").bounding_box()["width"]
    assert wide == block(page, "InceptionV4").bounding_box()["width"] > 1.5 * narrow
    assert not block(page, "stem").is_visible()
    row = page.locator("#layers-table tr.chosen")
    assert row.locator("th").inner_text() == "inception_b"
    block(page, "inception_b.block2").click()
    assert trail(page) == ["InceptionV4", "inception_b", "block2"]
    # the row is inside a module that was folded
    assert row.locator("th").inner_text() == "block2"
    assert row.is_visible()
    page.click(".icicle nav button >> nth=0")
    assert trail(page) == ["InceptionV4"]
    assert block(page, "stem").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "InceptionV4"


def test_the_icicle_works_by_keyboard(fresh: Visit) -> None:
    page = fresh.open(GOOGLENET)
    page.focus(".icicle input:checked")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = "document.activeElement.getAttribute('aria-label') || ''"
    assert page.evaluate(focused).startswith("GoogLeNet")
    for key, expected in (
        ("ArrowDown", "stem,"), ("ArrowRight", "inception3a,"), ("ArrowRight", "inception3b,"),
        ("ArrowLeft", "inception3a,"), ("ArrowDown", "inception3a.branch1x1,"),
        ("ArrowUp", "inception3a,"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(focused).startswith(expected), key
    facts = page.locator(".facts").inner_text()
    assert "inception3a" in facts
    assert "238,132,224 (8.3%)" in facts
    page.keyboard.press("Enter")
    assert trail(page) == ["GoogLeNet", "inception3a"]
    assert page.evaluate(focused).startswith("inception3a,")
    page.keyboard.press("Escape")
    assert trail(page) == ["GoogLeNet"]
    # one block takes part in the order of Tab
    assert page.locator('.blocks button[tabindex="0"]').count() == 1


@pytest.mark.parametrize("metric", ["FLOPs", "parameters", "activation bytes"])
def test_widths_are_shares_of_the_metric(metric: str, fresh: Visit) -> None:
    page = fresh.open(GOOGLENET)
    page.check(f".icicle label:has-text('{metric}') input")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll(".blocks button")].map((block, at) => {
            const column = Number(document.querySelector(".icicle input:checked").value);
            const cells = document.querySelectorAll("#layers-table tbody tr")[at].cells;
            return [
                block.hidden ? 0 : parseFloat(block.style.width),
                parseFloat(block.style.left) || 0,
                Number(cells[column].textContent.replaceAll(",", "")),
            ];
        })"""
    )
    whole = boxes[0][2]
    assert boxes[0][:2] == [100, 0]
    for width, left, figure in boxes:
        if width:
            assert width == pytest.approx(100 * figure / whole, abs=1e-3)
            assert left + width <= 100.001
        else:  # too thin to draw, at any width of a window
            assert figure / whole < 0.002


@pytest.mark.parametrize("metric", [0, 1, 2])
def test_no_block_ends_after_the_one_it_is_in(metric: int, fresh: Visit) -> None:
    """On the screen, not in the style: padding and borders count."""
    page = fresh.open(INCEPTION_V4)
    page.locator(".icicle input").nth(metric).check()
    assert page.evaluate(OVERHANG) <= 0.5


def test_metrics_switch_by_keyboard_and_keep_the_zoom(fresh: Visit) -> None:
    page = fresh.open(GOOGLENET)
    block(page, "inception4e").click()
    page.focus(".icicle input:checked")
    page.keyboard.press("ArrowRight")
    assert page.locator(".icicle input:checked").evaluate("i => i.parentElement.innerText.trim()") \
        == "parameters"  # fmt: skip
    assert trail(page) == ["GoogLeNet", "inception4e"]
    assert "Parameters" in block(page, "inception4e").get_attribute("aria-label")
    block(page, "inception4e").click()  # again: back out
    assert trail(page) == ["GoogLeNet"]


def test_the_tree_folds_by_mouse_and_by_keyboard(fresh: Visit) -> None:
    page = fresh.open(INCEPTION_V4)
    assert shown_rows(page) == 10  # the model and its own parts
    page.click("#layers-table button.fold:has-text('stem')")
    assert shown_rows(page) > 10
    button = page.locator("#layers-table button.fold:has-text('stem')")
    assert button.get_attribute("aria-expanded") == "true"
    button.press("ArrowLeft")
    assert shown_rows(page) == 10
    button.press("Enter")
    assert shown_rows(page) > 10
    nested = page.locator("#layers-table button.fold[aria-label='stem.conv1']")
    assert nested.get_attribute("aria-expanded") == "false"
    page.click("text=Open all")
    assert shown_rows(page) == 655
    button.press("ArrowLeft")
    button.press("ArrowRight")
    assert shown_rows(page) == 655  # what is inside stays as it was
    page.click("text=Top modules only")
    assert shown_rows(page) == 10


def test_a_row_chosen_in_the_table_is_chosen_in_the_icicle(fresh: Visit) -> None:
    page = fresh.open(GOOGLENET)
    page.click("#layers-table button.fold:has-text('inception5b')")
    page.click("#layers-table tr:has(> th:text-is('branch3x3')):visible >> td >> nth=2")
    assert block(page, "inception5b.branch3x3").evaluate("b => b.classList.contains('chosen')")
    assert "inception5b.branch3x3" in page.locator(".facts").inner_text()


def test_without_scripts_every_layer_is_there(browser: Any, built_site: Path) -> None:
    plain = Visit(browser, built_site, java_script_enabled=False)
    page = plain.open(INCEPTION_V4)
    assert page.locator("#layers-table tbody tr:visible").count() == 655
    assert not page.locator(".icicle").is_visible()
    assert not page.locator(".tree-tools").is_visible()
    plain.page.context.close()


def test_paper_shows_every_layer(fresh: Visit) -> None:
    page = fresh.open(GOOGLENET)
    rows = page.locator("#layers-table tbody tr").count()
    assert shown_rows(page) < rows
    page.emulate_media(media="print")
    assert shown_rows(page) == rows


def test_labels_stay_within_their_blocks_on_a_phone(phone: Visit) -> None:
    page = phone.open(INCEPTION_V4)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".blocks button")].filter(
            (block) => block.textContent && block.scrollWidth > block.clientWidth + 1
        ).length"""
    )
    assert cut == 0
    assert page.locator(".blocks button:not([hidden])", has_text="inception_b").count() == 1


def test_measured_layers_and_hostile_names(browser: Any, measured_site: Path) -> None:
    visit = Visit(browser, measured_site, viewport={"width": 1280, "height": 900})
    page = visit.open("en/mine/net.html")
    names = page.locator("#layers-table tbody tr.d1 th").all_inner_texts()
    assert names == ["0", "1", *HOSTILE]
    page.check(".icicle label:has-text('measured time') input")
    assert page.locator(".facts").inner_text().endswith("8.000 (100.0%)")
    assert page.evaluate(OVERHANG) <= 0.5
    # a twentieth of the made-up time is outside any layer
    strip, blocks = (page.locator(one).bounding_box() for one in (".blocks .outside", ".blocks"))
    assert strip["width"] == pytest.approx(0.05 * blocks["width"], rel=0.01)
    assert strip["x"] + strip["width"] == pytest.approx(blocks["x"] + blocks["width"], abs=0.5)
    assert page.locator(".kinds .outside").inner_text() == "outside any layer"
    page.check(".icicle label:has-text('FLOPs') input")
    assert not page.locator(".kinds .outside").is_visible()
    page.check(".icicle label:has-text('measured time') input")
    page.locator(".blocks button", has_text='a"b').first.click()
    assert trail(page) == ["Sequential", 'a"b']
    assert not page.locator(".blocks .outside").is_visible()
    assert page.locator("#measured + p + figure.drawn img").count() == 2
    roofline = page.locator("section[aria-labelledby='roofline-1']")
    assert roofline.locator("img[src$='roofline-1.svg']").count() == 1
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert roofline.locator("tbody tr").count() == 12
    assert 'a"b.0' in roofline.inner_text()
    assert visit.complaints == []
    visit.page.context.close()
