"""Markdown of the method pages → html, with generated figures and tables in it."""

import pytest

from profiler.errors import RenderError
from profiler.website.method import Prose, render_prose


def render(source: str, **more: object) -> Prose:
    values = {"name": "p.md", "facts": {"n": "8"}, "tables": {"t": "<table></table>\n"}, **more}
    return render_prose(source, **values)  # type: ignore[arg-type]


def test_figures_are_filled_in_after_parsing() -> None:
    prose = render("# T\n\n{n} *models* and `{code}`.\n", facts={"n": "<b>*8*</b> {n}"})
    expected = "<p>&lt;b&gt;*8*&lt;/b&gt; {n} <em>models</em> and <code>{code}</code>.</p>"
    assert expected in prose.html
    assert (prose.title, prose.summary) == ("T", "<b>*8*</b> {n} models and {code}.")


def test_generated_tables_stand_where_they_are_named() -> None:
    html = render("a\n\n```table\nt\n```\n\nb\n\n```sh\nls\n```\n").html
    assert html.startswith('<p>a</p>\n<table></table>\n<p>b</p>\n<pre tabindex="0">')


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("{nobody}", "p.md.*nobody.*there are n"),
        ("a { b", "p.md.*brace"),
        ("{}", "p.md"),
        ("```table\nT\n```", "p.md.*'T'.*did you mean t"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_the_page(source: str, named: str) -> None:
    with pytest.raises(RenderError, match=named):
        render(source)


def test_twins_share_their_anchors() -> None:
    first = render("# How\n\n## What is counted\n\n### flops_all\n\n## Rest\n\n## Rest\n")
    assert first.anchors == ("how", "what-is-counted", "flops_all", "rest", "rest--2")
    second = render("# 如何\n\n## 甲\n\n### 乙\n\n## 丙\n\n## 丁\n", anchors=first.anchors)
    assert '<h2 id="what-is-counted">甲</h2>' in second.html
    assert [(h.anchor, h.text) for h in second.headings] == [
        ("what-is-counted", "甲"), ("rest", "丙"), ("rest--2", "丁"),
    ]  # fmt: skip
    with pytest.raises(RenderError, match=r"p\.md: 1 headings.*twin has 5"):
        render("# 如何\n", anchors=first.anchors)


def test_links_to_pages_become_links_to_html() -> None:
    html = render("[a](glossary.md#macs) [b](how-we-count.zh_CN.md) [c](https://x.org/a.md)").html
    for address in ("glossary.html#macs", "how-we-count.html", "https://x.org/a.md"):
        assert f'href="{address}"' in html


def test_html_in_a_page_is_text_and_tables_scroll() -> None:
    html = render("## <b>H</b>\n\n<script>x</script>\n\n| a |\n| - |\n| 1 |\n").html
    assert "<script" not in html
    assert "<b>" not in html
    assert '<div class="scroll words" role="region" aria-label="&lt;b&gt;H&lt;/b&gt;"' in html
    assert '<th scope="col">a</th>' in html


def test_a_heading_goes_by_the_code_name_it_ends_in() -> None:
    prose = render("# T\n\n## Peak activations `peak_bytes`\n\n## About `x` and more\n")
    assert prose.anchors == ("t", "peak_bytes", "about-x-and-more")
    assert prose.headings[0].text == "Peak activations peak_bytes"
    assert '<h2 id="peak_bytes">Peak activations <code>peak_bytes</code></h2>' in prose.html


def test_a_generated_region_shows_its_content_without_its_markers() -> None:
    region = "<!-- inprof:begin table=kinds -->\n\n| a |\n| :- |\n| b |\n\n<!-- inprof:end -->\n"
    html = render(f"# T\n\n{region}\nx <!-- y -->\n").html
    assert "inprof" not in html
    assert "<td>b</td>" in html  # an alignment would tint the cell
    assert "&lt;!-- y --&gt;" in html
