"""A model's page: what it is chosen by comes first, and every name leads to what explains it."""

import json
import re
from pathlib import Path

import pytest

from profiler.catalog import LANGUAGES
from profiler.counting.conventions import list_conventions


def page(site: Path, name: str, language: str = "en") -> str:
    return (site / language / "inception" / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_quotes_accuracy_and_the_latency_that_is_founded_best(
    language: str, built_site: Path
) -> None:
    text = page(built_site, "InceptionV4", language).partition("</dl>")[0]
    # as the published page prints them; the T4 is the device with the most figures
    assert "<dt>Top-1</dt><dd><i>0.808</i> <small>top-5 0.953" in text
    said = {"en": "T4, FP32, batch size 1, published", "zh_CN": "T4、FP32、批大小 1、公布值"}
    assert f"<i>12.99342 ms</i> <small>{said[language]}</small>" in text


def test_latencies_and_layers_come_before_counts_and_conventions(built_site: Path) -> None:
    anchors = re.findall(r'<h2 id="([a-z-]+)"', page(built_site, "GoogLeNet"))
    assert anchors == [
        "summary", "latencies", "layers", "layers-train", "published", "conventions",
    ]  # fmt: skip


def test_conventions_are_ours_first_then_by_unit_and_lead_to_their_explanation(
    built_site: Path,
) -> None:
    table = page(built_site, "GoogLeNet").partition('<table id="conventions-table">')[2]
    rows = re.findall(
        r'<th scope="row"><a href="(.*?)">(\w+)</a></th><td[^>]*>.*?</td><td[^>]*>(\w+)</td>',
        table.partition("</table>")[0],
    )
    names = [name for _, name, _ in rows]
    ours = ["flops", "flops_all", "macs"]
    assert len(rows) == 2 * len(list_conventions())  # it has a graph for training as well
    half = len(rows) // 2
    assert names[:3] == names[half : half + 3] == ours
    assert [unit for _, _, unit in rows[3:half]] == sorted(unit for _, _, unit in rows[3:half])
    method = (built_site / "en" / "how-we-count.html").read_text(encoding="utf-8")
    for href, name, _ in rows:
        assert href == f"../how-we-count.html#{name}"
        assert f'id="{name}"' in method


def test_layers_can_be_had_as_files(built_site: Path) -> None:
    text = page(built_site, "GoogLeNet", "zh_CN")
    for stem in ("GoogLeNet.layers", "GoogLeNet.layers-train"):
        for suffix in ("csv", "json"):
            assert f'href="../../data/inception/{stem}.{suffix}" download' in text
    file = built_site / "data" / "inception" / "GoogLeNet.layers.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    whole, layers = data["rows"][0], [row for row in data["rows"] if row["kind"] != "module"]
    assert (whole["traced_params"], whole["traced_flops"]) == (6991272, 2863112704)
    assert sum(row["traced_flops"] for row in layers) == whole["traced_flops"]
    assert (data["graph"], data["timing"]) == ("deploy", None)
