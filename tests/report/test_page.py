"""The pages: the published tables cell by cell, both languages, and series of other shapes."""

import re
from collections.abc import Callable
from pathlib import Path

import mdformat
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from profiler.errors import UnknownNameError
from profiler.records import Report
from profiler.report.layouts import LAYOUTS, default_layout
from profiler.report.page import page_images, render_page

DATA = Path(__file__).parents[1] / "data"
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LANGUAGES = ("en", "zh_CN")
CONVENTIONS = ("paddle_static", "flops", "macs", "flops_all", "fvcore")
Build = Callable[..., Report]


def page(report: Report, language: str, layout: str) -> str:
    images = page_images(report, layout)
    return render_page(report, language=language, layout=layout, images=images)


def tables(markdown: str) -> list[list[list[str]]]:
    """Every table as rows of cells: as read, line breaks as "<br>", spaces stripped."""
    tree = SyntaxTreeNode(PARSER.parse(markdown))
    return [
        [
            [
                "".join(n.content for n in cell.walk() if not n.children).replace(" ", "")
                for cell in row.children
            ]
            for row in table.walk()
            if row.type == "tr"
        ]
        for table in tree.walk()
        if table.type == "table"
    ]


def published(name: str) -> dict[str, list[list[str]]]:
    """The reference tables by heading; read without a markdown parser."""
    found: dict[str, list[list[str]]] = {}
    for line in (DATA / f"tables_{name}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("<!-- section: "):
            title = line.removeprefix("<!-- section: ").removesuffix(" -->")
            found[title] = []
        elif line.startswith("|") and set(line) - set("|:- "):
            found[title].append([c.replace(" ", "") for c in line.strip("|").split("|")])
    return found


def headings(markdown: str) -> list[str]:
    return re.findall(r"^## (.*)$", markdown, re.MULTILINE)


def numbers(markdown: str) -> list[list[list[str]]]:
    """The figures of every table, body cells only; blank and wordy cells as "-"."""
    figure = re.compile(r"[0-9][0-9.,x]*")
    return [
        [[c if figure.fullmatch(c) else "-" for c in row[1:]] for row in table[1:]]
        for table in tables(markdown)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_published_page_cell_by_cell(inception_report: Build, language: str) -> None:
    text = page(inception_report("paddle_static"), language, default_layout(language))
    expected = published(language)
    assert len(expected) == 3
    assert tables(text) == list(expected.values())
    assert [title for title in headings(text) if title in expected] == list(expected)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_languages_have_the_same_numbers(
    inception_report: Build, layout: str, convention: str
) -> None:
    report = inception_report(convention)
    english, chinese = (page(report, language, layout) for language in LANGUAGES)
    assert numbers(english) == numbers(chinese)
    assert len(numbers(english)) == 3
    assert len(headings(english)) == len(headings(chinese))
    assert english.count("\n- ") == chinese.count("\n- ")


def loosely(text: str) -> str:
    """The page without what a backslash more or less changes: padding and the escape itself."""
    return re.sub(r"[ -]+", " ", text.replace("<br>\\_", "<br>_").replace("\\_<br>", "_<br>"))


def raw_tables(text: str) -> list[list[str]]:
    """Every table row that is no rule, its cells without spaces, exactly as in the file."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line[:1] == "|"]
    cells = [["".join(cell.split()) for cell in row] for row in rows]
    return [row for row in cells if not set("".join(row)) <= set(":-")]


@pytest.mark.parametrize(("language", "layout"), [("en", "full"), ("zh_CN", "classic")])
def test_the_default_pages_repeat_the_published_cells_to_the_byte(
    inception_report: Build, language: str, layout: str
) -> None:
    published = (DATA / f"tables_{language}.md").read_text(encoding="utf-8")
    text = page(inception_report("paddle_static"), language, layout)
    assert raw_tables(text) == raw_tables(published)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mdformat_leaves_a_page_alone(
    inception_report: Build, language: str, layout: str, convention: str
) -> None:
    text = page(inception_report(convention), language, layout)
    formatted = mdformat.text(text, extensions={"gfm"})
    if convention == "paddle_static":
        # printed names stay as printed; mdformat would put a backslash beside their line break
        formatted, text_seen = loosely(formatted), loosely(text)
    else:
        text_seen = text
    assert formatted == text_seen
    assert text == page(inception_report(convention), language, layout)


def test_a_verbatim_page_has_no_marks_in_its_tables(inception_report: Build) -> None:
    for layout in LAYOUTS:
        rows = list(page(inception_report("paddle_static"), "en", layout).splitlines())
        assert not [x for x in rows if x.startswith("|") and re.search(r"\*|\]\(|published", x)]
        assert not [x for x in rows if "italics" in x]


def test_a_rich_page_shows_the_true_figures_and_says_so(inception_report: Build) -> None:
    text = page(inception_report("flops"), "en", "full")
    counts, v100, t4 = tables(text)
    assert counts[0][-2] == "FLOPs=2×MACs<br>(G)"
    # expected_counts.csv, deploy: 2863112704 FLOPs, 6991272 parameters, at 224.
    assert counts[1] == [
        "GoogLeNet",
        "224x224",
        "0.707",
        "0.897",
        "0.698",
        "notpublished",
        "2.863",
        "6.991",
    ]
    assert {len(table) for table in (counts, v100, t4)} == {9}
    assert v100[7] == ["InceptionV3", *["notpublished"] * 3]
    assert "| [GoogLeNet](https://arxiv.org/abs/1409.4842)" in text
    assert "*4.48882*" in text
    assert "graph that is deployed" in text
    assert "Counted for an input of 1x3x224x224: GoogLeNet." in text
    assert "Published FLOPs or parameters differ" in text


def test_a_page_is_silent_on_differences_that_are_not_there(inception_report: Build) -> None:
    text = page(inception_report("paddle_static"), "en", "full")
    assert "Published FLOPs or parameters differ" not in text
    assert "Counted on the train graph" in text


def test_the_pictures_of_the_default_pages(inception_report: Build) -> None:
    report = inception_report("flops")
    assert [image.link for image in page_images(report, "full")] == [
        "images/t4.fp32.bs4.Inception.flops.png",
        "images/t4.fp32.bs4.Inception.params.png",
        "images/t4.fp32.bs4.Inception.png",
        "images/t4.fp16.bs4.Inception.png",
    ]
    (combined,) = page_images(report, "classic", folder="../img", suffix="svg")
    assert combined.link == "../img/Inception.svg"
    assert [plot.x_axis.metric for plot in combined.plots] == ["flops", "params", "latency"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_alt_text_says_what_is_seen(inception_report: Build, language: str) -> None:
    text = page(inception_report("flops"), language, "full")
    alts = re.findall(r"^!\[(.*)\]\((images/.*)\)$", text, re.MULTILINE)
    assert len(alts) == 4
    # Cheapest and dearest model from published_latency.csv, rounded to four digits.
    for fact in ("T4", "FP32", "GoogLeNet", "4.489", "Xception71", "31.56", "0.811"):
        assert fact in alts[2][0]
    older = page(inception_report("flops"), language, "classic")
    alt = re.findall(r"^!\[(.*)\]\(images/Inception.png\)$", older, re.MULTILINE)[0]
    assert "unstated" not in alt
    assert "InceptionV3" in alt


def test_contents_link_to_anchors_that_exist(inception_report: Build) -> None:
    text = page(inception_report("flops"), "zh_CN", "full")
    links = re.findall(r"\]\(#(.*?)\)", text)
    assert len(links) == len(set(links)) == 6
    assert links == re.findall(r'<a id="(.*?)"></a>', text)


def test_crop_sizes_are_told_apart(inception_report: Build) -> None:
    assert "299" in page(inception_report("flops"), "zh_CN", "classic").split("|")[0]
    report = inception_report("flops")
    row = report.rows[0]
    moved = tuple(msgspec.structs.replace(x, crop_size=224) for x in row.latencies)
    rows = (msgspec.structs.replace(row, latencies=moved), *report.rows[1:])
    text = page(msgspec.structs.replace(report, rows=rows), "en", "classic")
    assert "Latencies of GoogLeNet were taken at a crop of 224 pixels" in text


def test_commands_repeat_the_page(inception_report: Build) -> None:
    assert (
        "inprof page --series inception --lang zh_CN --layout classic -o Inception.md\n"
    ) in page(inception_report("flops"), "zh_CN", "classic")
    assert "--convention paddle_static" in page(inception_report("paddle_static"), "en", "full")


T4 = ("t4", "fp16", 8, "1.25")
CPU = ("my-cpu", "fp32", 1, "7")
UNSTATED = ("unstated", "fp32", 1, "7")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("timed", [(), (T4,), (CPU,), (UNSTATED,), (T4, CPU, UNSTATED)])
@pytest.mark.parametrize("accuracy", [True, False])
@pytest.mark.parametrize("convention", ["flops", "paddle_static"])
def test_series_of_other_shapes_give_a_stable_page(
    tiny_report: Build,
    convention: str,
    accuracy: bool,
    timed: tuple[tuple[str, str, int, str], ...],
    language: str,
    layout: str,
) -> None:
    report = tiny_report("one", accuracy=accuracy, timed=timed, convention=convention)
    text = page(report, language, layout)
    assert mdformat.text(text, extensions={"gfm"}) == text
    assert text.startswith("# Mine\n")
    assert ("![" in text) == accuracy
    assert "\n\n\n" not in text
    classic = {hw for hw, *_ in timed if (hw == "unstated") == (layout == "classic")}
    assert len(tables(text)) == 1 + len(classic or {hw for hw, *_ in timed})


def test_headings_name_the_hardware_as_far_as_it_is_known(tiny_report: Build) -> None:
    report = tiny_report("one", accuracy=False, timed=(T4, CPU))
    assert headings(page(report, "en", "full"))[2:5] == [
        "2. FLOPs and Parameters",
        "3. Inference speed based on T4 GPU",
        "4. Inference speed on my-cpu",
    ]
    assert headings(page(report, "en", "classic"))[2:4] == [
        "FP16 inference speed on T4",
        "FP32 inference speed on my-cpu",
    ]
    alone = tiny_report("one", timed=(UNSTATED,))
    assert "Inference speed (hardware not stated)" in page(alone, "en", "full")


def test_a_series_without_latencies_says_so(tiny_report: Build) -> None:
    text = page(tiny_report("one"), "en", "full")
    assert "No latencies are published" in text
    assert [image.link for image in page_images(tiny_report("one"), "full")] == [
        "images/Mine.flops.png",
        "images/Mine.params.png",
    ]


NAMES = st.text(st.sampled_from("\\`*_[]()<>#|~!&;:-=.1x \n型"), max_size=12)


@given(NAMES, NAMES)
@settings(max_examples=25)
def test_names_from_users_are_text(tiny_report: Build, name: str, title: str) -> None:
    report = tiny_report(name, "plain", timed=(T4,), title=title, paper="https://x.y/(z)|`")
    for layout in LAYOUTS:
        tree = SyntaxTreeNode(PARSER.parse(page(report, "en", layout)))
        kinds = {node.type for node in tree.walk()}
        assert not kinds & {"html_block", "code_inline", "hr", "blockquote", "strong", "s"}
        assert {n.content for n in tree.walk() if n.type == "html_inline"} <= {
            "<br>",
            "</a>",
            *(f'<a id="{x}">' for x in ("overview", "accuracy", "speed-1", "notes", "regenerate")),
        }
        h1 = next(node for node in tree.walk() if node.type == "heading")
        assert "".join(n.content for n in h1.walk() if not n.children) == " ".join(title.split())
        images = [node for node in tree.walk() if node.type == "image"]
        assert len(images) == len(page_images(report, layout))
        for table in tables(page(report, "en", layout)):
            assert table[1][0] == "".join(name.split())
            assert table[2][0] == "plain"


def test_an_unknown_layout_lists_the_known_ones(inception_report: Build) -> None:
    with pytest.raises(UnknownNameError, match="full"):
        page(inception_report("flops"), "en", "fulll")
