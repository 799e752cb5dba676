"""A count: totals in words; as JSON the keys that were promised, exact integers, nothing else."""

import json

from profiler.records import (
    Counts,
    Facts,
    LayerCounts,
    Totals,
    Uncounted,
)
from profiler.render.renderers import render
from profiler.report.documents.count import count_document
from profiler.report.tables.layers import COLUMNS

BIG = 2**61 + 1  # no float holds it


def counts(**changed):
    row = LayerCounts(
        path='a"|<b>\n', kind="conv", input_shape=(1, 3, 4, 4), output_shape=(1, 2, 4, 4),
        params=54, trainable_params=50, macs=BIG, flops=2 * BIG, activations=32, bytes_moved=400,
        calls=3,
    )  # fmt: skip
    fields = {
        "model": "net", "input_shapes": {"0": (1, 3, 4, 4)}, "variant": "train",
        "convention": "flops", "precision": "fp16", "grouping": "op", "layers": (row,),
        "totals": Totals(54, 50, BIG, 2 * BIG, 32, 400, 108, 77),
        "uncounted": (Uncounted("torch.fft.fft", "fft", "x", 2),),
    }  # fmt: skip
    return Counts(**fields | changed)


def counts_json(counted, more=False):
    columns = {"columns": tuple(COLUMNS)} if more else {}
    return render(count_document(counted, **columns), "json")


def test_one_model_has_the_promised_keys_and_no_more():
    found = json.loads(counts_json([counts()]))
    assert found == {
        "model": "net",
        "input_shape": [1, 3, 4, 4],
        "variant": "train",
        "convention": "flops",
        "totals": {"params": 54, "macs": BIG, "flops": 2 * BIG, "activations": 32},
        "layers": [
            {
                "path": 'a"|<b>\n', "kind": "conv", "input_shape": [1, 3, 4, 4],
                "output_shape": [1, 2, 4, 4], "params": 54, "macs": BIG, "flops": 2 * BIG,
                "activations": 32,
            }
        ],
        "uncounted": [{"function": "torch.fft.fft", "kind": "fft", "path": "x", "calls": 2}],
    }  # fmt: skip


def test_more_of_a_model():
    found = json.loads(counts_json([counts()], more=True))
    assert found == {
        "model": "net",
        "input_shape": [1, 3, 4, 4],
        "variant": "train",
        "convention": "flops",
        "precision": "fp16",
        "by": "op",
        "totals": {
            "params": 54, "macs": BIG, "flops": 2 * BIG, "activations": 32,
            "trainable_params": 50, "bytes_moved": 400, "weight_bytes": 108,
            "peak_activation_bytes": 77,
        },
        "layers": [
            {
                "path": 'a"|<b>\n', "kind": "conv", "input_shape": [1, 3, 4, 4],
                "output_shape": [1, 2, 4, 4], "params": 54, "macs": BIG, "flops": 2 * BIG,
                "activations": 32, "trainable_params": 50, "bytes_moved": 400, "calls": 3,
            }
        ],
        "uncounted": [{"function": "torch.fft.fft", "kind": "fft", "path": "x", "calls": 2}],
    }  # fmt: skip


def test_several_models_are_a_list():
    found = json.loads(counts_json([counts(), counts(model="other")]))
    assert [each["model"] for each in found] == ["net", "other"]


def test_several_inputs_are_all_named():
    found = json.loads(counts_json([counts(input_shapes={"x": (1, 3), "y": (2,)})]))
    assert found["input_shape"] == [1, 3]
    assert found["input_shapes"] == {"x": [1, 3], "y": [2]}


def test_nothing_is_still_valid():
    found = json.loads(counts_json([counts(input_shapes={}, layers=(), uncounted=())]))
    assert (found["input_shape"], found["layers"], found["uncounted"]) == ([], [], [])


def test_the_text_ends_in_one_line_feed_and_repeats():
    text = counts_json([counts()])
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    assert text == counts_json([counts()])


def facts_of(counted):
    (block,) = (each for each in count_document([counted]).blocks if isinstance(each, Facts))
    return dict(block.facts)


def test_totals_are_said_rounded_and_with_what_they_are_stated_at():
    totals = Totals(1054, 1054, 1_500_000, 3_000_000, 64, 800, 4216, 3 * 2**20)
    assert facts_of(counts(totals=totals)) == {
        "parameters": "1.05 k",
        "MACs": "1.50 M",
        "FLOPs": "3.00 M (flops)",
        "activations": "64",
        "weights": "4.12 KiB at fp16",
        "peak live activations": "3.00 MiB at fp16",
    }


def test_frozen_parameters_are_said_where_there_are_any():
    assert list(facts_of(counts()).items())[:2] == [("parameters", "54"), ("frozen", "4")]
