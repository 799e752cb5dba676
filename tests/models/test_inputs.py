"""Inputs as they are written on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.models.arguments import input_text, parse_inputs
from profiler.records import Input

inputs = st.builds(
    Input,
    shape=st.lists(st.integers(1, 999), min_size=1, max_size=5).map(tuple),
    kind=st.sampled_from(["float", "tokens"]),
    name=st.sampled_from(["", "x", "input_ids", "größe"]),
)


def test_the_forms_of_the_help():
    assert parse_inputs(["1x3x224x224", "tokens:1x12", "x=1x3x32x32", "ids=tokens:2x7"]) == (
        Input(shape=(1, 3, 224, 224)),
        Input(shape=(1, 12), kind="tokens"),
        Input(shape=(1, 3, 32, 32), name="x"),
        Input(shape=(2, 7), kind="tokens", name="ids"),
    )


@given(inputs)
def test_what_is_written_reads_back(one):
    assert parse_inputs([input_text(one)]) == (one,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1x",
        "1x3x-4",
        "0x3",
        "1×3",
        "words:1x3",
        "1 x=1x3",
        "=1x3",
        "x==1",
        "9" * 30,
        "１x3",
    ],
)
def test_what_is_no_input_says_how_one_is_written(text):
    with pytest.raises(UsageError, match="--input") as caught:
        parse_inputs([text])
    assert "\n" not in str(caught.value)


def test_an_argument_is_given_once():
    with pytest.raises(UsageError, match="2 times"):
        parse_inputs(["x=1x3", "x=1x4"])
