"""Findings as notes: at the cells they concern, one for alike findings, and never in a copy."""

import re

import pytest
from msgspec.structs import replace

from profiler.records import (
    Cell,
    CellRef,
    Column,
    Finding,
    Table,
)
from profiler.render.markdown import render_markdown
from profiler.render.messages import load_messages
from profiler.render.templating import render_template
from profiler.report.audited import Audited, Names, with_notes
from profiler.report.page import page_images, render_page
from profiler.website.parts import SiteTable

ENGLISH = load_messages("en")
NAMES = Names({"m0": "One", "m1": "Two"}, {"t4": "T4"})


def at(model, batch_size):
    return CellRef("web", "speed", "row", model, "latency_ms", "t4", "fp32", batch_size)


def rising(model, severity="info"):
    return Finding(
        id=f"per-image-rising:{model}",
        rule="per-image-rising",
        severity=severity,
        model=model,
        cells=(at(model, 1), at(model, 4)),
        evidence={
            "hw": "t4",
            "precisions": ("fp32", "fp32"),
            "batch_sizes": (1, 4),
            "latencies_ms": ("1", "4.2"),
            "rise": 0.05,
        },
    )


def missing(model):
    cell = CellRef("web", "speed", "Two", model, "", "t4")
    evidence = {"missing_from": 1, "tables": 2}
    return Finding("missing-row", "missing-row", "info", model, (cell,), evidence)


TABLE = Table(
    key="latency",
    columns=(Column("model", "label", "left"), Column("latency_ms", "published", placeholders={
        "precision": "FP32", "batch_size": 4,
    })),
    rows=(
        (Cell("One", "label"), Cell("4.2", "published", at=(at("m0", 4),))),
        (
            Cell("Two", "label", at=missing("m1").cells),
            Cell("4.2", "published", at=(at("m1", 4),)),
        ),
        (Cell("Three", "label"), Cell("9", "traced", at=(at("m0", 1),))),
    ),
)  # fmt: skip


def test_alike_findings_share_a_note_at_their_cells():
    found = Audited((rising("m0"), rising("m1", "warning"), missing("m1")), NAMES)
    table, notes = with_notes(TABLE, found, ENGLISH)
    assert [[cell.marks for cell in row] for row in table.rows] == [
        [(), ("a",)], [("b",), ("a",)], [(), ()],
    ]  # fmt: skip
    assert [note.mark for note in notes] == ["a", "b"]
    # a rise of 0.05 is 5.0 %
    assert "One FP32 +5.0% per image from batch size 1 to 4; Two FP32 +5.0%" in notes[0].text


def test_what_a_table_does_not_show_is_no_note_of_it():
    elsewhere = replace(rising("m0"), cells=(at("m9", 4),))
    table, notes = with_notes(TABLE, Audited((elsewhere,), NAMES), ENGLISH)
    assert (table, notes) == (TABLE, ())


def test_a_traced_figure_is_not_marked_but_noted():
    alone = replace(TABLE, rows=TABLE.rows[2:])
    table, (note,) = with_notes(alone, Audited((rising("m0"),), NAMES), ENGLISH)
    assert not any(cell.marks for row in table.rows for cell in row)
    assert note.mark == ""
    assert with_notes(TABLE, Audited((rising("m0"),), NAMES), ENGLISH, marked=False)[0] == TABLE


def test_markdown_and_html_show_the_marks():
    table, notes = with_notes(TABLE, Audited((rising("m0"), missing("m1")), NAMES), ENGLISH)
    assert "*4.2* <sup>a</sup>" in render_markdown(table, ENGLISH)
    values = {"view": SiteTable("speed", "Speed", table, notes), "messages": ENGLISH}
    page = render_template(template="site/one_table.html.j2", values=values)
    links = re.findall(r'<a href="#([^"]+)" role="doc-noteref" aria-label="([^"]+)">', page)
    assert links == [("speed-note-1", "Note a"), ("speed-note-2", "Note b")]
    assert re.findall(r'<li id="([^"]+)">', page) == [anchor for anchor, _ in links]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("layout", ["full", "classic"])
def test_a_copy_of_a_published_table_is_never_marked(inception_report, language, layout):
    report = inception_report("paddle_static")
    models = {model.name: model.label for model in report.series.models}
    cells = tuple(latency.cell for latency in report.series.latencies)
    found = Audited((replace(rising("Xception41"), cells=cells),), Names(models, {}))
    texts = [
        render_page(
            report,
            language=language,
            layout=layout,
            images=page_images(report, layout),
            **({"audited": found} if noted else {}),
        )
        for noted in (False, True)
    ]
    tables = [[line for line in text.splitlines() if line.startswith("|")] for text in texts]
    assert tables[0] == tables[1]
    assert "+5.0%" in texts[1]
    assert "<sup>" not in texts[1]
