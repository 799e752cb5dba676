"""A browser, and windows of it on the site of the built-in series and on made-up charts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from charted_site import Build, build_charted_site
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


@pytest.fixture(scope="session")
def charted_site(
    built_site: Path,
    inception_report: Build,
    tiny_report: Build,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The built site, with pages beside its own whose charts show other reports."""
    folder = tmp_path_factory.mktemp("chart") / "site"
    build_charted_site(built_site, folder, inception_report, tiny_report)
    return folder


@pytest.fixture
def chart_window(browser: Any, charted_site: Path) -> Iterator[Visit]:
    """A desktop window on it, in which nothing may fail or leave the folder."""
    viewport = {"width": 1280, "height": 900}
    visit = Visit(browser, charted_site, viewport=viewport, accept_downloads=True)
    yield visit
    assert visit.complaints == []
    for address in visit.requests:
        parts = urlsplit(address)
        assert parts.scheme in ("file", "blob"), address
        if parts.scheme == "file":
            assert Path(unquote(parts.path)).is_relative_to(charted_site)
    visit.page.context.close()
