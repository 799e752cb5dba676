"""Each picture of the built site has a variant for dark pages, and its alt text once."""

import re
from pathlib import Path

_FIGURE = re.compile(r"<figure>\n(.*?)</figure>", re.DOTALL)
_PICTURE = re.compile(
    r'<a href="(?P<light>[^"]+)"><picture>'
    r'<source media="screen and \(prefers-color-scheme: dark\)" srcset="(?P<dark>[^"]+)">'
    r'<img src="(?P<shown>[^"]+)" width="\d+" height="\d+" alt="[^"]+"></picture></a>'
)


def test_pictures_have_a_dark_variant_of_the_same_size(built_site: Path) -> None:
    for language in ("en", "zh_CN"):
        page = built_site / language / "inception.html"
        figures = [each for each in _FIGURE.findall(page.read_text()) if "<img" in each]
        assert len(figures) == 5
        for figure in figures:
            (picture,) = _PICTURE.finditer(figure)
            assert picture["light"] == picture["shown"]
            assert picture["dark"] == picture["light"].replace(".svg", ".dark.svg")
            light, dark = ((page.parent / picture[name]).read_text() for name in ("light", "dark"))
            size = re.compile(r'<svg [^>]*?(width="[^"]+pt" height="[^"]+pt")')
            assert size.findall(light) == size.findall(dark) != []
            assert "fill: #0d1117" in dark
            assert "fill: #0d1117" not in light
