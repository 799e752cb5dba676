"""The colours can be seen on their paper, and told apart."""

import itertools

import pytest

from profiler.plots.style import (
    DARK,
    LIGHT,
    MARKERS,
    THEMES,
    family_styles,
)
from profiler.records import Family

#: Deuteranopia (Machado, Oliveira and Fernandes 2009, severity 1) on linear RGB; and none.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
FULL = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def linear(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def luminance(colour):
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one, other):
    """As WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def seen(colour, sight):
    """CIE L*a*b* of a colour as it is seen."""
    rgb = [sum(m * c for m, c in zip(row, linear(colour), strict=True)) for row in sight]
    r, g, b = (min(max(part, 0.0), 1.0) for part in rgb)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one, other, sight):
    pairs = zip(seen(one, sight), seen(other, sight), strict=True)
    return sum((p - q) ** 2 for p, q in pairs) ** 0.5


@pytest.fixture(params=THEMES.values(), ids=THEMES)
def theme(request):
    return request.param


def test_contrast_is_measured_right():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_themes_go_by_their_names():
    assert {name: each.name for name, each in THEMES.items()} == {"light": "light", "dark": "dark"}


def test_text_can_be_read(theme):
    # names stand on the strip as well, notes only on the paper
    assert contrast(theme.ink, theme.paper) >= 7
    assert contrast(theme.ink, theme.strip) >= 7
    assert contrast(theme.grey, theme.paper) >= 4.5


def test_markers_and_lines_can_be_seen(theme):
    for colour in (*theme.colours, theme.line):
        assert contrast(colour, theme.paper) >= 3, colour
    for colour in theme.colours:
        # the outline sets a marker off from the next, or from the paper where its colour is pale
        assert max(contrast(colour, theme.strip), contrast(theme.edge, theme.strip)) >= 3


def test_the_grid_stays_behind(theme):
    assert 1.1 < contrast(theme.grid, theme.paper) < 1.6


@pytest.mark.parametrize(("sight", "least"), [(FULL, 25), (DEUTERANOPIA, 20)])
def test_colours_can_be_told_apart(theme, sight, least):
    for one, other in itertools.combinations(theme.colours, 2):
        assert difference(one, other, sight) >= least, (one, other)


def test_a_family_keeps_its_shape_in_the_dark():
    families = [Family(slug=f"f{index}", name=f"F{index}") for index in range(30)]
    light, dark = (family_styles(families, [], theme) for theme in (LIGHT, DARK))

    assert len(LIGHT.colours) == len(DARK.colours)
    assert len(set(MARKERS)) == len(MARKERS)
    for slug, style in light.items():
        assert (dark[slug].marker, dark[slug].name) == (style.marker, style.name)
        assert dark[slug].colour != style.colour
