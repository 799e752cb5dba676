"""``inprof compare`` on small models of the user's own and on the built-in series."""

import csv
import io
import json

import mdformat
import pytest

from profiler.counting.model_comparison import PART_METRICS, TOTAL_METRICS

SMALL, FROZEN = "nets.py:small", "nets.py:frozen"
PAIR = ("compare", SMALL, FROZEN, "--size", "8")
#: What the figures of ``SMALL`` and ``FROZEN`` at 8x8 are: conv 4*8*8 * 27 and linear 4*2;
#: conv without padding 4*6*6 * 27. Parameters 4*27 + 4 and 4*2 + 2; 4*27 + 4.
FLOPS = (2 * (256 * 27 + 8), 2 * 144 * 27)
PARAMS = (112 + 10, 112)


@pytest.fixture
def as_json(inprof):
    def run(*arguments):
        result = inprof(*arguments, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_json(as_json):
    found = as_json(*PAIR)
    assert (found["convention"], found["precision"], found["baseline"]) == ("flops", "fp32", SMALL)
    assert [model["model"] for model in found["models"]] == [SMALL, FROZEN]
    assert [tuple(model["totals"]) for model in found["models"]] == [TOTAL_METRICS] * 2
    for metric, figures in (("flops", FLOPS), ("params", PARAMS)):
        assert tuple(model["totals"][metric] for model in found["models"]) == figures
        assert found["models"][1]["ratios"][metric] == figures[1] / figures[0]
    assert set(found["models"][0]["ratios"].values()) == {1.0}
    for cut in ("kinds", "stages"):
        for at, model in enumerate(found["models"]):
            for metric in PART_METRICS:
                figures = [part["counts"][at][metric] for part in found[cut]]
                assert all(type(figure) is int for figure in figures)
                assert sum(figures) == model["totals"][metric]
        for metric in PART_METRICS:
            dominant = found["models"][1]["dominant"][metric][cut]
            parts = sum(part["difference"] for part in dominant["parts"])
            assert parts + dominant["rest"] == dominant["difference"]
    assert [part["name"] for part in found["stages"]] == ["1", "head"]
    assert found["accuracies"] == found["latencies"] == []


def test_csv_has_a_row_for_each_figure(inprof):
    rows = list(csv.DictReader(io.StringIO(inprof(*PAIR, "--format", "csv").stdout)))
    assert list(rows[0]) == ["cut", "part", "metric", "model", "value", "ratio"]
    totals = {(row["metric"], row["model"]): row for row in rows if row["cut"] == "total"}
    assert len(totals) == 2 * len(TOTAL_METRICS)
    assert [int(totals["flops", model]["value"]) for model in (SMALL, FROZEN)] == list(FLOPS)
    for cut in ("kind", "stage"):
        values = [
            int(row["value"])
            for row in rows
            if (row["cut"], row["metric"], row["model"]) == (cut, "params", SMALL)
        ]
        assert sum(values) == PARAMS[0]
    # where the baseline has none there is no ratio
    back = inprof("compare", FROZEN, SMALL, "--size", "8", "--format", "csv").stdout
    (linear,) = [
        row
        for row in csv.DictReader(io.StringIO(back))
        if (row["part"], row["metric"], row["model"]) == ("linear", "flops", SMALL)
    ]
    assert (linear["value"], linear["ratio"]) == ("16", "")


def test_markdown_is_what_mdformat_writes(inprof):
    text = inprof("compare", "googlenet", "inceptionv3", "--no-measurements",
                  "--format", "markdown").stdout  # fmt: skip
    assert mdformat.text(text, extensions={"gfm"}) == text
    assert "| top-1 " in text
    assert "*0.791*" in text


def test_the_table(inprof):
    text = inprof("compare", "googlenet", "inceptionv3", "--no-measurements").stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "FLOPs 2,863,112,704 11,426,432,192 3.991" in lines
    assert "regular convolution 2,221,874,688 8,911,878,336 4.011 +6,690,003,648 78.1%" in lines
    assert "1/16 of input 948,260,352 5,026,768,896 5.301 +4,078,508,544 47.6%" in lines
    assert "reference top-5 not published 0.944 –" in lines
    assert "T4, FP32, batch 1 299x299 1.88038 6.64054 3.531" in lines
    joined = " ".join(lines)
    assert (
        "InceptionV3 has 3.99 times the FLOPs of GoogLeNet (+8.56 G). Most of the difference (64%) "
        "is at 1/16 of the input's resolution and at 1/8 of the input's resolution. By kind of "
        "operation, most of it (78%) is regular convolution."
    ) in joined
    # a latency that only one of them has is no comparison
    assert "V100 (variant not stated), FP32" not in joined
    assert "Left out are latencies that only one of these models has: V100" in joined


def test_sentences_name_what_outweighs_the_difference(inprof):
    # pointwise 15799271040 - 639190016 is more than 16996420144 - 2863112704
    text = " ".join(
        inprof("compare", "googlenet", "xception41", "--no-measurements").stdout.split()
    )
    assert (
        "Xception41 has 5.94 times the FLOPs of GoogLeNet (+14.13 G). Most of the difference (67%) "
        "is at 1/16 of the input's resolution. By kind of operation: +15.16 G in pointwise "
        "convolution, −1.03 G in everything else."
    ) in text
    assert "−1,353,554,688 −9.6%" in text
    # 4*2 + 2 of the linear layer are all that the other has not
    pair = inprof("compare", FROZEN, SMALL, "--size", "8", "--metric", "params").stdout
    assert f"{SMALL} has 1.09 times the parameters of {FROZEN} (+10)." in pair
    assert (
        "All of the difference is in the head. By kind of operation, all of it is linear." in pair
    )


def test_latencies_have_the_notes_of_the_audit(inprof, as_json):
    pair = ("compare", "GoogLeNet", "Xception41", "--no-measurements")
    lines = inprof(*pair, "--format", "markdown").stdout.splitlines()
    (fast,) = [line for line in lines if "9.049" in line]
    cells = [cell.strip() for cell in fast.strip("|").split("|")]
    assert cells[2:] == ["*9.049* <sup>a</sup>", "*56.142*", "6.204 <sup>a</sup>"]
    assert any(line.startswith("- <sup>a</sup> ") and "Tesla P4" in line for line in lines)
    (apart,) = [line for line in lines if "*3.972*" in line]
    assert "| 224x224 / 299x299 <sup>" in apart
    # a terminal has no marks: the notes stand below its tables
    assert "Tesla P4" in inprof(*pair).stdout
    (row,) = [row for row in as_json(*pair)["latencies"] if row["hw"] == "v100"]
    assert (row["input"], row["inputs"]) == (None, [[224, 224], [299, 299]])


def test_csv_has_what_is_published_as_it_is_printed(inprof):
    text = inprof(
        "compare", "GoogLeNet", "Xception41", "--no-measurements", "--format", "csv"
    ).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    top1 = [row["value"] for row in rows if row["metric"] == "top1"]
    assert top1 == ["0.707", "0.793"]
    apart = [row for row in rows if "224x224/299x299" in row["part"]]
    assert [(row["value"], row["model"]) for row in apart] == [
        ("1.807", "googlenet"), ("3.972", "xception41"),
    ]  # fmt: skip
    assert float(apart[1]["ratio"]) == 3.972 / 1.807


def test_the_first_model_is_the_one_ratios_are_to(as_json):
    forward = as_json("compare", "googlenet", "inceptionv3", "--no-measurements")
    back = as_json("compare", "inceptionv3", "googlenet", "--no-measurements")
    for one, two in zip(forward["models"], reversed(back["models"]), strict=True):
        assert one["totals"] == two["totals"]
    assert forward["models"][1]["ratios"]["flops"] * back["models"][1]["ratios"]["flops"] == (
        pytest.approx(1)
    )
    for part, same in zip(forward["stages"], back["stages"], strict=True):
        assert part["name"] == same["name"]
        assert part["counts"] == same["counts"][::-1]
    for row in forward["latencies"]:
        one, two = row["latency_ms"]
        both = one is not None and two is not None
        assert (row["ratios"][1] is not None) == both
        assert not both or row["ratios"][1] == float(two) / float(one)
        assert row["missing"] == [
            None if figure else reason
            for figure, reason in zip(row["latency_ms"], row["missing"], strict=True)
        ]


def test_options_of_the_count(as_json):
    plain = as_json(*PAIR)
    assert plain["models"][0]["input_shape"] == [1, 3, 8, 8]
    batch = as_json(*PAIR, "--batch-size", "3", "--convention", "macs", "--precision", "fp16")
    assert batch["convention"] == "macs"
    for one, three in zip(plain["models"], batch["models"], strict=True):
        assert three["input_shape"][0] == 3
        assert three["totals"]["macs"] == 3 * one["totals"]["macs"]
        assert 2 * three["totals"]["weight_bytes"] == one["totals"]["weight_bytes"]


def test_arguments_are_those_of_every_builder(as_json, refuses):
    wide = ("compare", "nets.py:wide", "nets.py:wider", "--size", "2")
    found = as_json(*wide, "--arg", "width=6")
    assert [each["model"] for each in found["models"]] == [
        "nets.py:wide(width=6)", "nets.py:wider(width=6)",
    ]  # fmt: skip
    # 1x1 convolutions of 3 channels at 2x2
    assert [each["totals"]["macs"] for each in found["models"]] == [4 * 3 * 6, 4 * 3 * 12]
    assert "nets.py:small" in refuses(1, "compare", "nets.py:wide", SMALL, "--arg", "width=6")


def test_inputs_are_those_of_every_model(as_json):
    found = as_json("compare", "nets.py:text_only", "nets.py:more_text", "--input", "tokens:2x7")
    # rows of 3 and of 5 numbers, one for each of 14 words
    assert [each["totals"]["activations"] for each in found["models"]] == [14 * 3, 14 * 5]


def test_a_model_with_arguments_has_no_figures_of_the_series(as_json):
    pair = ("compare", "googlenet", "inceptionv3")
    plain, changed = as_json(*pair), as_json(*pair, "--arg", "num_classes=10")
    assert plain["accuracies"]
    assert plain["latencies"]
    assert changed["accuracies"] == changed["latencies"] == []
    assert [each["model"].rpartition("(")[2] for each in changed["models"]] == [
        "num_classes=10)"
    ] * 2
    # what the last layer loses: 990 rows of 1024, and of 2048, weights and a bias
    for before, after, width in zip(plain["models"], changed["models"], (1024, 2048), strict=True):
        lost = before["totals"]["params"] - after["totals"]["params"]
        assert lost == 990 * (width + 1)


def test_an_image_by_input_is_still_the_model_of_the_series(as_json):
    pair = ("compare", "googlenet", "inceptionv3")
    by_size = as_json(*pair, "--size", "299", "--batch-size", "2")
    assert as_json(*pair, "--input", "2x3x299x299") == by_size


def test_parts_by_another_metric(inprof):
    text = inprof(*PAIR, "--metric", "bytes_moved").stdout
    assert "Bytes moved by kind of operation" in text
    assert f"times the bytes moved of {SMALL} (−" in " ".join(text.split())


def test_all_models_of_a_series(as_json):
    series = ("--series", "mine", "--series-path", "series")
    found = as_json("compare", *series, "--no-measurements")
    assert [model["label"] for model in found["models"]] == ["Small net", "Graphs"]
    assert [model["input_shape"][2] for model in found["models"]] == [16, 8]
    (top1, top5) = found["accuracies"]
    assert (top1["name"], top1["published"]) == ("top1", ["0.5", "0.6"])
    assert (top5["name"], top5["published"]) == ("top5", ["0.75", None])
    (latency,) = found["latencies"]
    assert latency["input"] is None
    assert latency["latency_ms"] == ["1.250", "2.5"]
    assert latency["ratios"] == [1.0, 2.0]
    # at one size for both, neither latency is at the input that is counted
    found = as_json("compare", *series, "--no-measurements", "--size", "32")
    assert [model["input_shape"][2] for model in found["models"]] == [32, 32]
    for row in found["latencies"]:
        assert sorted(row["missing"], key=str) == [None, "other_input"]
        assert row["ratios"] != [1.0, 2.0]


def test_a_series_model_goes_by_its_name_or_address(as_json):
    by_name = as_json("compare", "GoogLeNet", "InceptionV3", "--no-measurements")
    assert by_name == as_json("compare", "googlenet", "inceptionv3", "--no-measurements")
    mixed = as_json("compare", "googlenet", SMALL, "--no-measurements")
    assert [model["label"] for model in mixed["models"]] == ["GoogLeNet", SMALL]
    assert mixed["accuracies"][0]["published"] == ["0.707", None]


def test_a_rule_without_a_word_for_an_op_says_so(inprof, as_json):
    pair = ("compare", SMALL, "nets.py:spectrum", "--size", "8", "--convention", "flops")
    uncounted = as_json(*pair)["models"][1]["uncounted"]
    assert uncounted
    text = " ".join(inprof(*pair).stdout.split())
    for op in uncounted:
        assert f"{op['calls']} calls of {op['function']} have no rule under flops" in text


def test_a_file(inprof, folder):
    result = inprof(*PAIR, "-o", "out.md", "--format", "markdown")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "wrote out.md\n"
    assert (folder / "out.md").read_text() == inprof(*PAIR, "--format", "markdown").stdout


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("models", [("googlenet", "inceptionv3"), ("--series", "inception")])
def test_a_terminal_is_not_too_narrow(width, models, inprof, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    from rich.text import Text

    text = Text.from_ansi(inprof("compare", *models, "--no-measurements").stdout).plain
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    # a figure is never cut or folded: every row of totals is one line with all of its models
    named = [line for line in lines if line.lstrip().startswith("peak activations")]
    assert sum(line.count(" MiB") for line in named) >= (2 if models[0] == "googlenet" else 8)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name two models or more"),
        (("googlenet",), "inprof compare googlenet inceptionv3"),
        (("googlenet", "googlenet"), "'googlenet' is there twice"),
        (("googlenet", "inceptionv3", "GoogLeNet"), "'GoogLeNet' is there twice"),
        ((SMALL, SMALL), "is there twice"),
        (("googlenet", "inceptionv33"), "did you mean inceptionv3"),
        (("googlenet", SMALL, "--series", "nope"), "nope"),
        (("googlenet", SMALL, "--convention", "all"), "--convention"),
        (("googlenet", SMALL, "--metric", "latency"), "--metric"),
        (("googlenet", SMALL, "--input", "1x3x8x8", "--size", "8"), "leave out --size"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_line(arguments, words, refuses):
    assert words in refuses(2, "compare", *arguments)


def test_a_series_of_one_model_is_no_comparison(refuses, folder):
    series = folder / "series" / "mine"
    text = (series / "series.toml").read_text()
    (series / "series.toml").write_text(text[: text.rindex("[[models]]")])
    for name in ("counts.csv", "latency.csv"):
        lines = (series / name).read_text().splitlines(keepends=True)
        (series / name).write_text("".join(line for line in lines if "graphs" not in line))
    line = refuses(2, "compare", "--series", "mine", "--series-path", "series")
    assert "has one model: name another beside it" in line


def test_a_hostile_name_is_text(inprof, folder):
    series = folder / "series" / "mine"
    text = (series / "series.toml").read_text(encoding="utf-8")
    label = "[red]<b>*x* | `y` {model}[/red]"
    (series / "series.toml").write_text(text.replace("Small net", label), encoding="utf-8")
    arguments = ("compare", "--series", "mine", "--series-path", "series", "--no-measurements")
    assert label in inprof(*arguments).stdout
    markdown = inprof(*arguments, "--format", "markdown").stdout
    assert "\\<b>" in markdown
    assert mdformat.text(markdown, extensions={"gfm"}) == markdown


def test_models_at_dtypes_of_their_own(inprof, as_json):
    asked = ("compare", "nets.py:small", "nets.py:halved", "--size", "8")
    found = as_json(*asked)
    assert found["precision"] == "own"
    assert [model.get("dtypes") for model in found["models"]] == [None, ["bfloat16"]]
    # 3 x 4 x 9 + 4 and 4 x 2 + 2 parameters
    assert [model["totals"]["weight_bytes"] for model in found["models"]] == [4 * 122, 2 * 122]
    assert "bytes at each model's own dtypes" in inprof(*asked).stdout.replace("\n", " ")
    assert as_json(*asked, "--precision", "fp16")["precision"] == "fp16"
