"""Every preset's pictures are whole and readable, whatever stands in them."""

import pytest
from drawn_plots import (
    MEASURED,
    as_measured,
    assert_whole,
    crowd,
    label_texts,
    legend_names,
    scatter,
    texts,
    three_plots,
    with_gid,
)
from msgspec.structs import replace

from profiler.plots.marks import planned_legend
from profiler.plots.plots import draw, figure
from profiler.plots.style import DARK, FORMATS, LIGHT, PRESETS, README

#: The least size of text in each, and the size of the picture in inches; 0 is as high as needed.
EXPECTED = {
    "readme": (9, 500 / 72, 0, 840 / 72, 0),
    "paper-column": (6.5, 3.5, 0, 3.5, 0),
    "paper-page": (6.5, 7.16, 0, 7.16, 0),
    "slide": (14, 40 / 3, 7.5, 40 / 3, 7.5),
}
LONG = "A very long name of a network {}, v2"
PLOTS = {
    "none": scatter(missing=("a", "b")),
    "one": crowd(1),
    "two": crowd(2),
    "eight": crowd(8, families=4),
    "thirty": crowd(30),
    "127": crowd(127, families=30),
    "long": crowd(8, families=3, name=LONG),
    "long-measured": as_measured(crowd(12, families=12, name=LONG)),
    "log": crowd(12, families=4, reach=4000),
    "measured": MEASURED,
    "measured-eight": as_measured(crowd(8, families=4)),
    "measured-thirty": as_measured(crowd(30)),
    "below": scatter(
        *((f"Net{index}", f"f{index % 3}", 5 + 3.0 * index, 0.8 + index / 500)
          for index in range(8)),
        ("Far below", "f0", 2.0, 0.3),
        ("Also far below", "f1", 2.5, 0.31),
    ),
    "chinese": crowd(8, families=5, name="神经网络模型{}"),
}  # fmt: skip


@pytest.fixture
def three(inception_report):
    return three_plots(inception_report(), "t4", "fp32", 4)


def slow_if(slow, value):
    return pytest.param(value, marks=pytest.mark.slow) if slow else value


def assert_is_of(preset, drawing, together):
    smallest, *sizes = EXPECTED[preset]
    width, height = sizes[2:] if together else sizes[:2]
    assert {text.get_fontsize() for text in texts(drawing)} <= {
        preset_look(preset, together).text,
        preset_look(preset, together).small,
    }
    assert min(text.get_fontsize() for text in texts(drawing)) >= smallest
    drawn_width, drawn_height = drawing.get_size_inches()
    assert drawn_width == pytest.approx(width)
    assert drawn_height >= height - 1e-6


def preset_look(preset, together):
    return PRESETS[preset].look(3 if together else 1)


def test_every_preset_is_expected():
    assert list(PRESETS) == list(EXPECTED)
    assert next(iter(PRESETS.values())) is README
    for preset in PRESETS.values():
        assert preset.format in FORMATS


@pytest.mark.parametrize("plot", [slow_if(name == "127", name) for name in PLOTS])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_plot_is_whole(preset, plot):
    drawing = figure([PLOTS[plot]], PRESETS[preset])

    assert_whole(drawing)
    assert_is_of(preset, drawing, together=False)


@pytest.mark.parametrize(
    "names",
    [slow_if(name != "long", name) for name in ("eight", "long", "127", "below", "chinese")],
)
@pytest.mark.parametrize("preset", PRESETS)
def test_plots_in_one_picture_are_whole(preset, names):
    drawing = figure([PLOTS[names], PLOTS["log"], PLOTS["measured-eight"]], PRESETS[preset])

    assert_whole(drawing)
    assert_is_of(preset, drawing, together=True)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_inception_series(preset, three):
    for plots in (*([plot] for plot in three), three):
        drawing = figure(plots, PRESETS[preset])
        assert_whole(drawing)
        assert_is_of(preset, drawing, together=len(plots) > 1)
        # at the size that is asked for, every model is named at its point
        assert drawing.get_size_inches()[1] <= max(EXPECTED[preset][2], 8.5)
        assert [len(label_texts(axes)) for axes in drawing.axes] == [8] * len(plots)


@pytest.mark.parametrize("preset", PRESETS)
def test_dark_is_laid_out_as_light(preset, three):
    light, dark = (
        [(text.get_text(), text.get_fontsize(), text.get_position()) for text in texts(drawing)]
        for drawing in (figure(three, PRESETS[preset], theme) for theme in (LIGHT, DARK))
    )
    assert light == dark


def test_panels_of_a_column_stand_one_above_the_other(three):
    axes = figure(three, PRESETS["paper-column"]).axes
    places = [each.get_position() for each in axes]
    assert len({round(place.x0, 6) for place in places}) == 1
    assert places[0].y0 > places[1].y1
    assert places[1].y0 > places[2].y1
    assert [each.get_ylabel() for each in axes] == ["Top-1 accuracy"] * 3


def test_what_finds_no_place_is_named_below():
    points = [(f"A rather long name {letter}", "f", 3.0, 0.7) for letter in "abcdefghijkl"]
    plot = scatter(*points, ("Left alone", "f", 30.0, 0.9))
    drawing = figure([plot], PRESETS["paper-column"])

    assert_whole(drawing)
    named = label_texts(drawing.axes[0])
    below = " ".join(text.get_text() for text in drawing.texts)
    assert "Left alone" in named
    assert 0 < len(named) < 13
    assert "No room to name" in below
    for label, *_ in points:
        assert (label in below) != (label in named)


def test_a_picture_of_fixed_height_grows_rather_than_cut():
    plot = replace(PLOTS["127"], missing=tuple(f"Absent model {index}" for index in range(150)))
    drawing = figure([plot], PRESETS["slide"])

    assert_whole(drawing)
    assert drawing.get_size_inches()[1] > 7.5


@pytest.mark.parametrize("families", [slow_if(count > 5, count) for count in (1, 5, 12, 40)])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_legend_names_every_family_in_order(preset, families):
    drawing = figure([crowd(families, families=families)], PRESETS[preset])

    assert_whole(drawing)
    names = [f"family{index}" for index in range(families)]
    assert legend_names(drawing) == [*names, "Pareto frontier"]
    places = [text.get_position() for text in with_gid(drawing, "legend")]
    columns = len({x for x, _ in places})
    rows = sorted({y for _, y in places}, reverse=True)
    assert [rows.index(y) for _, y in places] == [at // columns for at in range(len(places))]


def test_long_names_in_a_legend_are_shortened():
    wide = scatter(*((f"{'W' * 40}{at}", f"{'W' * 36}{at}", at + 1.0, 0.7) for at in range(3)))
    drawing = figure([wide], PRESETS["paper-column"])

    assert_whole(drawing)
    assert all(name.endswith("…") for name in legend_names(drawing)[:-1])


def test_a_legend_of_nothing_takes_no_room():
    legend = planned_legend([], README.single, LIGHT, 400, ruler=None)
    assert (legend.entries, legend.height) == ((), 0)


@pytest.mark.parametrize("format", FORMATS)
def test_sizes_in_files(format, three):
    data = draw(three, format, PRESETS["slide"], DARK)
    marks = {
        "png": (2666).to_bytes(4, "big") + (1500).to_bytes(4, "big"),
        "svg": b'width="960pt" height="540pt"',
        "pdf": b"/MediaBox [ 0 0 960 540 ]",
    }
    assert marks[format] in data


def test_strokes_and_markers_go_with_the_text(three):
    sizes = {
        name: with_gid(figure(three, preset).axes[0], "family")[0].get_markersize()
        for name, preset in PRESETS.items()
    }
    assert sizes["paper-page"] < sizes["readme"] == 8 < sizes["slide"]
