"""The published pages that a series quotes: what each is called, by language, and its address."""

from __future__ import annotations

from urllib.parse import urlsplit

from profiler.catalog.faults import SAFE_NAME_CURE, is_safe_name, shown
from profiler.catalog.languages import words
from profiler.catalog.toml_table import TomlTable
from profiler.records import Record

_LONGEST_URL = 2000


class Page(Record, frozen=True):
    """A page's headings by language, and its address; empty where none is given."""

    titles: dict[str, str]
    url: str = ""


def read_pages(table: TomlTable) -> dict[str, Page]:
    """The pages by short name: ``name = "title"``, or a table of ``title`` and ``url``."""
    pages = {}
    for key in table.names():
        if not is_safe_name(key):
            raise table.fault(key, "can't be a page's short name", SAFE_NAME_CURE)
        pages[key] = _page(table, key)
    return pages


def _page(table: TomlTable, key: str) -> Page:
    if not table.has_table(key):
        return Page(titles=words(table, key))
    own = table.table(key)
    page = Page(titles=words(own, "title"), url=_url(own) if own.has("url") else "")
    own.finish()
    return page


def _url(table: TomlTable) -> str:
    url = table.text("url")
    if not _is_web_address(url):
        problem = f"{shown(url)} is no https address"
        raise table.fault("url", problem, "write https:// and the page's address, or remove it")
    return url


def _is_web_address(url: str) -> bool:
    """Whether it can be a link as it stands: any other scheme could run something."""
    plain = url.isprintable() and not set(url) & set(" \"'<>`\\") and len(url) <= _LONGEST_URL
    try:
        parts = urlsplit(url)
        return plain and url.startswith("https://") and bool(parts.hostname)
    except ValueError:  # an unclosed bracket around a host
        return False
