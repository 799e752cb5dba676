"""The built site in a real browser, opened from its folder with no network."""

import base64
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
            "resnet", "resnet/compare", "resnet/ResNet152",
            "how-we-count", "how-we-time", "what-the-audit-found", "decisions", "glossary",
            "pages-that-stay-true",
        )
    ),
]  # fmt: skip

pytestmark = pytest.mark.browser

#: The mean of a picture's three colours.
MEAN = """async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    return data.filter((_, at) => at % 4 < 3).reduce((sum, each) => sum + each, 0) / data.length;
}"""


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


def test_contents_are_folded_on_a_phone_only(visit: Visit, phone: Visit) -> None:
    for name in ("en/inception.html", "zh_CN/glossary.html", "en/inception/compare.html"):
        assert visit.open(name).locator(".contents li").first.is_visible()
        page = phone.open(name)
        assert not page.locator(".contents li").first.is_visible()
        assert page.locator("h1").bounding_box()["y"] < 280
        page.locator(".contents summary").click()
        assert page.locator(".contents li").first.is_visible()


TARGETS = "header.site a, header.site button, .contents a, .contents summary, .pager a, sup.mark a"


@pytest.mark.parametrize("name", ["en/inception.html", "zh_CN/inception/GoogLeNet.html"])
def test_targets_are_large_enough(name: str, visit: Visit, phone: Visit) -> None:
    """24 by 24 pixels, as WCAG 2.5.8 asks of what is no part of a sentence."""
    for each in (visit, phone):
        page = each.open(name)
        page.evaluate("document.querySelector('.contents details').open = true")
        small = page.locator(TARGETS).evaluate_all(
            """targets => targets.map(each => [each.textContent, each.getBoundingClientRect()])
                .filter(([, { width, height }]) => width && (width < 23.9 || height < 23.9))
                .map(([text, { width, height }]) => [text, width, height])"""
        )
        assert small == []


def test_a_frame_is_shaded_while_there_is_more_to_see(phone: Visit) -> None:
    page = phone.open("en/inception.html")
    frame = page.locator("[aria-labelledby=speed-2-caption]")
    frame.scroll_into_view_if_needed()

    def edge() -> float:
        """How bright the last pixels before the frame's right edge are, on average."""
        box = frame.bounding_box()
        clip = {"x": box["x"] + box["width"] - 3, "y": box["y"] + 2, "width": 2, "height": 20}
        data = base64.b64encode(page.screenshot(clip=clip)).decode()
        return float(page.evaluate(MEAN, f"data:image/png;base64,{data}"))

    shaded = edge()
    frame.evaluate("frame => { frame.scrollLeft = frame.scrollWidth }")
    paper = edge()
    assert shaded < paper - 3
    frame.evaluate("frame => { frame.scrollLeft = 0 }")
    assert edge() == shaded


def test_the_t4_table_fits_a_desktop(visit: Visit) -> None:
    for language in ("en", "zh_CN"):
        page = visit.open(f"{language}/inception.html")
        frames = page.locator(".scroll:visible")
        assert frames.count() > 5
        hidden = frames.evaluate_all(
            "frames => frames.filter(each => each.scrollWidth > each.clientWidth).length"
        )
        assert hidden == 0


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
    page.click("main summary")
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


def test_paper_has_whole_tables_and_no_tools(browser: Any, built_site: Path) -> None:
    opened = Visit(browser, built_site, viewport={"width": 703, "height": 1000})  # A4's inside
    for name in (
        "en/inception.html",
        "en/inception/compare.html",
        "zh_CN/inception/GoogLeNet.html",
    ):
        page = opened.open(name)
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= 703, name
        assert page.locator("footer.site, .contents").first.is_hidden()
        frame = page.locator(".scroll.short").first
        assert frame.evaluate("frame => getComputedStyle(frame).breakInside") == "avoid"
        arrow = "heading => getComputedStyle(heading, '::after').display"
        assert page.locator("thead button").first.evaluate(arrow) == "none"
    opened.page.context.close()


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
