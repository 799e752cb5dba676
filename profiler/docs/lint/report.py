"""Findings in hand-written pages as people, programs, GitHub and SARIF 2.1.0 want them.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Any
from urllib.parse import quote

from rich.console import Group
from rich.text import Text

from profiler import units
from profiler.docs.lint.baseline import BaselineComparison
from profiler.docs.lint.config import Selection, every_rule
from profiler.docs.lint.finding import LintFinding, Place, Rule
from profiler.docs.lint.linting import Linted, Reported
from profiler.records import (
    Cell,
    Column,
    Evidence,
    Record,
    Severity,
    Table,
)
from profiler.render.messages import Messages
from profiler.render.terminal import terminal_table

#: Version of the JSON: it rises when a key goes or changes its meaning.
SCHEMA_VERSION = 1

_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
#: GitHub's word for a severity.
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
#: The name of our fingerprints; the number rises when they are made otherwise.
FINGERPRINT = "inprofLint/v1"
#: SARIF's word for a severity.
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
#: What may stand in a path's name as it is; a colon would make a scheme of what precedes it.
_SAFE = "/-._~!$&'()*+,;=@"


class LintReport(Record, frozen=True):
    """The outcome of a run, as every format shows it."""

    linted: Linted
    compared: BaselineComparison
    #: The rules that ran.
    selection: Selection
    #: The baseline's path.
    baseline: str = ""


def lint_text(report: LintReport, messages: Messages) -> Text:
    """A line for each finding, ``path:line: severity rule message``, pages apart, and the sums.

    Lines are as long as they are: a terminal or an editor takes a path with a line for a link.
    """
    text = Text(no_wrap=True, overflow="ignore")
    for _, found in groupby(report.compared.new, lambda each: each.finding.place.path):
        for each in found:
            text.append(shown_place(each.finding.place), style="cyan")
            text.append(": ")
            severity = messages.text(f"audit.severities.{each.severity}")
            text.append(severity, style=_STYLES[each.severity])
            text.append(f" {each.finding.rule}", style="bold")
            text.append(f" {full_message(each, messages)}\n")
        text.append("\n")
    text.append(summary(report, messages) + "\n", style="bold")
    return text


def lint_json(report: LintReport, messages: Messages) -> str:
    """The findings as JSON; ``known`` and ``gone`` are about the baseline. Ends in a line feed."""
    severities = [each.severity for each in report.compared.new]
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "inprof", "version": version("inprof")},
        "summary": {
            "pages": len(report.linted.paths),
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "infos": severities.count("info"),
            "ignored": report.linted.ignored,
            "known": report.compared.known,
            "gone": len(report.compared.gone),
        },
        "findings": [_object(each, messages) for each in report.compared.new],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def lint_github(report: LintReport, messages: Messages) -> str:
    """Workflow commands that put each finding beside its line, and the sums as a plain line."""
    lines = []
    for each in report.compared.new:
        place = each.finding.place
        properties = {
            "file": shown_path(place.path),
            "line": str(place.line),
            "title": f"inprof {each.finding.rule}",
        }
        told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        lines.append(f"::{_COMMANDS[each.severity]} {told}::{_data(full_message(each, messages))}")
    lines.append(_data(summary(report, messages)))
    return "".join(f"{line}\n" for line in lines)


def rules_terminal(selection: Selection, messages: Messages, width: int | None = None) -> Group:
    """The table of rules under its title."""
    table = rules_table(selection, messages)
    return Group(terminal_table(table, messages, messages.text("lint.report.rules"), width))


def rules_table(selection: Selection, messages: Messages) -> Table:
    """Every rule: its id, its severity or that it does not run, and what it finds."""
    columns = tuple(
        Column(key=f"lint.{key}", hint=hint, align="left")
        for key, hint in (("rule", "label"), ("severity", "verbatim"), ("about", "text"))
    )
    rows = tuple(
        (
            Cell(value=id, origin="label"),
            Cell(value=_severity(id, selection, messages), origin="label"),
            Cell(value=messages.text(f"lint.about.{id}"), origin="label"),
        )
        for id in every_rule()
    )
    return Table(key="lint_rules", columns=columns, rows=rows)


def full_message(reported: Reported, messages: Messages) -> str:
    """The message of a finding, and where else to look."""
    said = message(reported, messages)
    others = elsewhere(reported.finding)
    if not others:
        return said
    places = messages.some([shown_place(place) for place in others])
    return messages.text("list.sentences").join(
        (said, messages.text("lint.report.others", places=places))
    )


def elsewhere(finding: LintFinding) -> list[Place]:
    """The other places that a finding is about, each once."""
    return [place for place in dict.fromkeys(finding.others) if place != finding.place]


def message(reported: Reported, messages: Messages) -> str:
    """The message of a finding, on one line."""
    finding = reported.finding
    key = f"{finding.rule}_{finding.wording}" if finding.wording else finding.rule
    facts = {name: _fact(value, messages) for name, value in finding.evidence.items()}
    return _printable(messages.text(f"lint.rules.{key}", **facts))


def summary(report: LintReport, messages: Messages) -> str:
    """How much was found, ignored and known."""
    severities = [each.severity for each in report.compared.new]
    pages = len(report.linted.paths)
    sentences = [
        messages.text(
            "lint.report.totals",
            findings=len(severities),
            pages=pages,
            errors=severities.count("error"),
            warnings=severities.count("warning"),
            infos=severities.count("info"),
        )
        if severities
        else messages.text("lint.report.clean", pages=pages)
    ]
    if report.linted.ignored:
        sentences.append(messages.text("lint.report.ignored", count=report.linted.ignored))
    if report.compared.known:
        sentences.append(messages.text("lint.report.known", count=report.compared.known))
    if report.compared.gone:
        sentences.append(
            messages.text(
                "lint.report.gone",
                count=len(report.compared.gone),
                baseline=shown_path(report.baseline),
            )
        )
    return messages.text("list.sentences").join(sentences)


def fingerprint(reported: Reported) -> str:
    """A finding's name that stays when its line moves: 32 hexadecimal digits."""
    finding = reported.finding
    told: Sequence[object] = (
        finding.rule, finding.wording, shown_path(finding.place.path),
        dict(reported.known_by), reported.occurrence,
    )  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def shown_path(path: str) -> str:
    """A path as it may be printed: a file's name may hold anything but a slash."""
    return _printable(path.encode(errors="replace").decode())


def shown_place(place: Place) -> str:
    """A place as editors and terminals read one."""
    return f"{shown_path(place.path)}:{place.line}"


def _object(reported: Reported, messages: Messages) -> dict[str, Any]:
    """A finding; ``evidence`` are its exact values, ``fingerprint`` stays when lines move."""
    finding = reported.finding
    return {
        "rule": finding.rule,
        "severity": reported.severity,
        "path": shown_path(finding.place.path),
        "line": finding.place.line,
        "message": message(reported, messages),
        "evidence": dict(finding.evidence),
        "others": [
            {"path": shown_path(place.path), "line": place.line} for place in elsewhere(finding)
        ],
        "fingerprint": fingerprint(reported),
    }


def _fact(value: Evidence, messages: Messages) -> str:
    if isinstance(value, tuple):
        return messages.some([_fact(each, messages) for each in value])
    if isinstance(value, float):
        return units.significant(value)
    return "" if value is None else str(value)


def _severity(id: str, selection: Selection, messages: Messages) -> str:
    if id not in selection.severities:
        return messages.text("lint.report.off")
    return messages.text(f"audit.severities.{selection.severities[id]}")


def _printable(text: str) -> str:
    """Text on one line, which can't steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def lint_sarif(report: LintReport, messages: Messages) -> str:
    """A log of one run: the rules that ran, and a result for each finding; ends in a line feed.

    Addresses are relative to the current folder, which is to be the root of the repository.
    """
    severities = report.selection.severities
    rules = [rule for id, rule in every_rule().items() if id in severities]
    places = {rule.id: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "inprof",
                "version": version("inprof"),
                "rules": [_rule(rule, severities[rule.id], messages) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, places[each.finding.rule], messages) for each in report.compared.new
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule, severity: Severity, messages: Messages) -> dict[str, Any]:
    about = {"text": messages.text(f"lint.about.{rule.id}")}
    return {
        "id": rule.id,
        "shortDescription": about,
        "fullDescription": about,
        "help": {"text": messages.text("lint.report.ignoring", rule=rule.id)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(reported: Reported, index: int, messages: Messages) -> dict[str, Any]:
    finding = reported.finding
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[reported.severity],
        "message": {"text": message(reported, messages)},
        "locations": [_location(finding.place)],
        "partialFingerprints": {FINGERPRINT: fingerprint(reported)},
    }
    if others := elsewhere(finding):
        result["relatedLocations"] = [
            {"id": number, **_location(place)} for number, place in enumerate(others, 1)
        ]
    return result


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.path)},
            "region": {"startLine": place.line},
        }
    }


def _uri(path: str) -> str:
    address = quote(path, safe=_SAFE, errors="surrogateescape")
    return f"file://{address}" if posixpath.isabs(path) else address


#: Format → the whole output in it, as a file has it.
FORMATS: Mapping[str, Callable[[LintReport, Messages], str]] = {
    "text": lambda report, messages: lint_text(report, messages).plain,
    "json": lint_json,
    "sarif": lint_sarif,
    "github": lint_github,
}
