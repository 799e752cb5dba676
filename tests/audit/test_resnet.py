"""torchvision's ResNets: its GFLOPS are multiply-adds, its parameters are right."""

import csv
from pathlib import Path

import pytest

from profiler.audit import audit
from profiler.catalog import known_devices, load_series
from profiler.render.messages import load_messages
from profiler.report.audited import finding_text, names_of
from profiler.report.gathering import trace_audit

DATA = Path(__file__).parents[1] / "data"
SERIES = load_series("resnet")


@pytest.fixture(scope="module")
def found():
    return audit(SERIES, trace_audit(SERIES), known_devices(SERIES))


def expected():
    """Counted with FlopCounterMode on torchvision's own modules."""
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def test_the_gflops_are_multiply_adds(found):
    assert [finding.model for finding in found.findings] == [each.name for each in SERIES.models]
    for finding in found.findings:
        row = expected()[finding.model.lower()]
        assert (finding.rule, finding.severity) == ("count-differs", "warning")
        assert finding.reproduced_by == "macs"
        assert finding.true == int(row["flops"]) == 2 * finding.evidence["reproduced"]
        assert finding.published == f"{int(row['macs']) / 1e9:.3f}"
        (cause,) = finding.causes
        assert (cause.effect, cause.amount) == ("unit", -int(row["macs"]))


def test_the_finding_says_so(found):
    messages, names = load_messages("en"), names_of(SERIES, {})
    text = next(
        finding_text(finding, names, messages)
        for finding in found.findings
        if finding.model == "ResNet50"
    )
    assert "4.089 G FLOPs are published. The convention macs gives that, 4,089,184,256" in text
    assert "the true count of that graph is 8,178,368,512" in text
    assert "one per multiply-accumulate, not two" in text


def test_the_parameters_are_the_true_ones(found):
    params = [check for check in found.checks if check.metric == "params"]
    assert len(params) == 5
    for check in params:
        assert check.right
        assert check.given == check.true == int(expected()[check.model.address]["params"])
        assert check.reproduced[0] == ("flops", "deploy", 224)
