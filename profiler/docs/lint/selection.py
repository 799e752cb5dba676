"""Which rules run, how bad what they find is, and on which pages they say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from profiler.docs.lint.config import SEVERITIES, Config, FailOn
from profiler.docs.lint.every_rule import every_rule
from profiler.docs.lint.path_patterns import PathPattern
from profiler.errors import UnknownNameError
from profiler.records import Record, Severity


class Selection(Record, frozen=True):
    """The rules that run, by id with their severities, and those left out where a path matches."""

    severities: Mapping[str, Severity]
    left_out: Sequence[tuple[PathPattern, frozenset[str]]] = ()

    @property
    def is_every_rule(self) -> bool:
        """Whether all rules run."""
        return self.severities.keys() == every_rule().keys()

    def ran_on(self, path: str) -> frozenset[str]:
        """The rules that may say something of a page."""
        left_out = [rules for pattern, rules in self.left_out if pattern.matches(path)]
        return frozenset(self.severities).difference(*left_out)


def selection(config: Config, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Selection:
    """The rules that a config file and the command line choose.

    Rules that are selected stand in the place of what the file selects and ignores; those ignored
    are left out in any case.

    Raises:
        UnknownNameError: there is no rule of such a name; it says the nearest.
    """
    rules = every_rule()
    chosen, dropped = tuple(select), tuple(ignore)
    for name in (*chosen, *dropped):
        if name not in rules:
            raise UnknownNameError("lint rule", name, rules)
    if not chosen:
        chosen = config.select or tuple(rules)
        dropped = (*dropped, *config.ignore)
    return Selection(
        severities={
            id: config.severities.get(id, rule.severity)
            for id, rule in rules.items()
            if id in chosen and id not in dropped
        },
        left_out=config.left_out,
    )


def fails(severities: Iterable[Severity], fail_on: FailOn) -> bool:
    """Whether one of the severities is as bad as what fails, or worse."""
    if fail_on == "never":
        return False
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(severity in failing for severity in severities)
