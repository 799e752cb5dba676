"""The built site in a real browser, opened from its folder with no network."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from site_visit import Visit, follow

PAGES = [
    "index.html",
    *(
        f"{language}/{page}.html"
        for language in ("en", "zh_CN")
        for page in (
            "index", "inception", "inception/compare",
            "inception/GoogLeNet", "inception/InceptionV4",
            "how-we-count", "how-we-time", "what-the-audit-found", "decisions", "glossary",
        )
    ),
]  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", PAGES)
def test_it_opens_from_its_folder_alone(name: str, visit: Visit, built_site: Path) -> None:
    visit.requests.clear()
    visit.complaints.clear()
    page = visit.open(name)
    page.wait_for_load_state("load")
    assert visit.complaints == []
    for address in visit.requests:
        parts = urlsplit(address)
        assert parts.scheme == "file"
        assert Path(unquote(parts.path)).resolve().is_relative_to(built_site.resolve())
    sheets, linked = page.evaluate(
        "[document.styleSheets.length, document.querySelectorAll('link[rel=stylesheet]').length]"
    )
    assert sheets == linked > 3
    broken = page.evaluate(
        "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    )
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_never_scrolls_the_page_sideways(name: str, phone: Visit) -> None:
    page = phone.open(name)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # what is wider scrolls in its own frame, and its first column stays within half the screen
    for frame in page.query_selector_all(".scroll"):
        if not frame.is_visible():  # folded away
            continue
        box = frame.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        first = frame.query_selector("tbody th, tbody td")
        assert first.bounding_box()["width"] <= 180


def test_the_first_column_stays_in_sight(phone: Visit) -> None:
    page = phone.open("en/inception.html")
    frame = page.query_selector("[aria-labelledby=speed-2-caption]")
    before = frame.query_selector("tbody th").bounding_box()["x"]
    frame.evaluate("frame => { frame.scrollLeft = 200 }")
    assert frame.evaluate("frame => frame.scrollLeft") == 200
    assert frame.query_selector("tbody th").bounding_box()["x"] == before


def test_the_language_switch_leads_to_the_twin_and_back(visit: Visit) -> None:
    for name in ("inception/Xception65", "glossary"):
        page = visit.open(f"en/{name}.html")
        follow(page, "nav.languages a")
        assert page.url.endswith(f"/zh_CN/{name}.html")
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        follow(page, "nav.languages a")
        assert page.url.endswith(f"/en/{name}.html")


def test_a_reader_gets_everywhere_by_links(visit: Visit) -> None:
    page = visit.open("index.html")
    follow(page, "text=English")
    follow(page, "main >> text=Inception series")
    follow(page, "#accuracy-table >> text=InceptionV3")
    assert page.inner_text("h1") == "InceptionV3"
    follow(page, "a[rel=next]")
    assert page.inner_text("h1") == "InceptionV4"
    follow(page, ".crumbs a")
    assert page.inner_text("h1") == "Inception series"


def test_nothing_needs_a_script(browser: Any, built_site: Path) -> None:
    plain = Visit(browser, built_site, java_script_enabled=False)
    page = plain.open("en/inception/GoogLeNet.html")
    assert page.locator("#layers-table tbody tr").count() > 90
    train = page.locator("#layers-train-table")
    assert not train.is_visible()
    page.click("summary")
    assert train.is_visible()
    plain.page.context.close()


def test_light_and_dark_are_readable(browser: Any, built_site: Path) -> None:
    """Text against its paper at 4.5 to 1 or more, for the colours that carry text."""
    for scheme in ("light", "dark"):
        visit = Visit(browser, built_site, color_scheme=scheme)
        page = visit.open("en/inception/GoogLeNet.html")
        colours = page.evaluate(
            """() => {
                const style = getComputedStyle(document.documentElement);
                const names = ["paper", "raised", "bar", "ink", "muted", "accent", "quoted"];
                return Object.fromEntries(names.map(n => [n, style.getPropertyValue("--" + n)]));
            }"""
        )
        for ink in ("ink", "muted", "accent", "quoted"):
            for paper in ("paper", "raised"):
                assert contrast(colours[ink], colours[paper]) >= 4.5, (scheme, ink, paper)
        assert contrast(colours["ink"], colours["bar"]) >= 4.5
        visit.page.context.close()


def test_paper_shows_what_a_screen_folds_away(browser: Any, built_site: Path) -> None:
    visit = Visit(browser, built_site)
    page = visit.open("en/inception/GoogLeNet.html")
    page.emulate_media(media="print")
    assert page.locator("#layers-train-table").is_visible()
    assert not page.locator("nav.main").is_visible()
    frame = page.locator("[aria-labelledby=layers-caption]")
    assert frame.evaluate("frame => frame.scrollHeight <= frame.clientHeight + 1")
    visit.page.context.close()


def contrast(first: str, second: str) -> float:
    """WCAG's ratio of two colours written as #rgb or #rrggbb."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.strip().lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
