"""What heads a model's page: the latency that is founded best, none that an audit objects to."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from profiler.records import Finding, Report, ReportRow
from profiler.render.messages import load_messages
from profiler.report.audited import Audited
from profiler.website.content import SeriesContent
from profiler.website.model import SummaryFact, summary_facts

EN = load_messages("en")


def latency_of(
    report: Report, row: ReportRow, findings: tuple[Finding, ...] = ()
) -> list[SummaryFact]:
    """The lines of the model's summary that give a latency."""
    content = SeriesContent(
        series=report.series,
        traces={},
        explanations={},
        true=report,
        images=(),
        combined=None,
        audited=Audited(findings),
    )
    label = EN.text("model.latency")
    return [fact for fact in summary_facts(content, row, EN) if fact.label == label]


@pytest.mark.parametrize("about", ["cell", "crop_cell"])
def test_a_latency_that_an_audit_objects_to_heads_no_page(
    about: str, inception_report: Callable[..., Report]
) -> None:
    report = inception_report("flops")
    row = next(row for row in report.rows if row.model.name == "InceptionV4")
    (first,) = latency_of(report, row)
    assert (first.value, first.quoted) == ("12.99342 ms", True)
    told = [each for each in row.latencies if each.latency_ms.text == "12.99342"]
    cells = tuple(getattr(each, about) for each in told)
    assert all(cells)
    finding = Finding(
        id="x", rule="per-image-rising", severity="info", model=row.model.name, cells=cells
    )
    (next_best,) = latency_of(report, row, (finding,))
    assert next_best.value != first.value
    # where it objects to all of them none is told
    every = replace(finding, cells=tuple(each.cell for each in row.latencies))
    assert latency_of(report, row, (every,)) == []
