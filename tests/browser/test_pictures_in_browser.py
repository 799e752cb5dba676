"""Which variant of a picture is shown: by system, by the reader's choice, on paper or a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "Array.from(document.querySelectorAll('figure picture img'), each => each.currentSrc)"


PHONE = {"width": 360, "height": 740}


@pytest.fixture(params=["light", "dark"])
def page(request: Any, browser: Any, built_site: Any) -> Iterator[Any]:
    opened = Visit(browser, built_site, color_scheme=request.param)
    yield opened.open("en/inception.html")
    assert opened.complaints == []
    opened.page.context.close()


def assert_shown(page: Any, theme: str, *, phone: bool = False) -> None:
    ending = f"{'.narrow' if phone else ''}{'.dark' if theme == 'dark' else ''}.svg"
    page.wait_for_function(
        """ending => {
            const sources = SHOWN;
            // a picture that is still being chosen has no address yet
            const endings = sources.map(each => each.match(/(\\.narrow)?(\\.dark)?\\.svg$/)?.[0]);
            return endings.length === 5 && endings.every(each => each === ending);
        }""".replace("SHOWN", SHOWN),
        arg=ending,
    )


def test_pictures_follow_the_system_and_the_readers_choice(page: Any, request: Any) -> None:
    system = request.node.callspec.params["page"]
    assert_shown(page, system)
    for chosen in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", chosen)
        assert_shown(page, chosen)
    page.evaluate("delete document.documentElement.dataset.theme")
    assert_shown(page, system)


def test_a_phone_has_pictures_of_its_own(page: Any, request: Any) -> None:
    system = request.node.callspec.params["page"]
    page.set_viewport_size(PHONE)
    assert_shown(page, system, phone=True)
    for chosen in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", chosen)
        assert_shown(page, chosen, phone=True)
    shown, drawn = page.evaluate(
        """() => { const image = document.querySelector("figure picture img");
            return [image.getBoundingClientRect().width, image.naturalWidth] }"""
    )
    assert abs(shown - drawn) <= 4  # so that text keeps the size it was drawn in


def test_paper_is_light(page: Any) -> None:
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    assert_shown(page, "light")
