"""Comments in pages: which lines each is about, and what is said of comments themselves."""

import pytest
from msgspec.structs import replace

from profiler.docs.lint.finding import LintFinding, Place
from profiler.docs.lint.ignoring import ignore_comments
from profiler.docs.lint.reading import read_page

RULES = ("flops", "params", "unknown-ignore", "unused-ignore")


def read(text):
    return ignore_comments(read_page("a.md", text), RULES)


def ignored_lines(text, rule="flops"):
    """The numbers of the lines in which a finding of the rule would be ignored."""
    comments = read(text).comments
    finding = LintFinding(rule, Place("a.md", 1))
    return [
        line
        for line in range(1, text.count("\n") + 2)
        if any(each.covers(replace(finding, place=Place("a.md", line))) for each in comments)
    ]


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nText.\n"
IGNORE = "<!-- inprof-lint: ignore flops -->"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"one\n{IGNORE}\ntwo\nthree\n", [3]),
        (f"one\n{IGNORE}\n\n\ntwo\nthree\n", [5]),
        (f"one\ntwo {IGNORE}\nthree\n", [2]),
        (f"{IGNORE}\n{TABLE}", [2, 3, 4, 5]),
        (f"{IGNORE}\n\n{TABLE}", [3, 4, 5, 6]),
        (f"{IGNORE}\n<!-- a note -->\n{TABLE}", [3, 4, 5, 6]),
        (TABLE.replace("| 1 | 2 |", f"| 1 | 2 {IGNORE} |"), [3]),
        (f"> {IGNORE}\n>\n> text\n> more\n", [3]),
        ("<!-- inprof-lint: ignore\nflops -->\ntext\nmore\n", [3]),
        ("<!-- inprof-lint:ignore flops-->\ntext\n", [2]),
        ("<!--inprof-lint ignore flops, params -->\r\ntext\r\nmore\r\n", [2]),
        ("text\n<!-- inprof-lint: ignore-file flops -->\nmore", [1, 2, 3]),
        ("one\n<!-- inprof-lint: off -->\ntwo\n<!-- inprof-lint: on -->\nthree\n", [2, 3, 4]),
        ("one\n<!-- inprof-lint: off -->\ntwo\nthree", [2, 3, 4]),
        (f"text\n{IGNORE}", []),
        (f"```\n{IGNORE}\n```\ntext\n", []),
        (f"- item\n\n  ~~~\n  {IGNORE}\n  ~~~\n  text\n", []),
        (f"write `{IGNORE}` so\ntext\n", []),
        ("<!-- ignore flops -->\n<!-- inprof-linter: ignore flops -->\ntext\n", []),
        (
            f"{IGNORE}\n<table>\n<tr><th>a</th></tr>\n<tr><td>1</td></tr>\n</table>\n\ntext\n",
            [2, 3, 4],
        ),
        (f"{IGNORE}\ntext first\n\n{TABLE}", [2]),
    ],
)
def test_the_lines_that_a_comment_is_about(text, lines):
    assert ignored_lines(text) == lines
    assert ignored_lines(text, "unused-ignore") == (lines if "off" in text else [])


def test_one_comment_may_name_several_rules():
    text = "<!-- inprof-lint: ignore flops, params -->\ntext\n"
    assert ignored_lines(text, "flops") == ignored_lines(text, "params") == [2]
    assert read(text).faults == ()


@pytest.mark.parametrize(
    ("said", "wording", "evidence"),
    [
        ("ignore flopz", "rule", {"name": "flopz", "nearest": "flops"}),
        ("ignore flops param", "rule", {"name": "param", "nearest": "params"}),
        ("ignore", "rules", {}),
        ("ignroe flops", "word", {"name": "ignroe", "nearest": "ignore"}),
        ("", "word", {"name": "", "nearest": "ignore"}),
        ("off flops", "arguments", {"word": "off", "rest": "flops"}),
    ],
)
def test_a_comment_that_is_not_understood_is_a_finding(said, wording, evidence):
    (fault,) = read(f"text\n\n<!-- inprof-lint: {said} -->\ntext\n").faults
    assert (fault.rule, fault.wording, fault.place) == (
        "unknown-ignore", wording, Place("a.md", 3),
    )  # fmt: skip
    if said:
        assert dict(fault.evidence) == evidence


def test_rules_turned_on_that_were_not_off():
    (fault,) = read("<!-- inprof-lint: on -->\n").faults
    assert (fault.rule, fault.wording) == ("unused-ignore", "on")


def unused(text, found=(), ran=RULES, every=True):
    findings = [LintFinding(rule, Place("a.md", line)) for rule, line in found]
    return [
        (each.place.line, each.evidence.get("rule", ""))
        for each in read(text).unused(findings, ran, every)
    ]


def test_a_comment_that_ignores_nothing_is_a_finding():
    text = "<!-- inprof-lint: ignore flops, params -->\ntext\n"
    assert unused(text) == [(1, "flops"), (1, "params")]
    assert unused(text, [("flops", 2)]) == [(1, "params")]
    assert unused(text, [("flops", 1)]) == [(1, "flops"), (1, "params")]


def test_nothing_is_said_of_a_rule_that_did_not_run():
    text = "<!-- inprof-lint: ignore flops -->\ntext\n<!-- inprof-lint: off -->\n"
    assert unused(text, ran=["params"], every=False) == []
    assert unused(text, ran=["flops"], every=False) == [(1, "flops")]
    assert unused(text) == [(1, "flops"), (3, "")]


def test_comments_on_comments_are_never_unused():
    assert unused("<!-- inprof-lint: ignore-file unused-ignore -->\n") == []
