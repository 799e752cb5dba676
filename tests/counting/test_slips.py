"""Figures that were printed otherwise than counted: each slip, told apart, and no more of them.

The cases are those of public threads: GFLOPs divided by 1024 three times, YOLO's twice thop's MACs
from one cell of 32 pixels scaled to 640, three quarters of a square for letterboxed images, a
profile of a whole batch, parameters that leave out the layer that classifies.
"""

import random

import pytest
from torch import nn

import profiler
from profiler.counting.conventions import convention
from profiler.counting.counts import count
from profiler.counting.identification import (
    Candidate,
    candidates,
    earlier_candidates,
    identify,
    read_quotes,
)
from profiler.counting.slips import parameter_parts
from profiler.records import Totals
from profiler.report.documents.identification import identification_document, summary


def candidate(name="flops", size=640, figure=1000, params=70, **more):
    unit = convention(name).unit
    macs, flops = (figure, 2 * figure) if unit == "macs" else (figure // 2, figure)
    totals = Totals(params, params, macs, flops, 0, 0, 0, 0)
    return Candidate(name, unit, more.pop("variant", "deploy"), size, totals, totals, **more)


def found_in(*tried, further=(), stated=(640,), **quoted):
    return identify("net", read_quotes(**quoted), tried, 640, stated=stated, further=further)


def slips(found):
    return [
        [(slip.kind, slip.detail) for slip in match.slips] for match in found.matches
    ]  # fmt: skip


def test_a_unit_of_1024():
    # 4,142,713,856 / 1024^3 = 3.8582
    found = found_in(candidate("thop", figure=4_142_713_856), flops="3.858G")
    assert slips(found) == [[("binary", None)]]
    assert found.matches[0].figures == (4_142_713_856,)
    assert "divided by 1024^3 for 1000^3" in summary(found)
    # of parameters alone: 25,557,032 / 1024^2 = 24.373
    tried = candidate(figure=8_000_000_000, params=25_557_032)
    assert slips(found_in(tried, params="24.37M")) == [[("binary", None)]]
    both = found_in(tried, flops="8.00G", params="24.37M")
    assert slips(both) == [[("binary", "params")]]
    assert not found_in(candidate(figure=4_142_713_856), flops="3.858B").matches


def test_macs_of_a_tool_doubled_into_flops():
    found = found_in(candidate("thop", figure=8_550_000_000), flops="17.1G")
    assert slips(found) == [[("doubled", None)]]
    assert "quoted as" not in summary(found)
    # beside MACs each is compared with its own
    found = found_in(candidate("thop", figure=8_550_000_000), flops="17.1G", macs="8.55G")
    assert found.matches
    assert slips(found_in(candidate("torch", figure=8_000_002), macs="4.000001M")) == [
        [("halved", None)]
    ]
    # half of FLOPs under "flops" are what "macs" counts, and no slip
    own = (candidate("flops", figure=8_000_002), candidate("macs", figure=4_000_001))
    assert slips(found_in(*own, macs="4.000001M")) == [[]]


@pytest.mark.parametrize(
    ("quoted", "slip"),
    [("137.6G", ("batch", 8)), ("2.15G", ("per_batch", 8)), ("1.10T", ("batch", 64))],
)
def test_a_batch(quoted, slip):
    # 17.2 * 8 = 137.6, 17.2 / 8 = 2.15, 17.2 * 64 = 1100.8
    assert slips(found_in(candidate(figure=17_200_000_000), flops=quoted)) == [[slip]]


def test_parameters_do_not_grow_with_the_batch():
    tried = candidate(figure=17_200_000_000, params=7_250_000)
    assert slips(found_in(tried, flops="137.6G", params="7.25M")) == [[("batch", 8)]]
    assert not found_in(tried, flops="137.6G", params="58.0M").matches


def test_a_rectangle():
    further = [candidate(size=(480, 640), figure=12_800_000_000)]
    found = found_in(candidate(figure=17_100_000_000), further=further, flops="12.80G")
    assert [match.sizes for match in found.matches] == [((480, 640),)]
    assert slips(found) == [[]]
    assert "at 480x640" in summary(found)
    # a square scaled by 480 / 640: 17.5 * 0.75 = 13.125
    found = found_in(candidate(figure=17_500_000_000), flops="13.12G")
    assert slips(found) == [[("area", (480, 640))]]


def test_a_small_image_scaled_by_area():
    # MACs of one cell of 32 pixels are taken twice, and for 20 x 20 cells
    further = [candidate("thop", size=32, figure=11_000_000)]
    tried = candidate("thop", figure=4_300_000_000)
    found = found_in(tried, further=further, flops="8.800G")
    assert slips(found) == [[("area", 640), ("doubled", None)]]
    assert found.matches[0].sizes == (32,)
    assert "scaled by area to 640x640, doubled into FLOPs" in summary(found)


def test_a_size_that_is_asked_for_is_scaled_to():
    tried = (candidate(size=224, figure=1_000_000_000),)
    found = identify("net", read_quotes(flops="1.306G"), tried, 224, stated=(256,))
    assert slips(found) == [[("area", 256)]]  # (256 / 224)^2 = 1.3061


def test_the_least_far_fetched_is_the_answer():
    tried = (candidate("thop", figure=1_000_000_000), candidate("flops", figure=500_500_000))
    # thop's MACs twice; half of it four times would be a batch
    assert slips(found_in(*tried, flops="2.000G")) == [[("doubled", None)]]
    # what is counted that way needs no excuse
    more = candidate("torch", figure=2_000_000_000)
    assert slips(found_in(*tried, more, flops="2.000G")) == [[]]


def test_few_digits_allow_no_far_fetched_cause():
    assert not found_in(candidate(figure=17_200_000_000), flops="140G").matches
    assert not found_in(candidate(figure=17_200_000_000), flops="2.2G").matches


def test_random_figures_are_seldom_explained():
    drawn = random.Random(5)
    tried = [candidate(name, figure=int(17.2e9 * share))
             for name, share in (("macs", 0.5), ("flops", 1), ("thop", 0.507), ("fvcore", 0.502),
                                 ("flops_all", 1.02), ("ptflops_pytorch", 0.51))]  # fmt: skip
    explained = sum(
        bool(found_in(*tried, flops=f"{10 ** drawn.uniform(-1, 3):.4g}G").matches)
        for _ in range(300)
    )
    assert explained < 15  # one in twenty


# --- parts --------------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, bias=False)  # 216
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU())  # 584
        self.fc = nn.Linear(8, 10)  # 90

    def forward(self, x):
        return self.fc(self.body(self.stem(x)).mean((2, 3)))


def test_parameters_without_a_top_level_part():
    trace = profiler.trace(Net(), (1, 3, 16, 16))
    assert parameter_parts(trace) == {"stem": 216, "body": 584, "fc": 90}
    tried = candidates(trace, "deploy", 640)
    assert slips(found_in(*tried, params="800")) == [[("without", "fc")]]
    assert slips(found_in(*tried, params="306")) == [[("without", "body")]]
    found = found_in(*tried, params="584")
    assert slips(found) == [[("only", "body")]]
    assert summary(found).endswith("the parameters of body alone; true parameters there: 890")
    assert not found_in(*tried, params="801").matches
    # beside work, which is that of the whole
    flops = count(trace).totals.flops
    assert slips(found_in(*tried, flops=str(flops), params="800")) == [[("without", "fc")]]


class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Net()

    def forward(self, x):
        return self.model(x)


def test_what_holds_everything_is_no_part():
    parts = parameter_parts(profiler.trace(Wrapped(), (1, 3, 16, 16)))
    assert parts == {"model.stem": 216, "model.body": 584, "model.fc": 90}


def test_parameters_without_the_embeddings():
    net = nn.Sequential(nn.Embedding(100, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    trace = profiler.trace(net, {"input": nn.Parameter().new_zeros(1, 3).long()})
    assert parameter_parts(trace)["embeddings"] == 400
    assert parameter_parts(profiler.trace(nn.Linear(4, 2), (1, 4)))["weight"] == 8


# --- earlier versions ---------------------------------------------------------------------------


def layers():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
        nn.BatchNorm2d(8, affine=False), nn.LeakyReLU(), nn.AvgPool2d(2), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.AdaptiveAvgPool2d((2, 2)), nn.Flatten(),
        nn.Linear(32, 10), nn.Softmax(1),
    )  # fmt: skip


def resized():
    return nn.Sequential(
        nn.ConvTranspose2d(3, 6, 4, stride=2), nn.Upsample(scale_factor=2), nn.ReLU6(),
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(6, 2, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "shape", "name", "figure"),
    [
        # read off thop 0.0.31.post2005241907 and ptflops 0.6.2
        (layers, (1, 3, 64, 64), "thop 0.0.31", 275_616),
        (resized, (1, 3, 16, 16), "thop 0.0.31", 1_819_544),
        (layers, (1, 3, 64, 64), "ptflops 0.6.2", 283_776),
        (resized, (1, 3, 16, 16), "ptflops 0.6.2", 506_072),
    ],
)
def test_rules_of_earlier_versions(model, shape, name, figure):
    trace = profiler.trace(model(), shape)
    assert count(trace, name).totals.macs == figure


def test_an_earlier_version_is_found():
    trace = profiler.trace(resized(), (1, 3, 16, 16))
    tried, earlier = (make(trace, "deploy", 640) for make in (candidates, earlier_candidates))
    found = found_in(*tried, further=earlier, macs="1,819,544")
    assert [match.conventions for match in found.matches] == [("thop 0.0.31",)]


def test_earlier_versions_are_no_conventions_to_choose():
    earlier_candidates(profiler.trace(nn.Linear(4, 2), (1, 4)), "deploy", None)
    assert not {"thop 0.0.31", "ptflops 0.6.2"} & set(profiler.counting.list_conventions())


# --- what is shown ------------------------------------------------------------------------------


def test_the_data_name_the_causes():
    document = identification_document(
        found_in(candidate("thop", figure=4_142_713_856), flops="3.858G")
    )
    (match,) = document.data["matches"]
    assert match["causes"] == [{"cause": "binary"}]
    assert match["figure"] == 4_142_713_856
