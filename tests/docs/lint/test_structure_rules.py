"""Rules on tables and images: each fault at its line, and nothing where nothing is wrong."""

import pytest

from profiler.docs.lint.finding import findings
from profiler.docs.lint.reading import read_page
from profiler.docs.lint.structure_rules import broken_images, duplicate_columns, empty_alts


def found(rule, text, files=lambda path: None, path="docs/a.md"):
    pages = [read_page(path, text)]
    return [
        (each.place.line, each.wording, dict(each.evidence))
        for each in findings(pages, [rule], files)
    ]


def faults(text):
    return [(line, wording) for line, wording, _ in found("malformed-table", text)]


GOOD = "| model | FLOPs |\n|:--|--:|\n| a | 1 |\n| b | 2 |\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("| b | 2 |", "| b | 2 | 3 |"), [(4, "wide-row")]),
        (GOOD.replace("|:--|--:|", "|:--|"), [(1, "uneven-dashes")]),
        (GOOD.replace("|:--|--:|", "|:--|--:|--|"), [(1, "uneven-dashes")]),
        (GOOD.replace("|:--|--:|\n", ""), [(1, "no-dashes")]),
        ("text\n\n" + GOOD.replace("|:--|--:|", "|===|===|"), [(3, "broken-dashes")]),
        (GOOD.replace("|:--|--:|", "|---+---|"), [(1, "broken-dashes")]),
        (GOOD.replace("|:--|--:|", "| — | —— |"), [(1, "broken-dashes")]),
        (GOOD.replace("|:--|--:|", "| :- -: | --- |"), [(1, "broken-dashes")]),
        (GOOD.replace("| b | 2 |", "\n| b | 2 |"), [(5, "row-apart")]),
        (GOOD.replace("| b | 2 |", "<!-- x -->\n| b | 2 |\n| c | 3 |"), [(5, "row-apart")]),
        ("| group | cost |\n" + GOOD, [(1, "row-above")]),
        ("> | a | b |\n> | 1 | 2 |\n", [(1, "no-dashes")]),
        (f"{GOOD}\n# more\n\n| a | 1 |\n| b | 2 |\n", [(8, "no-dashes")]),
    ],
)
def test_tables_that_are_not_shown_as_meant(text, expected):
    assert faults(text) == expected
    assert faults(text.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("| b | 2 |", "| b |"),
        GOOD.replace("| b | 2 |", "| b | 2 | |"),
        GOOD.replace("| b | 2 |", "| b \\| c | 2 |"),
        "model | FLOPs\n--- | ---\na | 1\n",
        f"- item\n\n  {GOOD}".replace("\n|", "\n  |"),
        f"> {GOOD}".replace("\n|", "\n> |"),
        f"text right above\n{GOOD}",
        f"```\n{GOOD.replace('|:--|--:|', '')}```\n",
        f"~~~ text\n```\n{GOOD.replace('|:--|--:|', '|==|')}~~~\n",
        "    | a | b |\n    | 1 | 2 |\n",
        "<!--\n| a | b |\n| 1 | 2 |\n-->\n",
        "<pre>\n| a | b |\n| 1 | 2 |\n</pre>\n",
        "---\ntitle: x\nrow: |\n  | a | b |\n  | 1 | 2 |\n---\n\ntext\n",
        "$$\n| x | y |\n| z | w |\n$$\n",
        "The norm |x| + |y|\n|x| is small |y|\n",
        "|x| + |y|\n\ntext | with | pipes\nand | more | pipes\n",
        "| one line of a poem\n| and another\n",
        "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+\n",
        f"{GOOD}\n| alone | with | three |\n",
        "| a | b |\n|---|---|\n{% for x in xs %}\n| {{ x }} | 1 |\n| {{ x }} | 2 |\n{% endfor %}\n",
        "<table>\n<tr><th>a</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>\n",
        "a | b\n=====\n\ntext\n",
    ],
)
def test_pages_with_nothing_wrong_with_their_tables(text):
    assert faults(text) == []


def test_what_a_wide_row_loses_is_told():
    ((_, _, evidence),) = found("malformed-table", GOOD.replace("| 2 |", "| 2 | 3 | 4 |"))
    assert evidence == {"row": "b", "cells": 4, "columns": 2, "lost": "3 | 4"}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("m | FLOPs | FLOPs", "a | 1.5G | 3", [("FLOPs", 2)]),
        ("m | Top 1 | top  1 | *Top 1*", "a | 71.2 | 70.1% | 3", [("Top 1", 3)]),
        ("m | FLOPs | FLOPs", "a | 1.5 | -", []),
        ("m | link | link", "a | [1](x) | [log](y)", []),
        ("m | | ", "a | 1 | 2", []),
        ("m | FLOPs | m | FLOPs", "a | 1 | b | 2", []),
        ("m | FLOPs | Params", "a | 1 | 2", []),
    ],
)
def test_columns_under_the_same_heading(header, row, expected):
    dashes = "|".join(["---"] * len(header.split("|")))
    text = f"text\n\n| {header} |\n| {dashes} |\n| {row} |\n"
    assert found("duplicate-column", text) == [
        (3, "", {"heading": heading, "count": count}) for heading, count in expected
    ]


THERE = {"docs/images/a b.png", "docs/x.png", "top.png", "docs/100%25.png", "docs/Case.PNG"}


def disk(path):
    return next((each for each in THERE if each.lower() == path.lower()), None)


@pytest.mark.parametrize(
    "address",
    ["x.png", "./x.png", "x.png?raw=true", "x.png#dark", "images/a%20b.png", "../top.png",
     "<images/a b.png>", "100%25.png", "https://x.y/z.png", "//x.y/z.png", "data:image/png;base64,",
     "/assets/z.png", "{{ base }}/z.png", "@site/z.png", "mailto:z.png"],
)  # fmt: skip
def test_images_that_are_there_or_elsewhere(address):
    assert found("broken-image", f"text\n\n![a]({address})\n", disk) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a](y.png)", [(3, "", {"address": "y.png"})]),
        ("![a](images/x.png)", [(3, "", {"address": "images/x.png"})]),
        ("![a](../x.png)", [(3, "", {"address": "../x.png"})]),
        ('<img alt="a" src="y.png">', [(3, "", {"address": "y.png"})]),
        ("[![a](y.png)](x)", [(3, "", {"address": "y.png"})]),
        ("![a](case.png)", [(3, "case", {"address": "case.png", "actual": "Case.PNG"})]),
        ("![a](../Top.png)", [(3, "case", {"address": "../Top.png", "actual": "../top.png"})]),
        ("![a]()", [(3, "empty", {"address": ""})]),
        (
            '<picture>\n<source srcset="x.png 1x, y.png 2x"\n media="m">\n'
            '<img alt="a" src="x.png">\n</picture>',
            [(4, "", {"address": "y.png"})],
        ),
        ('```\n<img src="y.png">\n<source srcset="y.png">\n```', []),
        ("`![a](y.png)`", []),
    ],
)
def test_images_that_are_not_there(text, expected):
    assert found("broken-image", f"text\n\n{text}\n", disk) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("![](x.png)", [1]),
        ("![ ](x.png)", [1]),
        ('<img src="x.png">', [1]),
        ("[![](https://x/badge.svg)](y)", [1]),
        ('<p align="center">\n<img\n src="x.png"></p>', [2]),
        ('<img src="x.png" alt="">', []),
        ('![](x.png) <img src="y.png" alt="">', [1]),
        ("![a](x.png)", []),
        ("`![](x.png)`", []),
        ("![]()", []),
    ],
)
def test_images_without_alternative_text(text, lines):
    assert [line for line, _, _ in found("empty-alt", f"{text}\n")] == lines


def test_every_check_says_what_its_rule_is_called():
    page = read_page("a.md", "![](y.png)\n\n| a | a |\n|--|--|\n| 1 | 2 |\n")
    assert {each.rule for each in broken_images([page], disk)} == {"broken-image"}
    assert {each.rule for each in duplicate_columns([page])} == {"duplicate-column"}
    assert {each.rule for each in empty_alts([page])} == {"empty-alt"}


def test_lines_of_text_keep_their_numbers():
    text = "a\r\n```x\r\ncode\r\n````\r\nb <!-- c\rd\r--> e\n<pre>f</pre>\n"
    assert list(read_page("a.md", text).prose) == ["a", "", "", "", "", "", "", "<pre>f</pre>", ""]
