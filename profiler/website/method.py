"""A method page of ``site/pages`` → its page of the site, in one language.

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
from markupsafe import Markup, escape
from msgspec.structs import replace

from profiler import units
from profiler.audit import CountCheck
from profiler.catalog import LANGUAGES
from profiler.counting.conventions import TRUE_CONVENTION, list_conventions
from profiler.errors import RenderError, nearest, one_line
from profiler.files import site_dir
from profiler.records import Record, Table, TimingSettings
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import render_template
from profiler.report.tables.audit import causes_table, checked_counts_table, findings_table
from profiler.report.tables.conventions import (
    element_cost_table,
    explanations_table,
    tools_apart_table,
)
from profiler.report.tables.series import input_size, work_of
from profiler.timing.loop.jobs import PROCESSES
from profiler.website.content import SeriesContent
from profiler.website.frame import (
    FOOT_PAGES,
    METHOD_PAGES,
    SitePage,
    method_path,
    page_title,
)
from profiler.website.parts import SiteTable, first_sentence


def method_page(name: str, prose: Prose, messages: Messages) -> SitePage:
    """The page ``name``, of that text."""
    return SitePage(
        path=method_path(name),
        title=page_title((prose.title,), messages),
        description=first_sentence((prose.summary,), prose.title),
        template="site/prose.html.j2",
        values={"contents": prose.headings, "body": Markup(prose.html)},
    )


def method_proses(
    contents: Sequence[SeriesContent], language: str, twins: Mapping[str, Prose]
) -> dict[str, Prose]:
    """The text of every method page, by name, with the anchors of its twin if there is one."""
    messages = load_messages(language)
    facts = _facts(contents, messages)
    tables = {
        name: _table(spec, name, messages) for name, spec in _specs(contents, messages).items()
    }
    return {
        name: _prose(name, language, facts, tables, twins[name].anchors if name in twins else None)
        for name in (*METHOD_PAGES, *FOOT_PAGES)
    }


def _prose(
    name: str,
    language: str,
    facts: Mapping[str, str],
    tables: Mapping[str, str],
    anchors: Sequence[str] | None,
) -> Prose:
    file = f"{name}.md" if language == LANGUAGES[0] else f"{name}.{language}.md"
    path = site_dir() / "pages" / file
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{path}: can't be read: {one_line(error)}") from None
    return render_prose(
        source, name=f"site/pages/{file}", facts=facts, tables=tables, anchors=anchors
    )


def _specs(contents: Sequence[SeriesContent], messages: Messages) -> dict[str, Table]:
    """Tables that the pages may ask for, over every series of the site."""
    checks = _checks(contents)
    # a model's name means something in its own series only
    labelled = [
        (content.audited.names.models[finding.model], finding)
        for content in contents
        for finding in content.audited.findings
    ]
    others = [
        findings_table(
            [each for each in content.audited.findings if not each.published],
            content.audited.names,
            messages,
            content.series.pages,
        )
        for content in contents
    ]
    return {
        "conventions": _example_counts(contents),
        "element-costs": element_cost_table(),
        "published-flops": checked_counts_table(checks, "flops"),
        "published-params": checked_counts_table(checks, "params"),
        "causes": causes_table(labelled, messages),
        "tools-apart": tools_apart_table(
            (content.series.model(name).label, explained)
            for content in contents
            for name, explained in content.explanations.items()
        ),
        "other-findings": replace(
            others[0], rows=tuple(row for each in others for row in each.rows)
        ),
    }


def _checks(contents: Sequence[SeriesContent]) -> tuple[CountCheck, ...]:
    return tuple(check for content in contents for check in content.audited.checks)


def _facts(contents: Sequence[SeriesContent], messages: Messages) -> dict[str, str]:
    """The facts that pages name in braces."""
    example = contents[0].true.rows[0]
    return {
        "example": example.model.label,
        "example_input": input_size(example),
        "example_giga": units.fixed(work_of(example, TRUE_CONVENTION), 10**9, 2),
        "conventions": messages.join(list_conventions()),
        "models": str(sum(len(content.series.models) for content in contents)),
        "latencies": str(sum(len(content.series.latencies) for content in contents)),
        **_audit_facts(contents),
        **_timing_facts(TimingSettings()),
    }


def _audit_facts(contents: Sequence[SeriesContent]) -> dict[str, str]:
    """How many figures were held against the trace, and what came of it."""
    checks = _checks(contents)
    severities = [each.severity for content in contents for each in content.audited.findings]
    numbers = {
        "checked": len(checks),
        "reproduced": sum(bool(check.reproduced) for check in checks),
        "right": sum(check.right for check in checks),
        "findings": len(severities),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "infos": severities.count("info"),
    }
    return {name: str(number) for name, number in numbers.items()}


def _timing_facts(settings: TimingSettings) -> dict[str, str]:
    """The knobs of the timing protocol as they stand, in the page's units."""
    numbers = {
        "runs": PROCESSES,
        "warmup_calls": settings.warmup_calls,
        "warmup_s": settings.warmup_s,
        "windows": settings.steady_windows,
        "window_ms": 1000 * settings.steady_window_s,
        "cap_s": settings.steady_cap_s,
        "chunk": settings.chunk_calls,
        "pre_roll": settings.pre_roll_calls,
        "min_samples": settings.min_samples,
        "slow_samples": settings.min_slow_samples,
        "slow_ms": settings.slow_call_ms,
        "busy_s": settings.min_busy_s,
        "budget_s": settings.budget_s,
    }
    shares = {
        "slope": settings.steady_slope,
        "clock_range": settings.steady_clock_range,
        "half_width": settings.target_half_width,
        "confidence": settings.confidence,
        "inflation": settings.max_inflation,
        "unattributed": settings.max_unattributed,
    }
    return {
        **{name: units.significant(number) for name, number in numbers.items()},
        **{name: f"{units.significant(100 * share)} %" for name, share in shares.items()},
    }


def _example_counts(contents: Sequence[SeriesContent]) -> Table:
    """The first model of the first series under every rule, on every graph it has."""
    content = contents[0]
    explained = content.explanations[content.series.models[0].name]
    return explanations_table(explained, with_graph=True)


def _table(table: Table, name: str, messages: Messages) -> str:
    view = SiteTable(name, messages.text(f"methods.tables.{name}"), table)
    values = {"view": view, "messages": messages}
    return render_template(template="site/one_table.html.j2", values=values)


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
    """A method page's text."""

    #: Plain text, as is the opening paragraph.
    title: str
    summary: str
    headings: tuple[Heading, ...]
    #: The ids of every heading in order; a twin in another language takes them over.
    anchors: tuple[str, ...]
    #: All of it.
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
    """Each heading's name in addresses: the code that it ends in, else its text."""
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
