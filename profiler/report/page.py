"""Report → a markdown page in a language.

The templates hold the order of the parts, the message catalogues every word, ``sections`` what is
said about which figures. A part without data is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.records import Record, Report
from profiler.render.markdown import (
    heading,
    inline,
    link,
    paragraph,
    render_markdown,
)
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import render_template
from profiler.report.layouts import layout_latencies
from profiler.report.localised import localised_audit, localised_report
from profiler.report.measured_sections import measured_sections
from profiler.report.notes import crop_notes, latency_notes
from profiler.report.page_images import PageImage, alt_text
from profiler.report.sections import (
    Section,
    counts_section,
    in_language,
    note_texts,
    page_commands,
    paper_sentence,
    papers,
    speed_sections,
)
from profiler.report.table_notes import NOT_AUDITED, Audited, TableNote


class _Part(Record, frozen=True):
    """A section with its tables as markdown."""

    anchor: str
    title: str
    table: str
    notes: tuple[str, ...]
    findings: tuple[TableNote, ...]


def render_page(
    report: Report,
    *,
    language: str,
    layout: str,
    images: Sequence[PageImage],
    audited: Audited = NOT_AUDITED,
) -> str:
    """The page as markdown that mdformat leaves alone.

    Args:
        report: the series and every figure; its convention decides what FLOPs are.
        language: one there are messages for.
        layout: "full" or "classic".
        images: what ``page_images`` gave for this layout, whether drawn or only linked to.
        audited: findings to show as notes; none by default.
    """
    messages = load_messages(language)
    audited = localised_audit(audited, report.series, language)
    report = localised_report(report, language)
    series = report.series
    shown = layout_latencies(report, layout)
    sections = [
        Section(anchor="overview", title=messages.text("headings.overview")),
        counts_section(report, layout, messages, audited),
        *speed_sections(report, layout, messages, audited),
        *measured_sections(report, layout, messages),
        Section(
            anchor="notes",
            title=messages.text("headings.notes"),
            notes=(
                *note_texts(latency_notes(shown), messages),
                *in_language(series.notes, language, ()),
            ),
        ),
        Section(anchor="regenerate", title=messages.text("headings.regenerate")),
    ]
    parts = tuple(
        _Part(
            anchor=section.anchor,
            title=f"{number}. {section.title}" if layout == "full" else section.title,
            table="\n\n".join(_tables(section, messages)),
            notes=(*section.legend, *section.notes),
            findings=section.findings,
        )
        for number, section in enumerate(sections, start=1)
    )
    return render_template(
        template=f"pages/{layout}.md.j2",
        values={
            "text": messages.text,
            "title": in_language(series.titles, language, series.file_stem),
            "summary": in_language(series.summaries, language, ""),
            "models": tuple(model_lines(report, messages)),
            "images": tuple((alt_text(image, messages), image.link) for image in images),
            "crops": note_texts(crop_notes(report, shown), messages),
            "sections": parts,
            "overview": parts[0],
            "figures": tuple(part for part in parts if part.table),
            "notes": parts[-2],
            "sources": tuple(source_lines(report, messages)),
            "regenerate": parts[-1],
            "commands": page_commands(report, language, layout),
        },
    )


def _tables(section: Section, messages: Messages) -> Iterator[str]:
    """The blocks of a section's tables: each table, with its caption and notes if it has any."""
    if section.table:
        yield render_markdown(section.table, messages).rstrip("\n")
    for each in section.tables:
        yield f"### {heading(each.caption)}"
        yield render_markdown(each.table, messages).rstrip("\n")
        yield from map(paragraph, each.notes)


def source_lines(report: Report, messages: Messages) -> Iterator[str]:
    """A markdown list item: the pages that figures are quoted from, where there are any."""
    pages, urls = report.series.pages, report.series.page_urls
    if pages:
        before, after = messages.around("notes.sources", "pages")
        linked = [link(title, urls.get(key, "")) for key, title in pages.items()]
        space = " " if before.endswith(" ") else ""
        clauses = messages.text("list.clauses").join(linked)
        yield f"{paragraph(before)}{space}{clauses}{inline(after)}"


def model_lines(report: Report, messages: Messages) -> Iterator[str]:
    """Markdown list items: the models of each paper, and the paper."""
    for paper in papers(report):
        before, title, after = paper_sentence(paper, "overview.paper", messages)
        if not title:
            yield paragraph(before)
            continue
        yield "".join(
            (
                paragraph(before),
                " " if before.endswith(" ") else "",
                link(title, paper.address),
                " " if after.startswith(" ") else "",
                inline(after),
            )
        )
