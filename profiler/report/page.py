"""Report → a markdown page in a language, and the pictures it shows.

The templates hold the order of the parts, the message catalogues every word, ``sections`` what is
said about which figures. A part without data is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.catalog import UNSTATED
from profiler.records import (
    BYTES_PER_ELEMENT,
    Axis,
    Latency,
    MeasuredLatency,
    Record,
    Report,
    ScatterPlot,
)
from profiler.records.base import distinct
from profiler.render.cells import condition_texts
from profiler.render.markdown import (
    heading,
    inline,
    link,
    paragraph,
    render_markdown,
)
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import render_template
from profiler.report.audited import NOT_AUDITED, Audited, TableNote
from profiler.report.layouts import (
    layout_latencies,
    layout_measured,
    localised_audit,
    localised_report,
)
from profiler.report.scatter import at_own_input, counts_plots, facts, latency_plot
from profiler.report.sections import (
    Section,
    counts_section,
    crop_notes,
    in_language,
    latency_notes,
    measured_sections,
    note_texts,
    page_commands,
    paper_sentence,
    papers,
    speed_sections,
)

_LARGEST_PLOTTED_BATCH = 4
_MOST_LATENCY_PLOTS = 2


class PageImage(Record, frozen=True):
    """A picture of a page."""

    #: The address it is linked under.
    link: str
    #: From left to right.
    plots: tuple[ScatterPlot, ...]


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


def page_images(
    report: Report, layout: str, *, folder: str = "images", suffix: str = "png"
) -> tuple[PageImage, ...]:
    """The pictures of a page: what to draw, and the relative address to write it to.

    ``classic`` has one picture with every plot in it. Published and measured latencies have plots
    of their own. A series without accuracy figures has no picture, one without latencies those of
    its counts.
    """
    timed = at_own_input(report.series, layout_measured(report, layout))
    speed = [
        *(
            latency_plot(report, *combination, source="published")
            for combination in _plotted(layout_latencies(report, layout))
        ),
        *(latency_plot(report, *each, source="measured") for each in _plotted(timed)),
    ]
    stem = report.series.file_stem
    counts = counts_plots(report, speed[0].name if speed else stem)
    if layout == "classic":
        plots = tuple(plot for plot in (*counts, *speed[:1]) if plot.points)
        return (PageImage(link=f"{folder}/{stem}.{suffix}", plots=plots),) if plots else ()
    return tuple(
        PageImage(link=f"{folder}/{plot.name}.{suffix}", plots=(plot,))
        for plot in (*counts, *speed)
        if plot.points
    )


def alt_text(image: PageImage, messages: Messages) -> str:
    """A picture in words: plain text, a few sentences for each plot in it."""
    sentences: list[str] = []
    if len(image.plots) > 1:
        sentences.append(messages.text("alt.combined", plots=len(image.plots)))
    for plot in image.plots:
        stated = facts(plot, messages.text("list.separator"))
        stated |= axis_words(plot.x_axis, messages)
        stated["missing"] = messages.some(plot.missing)
        sentences.append(messages.text(f"alt.{axis_key(plot.x_axis)}", **stated))
        sentences.append(messages.text("alt.range", **stated))
        if plot.basis:
            sentences.append(messages.text("alt.basis", **stated))
        if any(point.doubtful for point in plot.points):
            sentences.append(messages.text("alt.doubtful", **stated))
        if plot.missing:
            sentences.append(messages.text("alt.missing", **stated))
    return messages.text("list.sentences").join(sentences)


def plot_caption(plot: ScatterPlot, messages: Messages) -> str:
    """A few words on a plot, to stand below it."""
    axis = plot.x_axis
    return messages.text(
        f"captions.{axis_key(axis)}",
        convention=axis.convention,
        batch_size=axis.batch_size or "",
        days=facts(plot)["days"],
        **axis_words(axis, messages),
    )


def axis_key(axis: Axis) -> str:
    """An axis's key in the messages: its metric, or that it is measured."""
    return f"{axis.metric}_measured" if axis.source == "measured" else axis.metric


def axis_words(axis: Axis, messages: Messages) -> dict[str, str]:
    """The conditions behind an axis as words of the language, by placeholder."""
    separator = messages.text("list.separator")
    conditions = condition_texts(axis.conditions, messages)
    return {
        "hw": messages.text("hardware.unstated") if axis.hw == UNSTATED else axis.hw,
        "precision": axis.precision.upper(),
        "quantity": messages.text(f"quantities.names.{axis.quantity}") if axis.quantity else "",
        "conditions": "".join(f"{separator}{condition}" for condition in conditions),
    }


def _plotted(shown: Sequence[Latency | MeasuredLatency]) -> tuple[tuple[str, str, int], ...]:
    """The (hw, precision, batch size) worth a plot: one device, one batch size, two precisions.

    The device is the one with the most figures. The batch size is the largest up to four that it
    has, else its smallest. The widest precisions come first.
    """
    if not shown:
        return ()
    devices = distinct(each.hw for each in shown)
    hw = max(devices, key=lambda device: sum(each.hw == device for each in shown))
    here = [each for each in shown if each.hw == hw]
    sizes = {each.batch_size for each in here}
    small = [size for size in sizes if size <= _LARGEST_PLOTTED_BATCH]
    batch_size = max(small) if small else min(sizes)
    precisions = {each.precision for each in here if each.batch_size == batch_size}
    widest = sorted(precisions, key=lambda name: (-BYTES_PER_ELEMENT.get(name, 0), name))
    return tuple((hw, precision, batch_size) for precision in widest[:_MOST_LATENCY_PLOTS])
