"""Markdown → a page: its tables, pictures and comments with the lines that they stand in.

Only blocks are parsed as markdown; text inside them only where a table, a title or a picture needs
it, which makes reading several times faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from profiler.docs.lint.cell_text import inline_text
from profiler.docs.lint.html_tables import HtmlParts
from profiler.docs.lint.page import ImageLink, Outline, Page, PageTable, TableCell

_CODE_BLOCKS = ("fence", "code_block")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+\1")
_LINE_END = re.compile(r"\r\n?")
#: HTML of several lines that shows markdown as it stands.
_VERBATIM = re.compile(
    r"<(pre|script|style|textarea)\b[^\n]*?(?:</\1>|\n.*?(?:</\1>|\Z))", re.IGNORECASE | re.DOTALL
)
#: The token's type, and where its ``meta`` has the cells of heading and rows, and the columns.
TABLE_TOKEN = "page_table"
HEADER, ROWS, COLUMNS = "header", "rows", "columns"

_DASHES = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
#: A pipe after a backslash is text.
_PIPE = re.compile(r"(?<!\\)\|")
_MAY_SHOW_IMAGE = re.compile(r"!\[|<img\b", re.IGNORECASE)


def read_page(path: str, text: str) -> Page:
    """A page from its whole text, with any line ends and with or without a byte order mark.

    ``path`` is only what the page will be called. Lines count from 1 and end where a carriage
    return, a line feed or both stand, and nowhere else.
    """
    source = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    tokens = _parser().parse(source)
    outline = Outline()
    images: list[ImageLink] = []
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
    comments = tuple(_comments(lines, tokens))
    return Page(
        path=path,
        text=text,
        tables=tuple(sorted(outline.tables, key=lambda table: table.line)),
        images=tuple(sorted(images, key=lambda image: image.line)),
        comments=comments,
        prose=_prose(lines, tokens, comments),
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.block.ruler.at("table", pipe_table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _images(lines: Iterable[str], first: int) -> Iterator[ImageLink]:
    """The pictures in lines of text of which the first is that one, counted from 0."""
    for line, text in enumerate(lines, first + 1):
        if _MAY_SHOW_IMAGE.search(text):
            for image in inline_text(text.replace("\\|", "|").strip()).images:
                yield ImageLink(line, image.address, image.alt)


def code_lines(text: str) -> set[int]:
    """Numbers of the lines in code, fences included, and in HTML that shows markdown as it is."""
    return {line + 1 for lines in _code(_parser().parse(text)) for line in lines}


def _code(tokens: Iterable[Token]) -> Iterator[range]:
    """The lines of code and of verbatim HTML, counted from 0."""
    for token in tokens:
        if token.type in _CODE_BLOCKS and token.map:
            yield range(*token.map)
        elif token.type == "html_block" and token.map:
            for match in _VERBATIM.finditer(token.content):
                first = token.map[0] + token.content.count("\n", 0, match.start())
                more = match[0].rstrip("\n").count("\n")
                if more:
                    yield range(first, first + more + 1)


def _comments(lines: list[str], tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """The html comments outside code: their lines from 1, and the text between their marks."""
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


def _prose(
    lines: list[str], tokens: Iterable[Token], comments: Iterable[tuple[int, str]]
) -> tuple[str, ...]:
    """The lines, those being empty that are code, commented out, formulas or settings."""
    shown = list(lines)
    commented = (range(line - 1, line + text.count("\n")) for line, text in comments)
    hidden = [range(_settings_end(lines)), *_code(tokens)]
    for stretch in (*hidden, *(each for each in commented if len(each) > 1)):
        shown[stretch.start : stretch.stop] = [""] * len(stretch)
    for stretch in _formulas(shown):
        shown[stretch.start : stretch.stop] = [""] * len(stretch)
    return tuple(shown)


def _settings_end(lines: list[str]) -> int:
    """How many lines at the top are settings between two lines of dashes."""
    if lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.rstrip() in ("---", "..."):
                return number
    return 0


def _formulas(lines: list[str]) -> Iterator[range]:
    """The lines of formulas in TeX that begin with two dollar signs at a line's end."""
    first: int | None = None
    for number, line in enumerate(lines):
        if "$$" not in line:
            continue
        if first is not None:
            yield range(first, number + 1)
            first = None
        elif line.rstrip().endswith("$$") and line.count("$$") == 1:
            first = number


def pipe_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Whether a table begins in that line; if so and not ``silent``, its token is pushed."""
    dashes_line = start_line + 1
    if dashes_line >= end_line:
        return False
    position = state.bMarks[dashes_line] + state.tShift[dashes_line]
    if state.src[position : position + 1] not in ("|", "-", ":"):
        return False
    if state.sCount[dashes_line] < state.blkIndent or state.is_code_block(dashes_line):
        return False
    dashes = _line(state, dashes_line)
    header = _line(state, start_line)
    if (
        "|" not in header
        or not ("|" in dashes or ":" in dashes)
        or dashes.startswith(("- ", "-\t"))  # a list
        or not _DASHES.fullmatch(dashes)
        or state.is_code_block(start_line)
    ):
        return False
    if silent:
        return True
    enders = state.md.block.ruler.getRules("blockquote")
    rows = []
    line = dashes_line + 1
    while line < end_line:
        if state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        text = _line(state, line)
        # what begins with a pipe begins no other block
        if not text or (
            text[0] != "|" and any(ends(state, line, end_line, True) for ends in enders)
        ):
            break
        rows.append(_cells(text, line))
        line += 1
    token = state.push(TABLE_TOKEN, "", 0)
    token.map = [start_line, line]
    token.meta = {
        HEADER: _cells(header, start_line),
        ROWS: tuple(rows),
        COLUMNS: len(_parts(dashes)),
    }
    state.line = line
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _parts(row: str) -> list[str]:
    """A row's cells: what stands between its pipes."""
    parts = _PIPE.split(row)
    if parts and not parts[0].strip():
        del parts[0]
    if parts and not parts[-1].strip():
        del parts[-1]
    return parts


def _cells(row: str, line: int) -> tuple[TableCell, ...]:
    """The cells of a row of that line, counted from 0."""
    cells = []
    for part in _parts(row):
        shown = inline_text(part.replace("\\|", "|").strip())
        cells.append(TableCell(shown.text, line + 1, shown.marks, shown.links))
    return tuple(cells)
