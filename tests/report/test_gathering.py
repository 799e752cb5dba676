"""From addresses to counts."""

import pytest
from msgspec.structs import replace

from profiler.catalog import load_series
from profiler.errors import TraceError
from profiler.records import Input
from profiler.report.gathering import gather_report
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

NETS = """
from torch import nn
def net(width=4, variant="deploy"):
    return nn.Conv2d(3, width if variant == "deploy" else 7, 1)
def words():
    return nn.Embedding(10, 3)
"""


@pytest.fixture
def nets(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


def test_one_image_at_the_default_size(nets):
    trace = trace_address(f"{nets}:net")
    assert trace.input_shapes == {"0": (1, 3, 224, 224)}
    assert (trace.arch, trace.variant) == (f"{nets}:net", "deploy")


def test_size_batch_variant_and_options(nets):
    trace = trace_address(
        f"{nets}:net", crop_size=9, batch_size=2, variant="train", options={"width": 5}
    )
    assert trace.input_shapes == {"0": (2, 3, 9, 9)}
    assert trace.ops[0].outputs[0].shape == (2, 7, 9, 9)
    assert trace_address(f"{nets}:net", options={"width": 5}).ops[0].weight_shape == (5, 3, 1, 1)


def test_a_model_that_takes_no_image_hears_what_it_was_given(nets):
    with pytest.raises(TraceError, match=r"it was given 1x3x8x8 \(--size sets the side"):
        trace_address(f"{nets}:words", crop_size=8)


def test_whole_numbers_for_a_table_of_words(nets):
    trace = trace_address(
        f"{nets}:words", inputs=[Input(shape=(2, 5), kind="tokens", name="input")]
    )
    assert trace.input_shapes == {"input": (2, 5)}
    assert trace.inputs[0].dtype == "int64"
    assert trace.outputs[0].shape == (2, 5, 3)


def test_other_inputs_are_another_question(nets, tmp_path):
    cache = TraceCache(tmp_path / "cache")
    for inputs in ([], [Input(shape=(1, 3, 224, 224))], [Input(shape=(1, 3, 9, 9))]):
        trace_address(f"{nets}:net", inputs=inputs, cache=cache)
    assert len(cache.entries()) == 3


def test_a_report_of_a_series(nets):
    series = load_series("inception")
    small = [
        replace(model, address=f"{nets}:net", crop_size=8, published_variant="train")
        for model in series.models[:2]
    ]
    series = replace(series, models=tuple(small))
    seen = []
    for convention, width in (("flops", 4), ("paddle_static", 7)):
        report = gather_report(series, convention, seen.append)
        assert [row.counts.totals.macs for row in report.rows] == [3 * width * 64] * 2
        assert {row.counts.convention for row in report.rows} == {convention}
        assert report.verbatim == (convention == "paddle_static")
    assert seen == [model.name for model in small] * 2
