"""Findings in hand-written pages, and the registry of the rules that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from profiler.records import Evidence, Record, Severity

if TYPE_CHECKING:
    from profiler.docs.lint.page import Page

#: A rule's check: every page that is read together in, findings out.
Check = Callable[[Sequence["Page"]], Iterable["LintFinding"]]
#: Asked with a file's path, gives the path as the disk has it: the same where the file exists,
#: another where only upper and lower case differ, None where there is no such file.
Files = Callable[[str], str | None]
#: A check that also wants to know which files there are.
FilesCheck = Callable[[Sequence["Page"], Files], Iterable["LintFinding"]]


class Place(Record, frozen=True):
    """A line of a page."""

    #: As the reader named it.
    path: str
    #: From 1.
    line: int


class LintFinding(Record, frozen=True):
    """One thing a rule has to say of one line.

    A baseline knows a finding by its path, rule, wording and evidence, so numbers of lines don't
    belong there.
    """

    rule: str
    place: Place
    #: It fills the placeholders of the message.
    evidence: Mapping[str, Evidence] = {}
    #: Places that it contradicts.
    others: tuple[Place, ...] = ()
    #: Which of several things the rule says: its message is ``lint.rules.<rule>_<wording>``, or
    #: ``lint.rules.<rule>`` without one.
    wording: str = ""


class Rule(Record, frozen=True):
    """A rule of the lint."""

    id: str
    #: That of its findings unless a config file says otherwise.
    severity: Severity
    #: None where findings come up while pages are read or ignored.
    check: FilesCheck | None = None


_RULES: dict[str, Rule] = {}


def rule(id: str, severity: Severity) -> Callable[[Check], Check]:
    """Register a check under a rule's id; refuses an id that is taken."""

    def register(check: Check) -> Check:
        add_rule(Rule(id=id, severity=severity, check=lambda pages, _files: check(pages)))
        return check

    return register


def files_rule(id: str, severity: Severity) -> Callable[[FilesCheck], FilesCheck]:
    """Register a check that also wants to know which files there are."""

    def register(check: FilesCheck) -> FilesCheck:
        add_rule(Rule(id=id, severity=severity, check=check))
        return check

    return register


def add_rule(new: Rule) -> None:
    """Register a rule; refuses an id that is taken."""
    if new.id in _RULES:
        raise ValueError(f"there are two lint rules {new.id!r}")
    _RULES[new.id] = new


def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of their modules."""
    return dict(_RULES)


def findings(
    pages: Sequence[Page], ids: Iterable[str], files: Files = lambda path: path
) -> Iterator[LintFinding]:
    """Findings of these rules in the pages; every file exists unless ``files`` says no."""
    for id in ids:
        check = _RULES[id].check
        if check is not None:
            yield from check(pages, files)
