import csv
import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import msgspec
import pytest
from drawn_plots import (
    MEASURED,
    assert_whole,
    crowd,
    label_texts,
    legend_names,
    scatter,
    texts,
    three_plots,
    with_gid,
)

from profiler.errors import RenderError, UnknownNameError
from profiler.plots.plots import draw, figure, fingerprint
from profiler.plots.style import FORMATS, LIGHT
from profiler.report.scatter import counts_plots, latency_plot

DATA = Path(__file__).parents[1] / "data"
EIGHT = [
    "GoogLeNet",
    "InceptionV3",
    "InceptionV4",
    "Xception41",
    "Xception41_deeplab",
    "Xception65",
    "Xception65_deeplab",
    "Xception71",
]
with (DATA / "published_latency.csv").open(encoding="utf-8") as table:
    COMBINATIONS = sorted(
        {(row["hw"], row["precision"], int(row["batch_size"])) for row in csv.DictReader(table)}
    )


HOSTILE = [
    "$\\frac{1}{0}$",
    "<script>alert('x')</script>",
    'quo"te & <b>',
    "模型一",
    "שלום עולם",
    "🚀 net",
    "_hidden",
    "C:\\new\\table",
    "%s {0} $",
]
HOSTILE_PLOT = scatter(
    *((label, label, 1.0 + index, 0.7 + index * 0.01) for index, label in enumerate(HOSTILE)),
    ("\ud800half\x00\x1b[0m\u202eevil", "bad\x07family", 5.0, 0.71),
    ("long" * 100, "wide" * 100, 6.0, 0.1),
    missing=tuple(f"$absent_{index}$" for index in range(40)),
    title="$T_{i}^ & <title> 标题 " + "long " * 60,
    hw="GPU " * 40,
    precision="fp16",
    batch_size=8,
)


@pytest.fixture
def three(inception_report):
    return three_plots(inception_report(), "t4", "fp32", 4)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_latency_plot_is_whole_and_readable(inception_report, combination):
    plot = latency_plot(inception_report(), *combination)
    drawing = figure([plot])

    assert_whole(drawing)
    drawn = [text.removesuffix(" 0.707 ↓") for text in label_texts(drawing.axes[0])]
    assert sorted([*drawn, *plot.missing]) == EIGHT


@pytest.mark.parametrize("convention", ["flops", "macs", "paddle_static"])
def test_every_counts_plot_is_whole_and_readable(inception_report, convention):
    for plot in counts_plots(inception_report(convention), "x"):
        drawing = figure([plot])
        assert_whole(drawing)
        assert len(label_texts(drawing.axes[0])) == 8


@pytest.mark.parametrize("combination", COMBINATIONS[::4], ids=str)
def test_combined_plots_are_whole_and_readable(inception_report, combination):
    drawing = figure(three_plots(inception_report("paddle_static"), *combination))

    assert_whole(drawing)


def test_markers_stand_at_the_values(three):
    latency = three[2]
    (axes,) = figure([latency]).axes
    low, high = axes.get_ylim()

    drawn = sorted(tuple(spot) for line in with_gid(axes, "family") for spot in line.get_xydata())
    expected = sorted((point.x, point.y) for point in latency.points)
    assert len(drawn) == 8
    assert [x for x, _ in drawn] == [x for x, _ in expected]
    # GoogLeNet, the cheapest, stands at the foot of the axis; the rest at their accuracy.
    assert [y for _, y in drawn[1:]] == [y for _, y in expected[1:]]
    assert expected[0][1] == 0.707 < low < drawn[0][1] < 0.79
    assert high > 0.811


def test_what_is_off_the_scale_says_so(three):
    (axes,) = figure([three[2]]).axes

    assert "GoogLeNet 0.707 ↓" in label_texts(axes)
    assert len(with_gid(axes, "arrow")) == 1
    # No tick stands where the scale does not hold.
    assert min(axes.get_yticks()) >= 0.785


def test_no_strip_without_need():
    (axes,) = figure([scatter(("a", "f", 1, 0.70), ("b", "f", 2, 0.74), ("c", "f", 3, 0.8))]).axes

    assert label_texts(axes) == ["a", "b", "c"]
    assert not with_gid(axes, "arrow")


def test_legend_has_one_entry_per_family_and_the_frontier(three):
    for drawing in (figure([three[0]]), figure(three)):
        assert legend_names(drawing) == [
            "GoogLeNet",
            "Xception",
            "Xception_deeplab",
            "InceptionV3",
            "InceptionV4",
            "Pareto frontier",
        ]


def test_a_family_without_a_point_is_not_in_the_legend(inception_report):
    drawing = figure([latency_plot(inception_report(), "v100", "fp32", 1)])

    names = legend_names(drawing)
    assert "InceptionV3" not in names
    assert "InceptionV4" in names


def test_a_family_keeps_its_look_in_every_plot(inception_report):
    report = inception_report()
    looks = []
    for plot in (latency_plot(report, "v100", "fp32", 1), counts_plots(report, "x")[0]):
        lines = with_gid(figure([plot]).axes[0], "family")
        looks.append((lines[-1].get_color(), lines[-1].get_marker()))  # InceptionV4

    assert looks[0] == looks[1]


def test_axis_texts(three, inception_report):
    flops, params, latency = (figure([plot]).axes[0] for plot in three)

    assert flops.get_xlabel() == "FLOPs (G) · convention: flops"
    assert params.get_xlabel() == "Parameters (M) · convention: flops"
    assert latency.get_xlabel() == "Published latency (ms) · T4 · FP32 · batch size 4"
    assert latency.get_ylabel() == "Top-1 accuracy"
    macs = counts_plots(inception_report("macs"), "x")[0]
    assert figure([macs]).axes[0].get_xlabel() == "MACs (G) · convention: macs"
    unstated = latency_plot(inception_report(), "unstated", "fp16", 32)
    assert "hardware not stated" in figure([unstated]).axes[0].get_xlabel()


def test_a_missing_model_is_named_in_the_picture(inception_report):
    drawing = figure([latency_plot(inception_report(), "v100", "fp32", 1)])

    assert "No figure for InceptionV3" in [text.get_text() for text in texts(drawing)]


def test_intervals_wider_than_a_marker_are_bars_in_the_familys_colour_under_it():
    drawing = figure([MEASURED])
    assert_whole(drawing)
    (axes,) = drawing.axes
    bars, (family, _) = with_gid(axes, "spread"), with_gid(axes, "family")
    assert [tuple(bar.get_xdata()) for bar in bars] == [(3.5, 6.0)]
    assert [set(bar.get_ydata()) for bar in bars] == [{0.70}]
    for bar in bars:
        assert bar.get_color() == family.get_color()
        assert bar.get_zorder() < family.get_zorder()
        # its ends are no higher than the marker: they say nothing of the accuracy
        assert bar.get_markersize() <= family.get_markersize()
    low, high = axes.get_xlim()
    assert low <= 3.5 < 7.001 <= high


def test_an_interval_widens_the_axis():
    far = msgspec.structs.replace(MEASURED.points[0], high=30.0)
    wide = msgspec.structs.replace(MEASURED, points=(far, *MEASURED.points[1:]))
    (axes,) = figure([wide]).axes
    assert axes.get_xlim()[1] > 30
    assert_whole(axes.figure)


def test_doubtful_markers_are_hollow():
    (axes,) = figure([MEASURED]).axes
    (hollow,) = with_gid(axes, "doubtful")
    assert [tuple(spot) for spot in hollow.get_xydata()] == [(5.0, 0.69)]
    assert hollow.get_markerfacecolor() == LIGHT.paper
    family = with_gid(axes, "family")[1]
    assert hollow.get_markeredgecolor() == family.get_color()
    assert hollow.get_zorder() > family.get_zorder()


def test_a_measured_plot_says_what_it_stands_on():
    drawing = figure([MEASURED])
    (axes,) = drawing.axes
    words = " ".join(axes.get_xlabel().split())
    assert words == ("Measured device time (ms) · H100 · FP32 · batch size 4 · NHWC · threads: 8")
    shown = [text.get_text() for text in texts(drawing)]
    assert "n ≥ 600 in 3 processes · measured 2026-01-02 · bars: interval of the median" in shown
    assert "Hollow, because a flag casts doubt on it: none" in shown


def test_a_published_plot_has_no_bars_and_no_doubt(three):
    (axes,) = figure([three[2]]).axes
    assert not with_gid(axes, "spread")
    assert not with_gid(axes, "doubtful")


@pytest.mark.parametrize("format", FORMATS)
def test_a_measured_plot_is_the_same_on_every_call(format):
    data = draw([MEASURED], format)
    assert data == draw([MEASURED], format)
    points = (msgspec.structs.replace(MEASURED.points[0], high=6.1), *MEASURED.points[1:])
    assert data != draw([msgspec.structs.replace(MEASURED, points=points)], format)


def test_bars_are_in_the_svg():
    bare = msgspec.structs.replace(
        MEASURED, points=tuple(msgspec.structs.replace(p, low=None) for p in MEASURED.points)
    )
    with_bars, without = (draw([plot], "svg").decode() for plot in (MEASURED, bare))
    assert with_bars.count('id="spread"') == 1
    assert 'id="doubtful"' in with_bars
    assert 'id="spread"' not in without


def test_an_end_that_no_axis_can_show_is_an_error():
    bad = msgspec.structs.replace(MEASURED.points[0], high=float("inf"))
    with pytest.raises(RenderError, match="'wide' stands at"):
        draw([msgspec.structs.replace(MEASURED, points=(bad,))], "png")


def test_frontier_is_a_step_to_the_right_edge(three):
    (axes,) = figure([three[2]]).axes
    (line,) = with_gid(axes, "frontier")
    spots = [tuple(spot) for spot in line.get_xydata()]

    corners = {
        (point.x, point.y) for point in three[2].points if point.on_frontier and point.y > 0.75
    }
    assert corners <= set(spots)
    assert spots[-1] == (axes.get_xlim()[1], 0.811)
    for (x0, y0), (x1, y1) in itertools.pairwise(spots):
        assert (x0 == x1 and y1 > y0) or (y0 == y1 and x1 > x0)


def test_family_line_is_dotted_in_size_order(inception_report):
    plot = latency_plot(inception_report(), "unstated", "fp16", 1)
    xception = with_gid(figure([plot]).axes[0], "family")[1]

    assert list(xception.get_xdata()) == [1.545, 5.398, 2.732]  # 41, 65, 71
    assert xception.is_dashed()


def test_combined_panels_share_one_scale(three):
    drawing = figure(three)

    assert len(drawing.axes) == 3
    assert len({axes.get_ylim() for axes in drawing.axes}) == 1
    assert [axes.get_ylabel() for axes in drawing.axes] == ["Top-1 accuracy", "", ""]
    assert drawing.axes[0].get_xlabel().startswith("FLOPs (G)")


def test_a_huge_range_takes_a_log_axis_and_says_so():
    wide = scatter(("a", "f", 0.1, 0.5), ("b", "f", 5.1, 0.6))
    (axes,) = figure([wide]).axes
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "Latency (ms) · log scale"
    assert_whole(axes.figure)

    (axes,) = figure([scatter(("a", "f", 0.1, 0.5), ("b", "f", 4.9, 0.6))]).axes
    assert (axes.get_xscale(), axes.get_xlabel()) == ("linear", "Latency (ms)")


@pytest.mark.parametrize(
    "plot",
    [
        scatter(missing=("a", "b")),
        scatter(("alone", "f", 3, 0.7)),
        scatter(("zero", "f", 0, 0.0)),
        scatter(*((f"same{index}", "f", 3, 0.7) for index in range(6))),
        scatter(*((f"column{index}", "f", 3, 0.7 + index / 100) for index in range(6))),
        scatter(*((f"row{index}", "f", 3.0 + index, 0.7) for index in range(6))),
        scatter(("tiny", "f", 1e-9, 0.7), ("huge", "f", 1e9, 0.8)),
        scatter(("near", "f", 1000.0, 0.7), ("nearer", "f", 1000.0000001, 0.8)),
        crowd(60),
        HOSTILE_PLOT,
    ],
    ids=["empty", "one", "zero", "equal", "column", "row", "range", "close", "sixty", "hostile"],
)
def test_odd_plots_are_drawn_whole(plot):
    drawing = figure([plot])

    assert_whole(drawing)
    markers = [spot for line in with_gid(drawing.axes[0], "family") for spot in line.get_xydata()]
    assert len(markers) == len(plot.points)


def test_an_empty_plot_says_so():
    drawing = figure([scatter(missing=("a",))])

    shown = [text.get_text() for text in texts(drawing)]
    assert "no figures to show" in shown
    assert "No figure for a" in shown


def test_in_a_crowd_only_some_are_labelled():
    plot = crowd(60)
    drawn = set(label_texts(figure([plot]).axes[0]))

    ends = {plot.points[index].label for index in (*range(10), *range(50, 60))}
    wanted = ends | {point.label for point in plot.points if point.on_frontier}
    assert drawn <= wanted
    assert len(drawn) > 5


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_is_only_text(format):
    data = draw([HOSTILE_PLOT], format)  # a warning would be an error here

    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


def test_hostile_text_in_a_narrow_panel():
    assert_whole(figure([HOSTILE_PLOT, scatter(missing=("a",)), HOSTILE_PLOT]))


def test_svg_text_is_text():
    root = ElementTree.fromstring(draw([HOSTILE_PLOT], "svg"))

    shown = [
        "".join(element.itertext()).strip() for element in root.iter() if "text" in element.tag
    ]
    # Once at the point and once in the legend.
    assert [shown.count(text) for text in HOSTILE] == [2] * len(HOSTILE)
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_bytes_do_not_depend_on_process_or_settings(three, tmp_path):
    plots = tmp_path / "plots.json"
    plots.write_bytes(msgspec.json.encode(three))
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: 20\n")
    program = (
        "import hashlib, msgspec, sys, pathlib\n"
        "from profiler.records import ScatterPlot\n"
        "from profiler.plots import plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "three = msgspec.json.decode(pathlib.Path('plots.json').read_bytes(), "
        "type=tuple[ScatterPlot, ...])\n"
        "for format in plots.FORMATS:\n"
        "    print(hashlib.sha256(plots.draw([three[2]], format)).hexdigest())\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONHASHSEED": "7",
            "SOURCE_DATE_EPOCH": "1",
            "TZ": "Asia/Tokyo",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    for _ in range(2):
        digests = [hashlib.sha256(draw([three[2]], format)).hexdigest() for format in FORMATS]
        assert ran.stdout.split() == digests


def test_the_callers_settings_neither_matter_nor_change(three):
    plain = draw([three[0]], "svg")
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30, "text.parse_math": True}):
        before = dict(matplotlib.rcParams)
        assert draw([three[0]], "svg") == plain
        assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("format", FORMATS)
def test_a_drawing_carries_its_plots_fingerprint(three, format):
    mark = fingerprint([three[2]])
    data = draw([three[2]], format)

    assert mark.encode() in data
    first, *rest = three[2].points
    moved = (msgspec.structs.replace(first, x=first.x + 0.001), *rest)
    assert fingerprint([msgspec.structs.replace(three[2], points=moved)]) != mark
    assert b"Matplotlib" not in data.split(b"stream")[0]


def test_what_cannot_be_drawn_is_an_error(three):
    with pytest.raises(RenderError, match="'bad' stands at"):
        draw([scatter(("bad", "f", float("nan"), 0.7))], "png")
    with pytest.raises(RenderError, match="'bad' stands at"):
        draw([scatter(("bad", "f", 1.0, float("inf")))], "png")
    with pytest.raises(RenderError, match="at least one"):
        draw([], "png")
    with pytest.raises(UnknownNameError, match="unknown plot format 'gif'"):
        draw([three[0]], "gif")


def test_pictures_are_large_enough(three):
    for data, least in ((draw([three[0]], "png"), 1050), (draw(three, "png"), 2000)):
        width = int.from_bytes(data[16:20], "big")  # the header chunk begins with the width
        assert width >= least
