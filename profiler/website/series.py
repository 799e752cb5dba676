"""A series → its page of the site: both layouts' tables and pictures, in one language."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from profiler.records import Record, Report, Series
from profiler.render.messages import Messages, load_messages
from profiler.report.conclusion import conclusions
from profiler.report.measured_sections import measured_sections
from profiler.report.notes import crop_notes, latency_notes
from profiler.report.sections import (
    Section,
    counts_section,
    in_language,
    note_texts,
    papers,
    speed_sections,
)
from profiler.report.table_notes import with_notes
from profiler.report.tables.models import COMPARED, comparison_table
from profiler.report.tables.series import latencies
from profiler.website.chart.charts import chart_data
from profiler.website.chart.choices import ChartChoice, chart_choices
from profiler.website.chart.spec import VEGA
from profiler.website.content import SeriesContent
from profiler.website.downloads import series_file, table_files
from profiler.website.frame import (
    COUNTING,
    GLOSSARY,
    HtmlPage,
    method_path,
    page_title,
    relative,
)
from profiler.website.parts import (
    HtmlLink,
    HtmlPart,
    HtmlSources,
    compare_link,
    file_links,
    first_sentence,
    html_image,
    html_paper,
    html_section,
    html_sources,
    model_links,
)
from profiler.website.table import HtmlTable, html_table

_LAYOUT = "full"
#: What shows pictures in the theme that the reader chose.
PICTURES = "pictures.js"
#: What draws the chart, in order.
_CHART_SCRIPTS = (
    VEGA,
    *("chart_labels.js", "chart_rows.js", "chart_table.js", "chart_drawing.js", "chart.js"),
)


class HtmlChanges(Record, frozen=True):
    """The section that says what changed: a heading and a text for each change."""

    anchor: str
    title: str
    entries: tuple[tuple[str, str], ...]


def series_page(content: SeriesContent, language: str) -> HtmlPage:
    """The page of a series."""
    messages = load_messages(language)
    here = f"{language}/{content.page_path}"
    links = model_links(content, here, language)
    series = content.series
    heading = in_language(series.titles, language, series.file_stem)
    summary = in_language(series.summaries, language, "")
    choices = chart_choices(content.true)
    overview = HtmlPart(
        anchor="overview",
        title=messages.text("headings.overview"),
        lead=_conclusions(content, choices, messages),
        more=method_link(here, messages, GLOSSARY, "frontier"),
        images=tuple(html_image(image, here, messages) for image in content.images),
    )
    figures, files = _with_downloads(
        _figures(content, here, messages, links, language), content, here
    )
    whole = series_file(content.true, content.audited.checks)
    changes = tuple(_changes(series, language, messages))
    regenerate = HtmlPart(anchor="regenerate", title=messages.text("headings.regenerate"))
    chart = chart_data(content.true, choices, messages, links, content.audited)
    return HtmlPage(
        path=content.page_path,
        title=page_title((heading,), messages),
        description=first_sentence((summary,), heading),
        template="site/series.html.j2",
        values={
            "heading": heading,
            "summary": summary,
            "keys": (
                messages.text("notes.quoted"),
                *((messages.text("notes.measured"),) if content.true.measured else ()),
            ),
            "overview": overview,
            "combined": html_image(content.combined, here, messages) if content.combined else None,
            "compare": compare_link(content, here, messages),
            "papers": tuple(
                html_paper(paper, "overview.paper", messages) for paper in papers(content.true)
            ),
            "figures": figures,
            "sections": (overview, *figures, *changes, regenerate),
            "updated": messages.text("changes.updated", date=series.updated)
            if series.updated
            else "",
            "whole": file_links(whole, here),
            "changes": changes,
            "commands": _commands(content),
            "has_chart": chart is not None,
        },
        scripts=(PICTURES, *(_CHART_SCRIPTS if chart else ())),
        data={"chart-data": chart} if chart else {},
        files={**files, **whole},
    )


def comparison_tables(
    content: SeriesContent,
    messages: Messages,
    links: Mapping[str, str],
    models: tuple[str, ...] = (),
) -> tuple[HtmlTable, ...]:
    """Published beside traced figures, a table a metric; of some models only, if named."""
    tables = []
    for metric in COMPARED:
        table = comparison_table(content.true, content.audited.checks, metric, models)
        table, notes = with_notes(table, content.audited, messages)
        if table.rows:
            tables.append(
                html_table(
                    table,
                    messages,
                    anchor=f"compared-{metric}",
                    caption=messages.text(f"compared.{metric}"),
                    model_links=links,
                    notes=notes,
                )
            )
    return tuple(tables)


def counting_link(here: str, messages: Messages, anchor: str) -> HtmlLink:
    """Where the conventions are explained, as seen from the page ``here``."""
    return method_link(here, messages, COUNTING, anchor)


def method_link(here: str, messages: Messages, name: str, anchor: str) -> HtmlLink:
    """A heading of a method page as seen from the page ``here``."""
    address = relative(here, f"{messages.language}/{method_path(name)}")
    return HtmlLink(label=messages.text(f"methods.{name}"), href=f"{address}#{anchor}")


def _conclusions(
    content: SeriesContent, choices: Sequence[ChartChoice], messages: Messages
) -> tuple[str, ...]:
    """What the plots of the page come to: counts, and the first latency that it has a plot of."""
    counted = [choice.plot for choice in choices if not choice.hw]
    by_name = {choice.plot.name: choice.plot for choice in choices if choice.hw}
    drawn = (plot.name for image in content.images for plot in image.image.plots)
    timed = [by_name[name] for name in drawn if name in by_name]
    labels = {model.name: model.label for model in content.series.models}
    said = conclusions([*counted, *timed[:1]], labels, messages)
    return (messages.text("list.sentences").join(said),) if said else ()


def _figures(
    content: SeriesContent,
    here: str,
    messages: Messages,
    links: Mapping[str, str],
    language: str,
) -> Iterator[HtmlPart]:
    report = content.true
    yield _quoting(counts_section(report, _LAYOUT, messages), content, messages, links)
    compared = comparison_tables(content, messages, links)
    if compared:
        yield HtmlPart(
            anchor="published",
            title=messages.text("compared.heading"),
            lead=(messages.text("compared.lead"),),
            more=counting_link(here, messages, "paddle_static"),
            tables=compared,
            sources=_sources(
                content,
                (x.page for x in content.series.counts if x.flops_g or x.params_m),
                messages,
            ),
        )
    for section in speed_sections(report, _LAYOUT, messages, content.audited):
        yield _quoting(section, content, messages, links)
    for section in measured_sections(report, _LAYOUT, messages):
        # many tables alike: the first is open, the others a click away and on paper
        part = html_section(section, messages, links)
        yield replace(part, rest_folded=messages.text("model.show_rows"))
    if content.unstated_latencies:
        yield _unstated(content, messages, links)
    yield HtmlPart(
        anchor="notes",
        title=messages.text("headings.notes"),
        notes=(
            *note_texts(latency_notes(latencies(report)), messages),
            *_unmeasured(report, messages),
            *in_language(content.series.notes, language, ()),
        ),
        sources=html_sources(content.series, content.series.pages, "notes.sources_all", messages),
    )


def _quoting(
    section: Section, content: SeriesContent, messages: Messages, links: Mapping[str, str]
) -> HtmlPart:
    """A section with the pages that it quotes."""
    part = html_section(section, messages, links)
    return replace(part, sources=_sources(content, section.pages, messages))


def _sources(
    content: SeriesContent, pages: Iterable[str], messages: Messages
) -> HtmlSources | None:
    return html_sources(content.series, pages, "notes.sources_here", messages)


def _unstated(content: SeriesContent, messages: Messages, links: Mapping[str, str]) -> HtmlPart:
    """The older page's tables, whose hardware nobody states."""
    sections = tuple(speed_sections(content.true, "classic", messages, content.audited))
    return HtmlPart(
        anchor="speed-unstated",
        title=messages.text("headings.speed_unstated"),
        lead=note_texts(crop_notes(content.true, content.unstated_latencies), messages),
        sources=_sources(content, (x.page for x in content.unstated_latencies), messages),
        tables=tuple(
            html_table(
                section.table,
                messages,
                anchor=f"unstated-{number}",
                caption=section.title,
                model_links=links,
                notes=section.findings,
            )
            for number, section in enumerate(sections, start=1)
            if section.table
        ),
    )


def _with_downloads(
    parts: Iterable[HtmlPart], content: SeriesContent, here: str
) -> tuple[tuple[HtmlPart, ...], dict[str, str]]:
    """The parts with links to files of their larger tables, and the files."""
    files: dict[str, str] = {}
    linked = []
    for part in parts:
        tables = []
        for view in part.tables:
            own = table_files(view.spec, view.anchor, content.true) if view.tools else {}
            files |= own
            links = file_links(own, here)
            tables.append(replace(view, downloads={each.label: each.href for each in links}))
        linked.append(replace(part, tables=tuple(tables)))
    return tuple(linked), files


def _changes(series: Series, language: str, messages: Messages) -> Iterator[HtmlChanges]:
    """What happened to the figures, where the series says so."""
    if series.changes:
        yield HtmlChanges(
            anchor="changes",
            title=messages.text("changes.title"),
            entries=tuple(
                (
                    messages.text("changes.entry", date=each.date, revision=each.revision)
                    if each.revision
                    else each.date,
                    in_language(each.texts, language, ""),
                )
                for each in series.changes
            ),
        )


def _unmeasured(report: Report, messages: Messages) -> tuple[str, ...]:
    """How latencies come onto the page, where there are none yet."""
    if report.measured:
        return ()
    conditions = ("--device", "cuda", "--precision", "fp32,fp16", "--bs", "1,4,8,32")
    command = shlex.join(["inprof", "time", "--series", report.series.name, *conditions])
    return (messages.text("notes.unmeasured", command=command),)


def _commands(content: SeriesContent) -> tuple[str, ...]:
    """What to type to get these figures again, as a site, as markdown and as numbers."""
    series = ["--series", content.series.name]
    return (
        shlex.join(["inprof", "site", *series, "-o", "build/site"]),
        shlex.join(["inprof", "page", *series, "-o", f"{content.series.file_stem}.md"]),
        shlex.join(["inprof", "count", *series]),
    )
