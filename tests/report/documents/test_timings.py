"""Latencies on a terminal: what stays when it is narrow, and what a title says."""

import io
import re

import pytest
from made_measurements import made, spread
from narrow_terminal import order_of_going
from rich.console import Console

from profiler.records import TableBlock, TimingSettings
from profiler.render.messages import load_messages
from profiler.render.renderers import render
from profiler.render.terminal import document_drawing
from profiler.report.documents.timings import timing_comparison_document, timings_document
from profiler.timing.latencies.comparison import compare_timings
from profiler.timing.latencies.measured import timings_of

MODELS = ("googlenet", "inceptionv4", "xception65_deeplab")


def printed(document, width):
    drawing = document_drawing(document, load_messages("en"), width)
    buffer = io.StringIO()
    Console(file=buffer, width=width, no_color=True).print(drawing)
    return buffer.getvalue()


def records(scale=1.0, **overrides):
    return [
        made(model, samples=spread(scale * ms), precision=precision, batch_size=bs,
             input_shape=(bs, 3, 224 if model == "googlenet" else 299, 224), **overrides)
        for model, ms in zip(MODELS, (1.234, 23.45, 345.6), strict=True)
        for precision in ("fp16", "fp32") for bs in (1, 32)
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_names_and_medians_are_whole_at_any_width(width):
    timings = timings_of(records(flags=("launch_bound",)))
    text = printed(timings_document(timings), width)
    assert max(map(len, text.splitlines())) <= width
    lines = [line.split() for line in text.splitlines()]
    for model, median in zip(MODELS, ("1.234", "23.45", "345.6"), strict=True):
        shown = [words for words in lines if words and words[0] == model and median in words]
        assert len(shown) == 4
    shared = {
        heading: heading in text for heading in ("Input", "95 %", "Images/s", "Samples", "Started")
    }
    assert list(shared.values()).count(True) == {80: 0, 100: 2, 120: 3, 160: 5}[width], shared


def test_the_day_stays_longer_where_sessions_differ():
    timings = timings_of([*records(), *records(session="b", started_at="2026-01-03T03:04:05Z")])
    text = printed(timings_document(timings), 100)
    assert "2026-01-03T03:04:05Z" in text
    assert "Images/s" not in text


def table_of(document):
    return next(block for block in document.blocks if isinstance(block, TableBlock))


def test_what_tells_no_rows_apart_goes_first_then_what_tells_least():
    sessions = [*records(), *records(session="b", started_at="2026-01-03T03:04:05Z")]
    usual = ["runs", "samples", "p95_ms", "images_per_s"]
    gone, left = order_of_going(table_of(timings_document(timings_of(sessions))))
    assert gone == ["input", *usual, "started_at"]
    assert {"model", "median_ms", "flags"} <= set(left)
    gone, left = order_of_going(table_of(timings_document(timings_of(records()))))
    assert gone == ["started_at", "input", *usual]


def test_of_a_comparison_flags_and_the_interval_go():
    comparison = compare_timings(records(flags=("drift",)), records(1.5, flags=("drift",)))
    gone, left = order_of_going(table_of(timing_comparison_document(comparison, ("a", "b"))))
    assert gone == ["input", "flags_a", "flags_b", "ratio_interval"]
    assert "verdict" in left


@pytest.mark.parametrize("width", [80, 120])
def test_a_comparison_keeps_its_verdicts(width):
    comparison = compare_timings(records(), records(1.5, flags=("drift",)))
    text = printed(timing_comparison_document(comparison, ("a.jsonl", "b.jsonl")), width)
    assert max(map(len, text.splitlines())) <= width
    assert len(re.findall(r"1\.500 .*SLOWER", text)) == 12
    assert all(len(re.findall(rf"^ {model} ", text, re.MULTILINE)) == 4 for model in MODELS)


def test_a_title_says_what_does_not_go_without_saying():
    settings = TimingSettings(flush_l2=True)
    unusual = made(device="cpu", quantity="host", variant="train", layout="nhwc", threads=8,
                   engine="torch.compile", settings=settings)  # fmt: skip
    text = render(timings_document(timings_of([unusual])), "markdown")
    assert text.startswith(
        "A made-up CPU (cpu), host time, train graph, nhwc, torch.compile, threads: 8, "
        "L2 cache flushed before each call, input 3x224x224, fp32\n"
    )
    assert render(timings_document(timings_of([made(device="gpu")])), "markdown").startswith(
        "gpu, device time,"
    )


def test_flags_are_explained_once_and_only_those_of_figures():
    lost = made(batch_size=64, samples=(), flags=("oom",), reason="")
    twice = [made(flags=("drift",)), made(batch_size=2, flags=("drift", "new_flag"))]
    text = render(timings_document(timings_of([*twice, lost])), "markdown")
    assert text.count("Flag “drift”") == 1
    assert "Flag “new_flag”" in text
    assert "Flag “out of memory”" not in text
    assert "Not measured: googlenet on h100-sxm, fp32, batch 64, device: out of memory\n" in text
