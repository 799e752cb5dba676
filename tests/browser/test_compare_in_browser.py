"""The compare page in a real browser: a choice by mouse and by keyboard, kept in the address."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from site_visit import Visit, follow

from profiler.cli import main
from profiler.render.messages import load_messages

PAGE = "inception/compare.html"
PAIR = "?models=GoogLeNet,InceptionV3"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def compare(browser: Any, built_site: Path) -> Iterator[Visit]:
    opened = Visit(browser, built_site, viewport={"width": 1280, "height": 900})
    yield opened
    assert opened.complaints == []
    opened.page.context.close()


def open_page(visit: Visit, query: str = "", language: str = "en") -> Any:
    visit.page.goto((visit.folder / language / PAGE).as_uri() + query)
    return visit.page


def rows(page: Any, title: str) -> dict[str, list[str]]:
    """First cell → the others, of the chosen models' table of that caption."""
    script = """title => {
        const tables = [...document.querySelectorAll("#compare table")];
        const table = tables.find((each) => each.caption.textContent === title);
        return table && [...table.rows].map((row) => [...row.cells].map((c) => c.textContent));
    }"""
    page.wait_for_selector("#compare table")
    found = page.evaluate(script, title)
    assert found, title
    return {first: others for first, *others in found}


def query(page: Any) -> str:
    """What stands in the address, as the page itself sees it."""
    found: str = page.evaluate("location.search.slice(1)")
    return found


@pytest.mark.parametrize("names", [("googlenet", "inceptionv3"), ("xception71", "xception41")])
def test_it_says_what_the_command_says(names: tuple[str, str], compare: Visit) -> None:
    command = ["compare", *names, "--no-measurements", "--format"]
    found = json.loads(CliRunner().invoke(main, [*command, "json"]).stdout)
    labels = [model["label"] for model in found["models"]]
    page = open_page(compare, f"?models={','.join(labels)}")
    texts = load_messages("en").texts
    totals = rows(page, "Totals")
    for metric in ("params", "macs", "flops", "activations"):
        one, two = (model["totals"][metric] for model in found["models"])
        shown = totals[texts[f"compare.metrics.{metric}"]]
        assert shown == [f"{one:,}", f"{two:,}", f"{found['models'][1]['ratios'][metric]:.3f}"]
    kinds = rows(page, "FLOPs by kind of operation")
    for part in found["kinds"]:
        figures = [counts["flops"] for counts in part["counts"]]
        if any(figures):
            name = texts[f"columns.compare.kind.{part['name']}"]
            assert kinds[name][:2] == [f"{figure:,}" for figure in figures]
    # the sentences are the command's to the letter
    table = " ".join(CliRunner().invoke(main, [*command, "table"]).stdout.split())
    sentences = page.locator("#compare [data-part=result] > ul:not(.findings) li").all_inner_texts()
    assert len(sentences) == 2
    for sentence in sentences:
        assert sentence in table
    compared = [row for row in found["latencies"] if None not in row["latency_ms"]]
    titles = page.locator("#compare h3").all_inner_texts()
    latencies = [rows(page, title) for title in titles if title.startswith("Published latencies")]
    assert sum(len(table) - 1 for table in latencies) == len(compared) > 0
    # behind some of them are the letters of notes
    ratios = {cells[-1].rstrip("abc") for table in latencies for cells in list(table.values())[1:]}
    assert ratios == {f"{row['ratios'][1]:.3f}" for row in compared}


def test_at_first_two_models_stand_side_by_side(compare: Visit) -> None:
    page = open_page(compare)
    chosen = "(boxes) => boxes.map((box) => box.value)"
    first = page.locator("#compare input:checked").evaluate_all(chosen)
    assert first == ["GoogLeNet", "InceptionV3"]
    assert page.inner_text("#compare > p").startswith("At first you see GoogLeNet and InceptionV3:")
    assert query(page) == ""
    assert page.locator(".contents a").first.get_attribute("href") == "#choose"
    assert list(rows(page, "Totals")) == ["Total", "Input", "parameters", "MACs", "FLOPs",
        "activations", "bytes moved", "weights", "peak activations", "FLOP/byte"]  # fmt: skip


@pytest.mark.parametrize(
    "names", [("GoogLeNet", "InceptionV3"), ("InceptionV4", "GoogLeNet", "Xception41_deeplab")]
)
def test_the_files_have_what_the_commands_have(names: tuple[str, ...], compare: Visit) -> None:
    command = ["compare", *names, "--no-measurements", "--format", "csv"]
    told = list(csv.reader(io.StringIO(CliRunner().invoke(main, command).stdout)))
    page = open_page(compare, f"?models={','.join(names)}", "zh_CN")

    def file(label: str) -> str:
        with page.expect_download() as download:
            page.click(f"[data-part=downloads] >> text={label}")
        assert download.value.suggested_filename == f"inception-compared.{label.lower()}"
        text: str = download.value.path().read_text(encoding="utf-8")
        return text

    found = list(csv.reader(io.StringIO(file("CSV"))))
    assert [row[:4] for row in found] == [row[:4] for row in told]
    for mine, theirs in zip(found[1:], told[1:], strict=True):
        for one, two in zip(mine[4:], theirs[4:], strict=True):
            assert (float(one) if one else None) == (float(two) if two else None)
    figures = json.loads(file("JSON"))["figures"]
    assert [each["part"] for each in figures] == [row[1] for row in told[1:]]
    page.click("[name=clear]")
    assert not page.locator("[data-part=downloads]").is_visible()


def test_bars_are_as_long_as_the_parts_are_large(compare: Visit) -> None:
    page = open_page(compare, "?models=GoogLeNet,Xception41")
    picture = page.locator("#compare .bars .picture").nth(1)
    assert picture.get_attribute("aria-label") == (
        "FLOPs by stage, as bars of one scale: GoogLeNet 2.86 G, Xception41 17.00 G. "
        "The table below has the parts."
    )
    widths = """(bars) => bars.map((bar) => {
        const room = bar.getBoundingClientRect().width;
        return [...bar.children].map((part) => part.getBoundingClientRect().width / room);
    })"""
    small, large = picture.locator(".bar-of-parts").evaluate_all(widths)
    stages = list(rows(page, "FLOPs by stage").values())[1:-1]
    for column, drawn in ((0, small), (1, large)):
        shares = [int(row[column].replace(",", "")) / 16996420144 for row in stages]
        # a part is never thinner than its border
        assert drawn == pytest.approx(shares, abs=0.004)
    # not by colour alone: a name in each part that has room, and all of them in order below
    names = picture.locator(".bar-of-parts").last.locator("span").all_text_contents()
    assert names[:5] == ["1/2", "1/4", "1/8", "1/16", "1/32"]
    key = page.locator("#compare .bars figcaption").nth(1).locator(".key-of-part")
    assert key.all_text_contents() == [*list(rows(page, "FLOPs by stage"))[1:-1]]


def test_a_negative_share_has_the_sign_of_its_difference(compare: Visit) -> None:
    page = open_page(compare, "?models=GoogLeNet,Xception41")
    regular = rows(page, "FLOPs by kind of operation")["regular convolution"]
    assert regular[-2:] == ["−1,353,554,688", "−9.6%"]


def test_latencies_lead_to_the_notes_of_the_audit(compare: Visit) -> None:
    page = open_page(compare, "?models=Xception41,GoogLeNet")
    fast = page.locator("#compare tr", has_text="9.049")
    assert fast.locator("sup a").count() == 2  # the figure and its ratio
    fast.locator("sup a").first.click()
    note = page.locator("#compare .findings li:target")
    assert "Tesla P4" in note.inner_text()
    apart = page.locator("#compare tr", has_text="3.972").locator("td").first
    assert apart.inner_text().startswith("299x299 / 224x224")
    # without GoogLeNet nothing is said of it
    page.uncheck("#compare [value=GoogLeNet]")
    page.check("#compare [value=InceptionV4]")
    assert "Tesla P4" not in page.locator("#compare").inner_text()


def test_a_choice_by_mouse_stands_in_the_address(compare: Visit) -> None:
    page = open_page(compare, PAIR)
    page.check("#compare [value=Xception71]")
    assert query(page) == "models=GoogLeNet,Xception71,InceptionV3"
    assert rows(page, "Totals")["Total"] == [
        "GoogLeNet", "Xception71", "Ratio", "InceptionV3", "Ratio",
    ]  # fmt: skip
    page.select_option("[name=baseline]", "InceptionV3")
    assert query(page) == "models=InceptionV3,GoogLeNet,Xception71"
    assert rows(page, "Totals")["Total"][0] == "InceptionV3"
    assert rows(page, "Totals")["parameters"][:3] == ["23,834,568", "6,991,272", "0.293"]
    page.select_option("[name=metric]", "params")
    assert query(page) == "models=InceptionV3,GoogLeNet,Xception71&metric=params"
    total = rows(page, "parameters by stage")["total"]
    assert total[:2] == ["23,834,568", "6,991,272"]
    page.reload()
    assert rows(page, "parameters by stage")["total"] == total
    # taking the baseline away makes the next one the baseline
    page.uncheck("#compare [value=InceptionV3]")
    assert rows(page, "Totals")["Total"] == ["GoogLeNet", "Xception71", "Ratio"]


def test_a_choice_by_keyboard(compare: Visit) -> None:
    page = open_page(compare, PAIR)
    page.focus("#compare [value=GoogLeNet]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "Xception41"
    page.keyboard.press("Space")
    assert query(page) == "models=GoogLeNet,Xception41,InceptionV3"
    page.focus("[name=baseline]")
    page.keyboard.press("ArrowDown")
    assert query(page) == "models=Xception41,GoogLeNet,InceptionV3"
    assert page.evaluate("document.activeElement.name") == "baseline"
    status = page.locator("#compare > [role=status]")
    assert status.inner_text() == "3 models, ratios to Xception41."


def test_too_few_are_asked_for_more(compare: Visit) -> None:
    page = open_page(compare, PAIR)
    page.click("[name=clear]")
    assert page.locator("#compare input:checked").count() == 0
    assert page.locator("#compare table").count() == 0
    assert page.locator("#compare > [role=status]").inner_text() == "Choose two or more models."
    page.check("#compare [value=Xception41]")
    assert page.locator("#compare table").count() == 0
    page.check("#compare [value=GoogLeNet]")
    assert rows(page, "Totals")["Total"] == ["Xception41", "GoogLeNet", "Ratio"]


def test_what_the_address_asks_for_need_not_be_there(compare: Visit) -> None:
    page = open_page(compare, "?models=nope,InceptionV4,InceptionV4,%3Cb%3E&metric=nope")
    assert rows(page, "Totals")["Total"] == ["InceptionV4", "GoogLeNet", "Ratio"]
    assert page.input_value("[name=metric]") == "flops"
    page = open_page(compare, "?models=nope")
    assert page.locator("#compare input:checked").count() == 2


def test_links_lead_here_and_the_state_goes_to_the_twin(compare: Visit) -> None:
    page = compare.open("en/inception/InceptionV3.html")
    follow(page, "text=Compare InceptionV3 with other models")
    assert rows(page, "Totals")["Total"][0] == "InceptionV3"
    follow(page, "nav.languages a")
    assert "/zh_CN/" in page.url
    assert rows(page, "合计")["合计"][0] == "InceptionV3"
    follow(page, ".crumbs a")
    follow(page, "text=并列对比这些模型")
    assert urlsplit(page.url).path.endswith(f"/zh_CN/{PAGE}")
    follow(page, "#compare table >> text=GoogLeNet")
    assert page.inner_text("h1") == "GoogLeNet"


def test_twins_show_the_same_figures(compare: Visit) -> None:
    def figures(language: str) -> list[str]:
        page = open_page(compare, PAIR, language)
        found: list[str] = page.evaluate(
            """() => [...document.querySelectorAll("#compare td")]
                .map((cell) => cell.textContent).filter((text) => /^[−+]?[0-9.,x%]+$/.test(text))"""
        )
        return found

    assert figures("en") == figures("zh_CN")
    assert len(figures("en")) > 80


def test_without_a_script_all_models_are_there(browser: Any, built_site: Path) -> None:
    plain = Visit(browser, built_site, java_script_enabled=False)
    page = open_page(plain)
    assert not page.locator("#compare").is_visible()
    for anchor in ("totals", "flops-kinds", "flops-stages", "params-kinds", "params-stages"):
        assert page.locator(f"#{anchor}-table tbody tr:visible").count() == 8
    for number in (1, 2):
        assert page.locator(f"#latencies-{number}-table tbody tr:visible").count() == 8
    assert page.locator(".contents a[href='#choose']").count() == 0
    assert page.locator(".downloads a:visible").all_inner_texts() == ["CSV", "JSON"]
    plain.page.context.close()


def test_it_fits_a_phone_and_paper(browser: Any, built_site: Path) -> None:
    phone = Visit(browser, built_site, viewport={"width": 360, "height": 740})
    page = open_page(phone, "?models=Xception65_deeplab,GoogLeNet,InceptionV4,Xception71")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.emulate_media(media="print")
    assert not page.locator("#compare form").is_visible()
    assert page.locator("#compare table").first.is_visible()
    phone.page.context.close()


def test_tables_of_all_models_need_no_scrolling_on_a_desk(compare: Visit) -> None:
    page = open_page(compare)
    hidden = page.locator("main > section:not(#compare) .scroll").evaluate_all(
        "(frames) => frames.map((frame) => frame.scrollWidth - frame.clientWidth)"
    )
    assert len(hidden) == 8
    assert max(hidden) == 0
