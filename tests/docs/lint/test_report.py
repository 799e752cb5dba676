"""Findings of hand-written pages, for people and for programs."""

import json
import re

import pytest
from msgspec.structs import replace

from profiler.docs.lint.baseline import BaselineComparison, BaselineEntry
from profiler.docs.lint.config import Config, every_rule, selection
from profiler.docs.lint.finding import LintFinding, Place
from profiler.docs.lint.linting import Linted, Reported
from profiler.docs.lint.report import (
    LintReport,
    fingerprint,
    lint_github,
    lint_json,
    lint_sarif,
    lint_text,
    message,
)
from profiler.render.messages import languages, load_messages, placeholders

EN = load_messages("en")
CHOSEN = selection(Config())


def reported(path="docs/a.md", line=3, address="x.png", severity="error", others=(), occurrence=1):
    evidence = {"address": address}
    finding = LintFinding("broken-image", Place(path, line), evidence, others)
    return Reported(finding, severity, evidence, occurrence)


def report(*found, known=0, gone=(), ignored=0, chosen=CHOSEN):
    paths = tuple(sorted({each.finding.place.path for each in found}))
    return LintReport(
        linted=Linted(paths, found, ignored),
        compared=BaselineComparison(found, known, gone),
        selection=chosen,
        baseline="known.jsonl",
    )


def test_a_line_for_each_finding_with_pages_apart_and_the_sums():
    found = (
        reported(),
        reported(
            line=9,
            severity="info",
            others=(Place("b.md", 2), Place("c.md", 4), Place("b.md", 2), Place("docs/a.md", 9)),
        ),
        reported("docs/b.md", 1, severity="warning"),
    )
    text = lint_text(report(*found, known=2, ignored=1, gone=(BaselineEntry("a.md", "r", ""),)), EN)
    assert text.plain == (
        "docs/a.md:3: error broken-image The image “x.png” does not exist.\n"
        "docs/a.md:9: info broken-image The image “x.png” does not exist. See b.md:2, c.md:4.\n"
        "\n"
        "docs/b.md:1: warning broken-image The image “x.png” does not exist.\n"
        "\n"
        "Findings: 3 (errors 1, warnings 1, for information 1); pages read: 2. "
        "Ignored by comments: 1. Known from the baseline: 2. "
        "Entries of the baseline that no longer occur: 1; rewrite it with "
        "inprof docs lint --write-baseline known.jsonl.\n"
    )


def test_nothing_found():
    assert lint_text(report(), EN).plain == "Nothing found; pages read: 0.\n"


def test_chinese():
    text = lint_text(report(reported()), load_messages("zh_CN")).plain
    assert text.startswith("docs/a.md:3: 错误 broken-image 图片“x.png”不存在。\n")


def test_json():
    document = json.loads(lint_json(report(reported(others=(Place("b.md", 2),)), known=4), EN))
    assert document["schema_version"] == 1
    assert document["summary"] == {
        "pages": 1, "errors": 1, "warnings": 0, "infos": 0, "ignored": 0, "known": 4, "gone": 0,
    }  # fmt: skip
    (finding,) = document["findings"]
    assert re.fullmatch("[0-9a-f]{32}", finding.pop("fingerprint"))
    assert finding == {
        "rule": "broken-image",
        "severity": "error",
        "path": "docs/a.md",
        "line": 3,
        "message": "The image “x.png” does not exist.",
        "evidence": {"address": "x.png"},
        "others": [{"path": "b.md", "line": 2}],
    }


def test_a_fingerprint_stays_when_the_line_moves_and_differs_otherwise():
    one = fingerprint(reported())
    assert one == fingerprint(reported(line=99, severity="info"))
    different = (
        reported("b.md"),
        reported(address="y.png"),
        reported(occurrence=2),
        replace(reported(), finding=replace(reported().finding, wording="case")),
    )
    assert len({one, *map(fingerprint, different)}) == 5


def test_github_escapes_what_would_end_its_commands():
    nasty = reported("a,b:c%.md", address="50%\n::error::x")
    first, last, end = lint_github(report(nasty), EN).split("\n")
    assert first == (
        "::error file=a%2Cb%3Ac%25.md,line=3,title=inprof broken-image"
        "::The image “50%25 ::error::x” does not exist."
    )
    assert last.startswith("Findings: 1")
    assert end == ""
    for severity, command in (("warning", "warning"), ("info", "notice")):
        assert lint_github(report(reported(severity=severity)), EN).startswith(f"::{command} file=")


def test_sarif_has_what_the_standard_and_github_demand():
    found = (
        reported("docs/my pages/a#1.md", others=(Place("b.md", 2),)),
        reported("zoo/模型.md", severity="info"),
        reported("/tmp/x:y.md", severity="warning"),
    )
    log = json.loads(lint_sarif(report(*found), EN))
    assert (log["version"], log["$schema"][:8]) == ("2.1.0", "https://")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "inprof"
    assert [rule["id"] for rule in driver["rules"]] == list(every_rule())
    for rule in driver["rules"]:
        assert "helpUri" not in rule
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        for key in ("shortDescription", "fullDescription", "help"):
            assert rule[key]["text"]
    results = run["results"]
    assert [each["level"] for each in results] == ["error", "note", "warning"]
    uris = []
    for each in results:
        assert driver["rules"][each["ruleIndex"]]["id"] == each["ruleId"] == "broken-image"
        assert each["message"]["text"] == "The image “x.png” does not exist."
        assert list(each["partialFingerprints"]) == ["inprofLint/v1"]
        (location,) = each["locations"]
        assert location["physicalLocation"]["region"] == {"startLine": 3}
        uris.append(location["physicalLocation"]["artifactLocation"]["uri"])
    # percent signs by RFC 3986: a space is %20, # is %23; 模 is E6 A8 A1 and 型 E5 9E 8B in UTF-8
    assert uris == [
        "docs/my%20pages/a%231.md", "zoo/%E6%A8%A1%E5%9E%8B.md", "file:///tmp/x%3Ay.md",
    ]  # fmt: skip
    (related,) = results[0]["relatedLocations"]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": "b.md"}, "region": {"startLine": 2},
    }  # fmt: skip
    assert "relatedLocations" not in results[1]


def test_rules_that_do_not_run_are_no_rules_of_the_log():
    chosen = selection(Config(severities={"broken-image": "info"}), select=["broken-image"])
    log = json.loads(lint_sarif(report(reported(), chosen=chosen), EN))
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "note"}
    assert log["runs"][0]["results"][0]["ruleIndex"] == 0


def test_what_a_page_says_can_not_steer_a_terminal():
    text = lint_text(report(reported("a\x1b[31m\n.md", address="x\x1b[2Jy\u202e")), EN).plain
    assert not {"\x1b", "\u202e"} & set(text)
    assert text.count("\n") == 3


def test_evidence_of_every_kind():
    finding = LintFinding("broken-image", Place("a.md", 1), {"address": ("a", 2.5, 3)})
    assert message(Reported(finding, "error", {}, 1), EN) == "The image “a, 2.5, 3” does not exist."


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("id", every_rule())
def test_every_rule_has_a_line_and_something_to_say(id, language):
    texts = load_messages(language).texts
    assert texts[f"lint.about.{id}"]
    assert [key for key in texts if re.fullmatch(rf"lint\.rules\.{id}(_.*)?", key)]


def test_every_message_is_of_a_rule():
    keys = [key.split(".")[2] for key in EN.texts if key.startswith("lint.rules.")]
    assert {key.split("_")[0] for key in keys} == set(every_rule())
    assert "address" in placeholders(EN.texts["lint.rules.broken-image"])
