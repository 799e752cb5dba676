"""Markers in markdown: found where they are markers, kept out of what is not theirs."""

import hashlib

import mdformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.docs.regions import (
    body_of,
    body_sum,
    find_regions,
    with_bodies,
)

BEGIN = "<!-- inprof:begin table=accuracy -->"
END = "<!-- inprof:end -->"


def only(text):
    found = find_regions(text)
    assert found.faults == ()
    (region,) = found.regions
    return region


def faults(text):
    return [(fault.line, fault.problem) for fault in find_regions(text).faults]


def test_a_region_has_its_attributes_its_line_and_its_body():
    region = only(
        f'intro\n\n<!-- inprof:begin plot=all dir="my images" hw=t4 -->\nbody\n{END}\nrest\n'
    )
    assert region.attributes == {"plot": "all", "dir": "my images", "hw": "t4"}
    assert region.line == 3
    assert region.body == "body\n"


def test_several_regions_stand_in_one_file():
    text = f"{BEGIN}\n{END}\n\n<!-- inprof:begin note=papers -->\n{END}\n"
    assert [region.line for region in find_regions(text).regions] == [1, 4]


@pytest.mark.parametrize(
    "text",
    [
        f"```md\n{BEGIN}\n{END}\n```\n",
        f"~~~~\n{BEGIN}\n~~~\n{END}\n~~~~\n",
        f"text\n\n    {BEGIN}\n    {END}\n",
        f"- item\n\n  ```\n  {BEGIN}\n  {END}\n  ```\n",
        f"Write `{BEGIN}` and `{END}`.\n",
        f"see {BEGIN}\n",
        f"> {BEGIN}\n> {END}\n",
        "<!-- inprof-lint: off -->\n",
        "inprof: a tool\n",
        f"<pre>\n\n{BEGIN}\n{END}\n</pre>\n",
        f"```md\n{BEGIN}\n{END}\n",
    ],
    ids=[
        "fence",
        "tildes",
        "indented",
        "list",
        "inline",
        "behind text",
        "quote",
        "lint",
        "word",
        "pre",
        "open fence",
    ],
)
def test_what_is_no_marker_is_left_alone(text):
    found = find_regions(text)
    assert found.regions == found.faults == ()


@pytest.mark.parametrize(
    "text",
    [
        f"---\ntitle: x\nmodels:\n    - a\n---\n{BEGIN}\n{END}\n",
        f"<details>\n{BEGIN}\n{END}\n</details>\n",
        f'<div align="center">\n{BEGIN}\n{END}\n</div>\n',
        f"text right above\n{BEGIN}\n{END}\ntext right below\n",
        f"- a\n\n  ```md\n  {BEGIN}\n  {END}\n  ```\n\n  {BEGIN}\n  {END}\n",
        f"{BEGIN}   \n{END}\t\n",
        "<!--inprof:begin table=accuracy-->\n<!--inprof:end-->\n",
    ],
    ids=["front matter", "details", "div", "text", "below a fence", "spaces", "no spaces"],
)
def test_a_marker_stands_in_any_block(text):
    assert only(text).attributes == {"table": "accuracy"}


def test_a_fence_inside_a_region_does_not_hide_its_end():
    assert only(f"{BEGIN}\n```sh\ninprof\n```\n{END}\n").body == "```sh\ninprof\n```\n"


def test_a_region_in_a_list_gets_its_indent():
    region = only(f"1. item\n\n   {BEGIN}\n   {END}\n")
    assert body_of("| a |\n\n| b |", region) == "\n   | a |\n\n   | b |\n\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (f"a\n{BEGIN}\nb\n", 2, "does not end"),
        (f"a\n{END}\n", 2, "never began"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", 1, "does not end"),
        (f"<!-- inprof:start table=accuracy -->\n{END}\n", 1, "inprof:start is no marker"),
        (f"<!-- inprof:begin table=accuracy\n series=inception -->\n{END}\n", 1, "-->"),
        (f"{BEGIN} text\n{END}\n", 1, "-->"),
        (f"{BEGIN} text -->\n{END}\n", 1, "-->"),
        ("a\n<!-- inprof:End -->\n", 2, "inprof:End is no marker"),
        (f"<!-- INPROF:begin table=accuracy -->\n{END}\n", 1, "INPROF:begin is no marker"),
        (f"<!-- inprof:begin accuracy -->\n{END}\n", 1, "key=value"),
        (f"<!-- inprof:begin table=a table=b -->\n{END}\n", 1, "table is there twice"),
        (f'<!-- inprof:begin name="a -->\n{END}\n', 1, "key=value"),
        (f"{BEGIN}\n<!-- inprof:end table=accuracy -->\n", 2, "inprof:begin"),
    ],
)
def test_a_broken_marker_is_told_with_its_line(text, line, says):
    told = faults(text)
    assert told[0][0] == line
    assert says in told[0][1]


def test_a_broken_region_does_not_hide_the_next():
    found = find_regions(f"{BEGIN}\n\n{BEGIN}\n{END}\n")
    assert [fault.line for fault in found.faults] == [1]
    assert [region.line for region in found.regions] == [3]


def test_the_checksum_is_the_first_half_of_sha256_with_line_feeds():
    assert body_sum("a\r\nb\r\n") == hashlib.sha256(b"a\nb\n").hexdigest()[:16]
    assert body_sum("a\rb\n") == body_sum("a\nb\n")


def test_an_edit_is_told_from_what_was_written():
    written = with_bodies(
        f"{BEGIN}\n{END}\n", {1: "\ntext\n\n"}, find_regions(f"{BEGIN}\n{END}\n").regions
    )
    assert not only(written).is_edited
    assert only(written.replace("text", "test")).is_edited
    assert not only(written.replace("\n", "\r\n")).is_edited
    assert only(f"{BEGIN}\nmine\n{END}\n").is_edited
    assert not only(f"{BEGIN}\n\n{END}\n").is_edited


@pytest.mark.parametrize("indent", ["\t", "    "])
def test_a_formatter_that_moves_a_region_edits_nothing(indent):
    page = f"- item\n\n{indent}{BEGIN}\n{indent}{END}\n"
    found = find_regions(page)
    body = body_of("```sh\n  x\n```\n\n| a   |\n| --- |\n| 1   |", only(page))
    written = with_bodies(page, {3: body}, found.regions)
    moved = mdformat.text(written, extensions={"gfm"})
    assert moved != written
    region = only(moved)
    assert region.indent == "  "
    assert not region.is_edited
    assert only(moved.replace("| 1 ", "| 2 ")).is_edited


def test_a_line_of_a_megabyte_is_read():
    # a pattern that tries every place for the end of the comment would need hours
    assert faults(f"<!-- inprof:begin{' ' * 1_000_000}x\n{END}\n")[0][0] == 1


lines = st.text(
    st.characters(exclude_characters="\r\n`~", exclude_categories=("Cs",)), max_size=12
).map(lambda text: text.replace("inprof:", ""))


@given(
    before=st.lists(lines, max_size=4),
    after=st.lists(lines, max_size=4),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
def test_everything_else_stays_to_the_byte(before, after, end, last):
    # an indent or a list above could make code of the markers
    before = [f"x{line}" for line in before]
    head = "".join(f"{line}{end}" for line in before)
    tail = end + end.join(after) if last else ""
    text = f"{head}{BEGIN}{end}old{end}{END}{tail}"
    found = find_regions(text)
    (region,) = found.regions
    body = body_of("new", region)
    renewed = with_bodies(text, {region.line: body}, found.regions)
    assert (
        renewed
        == f"{head}{BEGIN}{end}{end}new{end}{end}<!-- inprof:end sum={body_sum(body)} -->{tail}"
    )
