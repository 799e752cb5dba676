"""``inprof time show``: which records, in which form, and what is said of those that are not."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from made_measurements import made, spread

from profiler.timing.latencies.measurement_file import append, default_path


@pytest.fixture
def measured(folder):
    """A file for each of two devices in ./measurements; the second has a batch without memory."""
    for device, scale in (("h100-sxm", 1), ("t4", 5)):
        for bs in (1, 32):
            for run in (1, 2, 3):
                flags = ("drift",) if bs == 1 and device == "t4" else ()
                append(
                    default_path(device),
                    made(samples=spread(scale * bs), device=device, batch_size=bs, run=run,
                         flags=flags),
                )  # fmt: skip
    lost = {"samples": (), "flags": ("oom",), "reason": "needs\n9 GiB", "batch_size": 64}
    append(default_path("t4"), made(device="t4", **lost))
    return folder


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_all_in_the_folder_or_the_files_that_are_named(inprof, measured):
    devices = [row["hw"] for row in rows(inprof("time", "show", "--format", "csv").stdout)]
    assert devices == ["h100-sxm", "h100-sxm", "t4", "t4", "t4"]
    one = inprof("time", "show", "measurements/t4.jsonl", "--format", "csv")
    assert [row["hw"] for row in rows(one.stdout)] == ["t4", "t4", "t4"]
    assert one.stderr == ""
    twice = inprof("time", "show", *["measurements/t4.jsonl"] * 2, "--format", "csv")
    assert twice.stdout == one.stdout


def test_text_has_a_table_per_device_with_medians_and_notes(inprof, measured):
    result = inprof("time", "show")
    assert result.exit_code == 0
    text = result.stdout
    assert "NVIDIA H100 80GB HBM3 (h100-sxm), device time, input 3x224x224, fp32" in text
    assert "Tesla T4 (t4), device time" in text
    (row,) = [line for line in text.splitlines() if " 5.000 ?" in line]
    assert row.split()[:4] == ["googlenet", "1", "5.000", "?"]
    assert "Flag “drift”, which casts doubt on a figure: " in text
    assert (
        "Not measured: googlenet on t4, fp32, batch 64, device: out of memory (needs 9 GiB)" in text
    )


def test_where_some_processes_failed_it_says_which(inprof, folder):
    for run in (1, 2, 3):
        lost = {"samples": (), "flags": ("failed",)} if run > 1 else {}
        append(default_path("t4"), made(run=run, **lost))
    text = inprof("time", "show").stdout
    assert "Not measured: googlenet on h100-sxm, fp32, batch 1, device, run 2, 3: failed" in text


def test_csv_and_json_have_exact_figures_and_every_condition(inprof, measured):
    (row,) = rows(inprof("time", "show", "--hw", "t4", "--bs", "32", "--format", "csv").stdout)
    (item,) = json.loads(
        inprof("time", "show", "--hw", "t4", "--bs", "32", "--format", "json").stdout
    )
    for name in ("median_ms", "low_ms", "high_ms", "p95_ms", "images_per_s"):
        assert float(row[name]) == item[name]
    assert item["median_ms"] == 160
    assert item["low_ms"] < 160 < item["high_ms"] < item["p95_ms"]
    assert item["images_per_s"] == 200
    assert (row["flags"], item["flags"]) == ("", [])
    assert (row["samples"], row["runs"], item["samples"], item["runs"]) == ("720", "3", 720, 3)
    assert (row["input"], item["input_shape"]) == ("3x224x224", [32, 3, 224, 224])
    assert row["started_at"] == item["started_at"] == "2026-01-02T03:04:05Z"


def test_what_was_not_measured_is_empty_and_says_why(inprof, measured):
    (row,) = rows(inprof("time", "show", "--bs", "64", "--format", "csv").stdout)
    (item,) = json.loads(inprof("time", "show", "--bs", "64", "--format", "json").stdout)
    assert (row["median_ms"], row["low_ms"], row["p95_ms"], row["flags"]) == ("", "", "", "oom")
    assert item["median_ms"] is item["low_ms"] is item["p95_ms"] is item["images_per_s"] is None
    assert (item["flags"], item["reasons"]) == (["oom"], ["needs\n9 GiB"])


def test_markdown_is_a_table_and_a_list(inprof, measured):
    text = inprof("time", "show", "--hw", "t4", "--format", "markdown").stdout
    title, table, notes = text.split("\n\n")
    assert title == "Tesla T4 (t4), device time, input 3x224x224, fp32"
    assert table.splitlines()[1].startswith("| :-")
    assert "**5.000** ?" in table
    assert all(line.startswith("- ") for line in notes.splitlines())


@pytest.mark.parametrize("output_format", ["text", "markdown", "csv", "json"])
def test_a_file_gets_what_the_screen_gets(inprof, measured, output_format):
    shown = inprof("time", "show", "--format", output_format).stdout
    result = inprof("time", "show", "--format", output_format, "-o", "out")
    assert (result.stdout, result.stderr) == ("", "wrote out\n")
    written = (measured / "out").read_text()
    assert [line.rstrip() for line in shown.splitlines()] == written.splitlines()
    assert inprof("time", "show", "--format", output_format).stdout == shown


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--model", "GoogLeNet"], 5),
        (["--hw", "T4"], 3),
        (["--hw", "t4", "--hw", "h100-sxm"], 5),
        (["--precision", "FP32", "--quantity", "device"], 5),
        (["--bs", "1", "--bs", "32"], 4),
        (["--bs", "1", "--hw", "t4"], 1),
    ],
)
def test_filters(inprof, measured, filters, count):
    assert len(rows(inprof("time", "show", *filters, "--format", "csv").stdout)) == count


def test_filters_do_not_mind_case(inprof, folder):
    append(default_path("t4"), made("Nets.py:Small"))
    for name in ("nets.py:small", "NETS.PY:SMALL"):
        assert len(rows(inprof("time", "show", "--model", name, "--format", "csv").stdout)) == 1


def test_a_filter_that_leaves_nothing_says_what_there_is(refuses, measured):
    assert refuses(2, "time", "show", "--hw", "t4", "--bs", "8", "--bs", "16") == (
        "Error: no measurements with --bs 8, 16: there are 1, 32, 64"
    )
    assert "no measurements with --model vgg: there are googlenet" in refuses(
        2, "time", "show", "--model", "vgg"
    )


def test_nothing_measured_yet(refuses, folder):
    cure = "measure some, for example with inprof time --model googlenet"
    assert refuses(2, "time", "show") == (
        f"Error: no measurements in the folder 'measurements': {cure}"
    )
    (folder / "empty.jsonl").touch()
    assert refuses(2, "time", "show", "empty.jsonl") == (
        f"Error: no measurements in empty.jsonl: {cure}"
    )


def test_a_broken_line_is_told_and_the_rest_is_shown(inprof, measured):
    with default_path("t4").open("a") as file:
        file.write('{"inprof":"0.1.0","ver')
    result = inprof("time", "show", "--format", "csv")
    assert result.exit_code == 0
    assert len(rows(result.stdout)) == 5
    assert result.stderr == (
        "Warning: 'measurements/t4.jsonl': line 8 is skipped: it is cut short\n"
    )


def test_a_foreign_file_is_refused_by_name_and_passed_over_in_a_folder(inprof, refuses, measured):
    (measured / "measurements" / "mine.jsonl").write_text("[]\n")
    refused = refuses(1, "time", "show", "measurements/mine.jsonl")
    assert "'measurements/mine.jsonl' is not a file of measurements" in refused
    result = inprof("time", "show", "--format", "csv")
    assert len(rows(result.stdout)) == 5
    assert "mine.jsonl' is not a file of measurements" in result.stderr


def test_a_bad_output_is_said_first(refuses, measured):
    assert "there is no folder 'no'" in refuses(1, "time", "show", "-o", "no/out")


def test_nothing_here_needs_torch(measured):
    code = (
        "import sys; from profiler.cli import main\n"
        "try: main(['time', 'show'])\n"
        "finally: assert not {'torch', 'matplotlib', 'numpy'} & sys.modules.keys()"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=measured, env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "googlenet" in done.stdout
