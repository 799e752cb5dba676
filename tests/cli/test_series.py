"""``inprof series init``: a folder that every other command takes at once."""

from pathlib import Path

import pytest

from profiler.catalog import load_series


def begin(inprof, *options):
    result = inprof("series", "init", "mynets", "--model", "nets.py:small", *options)
    assert result.exit_code == 0, result.output
    return result


def test_every_command_takes_it(inprof, folder):
    result = begin(inprof, "--model", "googlenet", "--model", "nets.py:graphs")
    own = Path("series/mynets")
    names = ("series.toml", "counts.csv", "latency.csv")
    assert result.stdout.split() == [str(own / name) for name in names]
    series = load_series("mynets")
    assert [(m.name, m.address.rpartition("/")[2], m.crop_size) for m in series.models] == [
        ("small", "nets.py:small", 224), ("googlenet", "googlenet", 224),
        ("graphs", "nets.py:graphs", 224),
    ]  # fmt: skip
    page = inprof("page", "--series", "mynets")
    assert (page.exit_code, "| googlenet" in page.stdout) == (0, True)
    assert inprof("audit", "--series", "mynets", "--strict").exit_code == 0
    assert inprof("compare", "--series", "mynets").exit_code == 0


def test_figures_that_are_filled_in_are_shown_and_audited(inprof, folder):
    begin(inprof)
    counts = Path("series/mynets/counts.csv")
    # 224 * 224 * 4 * 27 + 8 MACs; FLOPs are twice that, 0.011 G
    filled = counts.read_text().replace("own,,small,,,,", "own,,small,0.5,,0.005,")
    assert filled != counts.read_text()
    counts.write_text(filled)
    page = inprof("page", "--series", "mynets").stdout
    assert "*0.5*" in page
    audit = inprof("audit", "--series", "mynets", "--format", "json").stdout
    assert '"reproduced_by": "macs"' in audit


@pytest.mark.parametrize("title", ['a "b" \\ c', "{{ x }} # <b>", "新網絡 😀 \u202e", "x\x7f\ty"])
def test_any_title_is_text(title, inprof, folder):
    begin(inprof, "--title", title)
    assert load_series("mynets").titles["en"] == title


def test_a_title_is_one_line(inprof, folder):
    begin(inprof, "--title", "a\nb")
    assert load_series("mynets").titles["en"] == "a b"


def test_two_models_of_one_name_are_told_apart(inprof, folder):
    (folder / "more.py").write_text((folder / "nets.py").read_text())
    begin(inprof, "--model", "more.py:small")
    assert [model.name for model in load_series("mynets").models] == ["small", "small-2"]


@pytest.mark.parametrize(
    ("code", "name", "model", "said"),
    [
        (2, "../up", "googlenet", "can't name a series"),
        (2, "mine", "googlenet", "exists already"),
        (2, "new", "googlenett", "did you mean googlenet"),
        (1, "new", "nets.py:fails", "ValueError: one"),
        (1, "new", "nets.py:text_only", "--input"),
    ],
)
def test_mistakes_write_nothing(code, name, model, said, refuses, folder):
    assert said in refuses(code, "series", "init", name, "--model", model)
    assert not Path("series/new").exists()
