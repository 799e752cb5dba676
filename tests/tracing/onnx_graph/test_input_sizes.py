"""Which sizes a graph is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.records import OWN_SIZE, Input
from profiler.tracing.onnx_graph.input_sizes import Declared, input_sizes

IMAGE = Declared("x", ("batch", 3, "height", "width"), True)
FIXED = Declared("x", (1, 3, 224, 224), True)
TOKENS = Declared("ids", ("batch", "length"), False)
MASK = Declared("mask", ("batch", "length"), False)


@pytest.mark.parametrize(
    ("declared", "settings", "shape"),
    [
        (IMAGE, {"crop_size": 32}, (1, 3, 32, 32)),
        (IMAGE, {"crop_size": 32, "batch_size": 4}, (4, 3, 32, 32)),
        (IMAGE, {"inputs": [Input((2, 3, 8, 9))]}, (2, 3, 8, 9)),
        (IMAGE, {"inputs": [Input((2, 3, 8, 9), name="x")], "batch_size": 7}, (2, 3, 8, 9)),
        (FIXED, {}, (1, 3, 224, 224)),
        (FIXED, {"batch_size": 8}, (8, 3, 224, 224)),
        (FIXED, {"crop_size": 64}, (1, 3, 64, 64)),
        (FIXED, {"inputs": [Input((1, 3, 64, 32))]}, (1, 3, 64, 32)),
        (FIXED, {"inputs": [Input((2, 3, OWN_SIZE, OWN_SIZE))]}, (2, 3, 224, 224)),
        # a batch that the file fixes stands where none is asked for
        (Declared("x", (4, 3, 8, 8), True), {}, (4, 3, 8, 8)),
        # channels last
        (Declared("x", ("", 8, 8, 3), True), {"crop_size": 5}, (1, 5, 5, 3)),
        # the batch is not where it usually is
        (Declared("x", (5, "batch_size", 8), True), {"batch_size": 3}, (5, 3, 8)),
        (Declared("x", (), True), {"batch_size": 3}, ()),
        (Declared("x", None, True), {"inputs": [Input((2, 3))]}, (2, 3)),
    ],
)
def test_one_input(declared, settings, shape):
    assert input_sizes([declared], **settings).shapes == {"x": shape}


def test_a_name_is_one_size():
    sizes = input_sizes([TOKENS, MASK], [Input((2, 12), name="mask")])
    assert sizes.shapes == {"ids": (2, 12), "mask": (2, 12)}
    assert sizes.named == {"batch": 2, "length": 12}
    assert not sizes.overridden


@pytest.mark.parametrize(
    ("declared", "settings", "message"),
    [
        ([IMAGE], {}, r"\[batch, 3, height, width\]: dimension 'height' is left open; .*--size"),
        ([TOKENS], {}, r"dimension 'length' is left open; give it by --input.* ids=1x16"),
        ([Declared("x", (1, ""), True)], {}, "dimension 1 is left open"),
        ([Declared("x", ("seq", "batch", 8), True)], {}, "dimension 'seq' is left open"),
        ([Declared("x", None, True)], {}, "does not say how many sizes"),
        ([TOKENS], {"crop_size": 8, "batch_size": 2}, "left open"),
        ([Declared("x", (1, 5), True)], {"crop_size": 8}, "the model takes none: x"),
        ([IMAGE], {"inputs": [Input((1, 3))]}, "1x3 has 2 sizes"),
        ([IMAGE], {"inputs": [Input((1, 3, 4, 4), name="z")]}, "no input 'z': choose from x"),
        ([IMAGE], {"inputs": [Input((1, 3, 4, 4))] * 2}, "2 inputs are given .* takes 1"),
        ([IMAGE], {"inputs": [Input((1, 3, 4, 4), kind="tokens")]}, "not tokens"),
        (
            [TOKENS, MASK],
            {"inputs": [Input((1, 12)), Input((1, 13))]},
            "dimension 'length' can't be 12 in input 'ids' and 13 in 'mask'",
        ),
    ],
)
def test_what_is_wrong(declared, settings, message):
    with pytest.raises(UsageError, match=message):
        input_sizes(declared, **settings)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 9))
def test_what_is_spelt_out_stands(shape, batch_size):
    declared = Declared("x", tuple(f"d{at}" for at in range(len(shape))), True)
    sizes = input_sizes([declared], [Input(tuple(shape))], batch_size)
    assert sizes.shapes == {"x": tuple(shape)}
    assert sizes.named == {f"d{at}": size for at, size in enumerate(shape)}
