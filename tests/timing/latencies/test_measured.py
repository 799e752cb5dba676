"""Records become latencies: by session and conditions, and the best of several sessions."""

import random
from pathlib import Path

import pytest
from made_measurements import made, made_environment, spread

from profiler.catalog import load_series
from profiler.records import (
    Input,
    LayerSpan,
    LayerTimes,
    MeasuredLatency,
    Telemetry,
    TimingSettings,
)
from profiler.timing.latencies.measured import (
    best,
    best_layered,
    latencies_of,
    measured_latencies,
    named_in,
    newest,
    timings_of,
)
from profiler.timing.latencies.measurement_file import append
from profiler.timing.loop.statistics import median_interval

#: A change of any of these makes other conditions.
CONDITIONS = [
    {"model": "inceptionv3"},
    {"device": "t4"},
    {"precision": "fp16"},
    {"batch_size": 4},
    {"quantity": "eager"},
    {"variant": "train"},
    {"input_shape": (1, 3, 299, 299)},
    {"layout": "nhwc"},
    {"engine": "torch.compile"},
    {"threads": 4},
    {"settings": TimingSettings(flush_l2=True)},
    {"arguments": {"width": "2"}},
    {"inputs": (Input(shape=(1, 3, 224, 224)), Input(shape=(1, 12), kind="tokens"))},
]


def by_session(*records) -> list[str]:
    return [latency.session for latency in best(latencies_of(records))]


# --- one session ---


def test_a_latency_says_what_its_record_says():
    samples = spread(2.0)
    (latency,) = latencies_of([made(batch_size=8, samples=samples, flags=("outliers",))])
    interval = median_interval(samples)
    assert latency == MeasuredLatency(
        model="googlenet", hw="h100-sxm", hw_name="NVIDIA H100 80GB HBM3", precision="fp32",
        batch_size=8, quantity="device", input_shape=(8, 3, 224, 224), layout="nchw",
        engine="pytorch", threads=None, flush_l2=False, median_ms=pytest.approx(2.0),
        low_ms=interval.low, high_ms=interval.high, samples=240, runs=1, flags=("outliers",),
        started_at="2026-01-02T03:04:05Z", session="20260102T030405-1a2b3c",
        settings=TimingSettings(), environment=made_environment(), inprof="0.1.0",
    )  # fmt: skip
    assert latency.images_per_s == pytest.approx(4000)
    assert latencies_of([made()], shipped=True)[0].shipped


def test_the_processes_of_a_session_are_one_latency():
    runs = [
        made(samples=spread(ms), run=run, flags=flags, started_at=f"2026-01-02T03:04:0{9 - run}Z")
        for run, ms, flags in ((1, 1.0, ("drift",)), (2, 1.2, ()), (3, 1.1, ("outliers", "drift")))
    ]
    (latency,) = latencies_of(runs)
    assert latency.median_ms == pytest.approx(1.1)
    # between processes the medians differ by more than within one
    assert (latency.low_ms, latency.high_ms) == (pytest.approx(1.0), pytest.approx(1.2))
    assert (latency.samples, latency.runs) == (720, 3)
    assert latency.flags == ("drift", "outliers")
    assert latency.started_at == "2026-01-02T03:04:06Z"


def test_clocks_are_those_of_the_samples():
    states = {1: [(0.5, 300), (1.0, 1500), (2.0, 1380)], 2: [(1.5, 1590), (2.0, None)]}
    runs = [
        made(
            run=run,
            measured_from_s=1.0,
            telemetry=tuple(Telemetry(at_s=at_s, sm_clock_mhz=clock) for at_s, clock in told),
        )
        for run, told in states.items()
    ]
    (latency,) = latencies_of(runs)
    assert latency.sm_clock_mhz == (1380, 1590)
    assert latencies_of([made()])[0].sm_clock_mhz is None


def test_within_one_process_may_be_wider_than_between():
    runs = [made(samples=spread(1.0, width=0.2), run=run) for run in (1, 2, 3)]
    (latency,) = latencies_of(runs)
    interval = median_interval(runs[0].samples_ms)
    assert (latency.low_ms, latency.high_ms) == pytest.approx((interval.low, interval.high))
    assert latency.low_ms < 1.0 < latency.high_ms


def test_too_few_samples_have_a_median_and_no_interval():
    (latency,) = latencies_of([made(samples=(1.0, 3.0, 2.0)), made(run=2)])
    assert (latency.low_ms, latency.high_ms) == (None, None)
    assert latency.samples == 243


@pytest.mark.parametrize("other", CONDITIONS, ids=str)
def test_other_conditions_are_another_latency(other):
    records = [made(), made(**other)]
    assert len(latencies_of(records)) == 2
    if "variant" not in other:  # a latency does not say its graph
        assert len(best(latencies_of(records))) == 2
    assert len(newest(timings_of(records))) == 2


def test_another_session_or_builder_is_another_latency():
    assert len(latencies_of([made(), made(session="other")])) == 2
    assert len(latencies_of([made(), made(address="mine.py:googlenet")])) == 2


@pytest.mark.parametrize("other", CONDITIONS[-2:], ids=str)
def test_a_model_built_or_run_otherwise_is_none_of_a_series(other):
    series = load_series("inception")
    plain, changed = made("googlenet"), made("googlenet", **other)
    (latency,) = named_in(series, latencies_of([changed, plain]))
    assert (latency.model, latency.arguments, latency.inputs) == ("GoogLeNet", {}, ())
    assert len(list(named_in(series, [changed, plain]))) == 1


def test_layers_of_a_model_built_or_run_otherwise_are_not_its_layers():
    spans = (LayerSpan("a", 0, "Conv2d", 1.0),)
    layers = LayerTimes("m", 9, 1.0, 1.0, 0.0, 0.0, 1.0, 0.001, spans=spans)
    records = [made(layers=layers), *(made(layers=layers, **other) for other in CONDITIONS[-2:])]
    assert len(best_layered(records)) == 3


def test_what_differs_between_processes_alone_is_no_condition():
    again = made(run=2, flags=("drift",), started_at="2026-01-02T03:05:05Z", cold_first_ms=1.0,
                 environment=made_environment(software={"torch": "2.10"}))  # fmt: skip
    assert len(latencies_of([made(), again])) == 1


def test_a_record_that_was_copied_counts_once():
    (latency,) = latencies_of([made(), made(run=2), made(), made(run=2)])
    assert (latency.runs, latency.samples) == (2, 480)


def test_latencies_come_in_the_order_of_their_first_records():
    records = [made(model=name, run=run) for run in (1, 2) for name in ("b", "c", "a")]
    assert [latency.model for latency in latencies_of(records)] == ["b", "c", "a"]


def test_records_without_samples_give_no_latency_and_stay_visible():
    lost = made(samples=(), flags=("oom",), reason="2 GiB", batch_size=64)
    records = [made(), lost]
    assert [latency.batch_size for latency in latencies_of(records)] == [1]
    assert [len(timing.samples_ms) for timing in timings_of(records)] == [240, 0]


def test_a_process_that_failed_casts_doubt_on_the_others():
    (latency,) = latencies_of([made(), made(run=2, samples=(), flags=("failed",))])
    assert (latency.runs, latency.flags, latency.doubtful) == (1, ("failed",), True)


# --- several sessions ---


def at(session, started_at, **overrides):
    return made(session=session, started_at=started_at, **overrides)


def test_the_newest_counts_whatever_the_order():
    records = [at(f"s{day}", f"2026-01-{day:02}T00:00:00Z") for day in range(1, 9)]
    for seed in range(5):
        random.Random(seed).shuffle(records)
        assert by_session(*records) == ["s8"]


def test_times_are_compared_as_times():
    earlier = at("earlier", "2026-01-02T00:40:00Z")
    assert by_session(earlier, at("zone", "2026-01-01T23:50:00-01:00")) == ["zone"]
    assert by_session(earlier, at("fraction", "2026-01-02T00:40:00.5Z")) == ["fraction"]


def test_a_clean_one_counts_before_a_newer_doubtful_one():
    clean = at("clean", "2026-01-01T00:00:00Z", flags=("power_capped", "outliers"))
    newer = at("newer", "2026-01-03T00:00:00Z", flags=("outliers", "drift"))
    assert by_session(clean, newer) == by_session(newer, clean) == ["clean"]


def test_a_doubtful_one_is_better_than_none():
    flagged = [at(f"s{day}", f"2026-01-0{day}T00:00:00Z", flags=("drift",)) for day in (2, 3, 1)]
    assert by_session(*flagged) == ["s3"]


def test_equal_times_have_an_answer_that_no_order_changes():
    twins = [at(name, "2026-01-01T00:00:00Z") for name in ("a", "c", "b")]
    assert by_session(*twins) == by_session(*reversed(twins)) == ["c"]
    own, shipped = latencies_of([made()]), latencies_of([made()], shipped=True)
    assert best((*own, *shipped)) == best((*shipped, *own)) == shipped


def test_best_keeps_the_order_of_conditions():
    records = [made(model="b"), made(model="a"), at("new", "2026-02-01T00:00:00Z", model="b")]
    assert [latency.model for latency in best(latencies_of(records))] == ["b", "a"]


def test_newest_prefers_samples_then_clean_ones():
    lost = at("lost", "2026-01-09T00:00:00Z", samples=(), flags=("oom",))
    doubtful = at("doubtful", "2026-01-08T00:00:00Z", flags=("drift",))
    clean = at("clean", "2026-01-07T00:00:00Z")

    def of(*records):
        return [timing.first.session for timing in newest(timings_of(records))]

    assert of(lost, doubtful, clean) == ["clean"]
    assert of(lost, doubtful) == ["doubtful"]
    assert of(lost) == ["lost"]


# --- folders ---


def test_folders_of_the_user_and_shipped_ones(tmp_path: Path):
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    append(shipped / "t4.jsonl", made(device="t4"))
    append(shipped / "t4.jsonl", made("inceptionv3", device="t4"))
    append(own / "t4.jsonl", at("mine", "2026-03-01T00:00:00Z", device="t4"))
    append(own / "cpu.jsonl", made(device="cpu", variant="train"))
    append(own / "t4.jsonl", made(device="t4", batch_size=64, samples=(), flags=("oom",)))
    with (own / "cpu.jsonl").open("a") as file:
        file.write('{"inprof":"0.1.0","version":1,"mod')
    (own / "notes.jsonl").write_text("not ours\n")
    found = measured_latencies([own, tmp_path / "none"], [shipped])
    assert [(each.model, each.session, each.shipped) for each in found.latencies] == [
        ("googlenet", "mine", False),
        ("inceptionv3", "20260102T030405-1a2b3c", True),
    ]
    assert [record.flags for record in found.failed] == [("oom",)]
    cut, foreign = found.problems
    assert "line 2 is skipped: it is cut short" in cut
    assert "notes.jsonl' is not a file of measurements" in foreign


def test_a_failure_that_was_made_up_for_casts_no_doubt():
    lost = made(samples=(), flags=("failed",), run=2)
    (latency,) = latencies_of([made(run=1), lost, made(run=2)])
    assert (latency.runs, latency.flags) == (2, ())
    (latency,) = latencies_of([made(run=1), lost])
    assert (latency.runs, latency.flags) == (1, ("failed",))
