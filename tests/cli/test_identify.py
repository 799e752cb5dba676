"""``inprof identify``: the networks of the reference tables, and small ones of a user's own."""

import json
import os
import subprocess
import sys

import mdformat
import pytest

OURS = {"macs", "flops", "flops_all", "paddle_static"}

NETS = """
from torch import nn

def small(variant="deploy"):
    return nn.Conv2d(3, 2 if variant == "deploy" else 6, 1)

def one_graph():
    return nn.Conv2d(3, 2, 1)

def breaks(variant="deploy"):
    if variant != "deploy":
        raise ValueError("no such graph")
    return nn.Conv2d(3, 2, 1)

def fixed():
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 5))

def text_only():
    return nn.Embedding(10, 3)
"""


@pytest.fixture(autouse=True)
def _nets(folder):
    (folder / "odd.py").write_text(NETS)


@pytest.fixture
def identify(inprof):
    def run(model, *options, exit_code=0):
        result = inprof("identify", "--model", model, *options, "--format", "json")
        assert result.exit_code == exit_code, result.output
        assert result.stderr == ""
        return json.loads(result.stdout)

    return run


def places(found, conventions=OURS):
    return {
        (each["convention"], each["variant"], each["size"])
        for each in found["matches"]
        if each["convention"] in conventions
    }


# --- the reference tables ---------------------------------------------------------------------
# Expected values: expected_counts.csv of the reference, and its conventions.md.


@pytest.mark.parametrize(
    ("model", "quoted", "convention", "variant", "size", "figure", "params"),
    [
        ("inceptionv3", ["--flops", "11.46G"],
         "paddle_static", "deploy", 299, 11457753088, 23833569),
        ("inceptionv3", ["--flops", "5.71G"], "macs", "deploy", 299, 5713216096, 23834568),
        ("inceptionv3", ["--flops", "11.43G"], "flops", "deploy", 299, 11426432192, 23834568),
        ("xception41", ["--flops", "16.74 GFLOPs", "--params", "22.69M"],
         "paddle_static", "deploy", 299, 16744642576, 22693619),
        ("googlenet", ["--flops", "2.88G", "--params", "8.46M"],
         "paddle_static", "train", 224, 2876311024, 8458690),
        ("googlenet", ["--macs", "1,431,556,352"], "macs", "deploy", 224, 1431556352, 6991272),
    ],
)  # fmt: skip
def test_published_and_true_figures(
    model, quoted, convention, variant, size, figure, params, identify
):
    found = identify(model, *quoted, "--size", str(size), "--size", "192")
    assert found["model"] == model
    assert places(found) == {(convention, variant, size)}
    match = found["matches"][0]
    assert match["convention"] == convention  # our own rules come first
    assert (match["figure"], match["params"]) == (figure, params)
    assert match["unit"] == ("macs" if convention == "macs" else "flops")
    assert found["nearest"] == []


def test_the_parameters_of_the_published_googlenet(identify):
    found = identify("googlenet", "--params", "8.46M")
    assert places(found) == {("paddle_static", "train", 224)}
    (match,) = (each for each in found["matches"] if each["convention"] in OURS)
    assert (match["params"], match["sizes"]) == (8458690, [224, 192])
    # the auxiliary heads take no larger image
    assert {each["variant"] for each in found["skipped"]} == {"train"}
    assert 299 in {each["size"] for each in found["skipped"]}
    assert "takes an image of" in found["skipped"][0]["reason"]


def test_the_answer_in_words(inprof):
    sizes = ("--size", "299", "--size", "224")
    text = inprof("identify", "--model", "inceptionv3", "--flops", "11.46G", *sizes).stdout
    first = text.splitlines()[0]
    assert first.startswith("inceptionv3: 11.46G FLOPs is paddle_static")
    assert first.endswith(" on the deploy graph at 299x299; true FLOPs there: 11.43 G")
    text = inprof("identify", "--model", "inceptionv3", "--flops", "5.71G", *sizes).stdout
    assert "quoted as FLOPs, but these are MACs" in text.splitlines()[0]


def test_the_common_sizes_are_tried_after_the_models_own(identify):
    # 3 x 2 channels, so 12 FLOPs a pixel
    found = identify("odd.py:small", "--flops", f"{12 * 331 * 331}")
    assert places(found, {"flops"}) == {("flops", "deploy", 331)}


# --- small networks ---------------------------------------------------------------------------


def test_graph_and_size(identify):
    # 1x1 convolution: 3 x 2 channels deployed, 3 x 6 in training
    sizes = ("--size", "8", "--size", "16")
    found = identify("odd.py:small", "--macs", str(16 * 16 * 18), *sizes)
    assert places(found, {"macs", "flops"}) == {("macs", "train", 16)}
    found = identify("odd.py:small", "--macs", str(16 * 16 * 18), "--params", "8", *sizes,
                     exit_code=1)  # fmt: skip
    assert found["matches"] == []


def test_arguments_and_inputs(identify, inprof):
    # a 1x1 convolution of 3 channels to 6, without a bias, at 5x7
    asked = ("--arg", "width=6", "--input", "1x3x5x7", "--macs", str(5 * 7 * 3 * 6))
    found = identify("nets.py:wide", *asked)
    assert found["model"] == "nets.py:wide(width=6)"
    assert found["inputs"] == ["1x3x5x7"]
    assert ("macs", "deploy", None) in places(found)
    assert {tuple(each["sizes"]) for each in found["matches"]} == {(None,)}
    text = inprof("identify", "--model", "nets.py:wide", *asked, "--format", "markdown").stdout
    assert "on the deploy graph at 1x3x5x7" in text
    assert "conventions on the deploy graph." in text
    identify("nets.py:wide", *asked[2:], exit_code=1)


def test_words_are_tried_at_no_size(identify):
    # a table of 10 rows of 5 numbers
    found = identify("nets.py:more_text", "--input", "tokens:2x4", "--params", "50")
    assert found["model"] == "nets.py:more_text"
    assert found["skipped"] == []
    assert found["matches"]


def test_one_graph_is_no_error(identify):
    found = identify("odd.py:one_graph", "--params", "8", "--size", "8")
    assert {tuple(each["variants"]) for each in found["matches"]} == {("deploy",)}
    assert found["skipped"] == []


def test_a_graph_that_can_not_be_built_is_skipped(identify):
    found = identify("odd.py:breaks", "--params", "8", "--size", "8")
    assert found["matches"]
    (skipped,) = found["skipped"]
    assert (skipped["variant"], skipped["size"]) == ("train", None)
    assert "no such graph" in skipped["reason"]


def test_a_size_the_model_can_not_run_at_is_skipped(identify, inprof):
    sizes = ("--size", "7", "--size", "8", "--size", "9")
    found = identify("odd.py:fixed", "--macs", "960", *sizes)
    assert places(found, {"macs"}) == {("macs", "deploy", 8)}
    assert [(each["variant"], each["size"]) for each in found["skipped"]] == [
        ("deploy", 7), ("deploy", 9),
    ]  # fmt: skip
    text = inprof("identify", "--model", "odd.py:fixed", "--macs", "960", *sizes).stdout
    assert "Skipped: the deploy graph at 7, 9 px. The first says: " in text


def test_a_model_that_runs_at_no_size_is_an_error(refuses):
    line = refuses(1, "identify", "--model", "odd.py:text_only", "--params", "30", "--size", "8")
    assert "it was given 1x3x" in line


# --- what figures are printed as --------------------------------------------------------------


def test_a_rectangle(identify, inprof):
    # a 1x1 convolution of 3 channels to 2
    asked = ("--macs", f"{480 * 640 * 6}", "--size", "640")
    found = identify("odd.py:small", *asked)
    assert found["matches"][0]["size"] == [480, 640]
    text = inprof("identify", "--model", "odd.py:small", *asked).stdout
    assert "is macs (or thop, fvcore) on the deploy graph at 480x640" in text


def test_a_batch_and_a_unit_of_1024(identify):
    # 192 inputs to 5 outputs: 960 MACs an image, which is of 8 x 8
    found = identify("odd.py:fixed", "--macs", "30720", "--flops", "61440", "--size", "8")
    assert found["matches"][0]["causes"] == [{"cause": "batch", "detail": 32}]
    # 6 MACs a pixel: 1024 * 1024 * 12 = 12,582,912 FLOPs, stated as 12 M
    found = identify("odd.py:small", "--flops", "12.000M", "--size", "1024")
    assert found["matches"][0]["causes"] == [{"cause": "binary"}]
    assert found["matches"][0]["figure"] == 12_582_912


def test_inputs_are_taken_through_the_same(identify):
    found = identify("nets.py:wide", "--arg", "width=6", "--input", "1x3x5x7",
                     "--macs", f"{8 * 630}", "--flops", f"{16 * 630}")  # fmt: skip
    assert found["matches"][0]["causes"] == [{"cause": "batch", "detail": 8}]


# --- misses -----------------------------------------------------------------------------------


def test_nonsense_gives_the_nearest_misses_and_exit_1(identify, inprof):
    found = identify("odd.py:small", "--flops", "1T", "--size", "8", exit_code=1)
    assert found["matches"] == []
    assert 1 <= len(found["nearest"]) <= 5
    off = [abs(each["difference"]) for each in found["nearest"]]
    assert off == sorted(off)
    miss = found["nearest"][0]
    assert miss["difference"] == (miss["figure"] - 10**12) / 10**12
    assert miss["convention"] == miss["conventions"][0]
    result = inprof("identify", "--model", "odd.py:small", "--flops", "1T", "--size", "8")
    assert result.exit_code == 1
    assert result.stdout.startswith("odd.py:small: nothing tried gives 1T FLOPs; the nearest is ")
    assert result.stderr == ""


# --- formats ----------------------------------------------------------------------------------


def test_markdown(inprof):
    for quoted in ("768", "5T"):
        result = inprof(
            "identify", "--model", "odd.py:small", "--flops", quoted, "--size", "8",
            "--format", "markdown",
        )  # fmt: skip
        assert mdformat.text(result.stdout, extensions={"gfm"}) == result.stdout
        assert "| Convention " in result.stdout


def test_json_has_exact_integers(identify):
    found = identify("odd.py:small", "--flops", "768", "--size", "8")
    assert found["quoted"] == {"flops": "768"}
    (flops,) = (each for each in found["matches"] if each["convention"] == "flops")
    assert flops == {
        "convention": "flops", "unit": "flops", "variant": "deploy", "size": 8,
        "figure": 768, "params": 8, "variants": ["deploy"], "sizes": [8],
    }  # fmt: skip


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_the_same_bytes_again(form, inprof):
    asked = ("identify", "--model", "odd.py:small", "--params", "8", "--size", "8")
    first, second = (inprof(*asked, "--format", form) for _ in range(2))
    assert first.stdout_bytes == second.stdout_bytes


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (2, [], "say what was quoted: --flops 11.46G"),
        (2, ["--flops", "11,46G"], "'11,46G' is no figure: a comma parts thousands"),
        (2, ["--flops", ""], "it is empty"),
        (2, ["--flops", "abc"], "'abc' is no figure"),
        (2, ["--params", "-8M"], "can't be negative"),
        (2, ["--params", "0"], "zero"),
        (2, ["--macs", "1.2.3G"], "more than one decimal point"),
        (2, ["--flops", "5 GMACs"], "give it as --macs"),
        (2, ["--flops", "5G", "--size", "0"], "--size"),
        (2, ["--flops", "5G", "--size", "8", "--input", "1x3x8x8"], "leave out --size"),
        (1, ["--flops", "5G", "--arg", "wide=2"], "wide"),
        (2, ["--flops", "5G", "--model", "googlenett"], "did you mean googlenet?"),
        (1, ["--flops", "5G", "--model", "nets.py:fails"], "ValueError: one"),
    ],
)
def test_mistakes_are_one_line(exit_code, options, words, refuses):
    assert words in refuses(exit_code, "identify", "--model", "odd.py:small", *options)


def test_a_model_must_be_named(refuses):
    assert "--model" in refuses(2, "identify", "--flops", "5G")


def test_the_help_says_what_the_exit_code_means(inprof):
    assert "Exits with 0 where something matches, with 1" in inprof("identify", "--help").stdout


@pytest.mark.slow
def test_what_was_traced_before_needs_no_torch(folder):
    script = (
        "import sys; sys.argv = ['inprof', *sys.argv[1:]]\n"
        "from profiler.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('torch' in sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, "identify", "--model", "inceptionv3",
               "--flops", "11.46G", "--size", "299"]  # fmt: skip
    environment = {**os.environ, "INPROF_CACHE_DIR": str(folder / "cache")}
    loaded = [
        subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        ).stderr.strip()
        for _ in range(2)
    ]
    assert loaded == ["True", "False"]
