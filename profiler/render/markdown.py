"""Document and table → markdown, and text → markdown that reads back as that text.

The escapes and the padding are the ones mdformat writes (with its GFM tables), so that a
formatter run over the pages changes nothing. Each text must go through one call as a whole, from
one markup boundary to the next: what an underscore needs depends on its neighbours.
"""

from __future__ import annotations

import functools
import html.entities
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from profiler.records import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Lines,
    Markup,
    Table,
    TableBlock,
)
from profiler.render.cells import (
    LINE_BREAK,
    cell_lines,
    heading_lines,
    is_measured,
    is_quoted,
)

if TYPE_CHECKING:
    from profiler.render.messages import Messages

_NARROWEST = 3
_SAFE_SCHEMES = ("https://", "http://")
#: What would strike text out; a mark that stands alone does not.
_STRIKES = re.compile(r"~{2,}")
#: All but what an address may hold and no markup reads: it can't end the link or the cell.
_UNSAFE_IN_LINK = re.compile(r"[^A-Za-z0-9:/?#@!$&+,=.%_~-]")
#: mdformat takes "<<" as one; only where the second could begin a tag must both be escaped.
_TAG = re.compile(r"<(?:<(?![A-Za-z/!?])|(?=<)|[^ ]|$)")
_LIST_NUMBER = re.compile(r"^([0-9]+)([.)])(?= |$)")
_TASK_BOX = re.compile(r"^\[([ xX])\]")


def document_markdown(document: Document, messages: Messages) -> str:
    """The document as a page, with an empty line between two blocks."""
    parts = (
        part
        for block in document.blocks
        if "markdown" in block.formats
        for part in _block(block, messages)
    )
    return "\n\n".join(parts) + "\n"


def render_markdown(table: Table, messages: Messages) -> str:
    """The table with padded columns, ending in a line break; its notes are left to the page."""
    rows = [[_join(heading_lines(column, messages)) for column in table.columns]]
    for row in table.rows:
        rows.append(
            [_cell(cell, column, messages) for cell, column in zip(row, table.columns, strict=True)]
        )
    widths = [max(_NARROWEST, *map(display_width, texts)) for texts in zip(*rows, strict=True)]
    aligns = [column.align for column in table.columns]
    lines = [_line(row, aligns, widths) for row in rows]
    rule = [_rule(align, width) for align, width in zip(aligns, widths, strict=True)]
    lines.insert(1, f"| {' | '.join(rule)} |")
    return "\n".join(lines) + "\n"


def inline(text: str) -> str:
    """Text inside a line: comes out as itself, on one line, with single spaces."""
    text = " ".join("".join(filter(_is_printable, text)).split())
    text = text.replace("\\", "\\\\")
    text = _escape_mark(text, "*", _stands_free)
    text = _escape_mark(text, "_", _stands_in_word)
    text = _escape_brackets(text)
    text = _TAG.sub(r"\\\g<0>", text).replace("`", "\\`")
    text = _reference().sub(r"\\\g<0>", text)
    return _STRIKES.sub(lambda run: "\\~" * (len(run[0]) - 1) + "~", text)


def paragraph(text: str) -> str:
    """Text that is a whole paragraph or list item: also nothing at its start is markup."""
    line = inline(text)
    if re.match(r"(#{1,6}|[-*+])( |$)|>", line):
        line = f"\\{line}"
    line = _LIST_NUMBER.sub(r"\1\\\2", line)
    bare = line.replace(" ", "")
    if bare and set(bare) <= set("|-:") and "-" in bare:
        line = line.replace("-", "\\-", 1)
    elif bare and set(line) == {"="}:
        line = f"\\{line}"
    return _TASK_BOX.sub(r"\\[\1\\]", line)


def heading(text: str) -> str:
    """Text of a heading: a hash at its end stays."""
    line = inline(text)
    return f"{line[:-1]}\\#" if line.endswith("#") else line


def link(text: str, target: str) -> str:
    """``text``, linked where ``target`` is a web address; other schemes are not linked to."""
    shown = inline(text)
    if not target.lower().startswith(_SAFE_SCHEMES):
        return shown
    return f"[{shown}]({_UNSAFE_IN_LINK.sub(_percent, target)})"


def display_width(text: str) -> int:
    """Columns that a text takes in a monospaced font: two for a wide character."""
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me")
        else 2
        if unicodedata.east_asian_width(character) in ("W", "F")
        else 1
        for character in text
    )


def _block(block: Block, messages: Messages) -> Iterator[str]:
    """The paragraphs of a block, without line feeds at their ends."""
    match block:
        case Heading():
            yield f"{'#' * block.level} {heading(block.text)}"
        case TableBlock():
            yield render_markdown(block.table, messages).strip("\n")
        case Markup():
            yield block.text
        case Lines(listed=True):
            marks = block.marks or ("",) * len(block.lines)
            if block.lines:
                yield "\n".join(map(_item, block.lines, marks))
        case Lines():
            yield from map(paragraph, block.lines)


def _item(line: str, mark: str) -> str:
    return f"- <sup>{mark}</sup> {inline(line)}" if mark else f"- {paragraph(line)}"


def _cell(cell: Cell, column: Column, messages: Messages) -> str:
    text = _value(cell, column, messages)
    return f"{text} <sup>{', '.join(cell.marks)}</sup>" if cell.marks else text


def _value(cell: Cell, column: Column, messages: Messages) -> str:
    lines = cell_lines(cell, column, messages)
    if cell.link:
        return link(" ".join(lines), cell.link).replace("|", "\\|")
    text = _join(lines)
    if column.hint == "printed" and text.count("_") == 1:
        # One underscore can't be emphasis: a printed name stays as printed, which is worth more
        # here than the backslash that mdformat would put beside the line break.
        return text.replace("\\_", "_")
    if text and is_measured(cell, column):
        return f"**{text}**{' ?' if cell.doubtful else ''}"
    return f"*{text}*" if text and is_quoted(cell, column) else text


def _join(lines: Sequence[str]) -> str:
    return LINE_BREAK.join(map(inline, lines)).replace("|", "\\|")


def _line(row: Sequence[str], aligns: Sequence[str], widths: Sequence[int]) -> str:
    padded = map(_pad, row, aligns, widths)
    return f"| {' | '.join(padded)} |"


def _pad(text: str, align: str, width: int) -> str:
    space = width - display_width(text)
    left = {"left": 0, "center": space // 2, "right": space}[align]
    return " " * left + text + " " * (space - left)


def _rule(align: str, width: int) -> str:
    left = ":" if align in ("left", "center") else "-"
    right = ":" if align in ("right", "center") else "-"
    return left + "-" * (width - 2) + right


def _is_printable(character: str) -> bool:
    """Controls, surrogates and invisible marks, which can reorder the text around them, go."""
    return character.isspace() or unicodedata.category(character)[0] != "C"


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def _escape_mark(text: str, mark: str, is_plain: Callable[[str, str], bool]) -> str:
    if mark not in text:
        return text
    # An edge of the text counts as punctuation: neither a space nor part of a word.
    padded = f"!{text}!"
    return "".join(
        f"\\{mark}" if character == mark and not is_plain(padded[at], padded[at + 2]) else character
        for at, character in enumerate(text)
    )


def _stands_free(before: str, after: str) -> bool:
    return before == after == " "


def _stands_in_word(before: str, after: str) -> bool:
    return _stands_free(before, after) or not (_ends_word(before) or _ends_word(after))


def _ends_word(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] in "PS"


def _escape_brackets(text: str) -> str:
    """Brackets that are unpaired, nested or followed by what would make them a link."""
    escaped: set[int] = set()
    opened: int | None = None
    for match in re.finditer(r"[\[\]]", text):
        at = match.start()
        if match[0] == "[":
            if opened is not None:
                escaped.add(opened)
            opened = at
        elif opened is None:
            escaped.add(at)
        else:
            if text[at + 1 : at + 2] in (":", "("):
                escaped.update((opened, at))
            opened = None
    if opened is not None:
        escaped.add(opened)
    return "".join(f"\\{char}" if at in escaped else char for at, char in enumerate(text))


@functools.cache
def _reference() -> re.Pattern[str]:
    """A pattern for HTML's character references: &#10; &#x0a; &amp;."""
    names = "|".join(sorted({name.rstrip(";") for name in html.entities.html5}))
    return re.compile(f"&(?:#[0-9]{{1,7}}|#[Xx][0-9A-Fa-f]{{1,6}}|{names});")
