"""What was found in hand-written pages as SARIF 2.1.0, which code hosts show beside the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import json
import posixpath
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from profiler.docs.lint.every_rule import every_rule
from profiler.docs.lint.finding import Place, Rule
from profiler.docs.lint.linting import Reported
from profiler.docs.lint.report import (
    LintReport,
    elsewhere,
    fingerprint,
    message,
)
from profiler.docs.lint.selection import Selection
from profiler.render.messages import Messages

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
#: The name of our fingerprints; the number rises when they are made otherwise.
FINGERPRINT = "inprofLint/v1"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
#: What may stand in a path's name as it is; a colon would make a scheme of what precedes it.
_SAFE = "/-._~!$&'()*+,;=@"


def lint_sarif(report: LintReport, selection: Selection, messages: Messages) -> str:
    """A log of one run: the rules that ran, and a result for each finding; ends in a line feed.

    Addresses are relative to the current folder, which is to be the root of the repository.
    """
    rules = [rule for id, rule in every_rule().items() if id in selection.severities]
    places = {rule.id: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "inprof",
                "version": version("inprof"),
                "rules": [_rule(rule, selection, messages) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, places[each.finding.rule], messages) for each in report.compared.new
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule, selection: Selection, messages: Messages) -> dict[str, Any]:
    about = {"text": messages.text(f"lint.about.{rule.id}")}
    return {
        "id": rule.id,
        "shortDescription": about,
        "fullDescription": about,
        "help": {"text": messages.text("lint.report.ignoring", rule=rule.id)},
        "defaultConfiguration": {"level": _LEVELS[selection.severities[rule.id]]},
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
