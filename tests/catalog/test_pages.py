"""The pages that a series quotes: headings by language, and addresses that are safe to link."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from profiler.catalog.series_folder import read_series
from profiler.errors import CatalogError

from .conftest import SERIES

PLAIN = 'blog = "A post of ours"'


def series(write: Callable[..., Path], pages: str) -> str:
    return str(write(series__toml=SERIES.replace(PLAIN, pages)))


def test_a_plain_heading_stands_in_every_language(write: Callable[..., Path]) -> None:
    read = read_series(write())
    assert read.pages == {"blog": "A post of ours"}
    assert set(read.page_titles["blog"].values()) == {"A post of ours"}
    assert read.page_urls == {}


def test_headings_by_language_and_an_address(write: Callable[..., Path]) -> None:
    pages = (
        'blog = { title = { en = "Post", zh_CN = "文章" }, url = "https://example.org/a?b=1#c" }'
    )
    read = read_series(Path(series(write, pages)))
    assert read.pages == {"blog": "Post"}
    assert read.page_titles == {"blog": {"en": "Post", "zh_CN": "文章"}}
    assert read.page_urls == {"blog": "https://example.org/a?b=1#c"}


def test_one_heading_with_an_address(write: Callable[..., Path]) -> None:
    read = read_series(Path(series(write, 'blog = { title = "Post", url = "https://例子.org" }')))
    assert read.page_titles["blog"] == {"en": "Post", "zh_CN": "Post"}


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "javascript:alert(1)", "https://", "https:///a", "//example.org",
     "https://[", "https://a b", 'https://a\\"b', "https://a<b", "https://a\\nb", "HTTPS",
     "https://" + "a" * 3000],
)  # fmt: skip
def test_a_bad_address_is_one_line(write: Callable[..., Path], url: str) -> None:
    folder = series(write, f'blog = {{ title = "Post", url = "{url}" }}')
    with pytest.raises(CatalogError, match=r"pages\.blog\.url: .* is no https address") as raised:
        read_series(Path(folder))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ('blog = { url = "https://example.org" }', "pages.blog.title: the key is missing"),
        ('blog = { title = "x", link = "y" }', "pages.blog.link: unknown key"),
        ("blog = { title = {} }", "pages.blog.title: there is no text"),
        ('blog = { title = { fr = "x" } }', "pages.blog.title.fr: unknown key"),
        ("blog = 1", "pages.blog: 1 is no text"),
        ('blog = { title = "x", url = "" }', "pages.blog.url: the text is empty"),
    ],
)
def test_a_page_that_is_none(write: Callable[..., Path], pages: str, message: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(message)):
        read_series(Path(series(write, pages)))


def test_a_device_may_have_a_name_in_each_language(write: Callable[..., Path]) -> None:
    devices = '[[devices]]\nslug = "mine"\nsource = "x"\nname = { en = "Ours", zh_CN = "自有" }\n'
    (device,) = read_series(write(devices__toml=devices)).devices
    assert (device.name, device.names) == ("Ours", {"en": "Ours", "zh_CN": "自有"})
    (device,) = read_series(write()).devices
    assert (device.name, device.names) == ("Our board", {})
