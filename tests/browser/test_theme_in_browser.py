"""The reader's choice of colours: by mouse and keyboard, kept where it can be, never a flash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIGHT, DARK = "rgb(253, 253, 251)", "rgb(20, 24, 27)"


@pytest.fixture
def visit(browser: Any, built_site: Path) -> Iterator[Visit]:
    opened = Visit(browser, built_site, color_scheme="dark")
    yield opened
    assert opened.complaints == []
    opened.page.context.close()


def paper(page: Any) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def scheme(page: Any) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).colorScheme")


def test_the_button_goes_round_and_the_choice_stays(visit: Visit) -> None:
    page = visit.open("en/index.html")
    button = page.locator("button.theme")
    assert (button.inner_text(), paper(page)) == ("Colours: system", DARK)
    button.click()
    assert (button.inner_text(), paper(page), scheme(page)) == ("Colours: light", LIGHT, "light")
    page = visit.open("zh_CN/inception/GoogLeNet.html")
    assert (button.inner_text(), paper(page)) == ("配色：浅色", LIGHT)
    button.focus()
    page.keyboard.press("Enter")
    page.emulate_media(color_scheme="light")
    assert (button.inner_text(), paper(page), scheme(page)) == ("配色：深色", DARK, "dark")
    assert paper(visit.open("index.html")) == DARK
    page = visit.open("en/glossary.html")
    button.focus()
    page.keyboard.press("Space")
    assert (button.inner_text(), paper(page)) == ("Colours: system", LIGHT)
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_the_choice_is_made_before_anything_is_drawn(visit: Visit) -> None:
    page = visit.open("en/index.html")
    page.locator("button.theme").click()
    page.add_init_script(
        """new MutationObserver((changes, observer) => {
            if (document.body) {
                window.before = document.documentElement.dataset.theme;
                observer.disconnect();
            }
        }).observe(document, { childList: true, subtree: true })"""
    )
    assert visit.open("en/glossary.html").evaluate("before") == "light"


def test_it_works_where_nothing_may_be_kept(visit: Visit) -> None:
    visit.page.add_init_script(
        """Object.defineProperty(window, "localStorage", {
            get() { throw new DOMException("no", "SecurityError"); } })"""
    )
    page = visit.open("en/index.html")
    page.locator("button.theme").click()
    assert paper(page) == LIGHT
    assert paper(visit.open("en/glossary.html")) == DARK


def test_something_else_in_the_memory_is_no_choice(visit: Visit) -> None:
    page = visit.open("en/index.html")
    page.evaluate("localStorage.setItem('inprof-theme', 'toString')")
    assert visit.open("en/index.html").locator("button.theme").inner_text() == "Colours: system"
    assert paper(page) == DARK


def test_paper_is_white_whatever_was_chosen(visit: Visit) -> None:
    page = visit.open("en/index.html")
    page.emulate_media(media="print")
    assert paper(page) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    for _ in range(2):
        page.locator("button.theme").click()
    page.emulate_media(media="print")
    assert paper(page) == "rgb(255, 255, 255)"
    assert scheme(page) == "light"
