"""Every kind of page: no accessibility fault by axe-core, and valid HTML."""

from pathlib import Path
from typing import Any

import html5lib
import pytest
from site_visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = [
    "index.html", "en/index.html", "en/inception.html", "zh_CN/inception.html",
    "en/inception/GoogLeNet.html", "en/inception/compare.html", "en/how-we-time.html",
    "en/decisions.html", "en/how-we-count.html", "en/glossary.html",
    "zh_CN/what-the-audit-found.html",
]  # fmt: skip


def faults(visit: Visit, name: str) -> list[str]:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit.open(name)
    page.wait_for_load_state("load")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{each['impact']}: {each['id']} at {each['nodes'][0]['target']}"
        for each in found
        if each["impact"] != "minor"
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, visit: Visit) -> None:
    assert faults(visit, name) == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_the_dark_on_a_phone(name: str, phone: Visit) -> None:
    assert faults(phone, name) == []


def test_every_page_is_valid_html(built_site: Path) -> None:
    for path in sorted(built_site.rglob("*.html")):
        parser = html5lib.HTMLParser()
        parser.parse(path.read_text(encoding="utf-8"))
        errors = [f"{at} {kind}" for at, kind, _ in parser.errors]
        assert errors == [], path.relative_to(built_site)
