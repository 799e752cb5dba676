"""Two sets of measurements: what is compared with what, and what else is different."""

import pytest
from made_measurements import made, made_environment, spread

from profiler.records import Input, TimingSettings
from profiler.timing.latencies.comparison import compare_timings


def of(ms, **overrides):
    return made(samples=spread(ms, width=0.002), **overrides)


def verdicts(a, b, **options):
    return [row.verdict for row in compare_timings(a, b, **options).rows]


@pytest.mark.parametrize(
    ("after", "verdict"), [(1.0, "SAME"), (1.2, "SLOWER"), (0.8, "FASTER"), (1.0099, "SAME")]
)
def test_the_verdict_is_about_the_second(after, verdict):
    (row,) = compare_timings([of(1.0)], [of(after)]).rows
    assert row.verdict == verdict
    assert row.ratio == pytest.approx(after)
    assert row.low < row.ratio < row.high


def test_the_band_decides():
    assert verdicts([of(1.0)], [of(1.05)]) == ["SLOWER"]
    assert verdicts([of(1.0)], [of(1.05)], band=0.1) == ["SAME"]


def test_too_few_samples_are_ambiguous_and_have_no_interval():
    (row,) = compare_timings([of(1.0)], [made(samples=(2.0, 2.0))]).rows
    assert (row.verdict, row.ratio, row.low, row.high) == ("AMBIGUOUS", 2.0, None, None)


def test_what_one_side_lacks_is_a_row_too():
    a = [of(1.0), of(2.0, batch_size=4), made(samples=(), flags=("oom",), batch_size=8)]
    b = [of(1.0), of(2.0, batch_size=16), of(3.0, batch_size=8)]
    rows = compare_timings(a, b).rows
    assert [(row.a is not None, row.b is not None, row.verdict) for row in rows] == [
        (True, True, "SAME"),
        (True, False, None),
        (True, True, None),
        (False, True, None),
    ]


@pytest.mark.parametrize(
    "other",
    [{"model": "other"}, {"precision": "fp16"}, {"batch_size": 2}, {"quantity": "host"},
     {"variant": "train"}, {"input_shape": (1, 3, 299, 299)}, {"arguments": {"width": "2"}},
     {"inputs": (Input(shape=(1, 3, 224, 224), kind="tokens"),)}],
    ids=str,
)  # fmt: skip
def test_what_is_never_compared(other):
    assert verdicts([of(1.0)], [of(1.0, **other)]) == [None, None]


AXES = [
    ("hw", {"device": "t4"}, ("h100-sxm", "t4")),
    ("layout", {"layout": "nhwc"}, ("nchw", "nhwc")),
    ("engine", {"engine": "torch.compile"}, ("pytorch", "torch.compile")),
    ("threads", {"threads": 4}, ("None", "4")),
    ("l2", {"settings": TimingSettings(flush_l2=True)}, ("warm", "flushed")),
]


@pytest.mark.parametrize(("name", "other", "values"), AXES, ids=[axis[0] for axis in AXES])
def test_one_thing_throughout_against_another_is_compared_and_said(name, other, values):
    found = compare_timings([of(1.0)], [of(1.0, **other)])
    assert [row.verdict for row in found.rows] == ["SAME"]
    first = found.differences[0]
    assert (first.fact, first.a, first.b) == (name, *values)
    assert found.matched_on == ()


@pytest.mark.parametrize(("name", "other", "_values"), AXES, ids=[axis[0] for axis in AXES])
def test_several_values_on_a_side_are_matched(name, other, _values):
    both = [of(1.0), of(2.0, **other)]
    found = compare_timings(both, both)
    assert found.matched_on == (name,)
    assert [row.verdict for row in found.rows] == ["SAME", "SAME"]
    assert verdicts(both, both[1:]) == [None, "SAME"]
    assert verdicts(both[:1], both) == ["SAME", None]


def test_the_environment_is_compared_where_rows_are():
    a = [of(1.0), of(1.0, model="only a", weights="pretrained")]
    b = [
        of(1.0, inprof="0.2.0", settings=TimingSettings(cudnn_benchmark=False), run=run,
           environment=made_environment(
               software={"torch": torch, "cuda": None}, variables={"A": "1"}))
        for run, torch in ((1, "2.10"), (2, "2.11"))
    ]  # fmt: skip
    found = {each.fact: (each.a, each.b) for each in compare_timings(a, b).differences}
    assert found == {
        "inprof": ("0.1.0", "0.2.0"),
        "software torch": ("2.9.0", "2.10 / 2.11"),
        "software cuda": ("12.8", "None"),
        "variable A": ("–", "1"),
        "setting cudnn_benchmark": ("True", "False"),
    }
    assert compare_timings(a, a).differences == ()


def test_of_several_sessions_the_newest_clean_one_is_compared():
    b = [
        of(1.0, session="clean", started_at="2026-01-01T00:00:00Z"),
        of(3.0, session="doubtful", started_at="2026-01-02T00:00:00Z", flags=("drift",)),
    ]
    assert verdicts([of(1.0)], b) == ["SAME"]
