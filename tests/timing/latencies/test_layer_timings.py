"""Which records with times by layer count, and which of a model are shown."""

from collections.abc import Callable
from typing import Any

import pytest
from made_layers import made_layer_times
from made_measurements import made
from torch import nn

import profiler
from profiler.catalog import load_series
from profiler.records import Measurement
from profiler.timing.latencies.layer_timings import LayerTiming, series_layered, shown_timings
from profiler.timing.latencies.measured import best_layered

Make = Callable[..., Measurement]
OWN = (1, 3, 224, 224)


@pytest.fixture(scope="module")
def timed() -> Make:
    trace = profiler.trace(nn.Sequential(nn.Conv2d(3, 3, 1)), (1, 3, 4, 4))

    def make(**overrides: Any) -> Measurement:
        return made(**{"layers": made_layer_times(trace), **overrides})

    return make


def test_the_newest_clean_record_counts_and_goes_without_its_samples(timed: Make) -> None:
    old = timed(started_at="2026-01-01T00:00:00Z")
    new = timed(started_at="2026-01-02T00:00:00Z")
    doubtful = timed(started_at="2026-01-03T00:00:00Z", flags=("drift",))
    (chosen,) = best_layered([old, new, doubtful, made()])
    assert (chosen.started_at, chosen.samples_ms) == (new.started_at, ())
    (only,) = best_layered([doubtful])
    assert only.flags == ("drift",)


def test_records_without_spans_are_none(timed: Make) -> None:
    refused = profiler.records.LayerTimes(
        method="m", calls=0, total_ms=1, plain_ms=1, unattributed_ms=0, inflation=0.5,
        rescaled=1, resolution_ms=0, refused="too slow",
    )  # fmt: skip
    assert best_layered([made(layers=refused), made()]) == ()


def test_a_series_has_its_own_models_larger_batches_first(timed: Make) -> None:
    series = load_series("inception")
    records = [
        timed(batch_size=1),
        timed(batch_size=8),
        timed(precision="fp16", batch_size=32),
        timed(model="GoogLeNet", device="t4"),
        timed(model="other"),
    ]
    found = series_layered(series, records)
    assert {record.model for record in found} == {"GoogLeNet"}
    assert [(r.device, r.precision, r.batch_size) for r in found] == [
        ("t4", "fp32", 1), ("h100-sxm", "fp32", 8), ("h100-sxm", "fp32", 1),
        ("h100-sxm", "fp16", 32),
    ]  # fmt: skip


def test_shown_is_the_largest_batch_of_a_device_and_precision_at_its_own_input(timed: Make) -> None:
    series = load_series("inception")
    records = series_layered(
        series,
        [
            timed(batch_size=1),
            timed(batch_size=8),
            timed(precision="fp16"),
            timed(batch_size=64, input_shape=(64, 3, 320, 320)),
        ],
    )
    timings = [LayerTiming(record, ()) for record in records]
    shown, others = shown_timings(timings, "GoogLeNet", OWN, 2)
    assert [(t.record.precision, t.record.batch_size) for t in shown] == [("fp32", 8), ("fp16", 1)]
    assert [t.record.batch_size for t in others] == [64, 1]
    assert shown_timings(timings, "GoogLeNet", OWN, 1)[0] == shown[:1]
    assert shown_timings(timings, "Xception41", OWN, 2) == ((), ())


def test_every_device_is_shown_before_any_is_twice(timed: Make) -> None:
    series = load_series("inception")
    records = series_layered(
        series,
        [
            timed(),
            timed(precision="fp16"),
            timed(device="t4"),
            timed(device="t4", precision="fp16"),
        ],
    )
    timings = [LayerTiming(record, ()) for record in records]
    shown, others = shown_timings(timings, "GoogLeNet", OWN, 3)
    assert [(t.record.device, t.record.precision) for t in shown] == [
        ("t4", "fp32"), ("h100-sxm", "fp32"), ("t4", "fp16"),
    ]  # fmt: skip
    assert [(t.record.device, t.record.precision) for t in others] == [("h100-sxm", "fp16")]
