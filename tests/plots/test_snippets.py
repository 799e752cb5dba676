import re
from html.parser import HTMLParser
from pathlib import Path

import mdformat
import pytest

from profiler.plots.plots import picture_snippet

BOTH = {"light": Path("out/a.png"), "dark": Path("out/a.dark.png")}


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_both_variants():
    assert picture_snippet(BOTH, Path("README.md"), "What it shows.", 640) == (
        "<picture>\n"
        '  <source media="(prefers-color-scheme: dark)" srcset="out/a.dark.png">\n'
        '  <img alt="What it shows." src="out/a.png" width="640">\n'
        "</picture>"
    )


@pytest.mark.parametrize("theme", BOTH)
def test_one_variant(theme):
    snippet = picture_snippet({theme: BOTH[theme]}, Path("README.md"), "Alt", 640)
    assert snippet == f'<img alt="Alt" src="{BOTH[theme]}" width="640">'


@pytest.mark.parametrize(
    ("file", "beside", "address"),
    [
        ("out/a.png", "out/page.md", "a.png"),
        ("out/a.png", "docs/page.md", "../out/a.png"),
        ("/somewhere/out/a.png", "/somewhere/README.md", "out/a.png"),
        ('out/a b?c#d,e"f<g%h.png', "README.md", "out/a%20b%3Fc%23d%2Ce%22f%3Cg%25h.png"),
        ("图/a.png", "README.md", "%E5%9B%BE/a.png"),
    ],
)
def test_addresses(file, beside, address):
    snippet = picture_snippet({"light": Path(file)}, Path(beside), "", 1)
    assert re.findall('src="(.*?)"', snippet) == [address]


def test_alt_text_is_only_text():
    alt = "\"quoted\" & <b>bold</b> 'single' \\ | 模型"
    tags = Tags(picture_snippet(BOTH, Path("README.md"), alt, 1)).tags
    assert [tag for tag, _ in tags] == ["picture", "source", "img"]
    assert tags[2][1]["alt"] == alt


def test_a_formatter_leaves_it_alone():
    snippet = picture_snippet(BOTH, Path("README.md"), "What * it _ shows.", 640)
    page = f"# Title\n\n{snippet}\n\nText.\n"
    assert mdformat.text(page) == page
