"""Scripts that DejaVu has no glyphs for."""

import subprocess
import sys
from pathlib import Path

import pytest
from drawn_plots import scatter

from profiler.plots import fonts
from profiler.plots.fonts import Ruler, is_wide
from profiler.plots.plots import draw, figure
from profiler.plots.style import FORMATS

LATIN = scatter(("Xception–65 ≥ é", "f", 1.0, 0.7), title="Größe · Ω · Ж")
CHINESE = scatter(("模型", "家族", 1.0, 0.7), title="系列 Series")


@pytest.fixture
def no_font(monkeypatch):
    """A machine without a font for Chinese."""
    monkeypatch.setattr(fonts, "_installed", lambda: "")


def installed():
    return fonts._installed() or pytest.skip("no font with Chinese characters is installed")


def test_latin_needs_nothing(no_font):
    for format in FORMATS:
        assert fonts.wide_font([LATIN], format) == ""
        assert fonts.boxes([LATIN], format) == ""


def test_without_a_font_chinese_comes_out_as_boxes(no_font):
    assert fonts.boxes([CHINESE], "png") == "列型家族模系"
    assert fonts.boxes([CHINESE], "pdf") == "列型家族模系"
    assert fonts.boxes([CHINESE], "svg") == ""
    assert draw([CHINESE], "png").startswith(b"\x89PNG")  # and no warning each


def test_with_a_font_nothing_does(monkeypatch):
    name = installed()
    assert fonts.wide_font([CHINESE], "png") == name
    assert fonts.boxes([CHINESE], "png") == ""
    drawn = {format: draw([CHINESE], format) for format in FORMATS}
    assert drawn == {format: draw([CHINESE], format) for format in FORMATS}
    monkeypatch.setattr(fonts, "_installed", lambda: "")
    assert [draw([CHINESE], format) == drawn[format] for format in FORMATS] == [False, True, False]


def test_an_svg_is_the_same_with_and_without_a_font(monkeypatch):
    with_font = draw([CHINESE], "svg")
    monkeypatch.setattr(fonts, "_installed", lambda: "")
    assert draw([CHINESE], "svg") == with_font
    assert "模型".encode() in with_font
    assert b"CJK" not in with_font


def test_a_font_is_found_by_its_file(monkeypatch):
    from matplotlib import font_manager

    dejavu = font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(fonts, "_WIDE_FILES", ("Absent", Path(dejavu).name[:6]))
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [dejavu])
    assert fonts._installed.__wrapped__() == "DejaVu Sans"
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    assert fonts._installed.__wrapped__() == ""


def test_wide_characters_are_given_an_em():
    ruler = Ruler(figure([LATIN]))
    assert [is_wide(each) for each in "a模é！🚀…"] == [False, True, False, True, True, False]
    width, height = ruler.size("模型模型", 9)
    assert width == pytest.approx(4 * 9, abs=0.5)
    assert height == pytest.approx(ruler.size("abcd", 9)[1], abs=3)


def test_matplotlib_is_not_loaded_to_find_out_that_nothing_is_needed():
    program = (
        "import sys\n"
        "from profiler.records import Axis, ScatterPlot\n"
        "from profiler.plots.fonts import boxes, wide_font\n"
        "plot = ScatterPlot('p', 'Title', Axis('flops', 'G'), Axis('top1', ''), (), ())\n"
        "assert boxes([plot], 'png') == wide_font([plot], 'png') == ''\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True)
