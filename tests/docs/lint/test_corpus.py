"""Made-up model zoos in every shape: silence on the clean pages, each seeded fault at its line."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from profiler.docs.lint.config import Config, every_rule, selection
from profiler.docs.lint.linting import lint
from profiler.docs.lint.page import Page
from profiler.docs.lint.reading import read_page

CORPUS = Path(__file__).parent / "corpus"
ZOOS = sorted(path.name for path in CORPUS.iterdir())

PETAL = "petal-classes/docs/en/models/PetalNet_en.md"
PETAL_ZH = "petal-classes/docs/zh_CN/models/PetalNet.md"
LIBRARY = "petal-classes/docs/en/models/models_intro_en.md"
BENCHMARKS = "petal-classes/docs/en/benchmarks.md"
MEADOW = "meadow-pretrain/docs/model_zoo.md"
BACKBONES = "harbor-detect/configs/backbones.md"
LANTERN = "lantern-vision/models.md"
KEYSTONE = "keystone-apps/index.md"


class Fault(NamedTuple):
    """What is replaced in a page, and the rules that find it with the texts of their lines.

    A line is meant by the start of it once the fault is in; the finding is there, or, where only
    two tables speak of the model and either can be the wrong one, says that line as the other's.
    """

    page: str
    replaced: Sequence[tuple[str, str]]
    found: Sequence[tuple[str, str]]


# what a line of PetalNet's table begins with, spaces and all
P18, P34, P50 = "| PetalNet18 ", "| PetalNet34 ", "| PetalNet50 "

FAULTS = {
    # an accuracy with two digits exchanged, against two other pages
    "accuracy in a fraction": Fault(
        LIBRARY, [("| 0.7655 |", "| 0.7565 |")], [("accuracy-differ", P50)]
    ),
    "accuracy in per cent": Fault(
        MEADOW, [("| 69.90 |", "| 69.09 |")], [("accuracy-differ", "| Reed-18")]
    ),
    "accuracy with its unit": Fault(
        BACKBONES, [("79.9 %", "78.9 %")], [("accuracy-differ", "  Pier-S")]
    ),
    # 81.6 under another title can be another data set's, 87.1 is 78.1 with two digits exchanged
    "accuracy with nothing else to compare": Fault(
        "willow-sets/finetuned.md",
        [("| 81.6 |", "| 87.1 |")],
        [("accuracy-differ", "| Willow-101 | 87.1")],
    ),
    "top-5 below top-1": Fault(
        LANTERN,
        [("| 93.532 |", "| 73.532 |")],
        [("accuracy-implausible", "| [`Lantern_B0_Weights")],
    ),
    "top-5 below top-1 in raised words": Fault(
        "swiftbox/README.md",
        [("| 88.3 |", "| 58.3 |")],
        [("accuracy-implausible", "| SwiftBox-n-cls")],
    ),
    "accuracy above 100": Fault(
        "timber-results/README.md",
        [("|84.528|", "|845.28|")],
        [("accuracy-implausible", "|oak_base_patch16_224.augreg_in21k")] * 2,
    ),
    "accuracy above 100 %": Fault(
        KEYSTONE, [("| 94.5% |", "| 945% |")], [("accuracy-implausible", "| Keystone")]
    ),
    "fraction above 1": Fault(
        LIBRARY,
        [("0.9447", "9.447")],
        [("accuracy-differ", "| PetalNet50_vd "), ("accuracy-implausible", "| PetalNet50_vd ")],
    ),
    # 8.67 / 2 = 4.335
    "one model in multiply-accumulates": Fault(
        LIBRARY,
        [("| 2.60 | 4.86 | 8.67 | 25.58 | [", "| 2.60 | 4.86 | 4.335 | 25.58 | [")],
        [("flops-double", "| PetalNet50_vd ")],
    ),
    "one model doubled": Fault(
        MEADOW, [("| 4.12 |", "| 8.24 |")], [("flops-double", "| Reed-50 ")]
    ),
    # a column is one finding, at its first row: 3.66 / 2, 7.36 / 2, ...
    "a column in multiply-accumulates": Fault(
        BENCHMARKS,
        [
            ("| 3.66 |", "| 1.83 |"),
            ("| 7.36 |", "| 3.68 |"),
            ("| 7.39 |", "| 3.70 |"),
            ("| 8.19 |", "| 4.10 |"),
            ("PetalNet50_vd | 8.67 |", "PetalNet50_vd | 4.34 |"),
            ("PetalNet50_vd_ssld | 8.67 |", "PetalNet50_vd_ssld | 4.34 |"),
        ],
        [("flops-double", P18)],
    ),
    # 0.55 G multiply-accumulates are 1.1 GFLOPs: under the wrong heading they are the half of it
    "FLOPs under the heading of MACs": Fault(
        BACKBONES,
        [("| 0.55 G |", "| 1.1 G |"), ("| 2.1 G |", "| 4.2 G |")],
        [("flops-are-macs", "  [Harbor-T]")] * 2,
    ),
    "a column of FLOPs in a wrong unit": Fault(
        BENCHMARKS, [("| FLOPs (G) |", "| FLOPs (M) |")], [("flops-thousandfold", P18)]
    ),
    "a column of parameters in a wrong unit": Fault(
        BACKBONES,
        [("> | Model | Params (M) |", "> | Model | Params (K) |")],
        [("flops-thousandfold", "> | harbor_t")],
    ),
    "one figure in a wrong unit": Fault(
        BACKBONES, [("86.7 M", "86.7 K")], [("flops-thousandfold", "  `Harbor-B`")]
    ),
    "FLOPs in html": Fault(
        BACKBONES,
        [("<td>4.2</td>", "<td>4.9</td>")],
        [("flops-differ", "    <tr><td>Harbor-S</td>")],
    ),
    "parameters in a list": Fault(
        BACKBONES, [("| 20.6 M |", "| 26.0 M |")], [("params-differ", "  Pier-S")]
    ),
    "parameters in a quotation": Fault(
        BACKBONES,
        [("> | pier_b | 61.0 |", "> | pier_b | 60.1 |")],
        [("params-differ", "> | pier_b")],
    ),
    "parameters under a rowspan": Fault(
        BACKBONES,
        [("<td>20.6</td>", "<td>26.0</td>")],
        [("params-differ", '    <tr><td rowspan="2">Pier</td>')],
    ),
    "parameters of two tables": Fault(
        KEYSTONE, [("| 138.4M |", "| 134.8M |")], [("params-differ", "| Arch16")]
    ),
    "no parameters": Fault(
        LANTERN, [("| 66.3M |", "| 0.0M |")], [("count-implausible", "| [`Lantern_B7_Weights")]
    ),
    "negative FLOPs": Fault(
        LANTERN, [("| 37.75 |", "| -37.75 |")], [("count-implausible", "| [`Lantern_B7_Weights")]
    ),
    "latency": Fault(BENCHMARKS, [("| 2.34 |", "| 2.43 |")], [("latency-differ", P34)]),
    "latency above the peak": Fault(
        # 8.19 GFLOPs in 0.063 ms are 130 TFLOP/s; a V100 does 15.7 in FP32
        BENCHMARKS,
        [("| 2.63 |\n| PetalNet50_vd | 8.67", "| 0.063 |\n| PetalNet50_vd | 8.67")],
        [("latency-differ", P50), ("latency-implausible", P50)],
    ),
    "FP16 slower than FP32": Fault(
        BENCHMARKS,
        [("| 1.35 |", "| 13.5 |")],
        [("latency-differ", P18), ("latency-implausible", P18)],
    ),
    "larger batch faster": Fault(
        "gpu-recipes/README.md",
        [("| 13.02 | 614 |", "| 3.02 | 614 |")],
        [("latency-implausible", "| RN-X101 | 8 ")],
    ),
    "no time at all": Fault(
        KEYSTONE, [("| 109.4 |", "| 0.0 |")], [("latency-implausible", "| Keystone")]
    ),
    "two names exchanged": Fault(
        LIBRARY,
        [
            ("| PetalNet18 | 0.7123", "| PetalNet | 0.7123"),
            ("| PetalNet34 | 0.7461", "| PetalNet18 | 0.7461"),
            ("| PetalNet | 0.7123", "| PetalNet34 | 0.7123"),
        ],
        [("rows-swapped", "| PetalNet34 | 0.7123")],
    ),
    "two names exchanged in a translation": Fault(
        "brook-edge/README_cn.md",
        [
            ("| Brook-0.5x | 342 | 60 |", "| Brook | 342 | 60 |"),
            ("| Brook-1.0x | 1254 |", "| Brook-0.5x | 1254 |"),
            ("| Brook | 342 | 60 |", "| Brook-1.0x | 342 | 60 |"),
        ],
        [("rows-swapped", "| Brook-1.0x | 342")],
    ),
    "translated accuracy": Fault(
        "swiftbox/README.zh-CN.md",
        [("| 234.5 |", "| 243.5 |")],
        [("translation-differs", "| [SwiftBox-m]")],
    ),
    "translated figure of no known metric": Fault(
        "granite-seg/README_zh-CN.md",
        [("| 78.76 |", "| 76.78 |")],
        [("translation-differs", "| Granite | Q-101-D8 | 769x769 ")],
    ),
    "translated reference": Fault(
        PETAL_ZH, [("| 0.9287 ", "| 0.9278 ")], [("translation-differs", P50)]
    ),
    "missing model": Fault(
        BENCHMARKS,
        [("| PetalNet34 | 2.05 | 2.33 |\n", "")],
        [("model-missing", "| Network | T4 FP16")],
    ),
    "input size": Fault(
        PETAL,
        [("| PetalNet50 | 224 | 256 | 2.633 |", "| PetalNet50 | 299 | 256 | 2.633 |")],
        [("input-size-differ", "| PetalNet50 | 299"), ("translation-differs", "| PetalNet50 | 2")],
    ),
    # one finding though the size before the crop differs too
    "input size, before and after the crop": Fault(
        PETAL_ZH,
        [("| PetalNet18 | 224 | 256 | 1.501 |", "| PetalNet18 | 299 | 320 | 1.501 |")],
        [
            ("input-size-differ", "| PetalNet18 | 299"),
            ("translation-differs", "| PetalNet18 | 299"),
            ("translation-differs", "| PetalNet18 | 299"),
        ],
    ),
    "forgotten pipe": Fault(
        PETAL,
        [("| PetalNet34_vd | 99.02 | 57.77 |", "| PetalNet34_vd | 99.02   57.77 |")],
        [("malformed-table", "| PetalNet34_vd | 99.02")],
    ),
    "dashes of another width": Fault(
        "timber-results/README.md",
        [("rank_diff|\n|---|---|", "rank_diff|\n|---|")],
        [("malformed-table", "|model|top1|top5|top1_diff")],
    ),
    "cell beyond the heading": Fault(
        KEYSTONE,
        [("| 20.9M | 80 |", "| 20.9M | 80 | 3 |")],
        [("malformed-table", "| Keystone | 20.9M")],
    ),
    "row cut off by a blank line": Fault(
        "onyx-zoo/README.md",
        [("|Onyx-50-int8|", "\n|Onyx-50-int8|")],
        [("malformed-table", "|Onyx-50-int8|")],
    ),
    "no dashes": Fault(
        "odds-and-ends/tables.md",
        [("| Classes | Size |\n|---|---|---|---|\n", "| Classes | Size |\n")],
        [("malformed-table", "| Dataset")],
    ),
    "a heading twice": Fault(
        KEYSTONE,
        [("| Top-5 Accuracy |", "| Top-1 Accuracy |")],
        [("duplicate-column", "| Model | Size (MB)")],
    ),
    "broken image": Fault(
        PETAL, [("petal_curve.png", "petal_curves.png")], [("broken-image", "![Accuracy")]
    ),
    "image spelt otherwise": Fault(
        PETAL, [("petal_curve.png", "Petal_Curve.png")], [("broken-image", "![Accuracy")]
    ),
    "no alternative text": Fault(
        PETAL_ZH, [("![PetalNet 的精度与延时]", "![]")], [("empty-alt", "![]")]
    ),
    "unknown rule in a comment": Fault(
        LANTERN,
        [("## Video\n", "## Video\n\n<!-- inprof-lint: ignore flops-dubble -->\n")],
        [("unknown-ignore", "<!-- inprof-lint")],
    ),
    "comment that ignores nothing": Fault(
        LANTERN,
        [("## Video\n", "## Video\n\n<!-- inprof-lint: ignore flops-double -->\n")],
        [("unused-ignore", "<!-- inprof-lint")],
    ),
}


@cache
def texts(zoo: str) -> dict[str, str]:
    pages = sorted((CORPUS / zoo).rglob("*.md"))
    return {path.relative_to(CORPUS).as_posix(): path.read_text("utf-8") for path in pages}


def found_in(pages: Sequence[Page]):
    there = {path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*")}
    alike = {path.lower(): path for path in there}
    return lint(pages, selection(Config()), lambda path: alike.get(path.lower())).reported


def said(reported) -> list[str]:
    return [
        f"{each.finding.place.path}:{each.finding.place.line} {each.finding.rule}"
        f" {dict(each.finding.evidence)}"
        for each in reported
    ]


@pytest.mark.parametrize("zoo", ZOOS)
def test_nothing_is_reported_of_a_clean_zoo(zoo):
    pages = [read_page(path, text) for path, text in texts(zoo).items()]
    assert sum(len(page.tables) for page in pages) > 0
    assert said(found_in(pages)) == []


def test_nothing_is_reported_of_all_zoos_together():
    pages = [read_page(path, text) for zoo in ZOOS for path, text in texts(zoo).items()]
    assert said(found_in(pages)) == []


def test_line_ends_and_a_byte_order_mark_make_no_difference():
    pages = [
        read_page(path, "\ufeff" + text.replace("\n", "\r\n"))
        for zoo in ZOOS
        for path, text in texts(zoo).items()
    ]
    assert said(found_in(pages)) == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_seeded_fault_is_found_at_its_line_and_nothing_else(fault):
    zoo = dict(texts(fault.page.partition("/")[0]))
    for old, new in fault.replaced:
        assert zoo[fault.page].count(old) == 1, old
        zoo[fault.page] = zoo[fault.page].replace(old, new)
    reported = found_in([read_page(path, text) for path, text in zoo.items()])
    assert sorted(each.finding.rule for each in reported) == sorted(
        rule for rule, _ in fault.found
    ), said(reported)
    lines = zoo[fault.page].split("\n")
    for rule, start in fault.found:
        wanted = {number for number, line in enumerate(lines, 1) if line.startswith(start)}
        for finding in (each.finding for each in reported if each.finding.rule == rule):
            places = {finding.place, *finding.others}
            at = {place.line for place in places if place.path == fault.page}
            assert wanted & at, (start, said(reported))


def test_every_rule_but_that_of_unreadable_files_has_a_seeded_fault():
    seeded = {rule for fault in FAULTS.values() for rule, _ in fault.found}
    assert seeded == every_rule().keys() - {"unreadable-page"}
