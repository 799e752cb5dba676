"""An audited series: its findings as sentences, and as notes below the tables they concern."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.audit import AuditTraces, CountCheck, audit
from profiler.catalog import UNSTATED, known_devices
from profiler.records import (
    Cause,
    Cell,
    CellRef,
    Device,
    Finding,
    Record,
    Series,
    Table,
)
from profiler.records.base import grouped
from profiler.render.cells import graph_name
from profiler.render.messages import Messages

_FACTORS = {"flops": 10**9, "params": 10**6}
#: Effects that a rule's own words say more about than the effect does.
_EXPLAINED = ("left_out", "lower", "higher", "added", "subtracted")
#: Digits of a published figure's true counterpart.
_PLACES = 3


class Names(Record, frozen=True):
    """Names that a reader has for the models and devices of a series."""

    #: Name → label.
    models: dict[str, str]
    #: Slug → name.
    devices: dict[str, str]


class Audited(Record, frozen=True):
    """The findings of an audit, the names to say them with, and the counts it checked."""

    findings: tuple[Finding, ...] = ()
    names: Names = Names({}, {})
    checks: tuple[CountCheck, ...] = ()


#: Nothing was looked for.
NOT_AUDITED = Audited()


class TableNote(Record, frozen=True):
    """A note below a table."""

    #: Stands at the cells it is about, empty where none may.
    mark: str
    text: str


def audited(series: Series, traces: AuditTraces) -> Audited:
    """Audit a series whose models are traced; see ``profiler.report.gathering.trace_audit``."""
    devices = known_devices(series)
    found = audit(series, traces, devices)
    return Audited(found.findings, names_of(series, devices), found.checks)


def names_of(series: Series, devices: Mapping[str, Device]) -> Names:
    """The labels of a series' models, and the names of devices by their slugs."""
    return Names(
        models={model.name: model.label for model in series.models},
        devices={slug: device.name for slug, device in devices.items()},
    )


def finding_text(finding: Finding, names: Names, messages: Messages) -> str:
    """The finding in full: figures, causes, and what else follows."""
    facts = _facts(finding, names, messages)
    if finding.causes:
        causes = messages.text("list.clauses").join(_effects(finding.causes, messages))
        facts["why"] = messages.text("audit.report.why", causes=causes)
    sentences = [messages.text(f"audit.rules.{_wording(finding)}", **facts)]
    evidence = finding.evidence
    deployed = evidence.get("true_deployed")
    if isinstance(deployed, int) and deployed != finding.true:
        sentences.append(messages.text("audit.more.deployed", true=units.integer(deployed)))
    if others := _texts(evidence.get("also_reproduced_by")):
        sentences.append(messages.text("audit.more.also", conventions=messages.join(others)))
    if unless := _texts(evidence.get("unless_winograd")):
        sentences.append(
            messages.text("audit.more.unless_winograd", devices=_devices(unless, names, messages))
        )
    return messages.text("list.sentences").join(sentences)


def note_text(findings: Sequence[Finding], names: Names, messages: Messages) -> str:
    """Findings of one ``note_key`` as one note: what each is about, and what they share."""
    first = findings[0]
    key = _wording(first)
    items = messages.text("list.clauses").join(
        messages.text(f"audit.items.{key}", **_facts(finding, names, messages))
        for finding in findings
    )
    facts = _facts(first, names, messages) | {"items": items}
    if first.causes:
        facts["why"] = messages.text("list.clauses").join(_shared(findings, messages))
    return messages.text(f"audit.notes.{key}", **facts)


def shared_cause_text(kind: str, effect: str, messages: Messages) -> str:
    """A cause without its layers: a kind of op, and what a rule does otherwise to it."""
    key = "left_out_of_several" if effect == "left_out" else effect
    return messages.text(f"audit.shared.{key}", kind=_kind(kind, messages))


def note_key(finding: Finding) -> tuple[object, ...]:
    """A key that findings of one note share: the rule, and for counts why they differ."""
    causes = frozenset((cause.kind, cause.effect) for cause in finding.causes)
    graph = finding.evidence.get("graph") if finding.causes else None
    return _wording(finding), finding.reproduced_by, graph, causes


def _wording(finding: Finding) -> str:
    """The message key: the rule, or its milder form."""
    return f"{finding.rule}_winograd" if finding.evidence.get("winograd_explains") else finding.rule


def _facts(finding: Finding, names: Names, messages: Messages) -> dict[str, str | int]:
    """Every placeholder that the messages of a finding's rule may name."""
    evidence = finding.evidence
    facts: dict[str, str | int] = {"model": names.models.get(finding.model, finding.model)}
    facts["graph"] = graph_name(str(evidence.get("graph", "")), messages)
    facts["latency_ms"] = str(evidence.get("latency_ms", ""))
    for key in ("crop_size", "batch_size", "counted_at", "missing_from", "tables"):
        if isinstance(number := evidence.get(key), int):
            facts[key] = number
    for key in ("difference", "faster", "rise", "slower"):
        if isinstance(share := evidence.get(key), float):
            signed = units.signed_percent(share)
            facts[key] = signed if key == "difference" else signed.lstrip("+")
            facts[f"{key}_signed"] = signed
    if evidence.get("difference", 0) is None:
        facts["difference"] = messages.text("reasons.undefined")
    for key, name in (
        ("rate", "flops_per_s"), ("fewest", "fewest_flops_per_s"), ("peak", "peak_flops_per_s"),
    ):  # fmt: skip
        if isinstance(rate := evidence.get(name), float):
            facts[key] = units.tera(rate)
    hw = str(evidence.get("hw", ""))
    facts["device"] = (
        messages.text("hardware.unstated") if hw == UNSTATED else names.devices.get(hw, hw)
    )
    facts["precision"] = str(evidence.get("precision", "")).upper()
    facts["devices"] = _devices(_texts(evidence.get("devices")), names, messages)
    facts["crop_sizes"] = messages.text("list.and").join(_texts(evidence.get("crop_sizes")))
    for first, second, key in (
        ("smaller", "larger", "batch_sizes"), ("earlier_ms", "later_ms", "latencies_ms"),
    ):  # fmt: skip
        if pair := _texts(evidence.get(key)):
            facts[first], facts[second] = pair
    if both := _texts(evidence.get("precisions")):
        facts["precision"] = both[-1].upper()
    for key in ("top1", "top5"):
        facts[key] = str(evidence.get(key, ""))
    facts["figures"] = messages.join(
        [
            messages.text("audit.report.against", one=one, other=other)
            for one, other in zip(
                _texts(evidence.get("firsts")), _texts(evidence.get("others")), strict=True
            )
        ]
    )
    if finding.published:
        facts |= _count_facts(finding, messages)
    return facts


def _count_facts(finding: Finding, messages: Messages) -> dict[str, str | int]:
    evidence = finding.evidence
    metric = str(evidence["metric"])
    slips = zip(_texts(evidence.get("slips")), _texts(evidence.get("slip_details")), strict=True)
    factor = _FACTORS[metric]
    true = finding.true or 0
    facts: dict[str, str | int] = {
        "why": messages.text("audit.report.elsewhere"),
        "published": finding.published,
        "unit": messages.text(f"audit.units.{metric}"),
        "convention": finding.reproduced_by,
        "true": units.integer(true),
        "slips": messages.join(
            [messages.text(f"audit.slips.{slip}", detail=detail) for slip, detail in slips]
        ),
        "nearest": messages.join(
            [
                messages.text(
                    "audit.report.graph",
                    figure=units.integer(int(figure)),
                    convention=convention,
                    graph=graph_name(graph, messages),
                )
                for figure, convention, graph in zip(
                    _texts(evidence.get("nearest_figures")),
                    _texts(evidence.get("nearest")),
                    _texts(evidence.get("nearest_graphs")),
                    strict=True,
                )
            ]
        ),
    }
    if isinstance(reproduced := evidence.get("reproduced"), int):
        facts["reproduced"] = units.integer(reproduced)
    return facts | {"true_short": units.fixed(true, factor, _PLACES)}


def _effects(causes: Iterable[Cause], messages: Messages) -> Iterator[str]:
    """Each cause in words, with the rule's own reason where it is not said yet."""
    said = set()
    for cause in causes:
        amount = units.signed(cause.amount)
        # the registry's reasons are English, and so are the reports that quote them
        tells_more = cause.reason and cause.effect in _EXPLAINED and messages.language == "en"
        if tells_more and cause.reason not in said:
            said.add(cause.reason)
            amount = f"{amount}; {cause.reason}"
        yield messages.text(
            f"audit.effects.{cause.effect}",
            kind=_kind(cause.kind, messages),
            layers=cause.layers,
            of_layers=cause.of_layers,
            paths=messages.join(cause.paths),
            amount=amount,
        )


def _shared(findings: Sequence[Finding], messages: Messages) -> list[str]:
    """The causes of findings that have the same ones, the largest over all of them first."""
    amounts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], Cause] = {}
    for cause in (cause for finding in findings for cause in finding.causes):
        key = cause.kind, cause.effect
        amounts[key] = amounts.get(key, 0) + abs(cause.amount)
        examples.setdefault(key, cause)
    texts = []
    for key in sorted(amounts, key=lambda key: (-amounts[key], key)):
        cause = examples[key]
        if cause.effect != "left_out" or len(findings) > 1:
            texts.append(shared_cause_text(*key, messages))
            continue
        texts.append(
            messages.text(
                "audit.shared.left_out",
                kind=_kind(cause.kind, messages),
                layers=cause.layers,
                of_layers=cause.of_layers,
                paths=messages.join(cause.paths),
            )
        )
    return texts


def _kind(kind: str, messages: Messages) -> str:
    key = f"audit.kinds.{kind}"
    return messages.text(key if key in messages.texts else "audit.kinds.other", kind=kind)


def _devices(slugs: Iterable[str], names: Names, messages: Messages) -> str:
    return messages.join([names.devices.get(slug, slug) for slug in slugs])


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def with_notes(
    table: Table, audited: Audited, messages: Messages, *, marked: bool = True
) -> tuple[Table, tuple[TableNote, ...]]:
    """The table with marks at its cells, and the notes they point to, one for alike findings.

    Only published figures and labels are marked: a traced figure is not what a finding is about,
    though it stands where the page prints one. ``marked`` can switch the marks off altogether.
    """
    shown = {at for row in table.rows for cell in row for at in cell.at}
    concerned = (each for each in audited.findings if not shown.isdisjoint(each.cells))
    about: dict[str, set[CellRef]] = {}
    notes = []
    for findings in grouped(concerned, note_key).values():
        cells = {cell for finding in findings for cell in finding.cells}
        mark = _mark(len(about))
        if marked and any(_may_carry(cell, cells) for row in table.rows for cell in row):
            about[mark] = cells
        else:
            mark = ""
        notes.append(TableNote(mark=mark, text=note_text(findings, audited.names, messages)))
    rows = tuple(
        tuple(
            replace(
                cell, marks=tuple(mark for mark, cells in about.items() if _may_carry(cell, cells))
            )
            if cell.at
            else cell
            for cell in row
        )
        for row in table.rows
    )
    return replace(table, rows=rows), tuple(notes)


def _may_carry(cell: Cell, cells: set[CellRef]) -> bool:
    return cell.origin != "traced" and not cells.isdisjoint(cell.at)


def _mark(index: int) -> str:
    """The letters a to z, then numbers."""
    letters = string.ascii_lowercase
    return letters[index] if index < len(letters) else str(index + 1)
