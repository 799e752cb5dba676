"""``inprof time compare``: verdicts, what else is different, and the exit status."""

import csv
import io
import json
from pathlib import Path

import pytest
from made_measurements import made, made_environment, spread

from profiler.timing.latencies.measurement_file import append


@pytest.fixture
def put(folder):
    """Append made-up records to a file, one for each median."""

    def add(name, *medians_ms, **overrides):
        for batch_size, ms in enumerate(medians_ms, start=1):
            record = made(samples=spread(ms, width=0.0005), batch_size=batch_size, **overrides)
            append(Path(name), record)

    return add


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_verdict_in_a_row(inprof, put):
    put("a.jsonl", 1.0, 1.0, 1.0)
    put("b.jsonl", 1.0, 2.0, 0.5)
    append(Path("a.jsonl"), made(samples=(1.0, 1.0), batch_size=4))
    append(Path("b.jsonl"), made(samples=(2.0, 2.0), batch_size=4))
    result = inprof("time", "compare", "a.jsonl", "b.jsonl")
    assert result.exit_code == 0
    assert result.stderr == ""
    for batch, a, b, ratio, interval, verdict in (
        ("1", "1.000", "1.000", "1.000", "1.000–1.000", "SAME"),
        ("2", "1.000", "2.000", "2.000", "2.000–2.000", "SLOWER"),
        ("3", "1.000", "0.5000", "0.500", "0.500–0.500", "FASTER"),
    ):
        assert ["googlenet", batch, a, b, ratio, interval, verdict] in [
            line.split() for line in result.stdout.splitlines()
        ]
    assert "too few samples   AMBIGUOUS" in result.stdout
    assert "A is a.jsonl, B is b.jsonl." in result.stdout
    assert "B / A is within 1 % of 1" in result.stdout
    assert "Also different" not in result.stdout


def test_what_one_side_lacks_is_listed(inprof, put):
    put("a.jsonl", 1.0, 1.0)
    put("b.jsonl", 1.0)
    append(Path("b.jsonl"), made("xception41"))
    text = inprof("time", "compare", "a.jsonl", "b.jsonl", "--format", "csv").stdout
    assert [(row["model"], row["batch_size"], row["verdict"]) for row in rows(text)] == [
        ("googlenet", "1", "SAME"),
        ("googlenet", "2", "only in A"),
        ("xception41", "1", "only in B"),
    ]


def test_what_else_is_different_is_said(inprof, put):
    put("a.jsonl", 5.0, device="t4")
    put("b.jsonl", 1.0, environment=made_environment(software={"torch": "2.10.0"}), layout="nhwc")
    text = inprof("time", "compare", "a.jsonl", "b.jsonl").stdout
    assert "B against A: device time, input 3x224x224, fp32" in text
    listed = [line.split() for line in text.split("Also different")[1].splitlines()]
    assert ["hw", "t4", "h100-sxm"] in listed
    assert ["layout", "nchw", "nhwc"] in listed
    assert ["software", "torch", "2.9.0", "2.10.0"] in listed
    markdown = inprof("time", "compare", "a.jsonl", "b.jsonl", "--format", "markdown").stdout
    assert "| software torch |" in markdown


def test_json_has_all_of_it(inprof, put):
    put("a.jsonl", 1.0, weights="pretrained")
    put("b.jsonl", 2.0, 3.0)
    found = json.loads(inprof("time", "compare", "a.jsonl", "b.jsonl", "--format", "json").stdout)
    assert (found["a"], found["b"], found["band"]) == ("a.jsonl", "b.jsonl", 0.01)
    both, only_b = found["rows"]
    assert both["a"]["median_ms"] == pytest.approx(1)
    assert both["b"]["median_ms"] == pytest.approx(2)
    assert both["ratio"] == pytest.approx(2)
    assert both["ratio_low"] < both["ratio"] < both["ratio_high"]
    assert both["verdict"] == "SLOWER"
    assert only_b["a"] is only_b["ratio"] is only_b["verdict"] is None
    assert found["differences"] == [{"fact": "weights", "a": "pretrained", "b": "random"}]


def test_fail_on_slower(inprof, put):
    put("a.jsonl", 1.0, 1.0)
    put("b.jsonl", 1.0, 1.05)
    slower = ("time", "compare", "a.jsonl", "b.jsonl", "--fail-on-slower")
    result = inprof(*slower)
    assert result.exit_code == 1
    assert result.stderr == "Error: 1 row is SLOWER (--fail-on-slower)\n"
    assert "SLOWER" in result.stdout
    assert inprof(*slower, "--band", "0.1").exit_code == 0
    assert inprof("time", "compare", "b.jsonl", "a.jsonl", "--fail-on-slower").exit_code == 0
    assert inprof(*slower[:-1]).exit_code == 0


def test_a_file_gets_what_the_screen_gets(inprof, put):
    put("a.jsonl", 1.0)
    shown = inprof("time", "compare", "a.jsonl", "a.jsonl").stdout
    result = inprof("time", "compare", "a.jsonl", "a.jsonl", "-o", "out")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote out\n")
    assert [line.rstrip() for line in shown.splitlines()] == Path("out").read_text().splitlines()


def test_nothing_in_common_is_an_error_even_for_a_gate(refuses, put):
    put("a.jsonl", 1.0)
    put("b.jsonl", 1.0, precision="fp16")
    append(Path("b.jsonl"), made(samples=(), flags=("oom",)))
    assert refuses(2, "time", "compare", "a.jsonl", "b.jsonl", "--fail-on-slower") == (
        "Error: 'a.jsonl' and 'b.jsonl' have nothing that was measured under the same conditions: "
        "inprof time show lists what each has"
    )


def test_files_that_can_not_be_read(refuses, put, folder):
    put("a.jsonl", 1.0)
    (folder / "b.jsonl").write_text('{"inprof":"9","version":2}\n')
    assert "update inprof" in refuses(1, "time", "compare", "a.jsonl", "b.jsonl")
    assert "there is no file 'c.jsonl'" in refuses(1, "time", "compare", "c.jsonl", "a.jsonl")
    assert "0<=x<=1" in refuses(2, "time", "compare", "a.jsonl", "a.jsonl", "--band", "2")
