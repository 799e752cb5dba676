"""Markdown inside one line → plain text, footnote marks, addresses and pictures."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from profiler.records import Record

#: Without one of these a text is its own plain text. "_" is markup at a word's edge only.
_MARKUP = re.compile(r"[\\`*<&\[~^†‡§¶¹²³⁴-⁹]|(?<!\w)_|_(?!\w)|https?:")
#: A cell that is one link, by far the most frequent markup, needs no parser.
_ONE_LINK = re.compile(r"\[([^]\\`*_<&\[~^!]+)\]\(([^\s()<>\\&]+)\)")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
_RAISED = re.compile(r"(?P<base>10)?(?:<sup>(?P<raised>.*?)</sup>)", re.IGNORECASE | re.DOTALL)
_END_MARKS = re.compile(r"[ \xa0]*([*†‡§¶¹²³⁴-⁹]+)$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_IMAGE_TAG = re.compile(r"<img\b", re.IGNORECASE)
#: A raised text that is longer, or that has so many letters together, is words and not a mark.
_LONGEST_MARK = 4
_LETTERS = re.compile(r"[^\W\d_]{3}")
_SPACES = re.compile(r"[^\S\n]+")


class InlineImage(Record, frozen=True):
    """A picture in a text."""

    address: str
    #: None where an html tag has none.
    alt: str | None


class InlineText(Record, frozen=True):
    """The shown parts of a text; see ``TableCell``."""

    text: str
    marks: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    images: tuple[InlineImage, ...] = ()


@lru_cache(maxsize=1 << 14)
def inline_text(source: str) -> InlineText:
    """The plain text of a line of markdown; links to definitions elsewhere stay as written."""
    if not _MARKUP.search(source):
        return InlineText(plain_spaces(source))
    link = _ONE_LINK.fullmatch(source)
    if link is not None:
        return InlineText(plain_spaces(link[1]), links=(link[2],))
    marks: list[str] = []

    def footnote(match: re.Match[str]) -> str:
        marks.append(match[1])
        return ""

    def raised(match: re.Match[str]) -> str:
        text = match["raised"].strip().strip("[]()\\")
        if match["base"]:
            return f"10^{text}"
        if not text or len(text) > _LONGEST_MARK or _LETTERS.search(text):
            return f" {match['raised']} "
        marks.append(text)
        return ""

    source = _RAISED.sub(raised, _FOOTNOTE.sub(footnote, source))
    shown: list[str] = []
    links: list[str] = []
    images: list[InlineImage] = []
    struck = 0
    for token in _parser().parseInline(_BREAK.sub("<br>", source))[0].children or ():
        if token.type in ("s_open", "s_close"):
            struck += token.nesting
        elif token.type == "image":
            images.append(InlineImage(str(token.attrs["src"]), token.content))
        elif token.type == "link_open":
            links.append(str(token.attrs["href"]))
        elif token.type in ("softbreak", "hardbreak") or token.content == "<br>":
            shown.append("\n")
        elif token.type == "html_inline":
            if _IMAGE_TAG.match(token.content):
                images += image_tags(token.content)
        elif not struck:
            shown.append(token.content)
    text, end_marks = without_end_marks(plain_spaces("".join(shown)))
    return InlineText(text, (*marks, *end_marks), tuple(links), tuple(images))


def without_end_marks(text: str) -> tuple[str, tuple[str, ...]]:
    """A plain text without the footnote marks at its end, and these."""
    match = _END_MARKS.search(text)
    if match is None or not match.start():
        return text, ()
    return text[: match.start()], (match[1],)


def plain_spaces(text: str) -> str:
    """The text with single spaces, hard ones too, and none at the ends of its lines."""
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()


def image_tags(html: str) -> list[InlineImage]:
    """The pictures among html tags."""
    found = _Images()
    found.feed(html)
    return found.images


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.images: list[InlineImage] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            values = dict(attrs)
            alt = values["alt"] or "" if "alt" in values else None
            self.images.append(InlineImage(values.get("src") or "", alt))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")
    # addresses as they are written
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser
