"""``inprof plot``: once in full on the built-in series, the rest on a small one."""

import pytest

from profiler.catalog import load_series

ASK = ("plot", "--hw", "t4", "--precision", "fp16", "--bs", "1", "--series", "mine")
NAMES = ["t4.fp16.bs1.Mine.flops", "t4.fp16.bs1.Mine.params", "t4.fp16.bs1.Mine"]
STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def test_the_built_in_series(inprof, folder):
    result = inprof("plot", "--hw", "t4", "--precision", "fp32", "--bs", "4", "--format", "svg")
    assert result.exit_code == 0, result.output
    names = [f"t4.fp32.bs4.Inception{part}.svg" for part in (".flops", ".params", "")]
    assert result.stdout.split() == [f"plots/{name}" for name in names]
    labels = [model.label for model in load_series("inception").models]
    for name in names:
        picture = (folder / "plots" / name).read_text()
        # text is drawn as text or named in a comment; all eight models appear
        assert all(label in picture for label in labels), name


@pytest.mark.parametrize("form", STARTS)
def test_three_plots(form, inprof, folder):
    result = inprof(*ASK, "--format", form, "--out", "a/b")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [f"a/b/{name}.{form}" for name in NAMES]
    files = sorted((folder / "a" / "b").iterdir())
    assert [path.name for path in files] == sorted(f"{name}.{form}" for name in NAMES)
    assert all(path.read_bytes().startswith(STARTS[form]) for path in files)
    before = [path.read_bytes() for path in files]
    inprof(*ASK, "--format", form, "--out", "a/b")
    assert [path.read_bytes() for path in files] == before


def test_one_combined_plot(inprof, folder):
    result = inprof(*ASK, "--combined", "--out", "a")
    assert result.stdout.split() == ["a/Mine.png"]
    assert [path.name for path in (folder / "a").iterdir()] == ["Mine.png"]


def test_a_convention(inprof, folder):
    for convention in ("flops", "paddle_static"):
        given = (*ASK, "--format", "svg", "--convention", convention, "--out", convention)
        assert inprof(*given).exit_code == 0
    name = f"{NAMES[0]}.svg"
    assert (folder / "flops" / name).read_text() != (folder / "paddle_static" / name).read_text()


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (2, ["--bs", "5"], "fp16"),
        (2, ["--hw", "t5"], "t4"),
        (2, ["--precision", "fp8"], "fp16"),
        (2, ["--series", "minn"], "minn"),
        (2, ["--format", "gif"], "png"),
        (2, ["--bs", "0"], "--bs"),
        (1, ["--out", "nets.py"], "can't create the folder 'nets.py'"),
    ],
)
def test_mistakes(exit_code, options, words, refuses, folder):
    assert words in refuses(exit_code, *ASK, *options)
    assert not (folder / "plots").exists()


def test_a_combination_without_data_says_which_there_are(refuses):
    line = refuses(2, "plot", "--hw", "t4", "--precision", "fp32", "--bs", "5")
    assert "bs" in line or "batch" in line
    for there_is in ("1", "4", "8"):
        assert there_is in line
