"""Arguments of builders as text: what they say, and that records give back what was said."""

import ast
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.models.arguments import (
    argument_texts,
    argument_values,
    built_with,
    parse_arguments,
)

ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary() | st.just(...) | st.complex_numbers(allow_nan=False, allow_infinity=False)
)  # fmt: skip
KEYS = st.none() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
LITERALS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS, inner)
        | st.sets(st.text())
    ),
    max_leaves=8,
)


@given(LITERALS)
@example(-0j)
@example(complex(1, -0.0))
@example(complex(-0.0, 2))
def test_a_value_comes_back_from_its_text(value):
    texts = argument_texts({"x": value})
    again = argument_values(texts)
    assert (again["x"], type(again["x"])) == (value, type(value))
    assert argument_texts(again) == texts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2), ("0x10", 16), ("2.", 2.0), ("True", True), ("None", None), ("(1,)", (1,)),
        ("[1, 'a']", [1, "a"]), ("gelu", "gelu"), ("", ""), ("a=b", "a=b"), ("'2'", "2"),
        ("1e999", math.inf), ("inf", "inf"), ("1 +", "1 +"), ("f(2)", "f(2)"),
    ],
)  # fmt: skip
def test_a_literal_or_the_word_itself(text, value):
    found = parse_arguments([f"x={text}"])["x"]
    assert (found, type(found)) == (value, type(value))
    assert argument_values(argument_texts({"x": found})) == {"x": value}


def test_what_says_the_same_is_written_alike():
    one = parse_arguments(["b=0x2", "a=gelu", "c={'y', 'x'}"])
    two = parse_arguments(["c={'x','y'}", "a='gelu'", "b=2"])
    assert argument_texts(one) == argument_texts(two)
    assert list(argument_texts(one)) == ["a", "b", "c"]


def test_a_name_says_what_the_builder_was_given():
    assert built_with("n.py:net", {}) == "n.py:net"
    name = built_with("n.py:net", argument_texts({"width": 2, "mode": "plain"}))
    assert name == "n.py:net(mode='plain', width=2)"
    call = ast.parse(name.partition(":")[2], mode="eval").body
    assert isinstance(call, ast.Call)


@pytest.mark.parametrize("texts", [["width"], ["2=3"], ["=3"], ["variant=train"], ["a=1", "a=1"]])
def test_mistakes(texts):
    with pytest.raises(UsageError, match="--arg"):
        parse_arguments(texts)
