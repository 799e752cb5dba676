"""A model's page with measured layers: what is shown, what is only named, in both languages."""

import re
from pathlib import Path

import pytest
from measured_site import build_measured_site


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = build_measured_site(tmp_path_factory.mktemp("measured"))
    return {
        language: (folder / language / "mine" / "net.html").read_text(encoding="utf-8")
        for language in ("en", "zh_CN")
    }


def test_two_timings_are_shown_and_the_third_is_named(texts: dict[str, str]) -> None:
    titles = re.findall(r'<h2 id="roofline-\d">(.*?)</h2>', texts["en"])
    assert titles == [
        "Time by layer: T4, FP32, batch size 4",
        "Time by layer: T4, FP16, batch size 4",
    ]
    assert "Also measured by layer: H100 SXM FP32, batch size 4." in texts["en"]
    assert "Times were measured on T4: FP32 at batch size 4, device time." in texts["en"]


def test_published_and_measured_curves_are_apart(texts: dict[str, str]) -> None:
    captions = re.findall("<figcaption>(.*?)</figcaption>", texts["en"])
    assert [text for text in captions if text.startswith("Measured")] == [
        "Measured: T4, crops of 32 pixels, device time.",
        "Measured: H100 SXM, crops of 32 pixels, device time.",
    ]
    assert not [text for text in captions if text.startswith("Published")]


def test_hostile_names_are_text(texts: dict[str, str]) -> None:
    for text in texts.values():
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;b&gt;" in text


def test_both_languages_draw_the_same(texts: dict[str, str]) -> None:
    paths = [re.findall(' d="(.*?)"', text) for text in texts.values()]
    assert paths[0] == paths[1]
    assert len(paths[0]) > 10
    figures = [re.findall(r"<td[^>]*>([\d,.]+)\s*<", text) for text in texts.values()]
    assert figures[0] == figures[1]
