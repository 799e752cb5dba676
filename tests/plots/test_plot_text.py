from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.plots.fonts import Ruler
from profiler.plots.plot_text import (
    LONGEST,
    axis_parts,
    clean,
    notes,
    point_label,
    words,
)
from profiler.plots.style import family_styles
from profiler.records import (
    Axis,
    Family,
    Point,
    ScatterPlot,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xception41_deeplab", "Xception41_deeplab"),
        ("two\n lines\t", "two lines"),
        ("bell\x07 null\x00", "bell null"),
        ("half \ud83d pair", "half  pair"),
        ("over\u202eride", "override"),
        ("模型 🚀", "模型 🚀"),
        ("x" * 40, "x" * (LONGEST - 1) + "…"),
        ("", ""),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_clean_text_is_short_one_line_and_xml(text):
    cleaned = clean(text)

    assert len(cleaned) <= LONGEST
    assert len(cleaned.splitlines()) <= 1
    element = ElementTree.Element("text")
    element.text = cleaned
    again = ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8"))
    assert (again.text or "") == cleaned


def test_axis_parts():
    axis = Axis(metric="latency", unit="ms", hw="T4", precision="fp16", batch_size=8)

    assert axis_parts(axis, log=True) == [
        "Latency (ms)",
        "T4",
        "FP16",
        "batch size 8",
        "log scale",
    ]
    assert axis_parts(Axis(metric="watts", unit="")) == ["watts"]


def test_labels_and_notes():
    point = Point(label="a\nb", family="f", x=1, y=0.7071)

    assert point_label(point, off_scale=False) == "a b"
    assert point_label(point, off_scale=True) == "a b 0.707 ↓"
    plot = ScatterPlot("p", "t", Axis("flops", "G"), Axis("top1", ""), (), ())
    assert notes(plot) == []
    lacking = msgspec.structs.replace(plot, missing=("one", "two"))
    assert notes(lacking) == [(["No figure for one", "two"], ", ")]
    crowded = (["No room to name three"], ", ")
    assert notes(lacking, ["three"]) == [crowded, (["No figure for one", "two"], ", ")]


def test_words_are_all_that_a_series_brings():
    plot = ScatterPlot(
        name="p",
        title="标题",
        x_axis=Axis("latency", "ms", hw="显卡", conditions=(("engine", "引擎"),)),
        y_axis=Axis("top1", ""),
        points=(Point(label="点", family="属", x=1, y=1),),
        families=(Family(slug="f", name="家"),),
        missing=("缺",),
    )
    assert set("标题显卡引擎点属家缺") <= set(words([plot]))


def test_84_families_look_different():
    families = [Family(slug=f"f{index}", name="f") for index in range(84)]

    styles = family_styles(families, [])

    assert len({(style.colour, style.marker) for style in styles.values()}) == 84
    assert len({style.colour for style in list(styles.values())[:7]}) == 7


def test_a_family_that_only_a_point_names_comes_last():
    listed = [Family(slug="a", name="A")]

    styles = family_styles(listed, [Point(label="x", family="z", x=1, y=1)])

    assert [style.name for style in styles.values()] == ["A", "z"]


@pytest.fixture
def ruler():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(dpi=200)
    FigureCanvasAgg(figure)
    return Ruler(figure)


def test_lines_fit_and_lose_nothing(ruler):
    parts = [f"part{index}" for index in range(20)]

    lines = ruler.lines(parts, ", ", 10, 150)

    assert ruler.widest(lines, 10) <= 150
    assert " ".join(lines) == ", ".join(parts)
    assert len(lines) > 1


def test_a_part_that_is_too_wide_breaks_between_words(ruler):
    parts = ["one part of many words that is wide", "another", "W" * 40]

    lines = ruler.lines(parts, ", ", 10, 100)

    assert ruler.widest(lines, 10) <= 100
    assert " ".join(lines).startswith("one part of many words that is wide, another, WW")
    assert lines[-1].endswith("W…")


def test_shortened_to_the_width(ruler):
    assert ruler.shortened("short", 10, 100) == "short"
    cut = ruler.shortened("long " * 20, 10, 100)
    assert cut.endswith("…")
    assert 80 < ruler.size(cut, 10)[0] <= 100
    assert ruler.shortened("any", 10, 0) == "…"


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (6, ["No figure for m0", "m1", "m2", "m3", "m4", "m5"]),
        (1000, ["No figure for m0", "m1", "m2", "m3", "m4 and 995 more"]),
    ],
)
def test_a_note_names_a_few_models_without_a_figure(missing, said):
    axis = Axis(metric="flops", unit="G")
    names = tuple(f"m{index}" for index in range(missing))
    plot = ScatterPlot(name="p", title="t", x_axis=axis, y_axis=axis, points=(), families=(),
                       missing=names)  # fmt: skip
    assert notes(plot) == [(said, ", ")]
