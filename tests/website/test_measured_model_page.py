"""A model's page with measured layers: what is shown, what is only named, in both languages."""

import re
from pathlib import Path

import pytest
from measured_site import build_measured_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = build_measured_site(tmp_path_factory.mktemp("measured"))
    return folder


@pytest.fixture(scope="module")
def texts(site: Path) -> dict[str, str]:
    return {
        language: (site / language / "mine" / "net.html").read_text(encoding="utf-8")
        for language in ("en", "zh_CN")
    }


def test_the_first_timing_of_each_device_comes_first_and_only_one_is_open(
    texts: dict[str, str],
) -> None:
    titles = re.findall(r'<h2 id="roofline-\d">(.*?)</h2>\n(<details>)?', texts["en"])
    assert titles == [
        ("Time by layer: T4, FP32, batch size 4", ""),
        ("Time by layer: H100 SXM, FP32, batch size 4", "<details>"),
        ("Time by layer: T4, FP16, batch size 4", "<details>"),
    ]
    assert "Times were measured on T4: FP32 at batch size 4, device time." in texts["en"]


def test_published_and_measured_curves_are_apart(texts: dict[str, str]) -> None:
    captions = re.findall("<figcaption>(.*?)</figcaption>", texts["en"])
    assert [text for text in captions if text.startswith("Measured")] == [
        "Measured: T4, crops of 32 pixels, device time.",
        "Measured: H100 SXM, crops of 32 pixels, device time.",
    ]
    assert not [text for text in captions if text.startswith("Published")]


def test_times_and_layers_come_before_the_rules(texts: dict[str, str]) -> None:
    anchors = re.findall(r'<h2 id="([a-z]+)', texts["en"])
    assert list(dict.fromkeys(anchors)) == [
        "summary", "measured", "roofline", "latencies", "layers", "published", "conventions",
    ]  # fmt: skip


def test_the_summary_has_a_measured_latency_with_its_conditions(texts: dict[str, str]) -> None:
    assert (
        "<dt>Latency</dt><dd><b>2.000 ms</b>"
        " <small>T4, FP32, batch size 1, device time, measured</small>"
    ) in texts["en"]
    assert "<small>T4、FP32、批大小 1、设备时间、实测值</small>" in texts["zh_CN"]


def test_every_measured_table_says_what_it_was_measured_with(texts: dict[str, str]) -> None:
    for text, words in ((texts["en"], "driver 570.0"), (texts["zh_CN"], "驱动 570.0")):
        part = text.partition('<h2 id="measured">')[2].partition("</section>")[0]
        assert part.count("<table ") == part.count("PyTorch 2.9.0") == part.count(words) == 2


def test_a_series_has_one_open_table_a_device_and_folds_the_others(tmp_path: Path) -> None:
    text = (build_measured_site(tmp_path) / "en" / "mine.html").read_text(encoding="utf-8")
    first = text.partition('<h2 id="measured-1">')[2].partition("</section>")[0]
    opened, *folded = first.split("<details>")
    assert 'id="measured-1-table-1-table"' in opened
    assert ["measured-1-table-2-table" in part for part in folded] == [True]
    # the captions stand outside the folds, for those who read or print the page
    assert re.findall("<h3>(.*?)</h3>", first) == ["FP32, device time", "FP16, device time"]
    assert re.search(r"</h3>\n<details>\n<summary>Show the rows</summary>", first)


def test_hostile_names_are_text(texts: dict[str, str]) -> None:
    for text in texts.values():
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;b&gt;" in text


def test_both_languages_show_the_same_pictures_and_figures(
    texts: dict[str, str], site: Path
) -> None:
    shown = [re.findall(r'(?:src|srcset)="([^"]+svg)"', text) for text in texts.values()]
    assert shown[0] == shown[1]
    # two devices by batch size, each twice in two themes, and three timings by layer in four
    assert len(shown[0]) == 2 * 2 * 2 + 3 * 4
    for path in shown[0]:
        assert (site / "en" / "mine" / path).is_file(), path
    figures = [re.findall(r"<td[^>]*>([\d,.]+)\s*<", text) for text in texts.values()]
    assert figures[0] == figures[1]


def test_what_a_picture_shows_stands_in_words(texts: dict[str, str]) -> None:
    alts = re.findall(r'alt="([^"]*)"', texts["en"])
    assert "Latency in ms by batch size. Measured: T4, crops of 32 pixels, device time. " in alts[0]
    assert "FP32 1: 2.000, 4: 8.000" in alts[0]
    assert "FP32 1: 500.0, 4: 500.0" in alts[1]
    assert re.findall(r'alt="([^"]*)"', texts["zh_CN"])[0].startswith("各批大小的耗时 (ms)。")
