"""Each picture of the built site has variants for dark pages and phones, its alt text once."""

import re
from pathlib import Path

from drawn_plots import crowd

from profiler.records import ScatterPlot
from profiler.website.content import image_variants

_FIGURE = re.compile(r"<figure>\n(.*?)</figure>", re.DOTALL)
_PICTURE = re.compile(
    r'<a href="(?P<light>[^"]+)"><picture>(?P<sources>(?:<source [^>]+>)+)'
    r'<img src="(?P<shown>[^"]+)" width="\d+" height="\d+" alt="[^"]+"></picture></a>'
)
_SOURCE = re.compile(r'<source media="([^"]+)" srcset="([^"]+)" width="(\d+)" height="(\d+)">')
_SIZE = re.compile(r'<svg [^>]*?width="([^"]+)pt" height="([^"]+)pt"')
_DARK = "(prefers-color-scheme: dark)"
_MEDIA = {
    f"screen and (max-width: 40rem) and {_DARK}": ".narrow.dark.svg",
    "screen and (max-width: 40rem)": ".narrow.svg",
    f"screen and {_DARK}": ".dark.svg",
}


def test_pictures_have_variants_for_phones_and_the_dark(built_site: Path) -> None:
    for language in ("en", "zh_CN"):
        page = built_site / language / "inception.html"
        figures = [each for each in _FIGURE.findall(page.read_text()) if "<img" in each]
        assert len(figures) == 5
        for figure in figures:
            (picture,) = _PICTURE.finditer(figure)
            assert picture["light"] == picture["shown"]
            # a browser takes the first that fits, so the narrowest come first
            sources = _SOURCE.findall(picture["sources"])
            assert [(media, href) for media, href, *_ in sources] == [
                (media, picture["light"].replace(".svg", ending))
                for media, ending in _MEDIA.items()
            ]
            paths = [picture["light"], *(href for _, href, *_ in sources)]
            drawn = [(page.parent / path).read_text() for path in paths]
            assert ["fill: #0d1117" in each for each in drawn] == [False, True, False, True]
            sizes = [_SIZE.search(each) for each in drawn]
            light, narrow_dark, narrow, dark = (size.groups() for size in sizes if size)
            assert light == dark
            assert narrow == narrow_dark
            assert float(narrow[0]) == 246  # 328 pixels: what a phone's 360 leave for it
            for (*_, width, height), size in zip(sources, (narrow, narrow, dark), strict=True):
                assert (int(width), int(height)) == tuple(round(float(x) * 4 / 3) for x in size)


def test_names_on_a_phone_are_large_enough_to_read(built_site: Path) -> None:
    for path in (built_site / "images" / "inception").glob("*.narrow.svg"):
        sizes = re.findall(r"font-size: ([0-9.]+)px", path.read_text())
        # the drawing counts in points and is shown at its own width
        assert min(map(float, sizes)) * 4 / 3 >= 11


def test_a_crowd_is_not_drawn_for_phones() -> None:
    assert [_endings(crowd(count)) for count in (60, 61)] == [
        [".narrow.dark.svg", ".narrow.svg", ".dark.svg"],
        [".dark.svg"],
    ]


def _endings(plot: ScatterPlot) -> list[str]:
    return [each.path.removeprefix("p") for each in image_variants([plot], "p.", None)]
