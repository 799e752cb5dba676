"""Line plots as they are drawn: curves by batch size, layers as discs under a roof."""

import itertools

import msgspec
import pytest
from drawn_plots import assert_whole, label_texts, texts, with_gid
from matplotlib.colors import to_hex

from profiler.plots.plots import draw, figure, fingerprint
from profiler.plots.style import DARK, FIGURE, FORMATS, LIGHT, NARROW, README, THEMES
from profiler.records import Axis, LinePlot, Mark

CURVES = LinePlot(
    name="net/measured-1.latency",
    title="Net · T4",
    x_axis=Axis(metric="batch_size", unit=""),
    y_axis=Axis(metric="latency", unit="ms", source="measured", quantity="device"),
    curves=(
        (Mark(x=1, y=2.0, low=1.0, high=3.0), Mark(x=8, y=8.0, label="FP32", low=7.99, high=8.01)),
        (Mark(x=1, y=1.0), Mark(x=8, y=4.0, label="FP16 ?", doubtful=True)),
    ),
    x_ticks=(1, 8),
)
#: 8 TFLOP/s and 0.32 TB/s.
ROOF = LinePlot(
    name="net/roofline-1",
    title="Net · T4",
    x_axis=Axis(metric="arithmetic_intensity", unit="FLOP/byte"),
    y_axis=Axis(metric="flops_per_s", unit="TFLOP/s"),
    curves=(
        (
            Mark(x=2.0, y=0.1, share=0.0),
            Mark(x=40.0, y=3.0, label="stem.conv1", share=0.25),
            Mark(x=200.0, y=5.0, share=1.0),
        ),
    ),
    log=True,
    ridge=(25.0, 8.0),
    ridge_label="roof: 8 TFLOP/s, 320 GB/s",
)


def test_a_curve_has_its_figures_intervals_doubt_and_name():
    (axes,) = figure([CURVES], FIGURE).axes

    curves = [[tuple(spot) for spot in line.get_xydata()] for line in with_gid(axes, "curve")]
    assert curves == [[(1, 2), (8, 8)], [(1, 1), (8, 4)]]
    assert len({line.get_marker() for line in with_gid(axes, "curve")}) == 2
    (bar,) = with_gid(axes, "spread")  # the other is shorter than its marker
    assert [tuple(spot) for spot in bar.get_xydata()] == [(1, 1), (1, 3)]
    assert bar.get_marker() == "_"  # across the end of a line that stands
    (hollow,) = with_gid(axes, "doubtful")
    assert [tuple(spot) for spot in hollow.get_xydata()] == [(8, 4)]
    assert to_hex(hollow.get_markerfacecolor()) == LIGHT.paper.lower()
    assert sorted(label_texts(axes)) == ["FP16 ?", "FP32"]


def test_batch_sizes_that_double_are_equally_far_apart():
    sizes = (1, 2, 4, 8)
    marks = tuple(Mark(x=size, y=float(size)) for size in sizes)
    plot = msgspec.structs.replace(CURVES, curves=(marks,), x_ticks=sizes)
    (axes,) = figure([plot], FIGURE).axes

    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "4", "8"]
    places = [axes.transData.transform((size, 1.0))[0] for size in sizes]
    steps = [right - left for left, right in itertools.pairwise(places)]
    assert steps == pytest.approx([steps[0]] * 3)
    assert axes.get_ylim()[0] == 0


def test_the_area_of_a_disc_is_its_share_beyond_the_least():
    (axes,) = figure([ROOF]).axes

    (discs,) = with_gid(axes, "discs")
    assert [tuple(spot) for spot in discs.get_offsets()] == [(200, 5), (40, 3), (2, 0.1)]
    whole, quarter, nothing = (area**0.5 for area in discs.get_sizes())
    assert whole - nothing == pytest.approx(2 * (quarter - nothing))  # half as wide
    assert label_texts(axes) == ["stem.conv1"]


def test_a_roof_rises_to_its_ridge_and_is_level_behind_it():
    (axes,) = figure([ROOF]).axes

    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    (roof,) = with_gid(axes, "roof")
    start, ridge, end = roof.get_xydata()
    assert start[1] / start[0] == pytest.approx(8 / 25)
    assert tuple(ridge) == (25, 8)
    assert tuple(end) == (axes.get_xlim()[1], 8)
    assert start[0] == pytest.approx(axes.get_xlim()[0]) or start[1] == pytest.approx(
        axes.get_ylim()[0]
    )
    (said,) = with_gid(axes, "roof-label")
    assert said.get_text() == ROOF.ridge_label


@pytest.mark.parametrize("plot", [CURVES, ROOF], ids=["curves", "roof"])
@pytest.mark.parametrize("preset", [FIGURE, NARROW, README], ids=lambda preset: preset.name)
def test_nothing_is_cut_off_or_covered(plot, preset):
    for theme in THEMES.values():
        assert_whole(figure([plot], preset, theme))


def test_names_without_room_are_listed_below():
    marks = tuple(Mark(x=1 + 1e-4 * index, y=1.0, label=f"curve{index}") for index in range(80))
    plot = msgspec.structs.replace(CURVES, curves=tuple((mark,) for mark in marks), x_ticks=())
    drawing = figure([plot], FIGURE)

    named = label_texts(drawing.axes[0])
    below = " ".join(text.get_text() for text in texts(drawing) if text not in drawing.axes)
    assert len(named) < 80
    assert "No room to name " in below
    for mark in marks:
        assert mark.label in named or mark.label in below


def test_a_plot_without_a_roof_has_none():
    (axes,) = figure([msgspec.structs.replace(ROOF, ridge=None, ridge_label="")]).axes
    assert with_gid(axes, "roof") == with_gid(axes, "roof-label") == []


def test_the_same_plot_is_the_same_file_in_every_format():
    for plot in (CURVES, ROOF):
        for format in FORMATS:
            assert draw([plot], format) == draw([plot], format)
            mark = fingerprint([plot], README, DARK).encode()
            assert mark in draw([plot], format, theme=DARK)
    svg = draw([CURVES], "svg", FIGURE).decode()
    assert "Net · T4: Measured device time (ms) against Batch size" in svg
    for text in ("FP32", "FP16 ?", "Batch size · log scale"):
        assert f">{text}<" in svg
