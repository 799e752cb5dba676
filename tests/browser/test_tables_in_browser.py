"""Tables in a real browser: sorted, filtered, selected by mouse and keyboard, or just read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_visit import Visit, follow

from profiler.files import site_dir
from profiler.records import Cell, Column, Table
from profiler.render.messages import load_messages
from profiler.render.templating import render_template
from profiler.website.parts import SiteTable

pytestmark = pytest.mark.browser

SERIES = "en/inception.html"
MODELS = [
    "GoogLeNet", "Xception41", "Xception41_deeplab", "Xception65", "Xception65_deeplab",
    "Xception71", "InceptionV3", "InceptionV4",
]  # fmt: skip
BY_FLOPS = [
    "GoogLeNet", "InceptionV3", "Xception41", "Xception41_deeplab", "InceptionV4", "Xception65",
    "Xception65_deeplab", "Xception71",
]  # fmt: skip


@pytest.fixture
def page(browser: Any, built_site: Path) -> Iterator[Any]:
    """The series' page in a window of its own, with nothing remembered."""
    opened = Visit(browser, built_site, viewport={"width": 1280, "height": 900})
    yield opened.open(SERIES)
    assert opened.complaints == []
    opened.page.context.close()


def write_page(folder: Path, table: Table, anchor: str) -> None:
    """The table alone on a page, t.html, with the script of tables and what that needs."""
    values = {"view": SiteTable(anchor, "c", table), "messages": load_messages("en")}
    markup = render_template(template="site/one_table.html.j2", values=values)
    needed = [(site_dir() / "js" / name).as_uri() for name in ("page.js", "tables.js")]
    scripts = "".join(f'<script src="{script}"></script>' for script in needed)
    (folder / "t.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><body>{markup}{scripts}'
    )


@pytest.fixture
def dozen(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A page with the least table that has a filter: "Net 1 deep", "Net 2 wide" and so on."""
    columns = (Column(key="model", hint="label"), Column(key="measured.batch_size", hint="integer"))
    rows = tuple(
        (
            Cell(value=f"Net {number} {'deep' if number % 2 else 'wide'}", origin="label"),
            Cell(value=100 - number, origin="traced"),
        )
        for number in range(1, 13)
    )
    write_page(tmp_path, Table(key="t", columns=columns, rows=rows), "d")
    opened = Visit(browser, tmp_path)
    yield opened.open("t.html")
    assert opened.complaints == []
    opened.page.context.close()


def names(page: Any, table: str = "accuracy") -> list[str]:
    """The first cells of the rows that are shown."""
    rows = page.locator(f"#{table}-table tbody tr:visible")
    return [name.strip() for name in rows.locator("th").all_inner_texts()]


def heading(page: Any, column: str, table: str = "accuracy") -> Any:
    return page.locator(f"#{table}-table th[data-column={column}]")


def said(page: Any, table: str = "accuracy") -> str:
    return page.locator(f".tools[data-table={table}] [role=status]").inner_text()


def query(page: Any) -> str:
    return page.evaluate("decodeURIComponent(location.search)")


def test_a_column_sorts_up_then_down_then_not_at_all(page: Any) -> None:
    assert names(page) == MODELS
    button = heading(page, "flops").locator("button")
    button.click()
    assert names(page) == BY_FLOPS
    assert heading(page, "flops").get_attribute("aria-sort") == "ascending"
    assert said(page) == "Sorted by FLOPs = 2 × MACs (G), ascending"
    assert query(page) == "?sort=accuracy.flops.ascending"
    button.click()
    assert names(page) == BY_FLOPS[::-1]
    assert heading(page, "flops").get_attribute("aria-sort") == "descending"
    button.click()
    assert names(page) == MODELS
    assert page.locator("#accuracy-table [aria-sort]").count() == 0
    assert said(page) == "In the original order"
    assert query(page) == ""


def test_missing_values_come_last_and_ties_keep_their_order(page: Any) -> None:
    button = heading(page, "reference_top1").locator("button")
    button.click()
    missing = ["Xception41_deeplab", "Xception65", "Xception65_deeplab", "Xception71"]
    assert names(page) == ["GoogLeNet", "InceptionV3", "Xception41", "InceptionV4", *missing]
    button.click()
    assert names(page) == ["InceptionV4", "Xception41", "InceptionV3", "GoogLeNet", *missing]


def test_one_column_at_a_time_and_each_table_for_itself(page: Any) -> None:
    heading(page, "flops").locator("button").click()
    heading(page, "model").locator("button").click()
    assert names(page) == sorted(MODELS)
    assert page.locator("#accuracy-table [aria-sort]").count() == 1
    heading(page, "difference", "compared-flops").locator("button").click()
    assert names(page) == sorted(MODELS)
    assert names(page, "compared-flops")[0] == "Xception41"
    assert names(page, "compared-params") == MODELS
    assert query(page).count("sort=") == 2


def test_it_all_works_by_keyboard(page: Any) -> None:
    heading(page, "params").locator("button").focus()
    page.keyboard.press("Enter")
    assert names(page)[0] == "GoogLeNet"
    page.keyboard.press("Space")
    assert names(page)[0] == "InceptionV4"


def test_the_filter_works_by_keyboard(dozen: Any) -> None:
    heading(dozen, "batch_size", "d").locator("button").press("Enter")
    dozen.keyboard.press("Shift+Tab")
    dozen.keyboard.press("Shift+Tab")
    dozen.keyboard.press("Shift+Tab")
    assert dozen.evaluate("document.activeElement.type") == "search"
    dozen.keyboard.type("deep 1")
    assert names(dozen, "d") == ["Net 11 deep", "Net 1 deep"]
    assert said(dozen, "d") == "2 of 12 rows · Sorted by Batch size, ascending"
    for _ in "deep 1":
        dozen.keyboard.press("Backspace")
    assert len(names(dozen, "d")) == 12


def test_the_filter_takes_words_in_any_order_and_case(dozen: Any) -> None:
    box = dozen.get_by_label("Filter rows")
    box.fill("WIDE 12")
    assert names(dozen, "d") == ["Net 12 wide"]
    assert query(dozen) == "?filter=d.WIDE+12"
    dozen.reload()
    assert names(dozen, "d") == ["Net 12 wide"]
    assert box.input_value() == "WIDE 12"
    box.fill("nothing of this kind")
    assert names(dozen, "d") == []
    assert said(dozen, "d") == "0 of 12 rows"
    box.fill("")
    assert len(names(dozen, "d")) == 12
    assert query(dozen) == ""


def test_without_a_filter_nothing_stands_above_a_table(page: Any) -> None:
    tools = page.locator(".tools[data-table=accuracy]")
    assert tools.locator("input").count() == 0
    table = page.locator("#accuracy-table")
    place = "table => table.getBoundingClientRect().y + scrollY"
    before = table.evaluate(place)
    heading(page, "flops").locator("button").click()
    assert said(page)  # for those who can't see the arrow
    assert tools.bounding_box()["height"] <= 1
    assert table.evaluate(place) == before


def test_the_address_brings_the_state_back_in_either_language(page: Any) -> None:
    heading(page, "top1").locator("button").click()
    heading(page, "model", "speed-2").locator("button").click()
    shown = names(page), names(page, "speed-2")
    assert shown[1] == sorted(MODELS) != shown[0]
    page.reload()
    assert (names(page), names(page, "speed-2")) == shown
    follow(page, "nav.languages a")
    assert "/zh_CN/" in page.url
    assert (names(page), names(page, "speed-2")) == shown
    assert "升序" in said(page)


def test_an_address_of_something_else_changes_nothing(page: Any) -> None:
    odd = "?sort=accuracy.nope.ascending&sort=x.y.z&sort=accuracy.flops.sideways&filter=q.w&sort="
    page.goto(page.url.partition("?")[0] + odd)
    assert names(page) == MODELS


def test_a_selected_model_is_marked_wherever_it_stands(page: Any) -> None:
    page.evaluate(
        """() => {
            window.heard = [];
            document.addEventListener("inprof:select", event => heard.push(event.detail.model));
        }"""
    )

    def marked() -> set[str]:
        rows = page.locator("tr[aria-current=true]")
        return set(rows.evaluate_all("rows => rows.map(row => row.dataset.model)"))

    row = page.locator("#accuracy-table tr[data-model=Xception65]")
    row.locator("td").nth(2).click()
    assert marked() == {"Xception65"}
    assert page.locator("tr[aria-current=true]").count() > 3
    row.locator("td").nth(2).click()
    assert marked() == set()
    page.locator("#accuracy-table >> text=InceptionV3").focus()
    assert marked() == set()  # only a focus that shows is meant as a choice
    page.keyboard.press("Tab")
    assert marked() == {"InceptionV4"}
    page.evaluate(
        """() => document.dispatchEvent(
            new CustomEvent("inprof:select", { detail: { model: "GoogLeNet" } }))"""
    )
    assert marked() == {"GoogLeNet"}
    assert page.evaluate("heard") == ["Xception65", None, "InceptionV4", "GoogLeNet"]


def test_without_a_script_every_row_is_there(browser: Any, built_site: Path) -> None:
    plain = Visit(browser, built_site, java_script_enabled=False)
    page = plain.open(SERIES, "?sort=accuracy.flops.descending&filter=accuracy.x")
    assert names(page) == MODELS
    assert page.locator(".tools:visible").count() == 0
    assert page.locator("th button, button.theme:visible").count() == 0
    assert page.locator(".downloads a:visible").count() > 8
    plain.page.context.close()


def test_paper_shows_no_tools(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator(".tools:visible, .downloads:visible, button.theme:visible").count() == 0
    assert len(names(page)) == 8


def test_rows_of_a_model_stay_together(browser: Any, tmp_path: Path) -> None:
    figures = {"b": (4.0, 8.0), "a": (9.0, 1.0), "c": (2.0, None)}
    rows = tuple(
        (
            Cell(value=name, origin="label", model=name),
            Cell(value=batch_size, origin="label"),
            Cell(value=value, origin="measured" if value else "missing"),
        )
        for name, values in figures.items()
        for batch_size, value in zip((1, 2), values, strict=True)
    )
    columns = (
        Column(key="model", hint="label"),
        Column(key="measured.batch_size", hint="integer"),
        Column(key="measured.median_ms", hint="measured_ms"),
    )
    table = Table(key="measured", columns=columns, rows=rows)
    write_page(tmp_path, table, "m")
    visit = Visit(browser, tmp_path)
    page = visit.open("t.html")

    def shown() -> list[str]:
        cells = page.locator("tbody tr").all_inner_texts()
        return ["".join(cell.split()[:2]) for cell in cells]

    button = heading(page, "median_ms", "m").locator("button")
    button.click()
    assert shown() == ["a2", "a1", "c1", "c2", "b1", "b2"]
    button.click()
    assert shown() == ["a1", "a2", "b2", "b1", "c1", "c2"]
    button.click()
    assert shown() == ["b1", "b2", "a1", "a2", "c1", "c2"]
    assert visit.complaints == []
    visit.page.context.close()
