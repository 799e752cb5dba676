"""Tables in html: every text is text, and what a cell is can be seen without a style sheet."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.records import (
    Cell,
    Column,
    Report,
    Table,
)
from profiler.render.messages import load_messages
from profiler.render.templating import render_template, web_address
from profiler.report.tables.series import accuracy_table
from profiler.website.parts import SiteTable

EN = load_messages("en")


def render(view: SiteTable) -> str:
    values = {"view": view, "messages": EN}
    return render_template(template="site/one_table.html.j2", values=values)


def one_cell(cell: Cell, hint: str = "label", **more: object) -> str:
    table = Table(
        key="t",
        columns=(Column(key="model", hint="label"), Column(key="top1", hint=hint)),
        rows=((Cell(value="row", origin="label"), cell),),
    )
    html = render(SiteTable("a", "c", table, **more))  # type: ignore[arg-type]
    match = re.search(r'<th scope="row">row</th>(.*)</tr>', html, re.DOTALL)
    assert match is not None, html
    return match[1]


def test_what_a_cell_is_shows_in_its_markup() -> None:
    published = Cell(value="7.2075", origin="published")
    assert one_cell(published, "published") == "<td><i>7.2075</i></td>"
    assert one_cell(published, "verbatim") == "<td>7.2075</td>"
    assert one_cell(Cell(value=1234, origin="traced"), "integer") == "<td>1,234</td>"
    missing = Cell(value=None, origin="missing", reason="not_published")
    assert one_cell(missing, "published") == '<td class="m">not published</td>'
    share = one_cell(Cell(value=0.123, origin="traced"), "share")
    assert share == '<td style="--share:12.3%">12.3%</td>'
    assert one_cell(Cell(value="conv", origin="label"), "text") == '<td class="t">conv</td>'


def test_a_label_links_to_its_model_only_where_it_has_a_page() -> None:
    label = Cell(value="N", origin="label", link="https://example.org/p", model="n")
    linked = one_cell(label, links={"n": "s/n.html"})
    assert linked == '<td class="t"><a href="s/n.html">N</a></td>'
    assert one_cell(label) == '<td class="t">N</td>'
    paper = Cell(value="N", origin="label", link="https://example.org/p")
    assert 'href="https://example.org/p"' in one_cell(paper)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JavaScript:x", "file:///x", "x", ""])
def test_only_web_addresses_become_links(address: str) -> None:
    assert web_address(address) == ""
    assert "<a" not in one_cell(Cell(value="N", origin="label", link=address))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=40))
def test_any_label_comes_out_as_itself(label: str) -> None:
    parser = _Text()
    parser.feed(one_cell(Cell(value=label, origin="label")))
    parser.close()
    assert parser.tags == ["td"]
    assert parser.text == label


def test_a_table_says_what_it_is_to_who_cant_see_it(
    inception_report: Callable[..., Report],
) -> None:
    table = accuracy_table(inception_report("flops"))
    html = render(SiteTable("acc", "Accuracy & cost", table))
    assert '<caption id="acc-caption">Accuracy &amp; cost</caption>' in html
    assert 'role="group" aria-labelledby="acc-caption" tabindex="0"' in html
    assert html.count('scope="col"') == len(table.columns)
    assert html.count('scope="row"') == len(table.rows)
    assert "<tfoot>" not in html
