"""The parts that the site's pages are put together from, as their templates want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from profiler.plots.line_drawing import CaptionedDrawings
from profiler.records import (
    Record,
    Series,
    SeriesModel,
    Table,
)
from profiler.render.messages import Messages
from profiler.report.page_images import alt_text, plot_caption
from profiler.report.sections import (
    CaptionedTable,
    Paper,
    Section,
    paper_sentence,
)
from profiler.report.table_notes import TableNote
from profiler.website.content import SeriesContent, SiteImage
from profiler.website.frame import compare_path, relative
from profiler.website.table import HtmlTable, html_table, web_address

_LONGEST_DESCRIPTION = 160


class HtmlLink(Record, frozen=True):
    """Text with an address."""

    label: str
    href: str


class HtmlSource(Record, frozen=True):
    """A drawing that takes a picture's place in some media."""

    media: str
    href: str
    width: int
    height: int


class HtmlImage(Record, frozen=True):
    """A picture with what stands in for it, first match first, and the formats it can be had in."""

    href: str
    sources: tuple[HtmlSource, ...]
    width: int
    height: int
    alt: str
    caption: str
    formats: tuple[HtmlLink, ...]


class HtmlSources(Record, frozen=True):
    """The published pages that figures are quoted from; a link without an address is plain text."""

    label: str
    pages: tuple[HtmlLink, ...]


class HtmlPart(Record, frozen=True):
    """A section: heading, opening lines, pictures, tables, sources, notes; each may be empty.

    ``more`` is where the opening lines are explained. The captions of several tables are headings
    of their own; ``captioned`` asks for that also where there is one. ``folded`` is what a fold
    around all of it says, ``rest_folded`` what folds around all tables but the first say; where
    they are empty nothing is folded.
    """

    anchor: str
    title: str
    lead: tuple[str, ...] = ()
    more: HtmlLink | None = None
    images: tuple[HtmlImage, ...] = ()
    drawings: tuple[CaptionedDrawings, ...] = ()
    tables: tuple[HtmlTable, ...] = ()
    sources: HtmlSources | None = None
    notes: tuple[str, ...] = ()
    captioned: bool = False
    folded: str = ""
    rest_folded: str = ""


class HtmlPaper(Record, frozen=True):
    """A sentence with a paper's title in it, linked where ``href`` is not empty."""

    before: str
    title: str
    after: str
    href: str


def html_image(image: SiteImage, here: str, messages: Messages) -> HtmlImage:
    """A picture as seen from the page ``here``."""
    return HtmlImage(
        href=relative(here, image.image.link),
        sources=tuple(
            HtmlSource(
                media=variant.media,
                href=relative(here, variant.path),
                width=variant.width,
                height=variant.height,
            )
            for variant in image.variants
        ),
        width=image.width,
        height=image.height,
        alt=alt_text(image.image, messages),
        caption=_caption(image, messages),
        formats=file_links(image.files, here),
    )


def html_section(section: Section, messages: Messages, model_links: Mapping[str, str]) -> HtmlPart:
    """A page's section with its table; the legend stands once on the page, not here."""
    return HtmlPart(
        anchor=section.anchor,
        title=section.title,
        tables=(
            *single(
                section.table,
                section.anchor,
                section.title,
                messages,
                model_links,
                section.findings,
            ),
            *captioned(section.tables, section.anchor, messages, model_links),
        ),
        notes=section.notes,
        captioned=bool(section.tables),
    )


def captioned(
    tables: Sequence[CaptionedTable],
    anchor: str,
    messages: Messages,
    model_links: Mapping[str, str] | None = None,
) -> tuple[HtmlTable, ...]:
    """Tables under captions, with the notes that belong to each alone."""
    return tuple(
        html_table(
            each.table,
            messages,
            anchor=f"{anchor}-table-{number}",
            caption=each.caption,
            model_links=model_links,
            notes=[TableNote(mark="", text=note) for note in each.notes],
        )
        for number, each in enumerate(tables, start=1)
    )


def single(
    table: Table | None,
    anchor: str,
    caption: str,
    messages: Messages,
    model_links: Mapping[str, str] | None = None,
    notes: Sequence[TableNote] = (),
) -> tuple[HtmlTable, ...]:
    """A table as a section's only one; nothing where there is no table or no row in it."""
    if table is None or not table.rows:
        return ()
    view = html_table(
        table, messages, anchor=anchor, caption=caption, model_links=model_links, notes=notes
    )
    return (view,)


def html_sources(
    series: Series, pages: Iterable[str], key: str, messages: Messages
) -> HtmlSources | None:
    """The series' pages of these short names behind the words ``key``; None where there is none."""
    links = tuple(
        HtmlLink(label=series.pages[page], href=web_address(series.page_urls.get(page, "")))
        for page in dict.fromkeys(pages)
        if page in series.pages
    )
    return HtmlSources(label=messages.text(key), pages=links) if links else None


def html_paper(paper: Paper, sentence_key: str, messages: Messages) -> HtmlPaper:
    """A paper in a sentence of the catalogue; see ``paper_sentence``."""
    before, title, after = paper_sentence(paper, sentence_key, messages)
    href = web_address(paper.address) if title else ""
    return HtmlPaper(before=before, title=title, after=after, href=href)


def file_links(paths: Iterable[str], here: str) -> tuple[HtmlLink, ...]:
    """Files by path from the site's top → links from the page ``here`` that name their formats."""
    return tuple(
        HtmlLink(label=path.rpartition(".")[2].upper(), href=relative(here, path)) for path in paths
    )


def model_links(content: SeriesContent, here: str, language: str) -> dict[str, str]:
    """Model name → address of its page as seen from ``here``."""
    return {
        model.name: relative(here, f"{language}/{content.model_path(model.name)}")
        for model in content.series.models
    }


def compare_link(
    content: SeriesContent, here: str, messages: Messages, model: SeriesModel | None = None
) -> HtmlLink | None:
    """Where the series' models, or one and another, stand side by side; None where it is alone."""
    path = compare_path(content.series)
    if not path:
        return None
    address = relative(here, f"{messages.language}/{path}")
    if model is None:
        return HtmlLink(label=messages.text("compare.link"), href=address)
    return HtmlLink(
        label=messages.text("compare.link_model", model=model.label),
        href=f"{address}?{urlencode({'models': model.name})}",
    )


def first_sentence(texts: Sequence[str], fallback: str) -> str:
    """A page's description: the first text that says something, cut where it gets long."""
    text = " ".join(next((each for each in texts if each.strip()), fallback).split())
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"


def _caption(image: SiteImage, messages: Messages) -> str:
    plots = image.image.plots
    if len(plots) > 1:
        return messages.text("captions.combined", plots=len(plots))
    return plot_caption(plots[0], messages)
