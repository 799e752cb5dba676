"""A method page of ``site/pages`` → its page of the site, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from msgspec.structs import replace

from profiler import units
from profiler.audit import CountCheck
from profiler.catalog import LANGUAGES
from profiler.counting.conventions import TRUE_CONVENTION, list_conventions
from profiler.errors import RenderError, one_line
from profiler.files import site_dir
from profiler.records import Table, TimingSettings
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import render_template
from profiler.report.tables.audit import causes_table, checked_counts_table, findings_table
from profiler.report.tables.conventions import (
    element_cost_table,
    explanations_table,
    tools_apart_table,
)
from profiler.report.tables.series import input_size, work_of
from profiler.timing.loop.jobs import PROCESSES
from profiler.website.content import SeriesContent
from profiler.website.frame import (
    FOOT_PAGES,
    METHOD_PAGES,
    Page,
    method_path,
    page_title,
)
from profiler.website.parts import PageTable, first_sentence
from profiler.website.prose import Prose, render_prose


def method_page(name: str, prose: Prose, messages: Messages) -> Page:
    """The page ``name``, of that text."""
    return Page(
        path=method_path(name),
        title=page_title((prose.title,), messages),
        description=first_sentence((prose.summary,), prose.title),
        template="site/prose.html.j2",
        values={"contents": prose.headings, "body": Markup(prose.html)},
    )


def method_proses(
    contents: Sequence[SeriesContent], language: str, twins: Mapping[str, Prose]
) -> dict[str, Prose]:
    """The text of every method page, by name, with the anchors of its twin if there is one."""
    messages = load_messages(language)
    facts = _facts(contents, messages)
    tables = {
        name: _table(spec, name, messages) for name, spec in _specs(contents, messages).items()
    }
    return {
        name: _prose(name, language, facts, tables, twins[name].anchors if name in twins else None)
        for name in (*METHOD_PAGES, *FOOT_PAGES)
    }


def _prose(
    name: str,
    language: str,
    facts: Mapping[str, str],
    tables: Mapping[str, str],
    anchors: Sequence[str] | None,
) -> Prose:
    file = f"{name}.md" if language == LANGUAGES[0] else f"{name}.{language}.md"
    path = site_dir() / "pages" / file
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{path}: can't be read: {one_line(error)}") from None
    return render_prose(
        source, name=f"site/pages/{file}", facts=facts, tables=tables, anchors=anchors
    )


def _specs(contents: Sequence[SeriesContent], messages: Messages) -> dict[str, Table]:
    """What the pages may ask for as a table, over every series of the site."""
    checks = _checks(contents)
    # a model's name means something in its own series only
    labelled = [
        (content.audited.names.models[finding.model], finding)
        for content in contents
        for finding in content.audited.findings
    ]
    others = [
        findings_table(
            [each for each in content.audited.findings if not each.published],
            content.audited.names,
            messages,
            content.series.pages,
        )
        for content in contents
    ]
    return {
        "conventions": _example_counts(contents),
        "element-costs": element_cost_table(),
        "published-flops": checked_counts_table(checks, "flops"),
        "published-params": checked_counts_table(checks, "params"),
        "causes": causes_table(labelled, messages),
        "tools-apart": tools_apart_table(
            (content.series.model(name).label, explained)
            for content in contents
            for name, explained in content.explanations.items()
        ),
        "other-findings": replace(
            others[0], rows=tuple(row for each in others for row in each.rows)
        ),
    }


def _checks(contents: Sequence[SeriesContent]) -> tuple[CountCheck, ...]:
    return tuple(check for content in contents for check in content.audited.checks)


def _facts(contents: Sequence[SeriesContent], messages: Messages) -> dict[str, str]:
    """What the pages may name in braces."""
    example = contents[0].true.rows[0]
    return {
        "example": example.model.label,
        "example_input": input_size(example),
        "example_giga": units.fixed(work_of(example, TRUE_CONVENTION), 10**9, 2),
        "conventions": messages.join(list_conventions()),
        "models": str(sum(len(content.series.models) for content in contents)),
        "latencies": str(sum(len(content.series.latencies) for content in contents)),
        **_audit_facts(contents),
        **_timing_facts(TimingSettings()),
    }


def _audit_facts(contents: Sequence[SeriesContent]) -> dict[str, str]:
    """How many figures were held against the trace, and what came of it."""
    checks = _checks(contents)
    severities = [each.severity for content in contents for each in content.audited.findings]
    numbers = {
        "checked": len(checks),
        "reproduced": sum(bool(check.reproduced) for check in checks),
        "right": sum(check.right for check in checks),
        "findings": len(severities),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "infos": severities.count("info"),
    }
    return {name: str(number) for name, number in numbers.items()}


def _timing_facts(settings: TimingSettings) -> dict[str, str]:
    """The knobs of the timing protocol as they stand, in the page's units."""
    numbers = {
        "runs": PROCESSES,
        "warmup_calls": settings.warmup_calls,
        "warmup_s": settings.warmup_s,
        "windows": settings.steady_windows,
        "window_ms": 1000 * settings.steady_window_s,
        "cap_s": settings.steady_cap_s,
        "chunk": settings.chunk_calls,
        "pre_roll": settings.pre_roll_calls,
        "min_samples": settings.min_samples,
        "slow_samples": settings.min_slow_samples,
        "slow_ms": settings.slow_call_ms,
        "busy_s": settings.min_busy_s,
        "budget_s": settings.budget_s,
    }
    shares = {
        "slope": settings.steady_slope,
        "clock_range": settings.steady_clock_range,
        "half_width": settings.target_half_width,
        "confidence": settings.confidence,
        "inflation": settings.max_inflation,
        "unattributed": settings.max_unattributed,
    }
    return {
        **{name: units.significant(number) for name, number in numbers.items()},
        **{name: f"{units.significant(100 * share)} %" for name, share in shares.items()},
    }


def _example_counts(contents: Sequence[SeriesContent]) -> Table:
    """The first model of the first series under every rule, on every graph it has."""
    content = contents[0]
    explained = content.explanations[content.series.models[0].name]
    return explanations_table(explained, with_graph=True)


def _table(table: Table, name: str, messages: Messages) -> str:
    view = PageTable(name, messages.text(f"methods.tables.{name}"), table)
    values = {"view": view, "messages": messages}
    return render_template(template="site/one_table.html.j2", values=values)
