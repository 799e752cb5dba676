"""A printed figure stands for every value that rounds to it, and for no other."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler import units
from profiler.counting.identification import quoted_figure
from profiler.errors import UsageError

settings_here = settings(max_examples=200)

FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("11.46G", 11_455_000_000, 11_465_000_000),
        ("11.460G", 11_459_500_000, 11_460_500_000),
        ("11G", 10_500_000_000, 11_500_000_000),
        ("1.5B", 1_450_000_000, 1_550_000_000),
        ("0.5T", 450_000_000_000, 550_000_000_000),
        ("8.46M", 8_455_000, 8_465_000),
        ("8,458.7K", 8_458_650, 8_458_750),
        ("1,234,567", Fraction(2469133, 2), Fraction(2469135, 2)),
        ("1234567", Fraction(2469133, 2), Fraction(2469135, 2)),
        ("007", Fraction(13, 2), Fraction(15, 2)),
        ("0.25", Fraction(245, 1000), Fraction(255, 1000)),
    ],
)
def test_examples(text, low, high):
    figure = quoted_figure(text)
    assert (figure.low, figure.high) == (low, high)
    assert figure.holds(low)
    assert figure.holds(high)
    assert not figure.holds(low - Fraction(1, 10**9))
    assert not figure.holds(high + Fraction(1, 10**9))


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("11.46G", ""),
        ("11.46 g", ""),
        ("11.46 GFLOPs", "flops"),
        ("11.46G FLOP", "flops"),
        ("  11.46 gflops ", "flops"),
        ("11.46 GMACs", "macs"),
        ("11.46G params", "params"),
        ("11.46G Parameters", "params"),
    ],
)
def test_words_and_case(text, metric):
    figure = quoted_figure(text)
    assert (figure.value, figure.metric) == (11_460_000_000, metric)
    assert figure.text == text.strip()


def test_a_word_is_no_suffix():
    assert quoted_figure("5 macs").value == 5
    assert quoted_figure("5 mmacs").value == 5_000_000


@pytest.mark.parametrize(
    ("text", "unpadded"),
    [
        ("11.460G", "11.46G"),
        ("1,200.50 M params", "1,200.5 M params"),
        ("11.00G", "11G"),
        ("11.46G", ""),
        ("20G", ""),
        ("200", ""),
    ],
)
def test_zeros_at_the_end_of_the_decimals(text, unpadded):
    assert quoted_figure(text).unpadded == unpadded


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("-5G", "can't be negative"),
        ("−5G", "can't be negative"),
        ("11,46G", "the decimal point is a full stop"),
        ("12,3456", "a comma parts thousands"),
        ("1234,567", "a comma parts thousands"),
        ("0,123G", "a comma parts thousands"),
        ("1,234,56M", "a comma parts thousands"),
        ("1.2.3G", "more than one decimal point"),
        ("abc", "it has to be a number"),
        ("G", "it has to be a number"),
        ("11.46Q", "it has to be a number"),
        ("5.G", "it has to be a number"),
        (".5G", "it has to be a number"),
        ("1e9", "it has to be a number"),
        ("nan", "it has to be a number"),
        ("٣G", "it has to be a number"),
        ("5\nG", "it has to be a number"),
        ("\udc80", "it has to be a number"),
        ("0", "zero"),
        ("0.00G", "zero"),
        ("9" * 31, "too many digits"),
        ("9" * 5000, "too many digits"),
        ("0." + "9" * 5000, "too many digits"),
    ],
)
def test_what_is_no_figure_gets_a_line_that_says_why(text, why):
    with pytest.raises(UsageError) as caught:
        quoted_figure(text)
    line = str(caught.value)
    assert why in line
    assert line.endswith("for example 11.46G")
    assert len(line.splitlines()) == 1
    assert len(line) < 200
    line.encode()


#: A number of units, how many decimals they print with, the suffix: what a page prints.
PRINTS = st.tuples(st.integers(1, 10**6), st.integers(0, 4), st.sampled_from(list(FACTORS))).filter(
    lambda it: FACTORS[it[2]] >= 10 ** it[1]
)


def printed(units_printed, places, suffix):
    """The text of that many units of the last printed place, as ``units`` prints it."""
    return units.fixed(units_printed, 10**places, places) + suffix


@settings_here
@given(PRINTS, st.data())
def test_every_integer_that_rounds_to_the_print_is_inside(parts, data):
    count, places, suffix = parts
    place = FACTORS[suffix] // 10**places
    figure = quoted_figure(printed(count, places, suffix))
    assert figure.value == count * place
    value = data.draw(st.integers(max(1, (count - 2) * place), (count + 2) * place))
    rounded = units.fixed(value, FACTORS[suffix], places) + suffix
    is_tie = abs(value - figure.value) * 2 == place
    assert figure.holds(value) == (rounded == figure.text or is_tie)


@settings_here
@given(PRINTS)
def test_the_ends_are_inside_and_what_is_beyond_them_is_not(parts):
    count, places, suffix = parts
    place = FACTORS[suffix] // 10**places
    figure = quoted_figure(printed(count, places, suffix))
    last = count * place + place // 2
    first = count * place - place // 2
    assert figure.holds(first)
    assert figure.holds(last)
    assert not figure.holds(first - 1)
    assert not figure.holds(last + 1)


@settings_here
@given(st.integers(1, 10**15 - 10**10))
def test_what_a_count_prints_holds_the_count(value):
    assert quoted_figure(units.scaled(value)).holds(value)
    assert quoted_figure(units.integer(value)).value == value


@settings_here
@given(st.text(max_size=12))
def test_any_text_is_a_figure_or_one_line(text):
    lines = []
    try:
        figure = quoted_figure(text)
    except UsageError as error:
        lines = str(error).splitlines()
    assert len(lines) == 1 or 0 < figure.low < figure.value < figure.high
