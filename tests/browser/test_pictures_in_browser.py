"""Which variant of a picture is shown: by the system, by the reader's choice, on paper."""

from collections.abc import Iterator
from typing import Any

import pytest
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "Array.from(document.querySelectorAll('figure picture img'), each => each.currentSrc)"


@pytest.fixture(params=["light", "dark"])
def page(request: Any, browser: Any, built_site: Any) -> Iterator[Any]:
    opened = Visit(browser, built_site, color_scheme=request.param)
    yield opened.open("en/inception.html")
    assert opened.complaints == []
    opened.page.context.close()


def assert_shown(page: Any, theme: str) -> None:
    every = "sources.length === 5 && sources.every(each => each.endsWith('.dark.svg') === dark)"
    dark = "true" if theme == "dark" else "false"
    page.wait_for_function(
        f"(() => {{ const sources = {SHOWN}, dark = {dark}; return {every} }})()"
    )


def test_pictures_follow_the_system_and_the_readers_choice(page: Any, request: Any) -> None:
    system = request.node.callspec.params["page"]
    assert_shown(page, system)
    for chosen in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", chosen)
        assert_shown(page, chosen)
    page.evaluate("delete document.documentElement.dataset.theme")
    assert_shown(page, system)


def test_paper_is_light(page: Any) -> None:
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    assert_shown(page, "light")
