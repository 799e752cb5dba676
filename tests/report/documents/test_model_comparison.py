"""A comparison of two models on a narrow terminal."""

from compared_nets import SHAPE, plain, separable
from narrow_terminal import order_of_going

from profiler import trace
from profiler.counting.model_comparison import compare_models, model_parts
from profiler.records import TableBlock
from profiler.report.documents.model_comparison import ReportedComparison, comparison_document


def test_shares_go_before_differences():
    parts = [model_parts(trace(net(), SHAPE), net.__name__, "flops") for net in (plain, separable)]
    report = ReportedComparison(comparison=compare_models(parts), metric="flops")
    tables = [each for each in comparison_document(report).blocks if isinstance(each, TableBlock)]
    (kinds,) = (each for each in tables if each.title.endswith("by kind of operation"))
    assert order_of_going(kinds)[0] == ["share", "difference"]
