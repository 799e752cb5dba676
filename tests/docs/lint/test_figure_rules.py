"""Rules on figures: every seeded fault at its line, and nothing on the clean twin."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.docs.lint.config import every_rule
from profiler.docs.lint.finding import findings
from profiler.docs.lint.reading import read_page

FIGURE_RULES = [
    "flops-double",
    "flops-are-macs",
    "flops-thousandfold",
    "flops-differ",
    "params-differ",
    "count-implausible",
    "accuracy-differ",
    "accuracy-implausible",
    "input-size-differ",
    "latency-differ",
    "latency-implausible",
    "rows-swapped",
    "translation-differs",
    "model-missing",
]
DATA = Path(__file__).parents[2] / "data"

FAMILY = """# Nets

## Accuracy

| Model | Top1 | Top5 | Reference<br>top1 | FLOPs<br>(G) | Params<br>(M) |
|:--|:--:|:--:|--|--|--|
| Net_a | 0.707 | 0.897 | 0.698 | 2.88 | 8.46 |
| Net_b | 0.793 | 0.945 | 0.79 | 16.74 | 22.69 |
| Net<br>_c | 0.796 | 0.944 | - | 18.16 | 26.73 |
| Net_d | 0.810 | 0.955 | | 25.95 | 35.48 |
| Net_e | 0.803 | 0.945 | | 27.37 | 39.52 |

## Speed on V100

| Model | Crop Size | FP32<br>bs=1<br>(ms) | FP32<br>bs=4<br>(ms) | FP16<br>bs=1<br>(ms) |
|--|--|--|--|--|
| Net_a | 224 | 1.807 | 3.1 | 1.4 |
| Net_b | 299 | 3.972 | 8.1 | 2.9 |
| Net_<br>c | 299 | 4.408 | 8.8 | 2.8 |
| Net_d | 299 | 6.174 | 13.9 | 4.3 |
| Net_e | 299 | 6.464 | 14.2 | 4.1 |

## Speed on T4

| Model | Crop Size | FP32<br>bs=1<br>(ms) | FP16<br>bs=1<br>(ms) |
|--|--|--|--|
| Net_a | 224 | 2.9 | 1.9 |
| Net_b | 299 | 5.9 | 3.9 |
| Net_c | 299 | 6.4 | 3.8 |
| Net_d | 299 | 9.1 | 5.3 |
| Net_e | 299 | 9.4 | 5.1 |
"""

# the same figures in other units, digits, order and words
LIST = """# 模型库

| 网络 | top-1 准确率(%) | 参数量 | 计算量(M) | V100 FP32 bs=1 (ms) |
|--|--|--|--|--|
| net-b | 79.3 | 22.7M | 16740 | 3.97 |
| net-a | 70.7 | 8.46M | 2880 | 1.81 |
| **net-c** | 79.6 | 26.7M | 18160 | 4.41 |
| net-e | 80.3 | 39.52M | 27,370 | 6.464 |
| [net-d](d.md) | 81.0 | 35.48M | 25950 | 6.17 |
"""

HTML = """<table>
<tr><td>Models</td><td>Top1</td><td>GFLOPs</td></tr>
<tr><td>Net_a</td><td>70.7</td><td>2.9</td></tr>
<tr><td>Net_b</td><td>79.3</td>
<td>16.7</td></tr>
<tr><td>Net_c</td><td>79.6</td><td>18.2</td></tr>
</table>
"""

ZOO = {"family.md": FAMILY, "list.md": LIST, "html.md": HTML}


def found(pages, ids=FIGURE_RULES):
    every_rule()
    read = [read_page(path, text) for path, text in pages.items()]
    return [(each.rule, each.place.path, each.place.line) for each in findings(read, ids)]


def seeded(path, before, after, pages=ZOO):
    """The pages with a fault, and the line that it is in."""
    text = pages[path]
    assert text.count(before) == 1, before
    changed = text.replace(before, after)
    return {**pages, path: changed}, text[: text.index(before)].count("\n") + 1


def test_every_figure_rule_is_one_of_the_lint():
    assert set(FIGURE_RULES) <= set(every_rule())


def test_nothing_on_clean_pages():
    assert found(ZOO) == []


@pytest.mark.parametrize(
    ("rule", "path", "before", "after"),
    [
        ("flops-double", "list.md", "16740", "33480"),
        ("flops-double", "html.md", "16.7", "8.4"),
        ("flops-thousandfold", "list.md", "| 2880 |", "| 2.88 |"),
        ("flops-thousandfold", "list.md", "26.7M", "26.7K"),
        ("flops-differ", "list.md", "18160", "18660"),
        ("params-differ", "list.md", "35.48M", "35.84M"),
        ("count-implausible", "family.md", "| 2.88 |", "| 0.00 |"),
        ("count-implausible", "list.md", "39.52M", "-39.52M"),
        ("accuracy-differ", "list.md", "| 81.0 |", "| 80.1 |"),
        ("accuracy-differ", "html.md", ">79.6<", ">76.9<"),
        ("accuracy-implausible", "family.md", "| 0.897 |", "| 0.697 |"),
        ("accuracy-implausible", "family.md", "| 0.955 |", "| 95.5 |"),
        ("input-size-differ", "family.md", "| Net_a | 224 | 2.9 |", "| Net_a | 299 | 2.9 |"),
        ("latency-differ", "list.md", "| 4.41 |", "| 4.91 |"),
        ("latency-implausible", "family.md", "| 13.9 |", "| 3.9 |"),
        ("latency-implausible", "family.md", "| 3.9 |", "| 13.9 |"),
        ("latency-implausible", "family.md", "| 1.9 |", "| 0.0 |"),
        # 16.74 GFLOPs in 0.059 ms are 284 TFLOP/s, the T4's FP16 peak being 65
        ("latency-implausible", "family.md", "| 3.9 |", "| 0.059 |"),
        ("model-missing", "family.md", "| Net_d | 299 | 9.1 | 5.3 |\n", ""),
    ],
)
def test_a_fault_is_found_where_it_is(rule, path, before, after):
    pages, line = seeded(path, before, after)
    if rule == "model-missing":
        line = pages[path][: pages[path].rindex("| Model |")].count("\n") + 1
    assert found(pages) == [(rule, path, line)]


def test_a_column_that_is_doubled_is_one_finding():
    text = LIST
    for before, after in (
        ("16740", "33480"), ("2880", "5760"), ("18160", "36320"), ("27,370", "54740"),
        ("25950", "51900"),
    ):  # fmt: skip
        text = text.replace(before, after)
    assert found({**ZOO, "list.md": text}) == [("flops-double", "list.md", 5)]


@pytest.mark.parametrize(
    ("flops", "rule"),
    [
        # 2 x 16740 is 33480; tools count a few per cent beside multiply-accumulates: 2.5 % more
        ("34317", "flops-double"),
        ("32643", "flops-double"),
        # 4.5 % more or less than twice is another figure
        ("34987", "flops-differ"),
        ("31973", "flops-differ"),
    ],
)
def test_twice_is_twice_within_a_few_per_cent(flops, rule):
    pages, line = seeded("list.md", "16740", flops)
    assert found(pages) == [(rule, "list.md", line)]


def test_a_tenth_of_a_point_is_let_pass_until_two_accuracies_agree():
    heading = "| Model | Top1 (%) |\n|--|--|\n"
    first = f"{heading}| Net_a | 70.71 |\n| Net_b | 79.30 |\n"
    second = f"{heading}| Net_a | 70.71 |\n| Net_b | 79.38 |\n"
    assert found({"first.md": first, "second.md": second}) == []
    # Net_a and Net_c agree to the last digit: the tables are copies of one evaluation
    pages = {"first.md": f"{first}| Net_c | 81.04 |\n", "second.md": f"{second}| Net_c | 81.04 |\n"}
    assert found(pages) == [("accuracy-differ", "second.md", 4)]


def test_a_figure_is_held_against_more_than_the_first_that_may_contradict_it():
    table = "| Model | Params(M) |\n|--|--|\n| Net_a | 8.46 |\n"
    pages = {
        "a.md": f"## 224x224\n\n{table}",
        "b.md": table,
        # not of the size of a.md, so that only b.md, which states none, contradicts it
        "c.md": f"## 299x299\n\n{table.replace('8.46', '8.64')}",
    }
    assert found(pages) == [("params-differ", "c.md", 5)]


def test_a_size_is_held_against_more_than_the_first_table():
    heading = "| Model | Crop Size |\n|--|--|\n"
    rows = "| Net_b | 299 |\n| Net_c | 299 |\n"
    # the tables of b.md have two other sizes in common, that of a.md has none with them
    pages = {
        "a.md": f"{heading}| Net_a | 224 |\n",
        "b.md": f"{heading}| Net_a | 224 |\n{rows}\n{heading}| Net_a | 299 |\n{rows}",
    }
    assert found(pages) == [("input-size-differ", "b.md", 9)]


def test_flops_that_another_table_calls_macs():
    # html.md says GFLOPs; list.md leaves open what it counts
    pages, _ = seeded("family.md", "FLOPs<br>(G)", "MACs<br>(G)")
    assert found(pages) == [("flops-are-macs", "html.md", 3)]
    halves = {"2.88": "1.44", "16.74": "8.37", "18.16": "9.08", "25.95": "12.98", "27.37": "13.68"}
    text = pages["family.md"]
    for figure, half in halves.items():
        text = text.replace(f"| {figure} |", f"| {half} |")
    assert found({"family.md": text, "html.md": HTML}) == []


def test_swapped_rows_are_one_finding_at_the_upper_one():
    swapped = LIST.replace("net-b", "net-x").replace("net-a", "net-b").replace("net-x", "net-a")
    assert found({**ZOO, "list.md": swapped}) == [("rows-swapped", "list.md", 5)]


def test_a_translation_with_another_number():
    chinese = (
        FAMILY.replace("Model", "模型").replace("Params", "参数量").replace("Speed on", "速度")
    )
    pages = {"docs/en/nets.md": FAMILY, "docs/zh_CN/nets.md": chinese}
    assert found(pages) == []
    line = FAMILY[: FAMILY.index("| 3.972 |")].count("\n") + 1
    pages["docs/zh_CN/nets.md"] = chinese.replace("| 3.972 |", "| 3.792 |")
    assert found(pages) == [("translation-differs", "docs/zh_CN/nets.md", line)]
    swapped = chinese.replace("3.972", "x").replace("4.408", "3.972").replace("x", "4.408")
    pages["docs/zh_CN/nets.md"] = swapped
    assert [rule for rule, *_ in found(pages)] == ["rows-swapped"]


@pytest.mark.parametrize(
    "names", ["README.md README_cn.md", "README_en.md README_zh-CN.md", "en/a.md zh/a.md"]
)
def test_names_of_translations(names):
    first, second = names.split()
    pages = {first: HTML, second: HTML.replace("18.2", "12.8")}
    assert found(pages) == [("translation-differs", second, 6)]


@pytest.mark.parametrize(
    "other",
    [
        # another metric, regime, part, size, hardware, footnote: each explains the difference
        LIST.replace("top-1 准确率(%)", "参考 top-1 准确率(%)")
        .replace("81.0", "80.1")
        .replace("70.7", "69.8"),
        LIST.replace("# 模型库", "# 量化模型").replace("81.0", "80.1"),
        LIST.replace("网络", "Backbone").replace("25950", "26950"),
        LIST.replace("计算量(M)", "计算量(M) 320x320").replace("V100", "A100").replace(
            "16740", "19000"
        ).replace("# 模型库", "# 224x224"),
        LIST.replace("V100", "P40").replace("4.41", "5.41"),
        LIST.replace("81.0", "80.1*"),
        LIST.replace("计算量(M)", "MACs(M)").replace("16740", "8370").replace("2880", "1440")
        .replace("18160", "9080").replace("27,370", "13,685").replace("25950", "12975"),
        LIST.replace("net-d", "net-d-ssld").replace("81.0", "83.0"),
        LIST.replace("81.0", "-").replace("25950", "N/A"),
        LIST.replace("81.0", "81.04"),
        # a figure that two tables agree in nowhere is another measurement
        LIST.replace("3.97", "2.97").replace("1.81", "1.21").replace("4.41", "3.41").replace(
            "6.464", "5.1"
        ).replace("6.17", "4.9"),
    ],
)  # fmt: skip
def test_what_explains_a_difference(other):
    sized = FAMILY.replace("FLOPs<br>(G)", "FLOPs<br>(G) 299x299") if "320" in other else FAMILY
    assert found({"family.md": sized, "list.md": other}) == []


def test_rows_that_a_column_tells_apart_are_not_compared():
    rows = "| Net_a | 90 | 70.1 |\n| Net_a | 300 | 72.9 |\n"
    epochs = f"| Model | Epochs | Top-1 |\n|--|--|--|\n{rows}"
    assert found({"family.md": FAMILY, "epochs.md": epochs}) == []


def test_times_of_one_image_may_fall_with_the_batch():
    table = (
        "| Model | bs=1 (ms) | bs=8 (ms) |\n|--|--|--|\n| a1 | 7.1 | 2.0 |\n| b1 | 9.1 | 2.9 |\n"
    )
    assert found({"a.md": table}) == []


def test_error_rates_under_the_names_of_accuracies():
    table = "| Model | Top1 | Top5 |\n|--|--|--|\n| a1 | 38.5 | 16.6 |\n| b1 | 29.9 | 10.4 |\n"
    assert found({"a.md": table}) == []


def test_the_published_pages_have_the_faults_that_are_known():
    pages = {path.name: path.read_text("utf-8") for path in sorted(DATA.glob("tables_*.md"))}
    assert found(pages) == [
        # GoogLeNet at 224 pixels on the V100 and at 299 on the T4, and so before the crop
        ("input-size-differ", "tables_en.md", 30),
        # batches of four that are faster than single images
        ("latency-implausible", "tables_zh_CN.md", 20),
        ("latency-implausible", "tables_zh_CN.md", 21),
        # no InceptionV3 on the V100
        ("model-missing", "tables_en.md", 16),
    ]


def test_the_project_has_nothing_to_report_on_its_own_pages():
    root = Path(__file__).parents[3]
    paths = [root / "README.md", *sorted((root / "site" / "pages").glob("*.md"))]
    assert found({path.as_posix(): path.read_text("utf-8") for path in paths}) == []


CELL = st.sampled_from(
    ["Net_a", "Net_b", "1", "0.5", "-1", "0", "224", "99%", "3.1G", "", "1e9", "½"]
)
HEADING = st.sampled_from(
    [
        "Model",
        "FLOPs (G)",
        "Params",
        "Top1",
        "Top5",
        "FP16 bs=4 (ms)",
        "bs=1 (ms)",
        "size",
        "crop",
        "速度 T4",
    ]
)


@given(st.data())
def test_rules_stand_any_table(data):
    pages = {}
    for path in ("a_en.md", "a_cn.md", "b.md"):
        lines = ["# on V100", ""]
        for _ in range(data.draw(st.integers(0, 2))):
            width = data.draw(st.integers(1, 4))
            lines.append(
                "|".join(["", *data.draw(st.lists(HEADING, min_size=width, max_size=width)), ""])
            )
            lines.append("|" + "--|" * width)
            for row in data.draw(st.lists(st.lists(CELL, max_size=5), max_size=5)):
                lines.append("|" + "".join(f"{cell}|" for cell in row))
            lines.append("")
        pages[path] = "\n".join(lines)
    for _, path, line in found(pages):
        assert 1 <= line <= pages[path].count("\n") + 1


def test_pages_that_agree_in_nothing_are_left_alone():
    heading = "| Model | Params(M) |\n|--|--|\n"
    pages = {
        f"{page}.md": heading
        + "".join(f"| Net{row} | {row + page * 1000}.5 |\n" for row in range(40))
        for page in range(20)
    }
    assert found(pages) == []
