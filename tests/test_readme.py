"""What the README shows is what the tool gives today."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiler.catalog import load_series
from profiler.cli import main
from profiler.gather import gather_report
from profiler.render.drawing.palette import THEMES
from profiler.render.drawing.plots import fingerprint
from profiler.scatter import scatter_plots

ROOT = Path(__file__).parent.parent
PLOTTED = "--hw t4 --precision fp32 --bs 4 --combined --no-measurements"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table_after(text, heading):
    lines = iter(text[text.index(heading) :].splitlines())
    rows = [line for line in lines if line.startswith("|")]
    return rows[: 2 + 8]


@pytest.mark.slow
def test_the_table_is_the_pages_own():
    result = CliRunner().invoke(main, ["page", "--series", "inception"])
    assert table_after(README, "| Model ") == table_after(result.stdout, "| Model ")


@pytest.fixture(scope="module")
def plots():
    return scatter_plots(gather_report(load_series("inception"), "flops"), "t4", "fp32", 4)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_plot_is_drawn_from_todays_figures(plots, theme):
    suffix = ".dark" if theme.name == "dark" else ""
    picture = (ROOT / f"site/images/Inception{suffix}.png").read_bytes()
    assert fingerprint(plots, theme=theme).encode() in picture, (
        f"redraw it: inprof plot {PLOTTED} --out site/images --snippet README.md"
    )


@pytest.mark.slow
def test_the_plot_is_shown_by_what_the_tool_prints(tmp_path):
    out = tmp_path / "site" / "images"
    arguments = [*PLOTTED.split(), "--out", str(out), "--snippet", str(tmp_path / "README.md")]
    result = CliRunner().invoke(main, ["plot", *arguments])
    assert result.stdout in README


def test_every_command_in_it_exists():
    for line in re.findall(r"^inprof (.*)$", README, flags=re.MULTILINE):
        arguments = line.partition("#")[0].split()
        # a command of a group goes by two words
        words = [word for word in arguments[:2] if word.isalpha()]
        shown = CliRunner().invoke(main, [*words, "--help"])
        assert shown.exit_code == 0, line
        for option in (argument for argument in arguments if argument.startswith("-")):
            assert option in shown.output, line


def test_the_python_example_is_right():
    code = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert code is not None
    names: dict = {}
    exec(code[1], names)
    # expected_counts.csv: googlenet, deploy
    assert names["profiler"].count(names["trace"], "macs").totals.macs == 1431556352
