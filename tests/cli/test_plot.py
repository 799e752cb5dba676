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


def size_of(png):
    data = png.read_bytes()
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_a_preset_chooses_format_and_whether_combined(inprof, folder):
    for preset, files in {
        "readme": [f"{name}.png" for name in NAMES],
        "paper-column": [f"{name}.pdf" for name in NAMES],
        "paper-page": ["Mine.pdf"],
        "slide": [f"{name}.png" for name in NAMES],
    }.items():
        result = inprof(*ASK, "--preset", preset, "--out", preset)
        assert result.stdout.split() == [f"{preset}/{file}" for file in files]
    assert size_of(folder / "slide" / f"{NAMES[0]}.png") == (2666, 1500)


def test_a_presets_choices_can_be_overruled(inprof):
    given = ("--preset", "paper-page", "--separate", "--format", "svg")
    result = inprof(*ASK, *given, "--out", "a")
    assert result.stdout.split() == [f"a/{name}.svg" for name in NAMES]


@pytest.mark.parametrize(
    ("theme", "files"),
    [
        ((), ["Mine.svg"]),
        (("--theme", "light"), ["Mine.svg"]),
        (("--theme", "dark"), ["Mine.dark.svg"]),
        (("--theme", "both"), ["Mine.svg", "Mine.dark.svg"]),
    ],
)
def test_themes(theme, files, inprof, folder):
    result = inprof(*ASK, "--combined", "--format", "svg", "--out", "a", *theme)
    assert result.stdout.split() == [f"a/{file}" for file in files]
    papers = {"Mine.svg": "#ffffff", "Mine.dark.svg": "#0d1117"}
    for file in files:
        assert f"fill: {papers[file]}" in (folder / "a" / file).read_text()


def test_a_snippet_to_paste(inprof, folder):
    result = inprof(*ASK, "--combined", "--out", "docs/images", "--snippet", "docs/page.md")
    opening, dark, image, closing = result.stdout.splitlines()
    assert (opening, closing) == ("<picture>", "</picture>")
    assert dark.strip() == (
        '<source media="(prefers-color-scheme: dark)" srcset="images/Mine.dark.png">'
    )
    assert image.strip().startswith('<img alt="3 scatter plots side by side. Scatter plot of ')
    assert image.endswith(' src="images/Mine.png" width="1120">')
    assert result.stderr.split() == ["docs/images/Mine.png", "docs/images/Mine.dark.png"]
    assert size_of(folder / "docs/images/Mine.png")[0] == 840 / 72 * 200 // 1


def test_snippets_of_separate_plots_beside_the_readme(inprof):
    result = inprof(*ASK, "--theme", "light", "--lang", "zh_CN", "--snippet")
    lines = result.stdout.splitlines()
    assert [line.rpartition(" src=")[2] for line in lines] == [
        f'"plots/{name}.png" width="667">' for name in NAMES
    ]
    assert all("散点图" in line for line in lines)


def test_a_script_without_a_font_is_said_in_one_line(inprof, folder, monkeypatch):
    monkeypatch.setattr("profiler.plots.fonts._installed", lambda: "")
    series = folder / "series" / "mine" / "series.toml"
    series.write_text(series.read_text().replace("My nets", "模型"))
    result = inprof(*ASK, "--no-cache", "--combined")
    assert result.exit_code == 0
    (line,) = [line for line in result.stderr.splitlines() if "模" in line]
    assert line.startswith("note: no font here has 型模, so boxes are drawn")
    assert "--format svg" in line
    assert "note" not in inprof(*ASK, "--combined", "--format", "svg").stderr


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
        (2, ["--preset", "poster"], "slide"),
        (2, ["--theme", "sepia"], "dark"),
        (2, ["--preset", "paper-page", "--snippet"], "--format svg"),
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
