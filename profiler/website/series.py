"""A series → its page of the site: both layouts' tables and pictures, in one language."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from profiler.records import Report
from profiler.render.messages import Messages, load_messages
from profiler.report.audited import with_notes
from profiler.report.conclusion import conclusions
from profiler.report.sections import (
    counts_section,
    crop_notes,
    in_language,
    latency_notes,
    measured_sections,
    note_texts,
    papers,
    speed_sections,
)
from profiler.report.tables.models import COMPARED, published_counts_table
from profiler.report.tables.series import latencies
from profiler.website.chart.charts import chart_data
from profiler.website.chart.choices import ChartChoice, chart_choices
from profiler.website.chart.spec import VEGA, can_chart
from profiler.website.content import SeriesContent
from profiler.website.downloads import series_file, table_files
from profiler.website.frame import ASSETS, COUNTING, GLOSSARY, SitePage, method_link, page_title
from profiler.website.parts import (
    Part,
    SiteTable,
    compare_link,
    first_sentence,
    in_series,
    model_links,
    paper_words,
    picture_texts,
    section_part,
)

_LAYOUT = "full"
#: What draws the chart, in order.
_CHART_SCRIPTS = tuple(f"{ASSETS}/{name}" for name in (VEGA, "chart_drawing.js", "chart.js"))


def series_page(content: SeriesContent, language: str) -> SitePage:
    """The page of a series."""
    messages = load_messages(language)
    links = model_links(content, f"{language}/{content.page_path}", language)
    series = content.series
    heading = in_language(series.titles, language, series.file_stem)
    summary = in_language(series.summaries, language, "")
    choices = chart_choices(content.true)
    overview = Part(
        anchor="overview",
        title=messages.text("headings.overview"),
        lead=_conclusions(content, choices, messages),
        more=method_link(GLOSSARY, messages, "frontier"),
        images=content.images,
    )
    figures, files = _with_downloads(_figures(content, messages, links, language), content)
    whole = series_file(content.true, content.audited.checks)
    changes = (Part("changes", messages.text("changes.title")),) if series.changes else ()
    regenerate = Part("regenerate", messages.text("headings.regenerate"))
    chart = None
    if can_chart():
        chart = chart_data(content.true, choices, messages, links, content.audited)
    return SitePage(
        path=content.page_path,
        title=page_title((heading,), messages),
        description=first_sentence((summary,), heading),
        template="site/series.html.j2",
        values={
            "series": series,
            "heading": heading,
            "summary": summary,
            "keys": (
                messages.text("notes.quoted"),
                *((messages.text("notes.measured"),) if content.true.measured else ()),
            ),
            "overview": overview,
            "combined": content.combined,
            "picture_texts": picture_texts,
            "compare": compare_link(content, messages),
            "papers": [
                paper_words(paper, "overview.paper", messages) for paper in papers(content.true)
            ],
            "figures": figures,
            "sections": (overview, *figures, *changes, regenerate),
            "whole": tuple(whole),
            "changes": [
                (change, in_language(change.texts, language, "")) for change in series.changes
            ],
            "commands": _commands(content),
            "has_chart": chart is not None,
        },
        scripts=_CHART_SCRIPTS if chart else (),
        data={"chart-data": chart} if chart else {},
        files={**files, **whole},
    )


def comparison_tables(
    content: SeriesContent,
    messages: Messages,
    links: Mapping[str, str],
    models: tuple[str, ...] = (),
) -> tuple[SiteTable, ...]:
    """Published beside traced figures, a table a metric; of some models only, if named."""
    tables = []
    for metric in COMPARED:
        table = published_counts_table(content.true, content.audited.checks, metric, models)
        table, notes = with_notes(table, content.audited, messages)
        caption = messages.text(f"compared.{metric}")
        tables.append(SiteTable(f"compared-{metric}", caption, table, notes, links))
    return tuple(each for each in tables if each.table.rows)


def _conclusions(
    content: SeriesContent, choices: Sequence[ChartChoice], messages: Messages
) -> tuple[str, ...]:
    """The conclusions from the page's plots: those of counts, and the first one of latency."""
    counted = [choice.plot for choice in choices if not choice.hw]
    by_name = {choice.plot.name: choice.plot for choice in choices if choice.hw}
    drawn = (plot.name for image in content.images for plot in image.image.plots)
    timed = [by_name[name] for name in drawn if name in by_name]
    labels = {model.name: model.label for model in content.series.models}
    said = conclusions([*counted, *timed[:1]], labels, messages)
    return (messages.text("list.sentences").join(said),) if said else ()


def _figures(
    content: SeriesContent, messages: Messages, links: Mapping[str, str], language: str
) -> Iterator[Part]:
    report, series = content.true, content.series
    yield section_part(counts_section(report, _LAYOUT, messages), series, links)
    compared = comparison_tables(content, messages, links)
    if compared:
        pages = (each.page for each in series.counts if each.flops_g or each.params_m)
        yield Part(
            anchor="published",
            title=messages.text("compared.heading"),
            lead=(messages.text("compared.lead"),),
            more=method_link(COUNTING, messages, "paddle_static"),
            tables=compared,
            quoted=in_series(series, pages),
        )
    for section in speed_sections(report, _LAYOUT, messages, content.audited):
        yield section_part(section, series, links)
    for section in measured_sections(report, _LAYOUT, messages):
        # many tables alike: the first is open, the others a click away and on paper
        part = section_part(section, series, links)
        yield replace(part, rest_folded=messages.text("model.show_rows"))
    if content.unstated_latencies:
        yield _unstated(content, messages, links)
    yield Part(
        anchor="notes",
        title=messages.text("headings.notes"),
        notes=(
            *note_texts(latency_notes(latencies(report)), messages),
            *_unmeasured(report, messages),
            *in_language(series.notes, language, ()),
        ),
        quoted=in_series(series, series.pages),
        quoted_as="notes.sources_all",
    )


def _unstated(content: SeriesContent, messages: Messages, links: Mapping[str, str]) -> Part:
    """The older page's tables, whose hardware nobody states."""
    sections = speed_sections(content.true, "classic", messages, content.audited)
    return Part(
        anchor="speed-unstated",
        title=messages.text("headings.speed_unstated"),
        lead=note_texts(crop_notes(content.true, content.unstated_latencies), messages),
        quoted=in_series(content.series, (each.page for each in content.unstated_latencies)),
        tables=tuple(
            SiteTable(f"unstated-{number}", section.title, section.table, section.findings, links)
            for number, section in enumerate(sections, start=1)
            if section.table
        ),
    )


def _with_downloads(
    parts: Iterable[Part], content: SeriesContent
) -> tuple[tuple[Part, ...], dict[str, str]]:
    """The parts with links to files of their larger tables, and the files."""
    files: dict[str, str] = {}
    linked = []
    for part in parts:
        tables = []
        for view in part.tables:
            own = table_files(view.table, view.anchor, content.true) if view.has_tools else {}
            files |= own
            tables.append(replace(view, files=tuple(own)))
        linked.append(replace(part, tables=tuple(tables)))
    return tuple(linked), files


def _unmeasured(report: Report, messages: Messages) -> tuple[str, ...]:
    """How latencies come onto the page, where there are none yet."""
    if report.measured:
        return ()
    conditions = ("--device", "cuda", "--precision", "fp32,fp16", "--bs", "1,4,8,32")
    command = shlex.join(["inprof", "time", "--series", report.series.name, *conditions])
    return (messages.text("notes.unmeasured", command=command),)


def _commands(content: SeriesContent) -> tuple[str, ...]:
    """Commands that give these figures again, as a site, as markdown and as numbers."""
    series = ["--series", content.series.name]
    return (
        shlex.join(["inprof", "site", *series, "-o", "build/site"]),
        shlex.join(["inprof", "page", *series, "-o", f"{content.series.file_stem}.md"]),
        shlex.join(["inprof", "count", *series]),
    )
