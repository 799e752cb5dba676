"""Report → a markdown page in a language.

The templates hold the order of the parts, the message catalogues every word, this module what is
said about which figures. A part without data is left out.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from profiler.catalog import UNSTATED
from profiler.notes import Note, count_notes, crop_notes, latency_notes
from profiler.records import Record, Report, SeriesModel, Table
from profiler.render.layouts import counts_page, layout_latencies
from profiler.render.markdown import inline, link, paragraph, render_markdown
from profiler.render.messages import Messages, load_messages
from profiler.render.page_images import PageImage, alt_text
from profiler.render.templating import render_template
from profiler.tables import accuracy_table, latency_table, speed_table

_T = TypeVar("_T")

_DEFAULT_CONVENTION = "flops"
#: Stands for a link while the sentence around it is put together.
_HERE = "\0"


class Section(Record, frozen=True):
    """A part of a page under a heading of its own; ``table`` is markdown, the rest plain text."""

    anchor: str
    title: str
    table: str = ""
    notes: tuple[str, ...] = ()


def render_page(report: Report, *, language: str, layout: str, images: Sequence[PageImage]) -> str:
    """The page as markdown that mdformat leaves alone.

    Args:
        report: the series and every figure; its convention decides what FLOPs are.
        language: one there are messages for.
        layout: "full" or "classic".
        images: what ``page_images`` gave for this layout, whether drawn or only linked to.
    """
    messages = load_messages(language)
    series = report.series
    shown = layout_latencies(report, layout)
    sections = [
        Section(anchor="overview", title=messages.text("headings.overview")),
        _counts_section(report, layout, messages),
        *_speed_sections(report, layout, messages),
        Section(
            anchor="notes",
            title=messages.text("headings.notes"),
            notes=(
                *_texts(latency_notes(report, shown), messages),
                *_sources(report, messages),
                *_in_language(series.notes, language, ()),
            ),
        ),
        Section(anchor="regenerate", title=messages.text("headings.regenerate")),
    ]
    if layout == "full":
        sections = [
            Section(
                anchor=section.anchor,
                title=f"{number}. {section.title}",
                table=section.table,
                notes=section.notes,
            )
            for number, section in enumerate(sections, start=1)
        ]
    return render_template(
        template=f"pages/{layout}.md.j2",
        values={
            "text": messages.text,
            "title": _in_language(series.titles, language, series.file_stem),
            "summary": _in_language(series.summaries, language, ""),
            "models": tuple(_model_lines(report, messages)),
            "images": tuple((alt_text(image, messages), image.link) for image in images),
            "crops": _texts(crop_notes(report, shown), messages),
            "sections": tuple(sections),
            "overview": sections[0],
            "figures": tuple(section for section in sections if section.table),
            "notes": sections[-2],
            "regenerate": sections[-1],
            "commands": _commands(report, language, layout),
        },
    )


def _counts_section(report: Report, layout: str, messages: Messages) -> Section:
    table = accuracy_table(report, counts_page(report, layout))
    rule = "published" if report.verbatim else "macs" if report.convention == "macs" else "flops"
    has_accuracy = any(row.accuracy and row.accuracy.top1 for row in report.rows)
    title = messages.text(
        "headings.accuracy" if has_accuracy else "headings.counts",
        work=messages.text(f"work.{rule}"),
    )
    return _section("accuracy", title, table, messages, _texts(count_notes(report), messages))


def _speed_sections(report: Report, layout: str, messages: Messages) -> Iterator[Section]:
    """One per device, or one per device and precision in the classic layout."""
    shown = layout_latencies(report, layout)
    if layout == "full":
        for number, (page, hw) in enumerate(_distinct((x.page, x.hw) for x in shown), start=1):
            title = messages.text(f"headings.{_kind(report, hw)}", device=_device(report, hw))
            table = latency_table(report, hw, page)
            yield _section(f"speed-{number}", title, table, messages)
        return
    tables = _distinct((each.page, each.hw, each.precision) for each in shown)
    for number, (page, hw, precision) in enumerate(tables, start=1):
        title = messages.text(
            "headings.precision" if hw == UNSTATED else "headings.precision_on",
            precision=precision.upper(),
            device=_device(report, hw),
        )
        table = speed_table(report, hw, precision, page)
        yield _section(f"speed-{number}", title, table, messages)


def _section(
    anchor: str, title: str, table: Table, messages: Messages, notes: Sequence[str] = ()
) -> Section:
    legend = (messages.text(f"notes.{key}") for key in table.notes)
    return Section(
        anchor=anchor,
        title=title,
        table=render_markdown(table, messages).rstrip("\n"),
        notes=(*legend, *notes),
    )


def _kind(report: Report, hw: str) -> str:
    """What a heading may call the hardware: a GPU only where that is known."""
    if hw == UNSTATED:
        return "speed_unstated"
    gpus = {device.slug for device in report.devices if device.compute_capability}
    return "speed_gpu" if hw in gpus else "speed"


def _device(report: Report, hw: str) -> str:
    """A device's short name: "V100" of "V100 (variant not stated)"; its slug if it has no entry."""
    name = next((device.name for device in report.devices if device.slug == hw), hw)
    return name.partition(" (")[0]


def _texts(notes: Iterable[Note], messages: Messages) -> tuple[str, ...]:
    return tuple(
        messages.text(
            f"notes.{note.key}",
            **{
                key: value if isinstance(value, str) else messages.join(value)
                for key, value in note.placeholders.items()
            },
        )
        for note in notes
    )


def _sources(report: Report, messages: Messages) -> tuple[str, ...]:
    pages = messages.text("list.clauses").join(report.series.pages.values())
    return (messages.text("notes.sources", pages=pages),) if pages else ()


def _model_lines(report: Report, messages: Messages) -> Iterator[str]:
    """Markdown list items: the models of each paper, and the paper."""
    by_paper: dict[tuple[str, str, int | None], list[SeriesModel]] = {}
    for row in report.rows:
        model = row.model
        by_paper.setdefault((model.paper, model.paper_title, model.year), []).append(model)
    for (address, title, year), models in by_paper.items():
        names = messages.join([model.label for model in models])
        if not (address or title):
            yield paragraph(names)
            continue
        key = "overview.paper" if year is None else "overview.paper_of_year"
        sentence = messages.text(key, models=names, paper=_HERE, year=year or "")
        before, _, after = sentence.rpartition(_HERE)
        yield "".join(
            (
                paragraph(before),
                " " if before.endswith(" ") else "",
                link(title or address, address),
                " " if after.startswith(" ") else "",
                inline(after),
            )
        )


def _commands(report: Report, language: str, layout: str) -> tuple[str, ...]:
    """What to type to get this page again, and what its counts consist of."""
    series = ["--series", report.series.name]
    rule = [] if report.convention == _DEFAULT_CONVENTION else ["--convention", report.convention]
    page = ["page", *series, "--lang", language, "--layout", layout, *rule]
    return (
        shlex.join(["inprof", *page, "-o", f"{report.series.file_stem}.md"]),
        shlex.join(["inprof", "count", *series, *rule]),
    )


def _in_language(texts: Mapping[str, _T], language: str, default: _T) -> _T:
    """The text in this language, else in the first there is."""
    return texts.get(language, next(iter(texts.values()), default))


def _distinct(values: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys(values))
