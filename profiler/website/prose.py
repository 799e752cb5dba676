"""Markdown of ``site/pages`` → html, with what is generated put in its places.

A page is plain CommonMark with tables. ``{name}`` in its text is a generated figure, filled in
after parsing, so that a value can't become markup. A fenced block marked ``table`` names a
generated table; a comment in a paragraph of its own is dropped. Links go to the other pages'
markdown files, which keeps them right where the markdown itself is read, and become links to their
html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from profiler.errors import RenderError, nearest
from profiler.records import Record

_TABLE_FENCE = "table"
#: A paragraph that readers are not shown, such as the marker of a generated region.
_COMMENT = re.compile(r"<!--.*-->")
#: "glossary.md#macs", "glossary.zh_CN.md": the page's name, its language, the anchor.
_PAGE_LINK = re.compile(r"([a-z0-9-]+)(?:\.[A-Za-z_]+)?\.md(#.*)?")


class Heading(Record, frozen=True):
    """A second-level heading, for the list of contents."""

    anchor: str
    text: str


class Prose(Record, frozen=True):
    """A page: title and opening paragraph as plain text, headings, and all of it as html.

    ``anchors`` are the ids of every heading in order; a twin in another language takes them over.
    """

    title: str
    summary: str
    headings: tuple[Heading, ...]
    anchors: tuple[str, ...]
    html: str


def render_prose(
    source: str,
    *,
    name: str,
    facts: Mapping[str, str],
    tables: Mapping[str, str],
    anchors: Sequence[str] | None = None,
) -> Prose:
    """One page.

    Args:
        source: its markdown.
        name: what an error calls it.
        facts: placeholder → text.
        tables: name → html of a generated table.
        anchors: ids for the headings, from the page's twin; made from their texts if None.

    Raises:
        RenderError: the page names a fact or a table that there is not, or its headings are not
            those of its twin.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(source)
    for token in _every(tokens):
        if token.type == "text":
            token.content = _filled(token.content, facts, name)
        elif token.type == "link_open":
            token.attrs["href"] = _html_link(str(token.attrs["href"]))
    headings = [
        (int(token.tag[1:]), _plain(tokens[index + 1]), token)
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    ids = tuple(anchors) if anchors is not None else _slugs(_names(tokens))
    if len(ids) != len(headings):
        raise RenderError(
            f"{name}: {len(headings)} headings where its English twin has {len(ids)}: "
            "give both pages the same headings in the same order"
        )
    for anchor, (_, _, token) in zip(ids, headings, strict=True):
        token.attrs["id"] = anchor
    return Prose(
        title=next((text for level, text, _ in headings if level == 1), name),
        summary=next(
            (
                _plain(tokens[index + 1])
                for index, token in enumerate(tokens)
                if token.type == "paragraph_open"
            ),
            "",
        ),
        headings=tuple(
            Heading(anchor=anchor, text=text)
            for anchor, (level, text, _) in zip(ids, headings, strict=True)
            if level == 2
        ),
        anchors=ids,
        html=_html(parser, tokens, tables, name),
    )


def _html(parser: MarkdownIt, tokens: Sequence[Token], tables: Mapping[str, str], name: str) -> str:
    """Top-level blocks one by one, so that ours can stand between those of the parser."""
    parts: list[str] = []
    above = name
    for block in _blocks(tokens):
        first = block[0]
        if first.type == "heading_open":
            above = _plain(block[1])
        if first.type == "fence" and first.info.strip() == _TABLE_FENCE:
            parts.append(_generated(first.content.strip(), tables, name))
            continue
        if first.type == "paragraph_open" and _COMMENT.fullmatch(block[1].content):
            continue
        if first.type == "table_open":
            for token in block:
                token.attrs.pop("style", None)  # how a table is set is the style sheet's to say
                if token.type == "th_open":
                    token.attrs["scope"] = "col"
            table = parser.renderer.render(block, parser.options, {})
            label = escape(above)
            parts.append(
                f'<div class="scroll words" role="region" aria-label="{label}" tabindex="0">\n'
                f"{table}</div>\n"
            )
            continue
        html = parser.renderer.render(block, parser.options, {})
        # what scrolls sideways on a narrow screen has to be reached by keyboard
        parts.append(html.replace("<pre>", '<pre tabindex="0">') if first.type == "fence" else html)
    return "".join(parts)


def _generated(wanted: str, tables: Mapping[str, str], name: str) -> str:
    if wanted not in tables:
        raise RenderError(f"{name}: no generated table {wanted!r}: {nearest(wanted, tables)}")
    return tables[wanted]


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each top-level block."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0 and token.type != "inline":
            yield block
            block = []


def _every(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _filled(text: str, facts: Mapping[str, str], name: str) -> str:
    try:
        return text.format_map(facts)
    except (KeyError, ValueError, IndexError) as error:
        raise RenderError(
            f"{name}: can't fill in {text.strip()!r}: {error}: there are "
            f"{', '.join(sorted(facts))}; write a brace that is meant as such twice"
        ) from None


def _html_link(address: str) -> str:
    match = _PAGE_LINK.fullmatch(address)
    return f"{match[1]}.html{match[2] or ''}" if match else address


def _plain(inline: Token) -> str:
    """The text of an inline token without its markup."""
    children = inline.children or ()
    texts = (" " if each.type == "softbreak" else each.content for each in children)
    return "".join(texts)


def _names(tokens: Sequence[Token]) -> list[str]:
    """What each heading goes by in an address: the code name that it ends in, else its text."""
    names = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            last = (tokens[index + 1].children or [token])[-1]
            names.append(last.content if last.type == "code_inline" else _plain(tokens[index + 1]))
    return names


def _slugs(texts: Sequence[str]) -> tuple[str, ...]:
    """Ids from headings: "What is counted" → "what-is-counted", numbered where they repeat."""
    slugs: list[str] = []
    for text in texts:
        slug = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "part"
        number = sum(slug == each.rpartition("--")[0] or slug == each for each in slugs)
        slugs.append(f"{slug}--{number + 1}" if number else slug)
    return tuple(slugs)
