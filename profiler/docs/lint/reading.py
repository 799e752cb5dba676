"""Markdown → a page: its tables, pictures and comments with the lines that they stand in.

Only blocks are parsed as markdown; text inside them only where a table, a title or a picture needs
it, which makes reading several times faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from profiler.docs.lint.cell_text import inline_text
from profiler.docs.lint.html_tables import HtmlParts
from profiler.docs.lint.outline import Outline
from profiler.docs.lint.page import Page, PageImage, PageTable
from profiler.docs.lint.pipe_tables import (
    COLUMNS,
    HEADER,
    ROWS,
    TABLE_TOKEN,
    pipe_table,
)

_CODE_BLOCKS = ("fence", "code_block")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+\1")
_LINE_END = re.compile(r"\r\n?")
_MAY_SHOW_IMAGE = re.compile(r"!\[|<img\b", re.IGNORECASE)


def read_page(path: str, text: str) -> Page:
    """A page from its whole text, with any line ends and with or without a byte order mark.

    ``path`` is only what the page will be called. Lines count from 1 and end where a carriage
    return, a line feed or both stand, and nowhere else.
    """
    source = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    definitions: dict[str, object] = {}
    tokens = _parser().parse(source, definitions)
    outline = Outline()
    images: list[PageImage] = []
    html = HtmlParts(outline, images)
    lines = source.split("\n")
    for index, token in enumerate(tokens):
        first, end = token.map or (0, 0)
        if token.type == "html_block":
            html.read(token.content, first)
        elif token.type == TABLE_TOKEN:
            outline.table(
                PageTable(
                    line=first + 1,
                    headings=outline.above(),
                    header=token.meta[HEADER],
                    rows=token.meta[ROWS],
                    columns=token.meta[COLUMNS],
                )
            )
            images += _images(lines[first:end], first)
        elif token.type in _CODE_BLOCKS:
            outline.paragraph("")
        elif token.type == "inline":
            shown = inline_text(token.content).text
            if html.in_table:
                html.handle_data(shown)
            elif tokens[index - 1].type == "heading_open":
                outline.title(int(tokens[index - 1].tag[1:]), " ".join(shown.split()))
            else:
                outline.paragraph(shown)
            images += _images(token.content.split("\n"), first)
    html.end()
    return Page(
        path=path,
        text=text,
        tables=tuple(sorted(outline.tables, key=lambda table: table.line)),
        images=tuple(sorted(images, key=lambda image: image.line)),
        comments=tuple(_comments(lines, tokens)),
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.block.ruler.at("table", pipe_table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _images(lines: Iterable[str], first: int) -> Iterator[PageImage]:
    """The pictures in lines of text of which the first is that one, counted from 0."""
    for line, text in enumerate(lines, first + 1):
        if _MAY_SHOW_IMAGE.search(text):
            for image in inline_text(text.replace("\\|", "|").strip()).images:
                yield PageImage(line, image.address, image.alt)


def _comments(lines: list[str], tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """The html comments outside code: their lines from 1, and what they say."""
    if not any("<!--" in line for line in lines):
        return
    shown = list(lines)
    for token in tokens:
        if token.type in _CODE_BLOCKS and token.map:
            first, end = token.map
            shown[first:end] = [""] * (end - first)
    text = "\n".join(_CODE_SPAN.sub("", line) if "`" in line else line for line in shown)
    line, position = 1, 0
    for match in _COMMENT.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        yield line, match[1]
