"""Order and fold: the rows still add up."""

import pytest
from msgspec.structs import replace

from profiler.counting.grouping import SORT_KEYS, rank
from profiler.errors import UsageError
from profiler.records import Counts, LayerCounts, Totals

SIZES = {  # path → params, macs, flops, activations, bytes
    "b": (10, 3, 16, 40, 500),
    "a": (20, 9, 18, 30, 400),
    "d": (0, 0, -7, 30, 900),
    "c": (30, 6, 12, 10, 100),
}


def counts():
    layers = tuple(
        LayerCounts(
            path=path,
            kind="conv",
            input_shape=(1,),
            output_shape=(2,),
            params=params,
            trainable_params=params // 2,
            macs=macs,
            flops=flops,
            activations=activations,
            bytes_moved=moved,
            calls=2,
        )
        for path, (params, macs, flops, activations, moved) in SIZES.items()
    )
    return Counts(
        model="net", input_shapes={}, variant="deploy", convention="flops", precision="fp32",
        grouping="layer", layers=layers,
        totals=Totals(60, 30, 18, 39, 110, 1900, 240, 99),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("order", "badc"),
        ("path", "abcd"),
        ("params", "cabd"),
        ("macs", "acbd"),
        ("flops", "abcd"),
        ("activations", "badc"),  # a and d are equal: execution order decides
        ("bytes_moved", "dbac"),
    ],
)
def test_sorted_largest_first(sort, order):
    ranked = rank(counts(), sort)
    assert "".join(row.path for row in ranked.layers) == order
    assert ranked.totals == counts().totals


def test_every_key_is_tried():
    assert set(SORT_KEYS) == {"order", "path", *LayerCounts.__struct_fields__} - {
        "kind", "input_shape", "output_shape", "trainable_params", "calls",
    }  # fmt: skip


def test_top_of_an_order_folds_the_rest():
    ranked = rank(counts(), "params", 1)
    assert [row.path for row in ranked.layers] == ["c", "(3 more)"]
    rest = ranked.layers[1]
    # b + a + d
    assert (rest.params, rest.trainable_params, rest.frozen_params) == (30, 15, 15)
    assert (rest.macs, rest.flops) == (12, 27)
    assert (rest.activations, rest.bytes_moved, rest.calls) == (100, 1800, 6)
    assert (rest.kind, rest.input_shape, rest.output_shape) == ("rest", (), ())


def test_top_alone_keeps_the_most_flops_in_execution_order():
    assert [row.path for row in rank(counts(), top=2).layers] == ["b", "a", "(2 more)"]


@pytest.mark.parametrize("top", [4, 5, 100])
def test_nothing_is_folded_when_all_fit(top):
    assert rank(counts(), top=top) == counts()


def test_equal_rows_are_told_apart():
    twins = replace(counts(), layers=(counts().layers[0], counts().layers[0]))
    assert [row.path for row in rank(twins, top=1).layers] == ["b", "(1 more)"]


@pytest.mark.parametrize(("sort", "top"), [("size", None), ("order", 0), ("flops", -1)])
def test_impossible_arguments(sort, top):
    with pytest.raises(UsageError, match=r"choose from order, path|at least one row"):
        rank(counts(), sort, top)
