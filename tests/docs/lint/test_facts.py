"""Headings and cells → what they state."""

from fractions import Fraction

import pytest

from profiler.docs.lint.columns import column
from profiler.docs.lint.conditions import size_of, stated
from profiler.docs.lint.facts import table_facts
from profiler.docs.lint.printed_figure import printed_figure
from profiler.docs.lint.reading import read_page
from profiler.docs.lint.vocabulary import model_key


@pytest.mark.parametrize(
    ("headings", "kind", "scale"),
    [
        (
            "FLOPs\n(G)|GFLOPs|FLOPs(B)|计算量/GFLOPs|Flops (G)|FLOPs (10^9)|FLOPs（G）",
            "flops",
            10**9,
        ),
        ("FLOPs(M)|MFLOPs", "flops", 10**6),
        ("MACs(G)|Multi-Adds (G)|MAdds/G|GMACs", "macs", 10**9),
        (
            "Params(M)|#Params (M)|Parameters\n(M)|参数量（M）|Params ($\\times 10^6$)",
            "params",
            10**6,
        ),
        ("Params|# of Params|#params|参数量", "params", None),
        ("Top1|Top-1 Acc|top-1 (%)|Acc@1|Top-1 准确率|Top1 Acc(%)", "top1", None),
        ("Top5|Acc@5|Top-5 (%)", "top5", None),
        ("Accuracy|精度|准确率(%)|Acc", "accuracy", None),
        ("Latency (ms)|time(ms)|预测时间(ms)|推理耗时/ms|FP32\nBatch Size=1\n(ms)", "latency", 1),
        ("latency (us)", "latency", Fraction(1, 1000)),
        ("FPS|Throughput (img/s)|images/s", "throughput", None),
        ("Model|Models|模型名称|Network|Architecture|Backbone|Method|网络", "name", None),
        ("Crop Size|input size|Resolution|输入尺寸", "size", None),
        ("Resize Short Size", "resize", None),
        ("Top-1 err|ΔTop-1|Params / FLOPs|Training time|Download|下载地址", "ignored", None),
        ("Model Size (M)|模型大小(M)|Lr schd|mAP|Dataset|Epochs|Mem (GB)", "text", None),
    ],
)
def test_headings_in_both_languages(headings, kind, scale):
    for heading in headings.split("|"):
        read = column(heading)
        assert (read.kind, read.scale) == (kind, scale), heading


def test_what_else_a_heading_says_sets_its_figures_apart():
    assert column("Reference\ntop1").words == {"reference"}
    assert column("Latency (ms/img)").words == {"per image"}
    assert column("SD855 time(ms)\nbs=1, thread=2").words == {"thread", "2"}
    assert column("FLOPs/2").words == {"2"}
    assert not column("Acc@1 (on ImageNet-1K)").words


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("基于V100 GPU的FP16预测速度", {"hardware": "v100", "precision": "fp16"}),
        ("NVIDIA Tesla T4, batch size 8", {"hardware": "t4", "batch": "8"}),
        ("FP32<br>Batch Size=4", {"precision": "fp32", "batch": "4"}),
        ("FP32 batch size=1\\4", {"precision": "fp32"}),
        ("骁龙855, bs=1", {"hardware": "骁龙855", "batch": "1"}),
        ("3×224×224", {"size": "224x224"}),
        ("FLOPs@384", {"size": "384x384"}),
        ("FP16 and FP32 on T4 or V100", {}),
        ("ResNet50_vd", {}),
    ],
)
def test_conditions_that_a_text_states(text, conditions):
    assert stated(text) == conditions


@pytest.mark.parametrize(
    "text", ["224", "224x224", "224×224", "224*224", "3x224x224", "(3, 224, 224)"]
)
def test_one_size_in_many_spellings(text):
    assert size_of(text) == "224x224"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ResNet-50", "resnet50", True),
        ("Xception41\n_deeplab", "Xception41_\ndeeplab", True),
        ("ＲｅｓＮｅｔ５０", "ResNet 50", True),
        ("ResNeXt50_32x4d", "ResNeXt-50-32x4d", True),
        ("ResNet50_vd", "ResNet50", False),
        ("EfficientNet-B1", "EfficientNet-B11", False),
        ("x1_1", "x11", False),
        ("ViT-B/16", "ViT-B/32", False),
    ],
)
def test_names_are_one_or_not(one, other, same):
    assert (model_key(one) == model_key(other)) is same


@pytest.mark.parametrize("name", ["", "-", "Average", "baseline", "3", "ours", "平均"])
def test_what_is_no_name(name):
    assert not model_key(name)


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("4.12", "4.12", "0.01"),
        ("１．５", "1.5", "0.1"),
        ("25,557,032", "25557032", "1"),
        ("77.1%", "77.1", "0.1"),
        ("77.1 (+0.4)", "77.1", "0.1"),
        ("-3", "-3", "1"),
        (".5", "0.5", "0.1"),
    ],
)
def test_printed_figures(text, value, step):
    figure = printed_figure(text)
    assert (figure.value, figure.step) == (Fraction(value), Fraction(step))


@pytest.mark.parametrize(
    "text",
    ["", "-", "—", "N/A", "1/2", "76.5 / 93.1", "9.11（train) | 8.31", "1.5.2", "224x224", "v2"],
)
def test_what_is_no_figure(text):
    assert printed_figure(text) is None


def facts(text):
    (table,) = read_page("a.md", text).tables
    return {
        (fact.key, fact.metric): fact for fact in table_facts(read_page("a.md", text), table).facts
    }


def test_units_of_headings_and_cells():
    found = facts(
        "|Model|FLOPs|Params (K)|\n|--|--|--|\n|a1|4.1G|25|\n|b1|723 MFLOPs|-|\n|c1|7|2M|"
    )
    assert found["a1", "flops"].figure.value == 4_100_000_000
    assert found["b1", "flops"].figure.value == 723_000_000
    assert not found["c1", "flops"].has_scale
    assert found["a1", "params"].figure.value == 25_000
    assert found["c1", "params"].figure.value == 2_000_000
    assert ("b1", "params") not in found


def test_a_column_of_fractions_is_one_of_per_cent():
    found = facts("|Model|Top1|Top-5 (%)|\n|--|--|--|\n|a|0.707|0.9|\n|b|0.79|95|")
    assert found["a", "top1"].figure.value == Fraction("70.7")
    assert found["a", "top1"].figure.step == Fraction("0.1")
    assert found["a", "top5"].figure.value == Fraction("0.9")


def test_zeros_that_every_figure_ends_in_say_nothing():
    found = facts("|Model|FLOPs(G)|\n|--|--|\n|a|2.880|\n|b|16.740|\n|c|11.460|")
    assert found["a", "flops"].figure.step == 10**7


def test_conditions_come_from_title_heading_and_row():
    found = facts(
        "# Speed on V100\n\n|Backbone|size (pixels)|FP16 bs=4 (ms)|Pretrain|\n|--|--|--|--|\n"
        "|a|299|1.5|A|"
    )
    fact = found["a", "latency"]
    assert fact.conditions == {
        "hardware": "v100",
        "precision": "fp16",
        "batch": "4",
        "size": "299x299",
    }
    assert (fact.role, fact.qualifiers) == ("backbone", {"pretrain": "a"})


def test_names_broken_over_lines_are_shown_in_one():
    found = facts("|Model|Top1|\n|--|--|\n|a<br>_b|70.1|\n|c-<br>d|70.1|\n|e<br>f|70.1|")
    assert [fact.model for fact in found.values()] == ["a_b", "c-d", "e f"]
