"""``inprof count`` on small models of the user's own."""

import csv
import io
import json
import os

import mdformat
import pytest

import profiler
from profiler.cli.count import _COLUMN_SETS
from profiler.report.tables.layers import COLUMNS, DEFAULT_COLUMNS

SMALL = ("count", "--model", "nets.py:small", "--size", "8")

#: What the JSON of a count must hold.
KEYS = ["model", "input_shape", "variant", "convention", "totals", "layers", "uncounted"]
TOTALS = ["params", "macs", "flops", "activations"]
LAYER = ["path", "kind", "input_shape", "output_shape", "params", "macs", "flops", "activations"]


def as_json(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def as_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def count_json(inprof):
    def run(*options, model="nets.py:small"):
        given = ("count", "--model", model, "--size", "8", "--format", "json")
        return as_json(inprof(*given, *options))

    return run


# --- formats ----------------------------------------------------------------------------------


def test_json(count_json):
    found = count_json()
    assert [key for key in found if key in KEYS] == KEYS
    assert [key for key in found["totals"] if key in TOTALS] == TOTALS
    assert (found["model"], found["variant"], found["convention"]) == (
        "nets.py:small", "deploy", "flops",
    )  # fmt: skip
    assert found["input_shape"] == [1, 3, 8, 8]
    assert found["uncounted"] == []
    for layer in found["layers"]:
        assert [key for key in layer if key in LAYER] == LAYER
    for metric in TOTALS:
        figures = [layer[metric] for layer in found["layers"]]
        assert all(type(figure) is int for figure in figures)
        assert sum(figures) == found["totals"][metric]
    # conv 4 x 8 x 8 x 27 and linear 4 x 2; params 4 * 27 + 4 and 8 + 2
    assert found["totals"]["macs"] == 256 * 27 + 8
    assert found["totals"]["flops"] == 2 * found["totals"]["macs"]
    assert found["totals"]["params"] == 112 + 10
    # conv 256, ReLU 256, pool 4, linear 2
    assert found["totals"]["activations"] == 518
    assert [layer["path"] for layer in found["layers"]] == ["0", "1", "2.0", "2.2"]


def test_json_agrees_with_the_api(count_json, folder):
    counts = profiler.count(profiler.trace(profiler.build("nets.py:small"), (1, 3, 8, 8)))
    found = count_json()
    for metric in TOTALS:
        assert found["totals"][metric] == getattr(counts.totals, metric)


def test_csv(inprof):
    rows = as_csv(inprof(*SMALL, "--format", "csv").stdout)
    assert list(rows[0]) == list(DEFAULT_COLUMNS)
    assert [row["path"] for row in rows] == ["0", "1", "2.0", "2.2", "total"]
    assert [row["macs"] for row in rows] == ["6912", "0", "0", "8", "6920"]
    assert rows[0]["output_shape"] == "1x4x8x8"


def test_markdown(inprof):
    text = inprof(*SMALL, "--format", "markdown").stdout
    assert text.startswith("### nets.py:small, input 1x3x8x8\n\n| Path")
    assert mdformat.text(text, extensions={"gfm"}) == text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 5


def test_table(inprof):
    text = inprof(*SMALL).stdout
    assert "nets.py:small, input 1x3x8x8" in text
    assert "6,912" in text
    assert "peak live activations" in text
    assert "flops: 2 x MACs of" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_the_same_bytes_again(form, inprof):
    first, second = (inprof(*SMALL, "--format", form) for _ in range(2))
    assert first.stdout_bytes == second.stdout_bytes
    assert first.stderr == ""


# --- what is counted --------------------------------------------------------------------------


def test_size_and_batch(count_json):
    assert count_json("--batch-size", "5")["input_shape"] == [5, 3, 8, 8]
    assert count_json("--size", "9")["input_shape"] == [1, 3, 9, 9]
    assert count_json("--batch-size", "5")["totals"]["macs"] == 5 * count_json()["totals"]["macs"]


def test_an_architecture_has_its_own_size(inprof):
    found = as_json(inprof("count", "--model", "GoogLeNet", "--format", "json", "--top", "1"))
    assert (found["model"], found["input_shape"]) == ("googlenet", [1, 3, 224, 224])
    # conv and linear of the deployed graph, from the reference table
    assert found["totals"]["macs"] == 1431556352


def test_variant(count_json):
    assert count_json(model="nets.py:graphs")["totals"]["params"] == 2 * 3 + 2
    train = count_json("--variant", "train", model="nets.py:graphs")
    assert (train["variant"], train["totals"]["params"]) == ("train", 6 * 3 + 6)


@pytest.mark.parametrize(
    ("convention", "flops", "params"),
    [
        ("macs", 13840, 122),
        ("flops", 13840, 122),
        # + bias 256 and 2, ReLU 256, a pool of 64 for each of 4
        ("flops_all", 13840 + 256 + 2 + 256 + 256, 122),
        # 2 * 64 * 4 * (27 + 1) - 256 + 4 + 8; params 4 * 28 and 8 + 1
        ("paddle_static", 14336 - 256 + 4 + 8, 112 + 9),
    ],
)
def test_convention(convention, flops, params, count_json):
    found = count_json("--convention", convention)
    assert found["convention"] == convention
    assert (found["totals"]["flops"], found["totals"]["params"]) == (flops, params)
    assert found["totals"]["macs"] == 6920


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (["--by", "layer"], ["0", "1", "2.0", "2.2"]),
        (["--by", "module"], ["0", "1", "2.0", "2.2"]),
        (["--by", "op"], ["0", "1", "2.0", "2.1", "2.2"]),
        (["--by", "kind"], ["", "", "", ""]),
        (["--depth", "1"], ["0", "1", "2"]),
        (["--sort", "flops"], ["0", "2.2", "1", "2.0"]),
        (["--sort", "activations"], ["0", "1", "2.0", "2.2"]),
        (["--top", "1"], ["0", "(3 more)"]),
        (["--sort", "params", "--top", "2"], ["0", "2.2", "(2 more)"]),
    ],
)
def test_rows(options, paths, count_json):
    found = count_json(*options)
    assert [layer["path"] for layer in found["layers"]] == paths
    for metric in TOTALS:
        assert sum(layer[metric] for layer in found["layers"]) == found["totals"][metric]


def test_precision(count_json):
    single, half = (
        count_json("--precision", p, "--columns", "bytes")["totals"] for p in ("fp32", "fp16")
    )
    assert single["weight_bytes"] == 4 * 122
    for metric in ("weight_bytes", "bytes_moved", "peak_activation_bytes"):
        assert single[metric] == 2 * half[metric]


def test_bytes_are_at_the_models_own_dtypes(inprof, count_json):
    # 3 x 4 x 9 + 4 parameters of the convolution and 4 x 2 + 2 of the linear layer, 2 bytes each
    text = inprof("count", "--model", "nets.py:halved", "--size", "8").stdout
    assert "244 B at its own dtypes: bfloat16" in text
    assert "488 B at fp32" in inprof(
        "count", "--model", "nets.py:halved", "--size", "8", "--precision", "fp32"
    ).stdout  # fmt: skip
    found = count_json("--columns", "bytes", model="nets.py:halved")
    assert (found["precision"], found["dtypes"]) == ("own", ["bfloat16"])
    assert found["totals"]["weight_bytes"] == 244


# --- columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _COLUMN_SETS)
def test_columns_by_short_name(name, inprof):
    rows = as_csv(inprof(*SMALL, "--columns", name, "--format", "csv").stdout)
    assert set(rows[0]) == {*DEFAULT_COLUMNS, *_COLUMN_SETS[name]}


def test_columns(inprof):
    def columns(text):
        return list(as_csv(inprof(*SMALL, "--columns", text, "--format", "csv").stdout)[0])

    assert columns("all") == list(COLUMNS)
    assert columns("bytes, macs,bytes") == [*DEFAULT_COLUMNS, "bytes_moved"]


def test_frozen_and_intensity(inprof):
    result = inprof(
        "count", "--model", "nets.py:frozen", "--size", "4", "--format", "csv",
        "--columns", "trainable,intensity,bytes",
    )  # fmt: skip
    row = as_csv(result.stdout)[0]
    assert (row["params"], row["trainable_params"], row["frozen_params"]) == ("112", "4", "108")
    # 4 bytes of 48 in, 112 parameters, 16 out; 16 * 27 MACs
    assert row["bytes_moved"] == str(4 * (48 + 112 + 16))
    assert float(row["arithmetic_intensity"]) == 2 * 16 * 27 / (4 * 176)


def test_an_unknown_column(refuses):
    assert "choose from activations, bytes" in refuses(2, *SMALL, "--columns", "size")


# --- several models ---------------------------------------------------------------------------

BOTH = ("count", "--model", "nets.py:small", "--model", "nets.py:graphs", "--size", "8")


def test_several_models(inprof):
    found = as_json(inprof(*BOTH, "--format", "json"))
    assert [each["model"] for each in found] == ["nets.py:small", "nets.py:graphs"]
    rows = as_csv(inprof(*BOTH, "--format", "csv").stdout)
    assert [(row["model"], row["macs"]) for row in rows] == [
        ("nets.py:small", "6920"), ("nets.py:graphs", "384"),
    ]  # fmt: skip
    detailed = as_csv(inprof(*BOTH, "--format", "csv", "--by", "op").stdout)
    assert [row["model"] for row in detailed].count("nets.py:graphs") == 2  # its op, its total
    table = inprof(*BOTH).stdout
    assert "Totals" in table
    assert "2.2" not in table
    markdown = inprof(*BOTH, "--format", "markdown", "--depth", "1").stdout
    assert markdown.count("### ") == 2


def test_a_series_at_its_crop_sizes(inprof):
    for options in ([], ["--series-path", "series"]):
        found = as_json(inprof("count", "--series", "mine", "--format", "json", *options))
        assert [each["input_shape"][-1] for each in found] == [16, 8]
        assert [each["model"].rpartition(":")[2] for each in found] == ["small", "graphs"]
    found = as_json(inprof("count", "--series", "mine", "--size", "6", "--format", "json"))
    assert [each["input_shape"][-1] for each in found] == [6, 6]


def test_what_to_count_must_be_said_once(refuses):
    assert "--model NAME (repeatable) or --series NAME, for example" in refuses(2, "count")
    assert "not both" in refuses(2, *SMALL, "--series", "mine")


# --- uncounted --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_uncounted_ops_are_shown(form, inprof):
    result = inprof(
        "count", "--model", "nets.py:spectrum", "--size", "8", "--format", form,
    )  # fmt: skip
    assert result.exit_code == 0
    assert "torch.fft.rfft" in result.stdout


def test_strict(refuses, inprof):
    line = refuses(1, "count", "--model", "nets.py:spectrum", "--size", "8", "--strict")
    assert "no rule for torch.fft.rfft in module '1'" in line
    assert inprof(*SMALL, "--strict").exit_code == 0


# --- -o ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_output(form, inprof, folder):
    shown = inprof(*SMALL, "--format", form).stdout
    result = inprof(*SMALL, "--format", form, "-o", "out.txt")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote out.txt\n")
    written = (folder / "out.txt").read_text()
    if form == "table":  # a terminal's lines are filled with spaces
        assert written.splitlines() == [line.rstrip() for line in shown.splitlines()]
    else:
        assert written == shown
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".txt") == ["out.txt"]


def test_output_where_nothing_can_be_written(refuses, folder):
    assert "there is no folder 'no'; create it first" in refuses(1, *SMALL, "-o", "no/out.csv")
    assert not (folder / "no").exists()
    assert "it is a folder" in refuses(1, *SMALL, "-o", "series")


def test_output_is_checked_before_the_work(refuses, monkeypatch):
    monkeypatch.setattr("profiler.fleet.traces.trace_address", None)  # must not be reached
    assert "no folder" in refuses(1, *SMALL, "-o", "no/out.csv")


def test_a_failed_write_leaves_the_old_file(refuses, folder, monkeypatch):
    (folder / "out.csv").write_text("old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "No space left" in refuses(1, *SMALL, "--format", "csv", "-o", "out.csv")
    assert (folder / "out.csv").read_text() == "old"
    assert not [path for path in folder.iterdir() if path.name.startswith(".out")]


def test_a_failing_model_leaves_the_old_file(refuses, folder):
    (folder / "out.csv").write_text("old")
    refuses(1, *SMALL, "--model", "nets.py:fails", "-o", "out.csv")
    assert (folder / "out.csv").read_text() == "old"


# --- processes ---------------------------------------------------------------------------------


def test_processes_change_no_byte(inprof, folder):
    asked = ("count", "--series", "mine", "--series-path", "series", "--no-cache")
    one = inprof(*asked, "--format", "json")
    two = inprof(*asked, "--format", "json", "--jobs", "2")
    assert one.stdout_bytes == two.stdout_bytes
    names = [model["model"].rpartition(":")[2] for model in as_json(two)]
    assert names == ["small", "graphs"]


def test_a_model_of_several_that_fails_is_named(refuses):
    models = ("--model", "nets.py:small", "--model", "nets.py:text_only")
    lines = {refuses(1, "count", *models, "--jobs", jobs) for jobs in ("1", "2")}
    assert len(lines) == 1
    assert lines.pop().startswith("Error: nets.py:text_only: ")


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (2, ["--model", "googlenett"], "unknown model 'googlenett': did you mean googlenet?"),
        (2, ["--model", "nets.py:smal"], "did you mean small?"),
        (2, ["--series", "minn"], "unknown series 'minn'"),
        (1, ["--model", "nets.py:fails"], "building it failed: ValueError: one"),
        (1, ["--model", "two\nlines.py:net"], "two lines.py:net: there is no file"),
        (1, ["--model", "missing.py:net"], "there is no file 'missing.py'"),
        (
            1,
            ["--model", "nets.py:text_only"],
            "it was given 1x3x224x224 (--size sets",
        ),
        (1, ["--model", "inceptionv3", "--size", "32"], "inceptionv3"),
        (2, ["--model", "nets.py:small", "--variant", "train"], "has no 'train' graph"),
        (2, ["--model", "nets.py:small", "--convention", "mac"], "'macs'"),
        (2, ["--model", "nets.py:small", "--top", "0"], "--top"),
        (2, ["--model", "nets.py:small", "--input", "1x3x"], "write a shape"),
        (2, ["--model", "nets.py:small", "--input", "1x3x8x8", "--size", "8"], "leave out --size"),
        (2, ["--model", "nets.py:small", "--arg", "width"], "NAME=VALUE"),
        (2, ["--model", "nets.py:small", "--arg", "variant=train"], "--variant"),
        (1, ["--model", "nets.py:small", "--arg", "wide=2"], "wide"),
        (2, ["--model", "nets.py:small", "--size", "0"], "--size"),
        (2, ["--model", "nets.py:small", "--precision", "fp8"], "fp8"),
    ],
)
def test_mistakes(exit_code, options, words, refuses):
    assert words in refuses(exit_code, "count", *options)


def test_words_and_arguments(inprof):
    found = as_json(
        inprof("count", "--model", "nets.py:text_only", "--input", "tokens:2x7", "--format", "json")
    )
    assert (found["input_shape"], found["totals"]["activations"]) == ([2, 7], 2 * 7 * 3)
    # a 1x1 convolution of 3 channels to 6
    arguments = ("--model", "nets.py:wide", "--arg", "width=6", "--arg", "mode=plain")
    found = as_json(inprof("count", *arguments, "--size", "2", "--format", "json"))
    assert found["model"] == "nets.py:wide(width=6, mode='plain')"
    assert found["totals"]["macs"] == 2 * 2 * 3 * 6


def test_a_broken_series_names_the_file(refuses, folder):
    (folder / "series" / "mine" / "counts.csv").write_text("page,model\nblog,tiny\n")
    line = refuses(1, "count", "--series", "mine")
    assert "counts.csv" in line
    assert "tiny" in line
    (folder / "series" / "mine" / "series.toml").write_text("file_stem = \n")
    assert "series.toml" in refuses(1, "count", "--series", "mine")


def test_names_are_text_in_markdown(inprof, folder):
    (folder / "a|b*.py").write_text((folder / "nets.py").read_text())
    text = inprof("count", "--model", "a|b*.py:small", "--size", "8", "--format", "markdown").stdout
    assert text.startswith("### a|b\\*.py:small, input")
    assert mdformat.text(text, extensions={"gfm"}) == text
