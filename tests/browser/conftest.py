"""A browser, and windows of it on the site of the built-in series."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_visit import Visit

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: on Debian, apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def visit(browser: Any, built_site: Path) -> Iterator[Visit]:
    """A desktop window."""
    opened = Visit(browser, built_site, viewport={"width": 1280, "height": 900})
    yield opened
    opened.page.context.close()


@pytest.fixture(scope="module")
def phone(browser: Any, built_site: Path) -> Iterator[Visit]:
    opened = Visit(browser, built_site, viewport={"width": 360, "height": 740}, color_scheme="dark")
    yield opened
    opened.page.context.close()
