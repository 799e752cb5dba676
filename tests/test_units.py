"""Numbers as text."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler import units

settings_here = settings(max_examples=200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (units.integer(1234567), "1,234,567"),
        (units.integer(-1234), "-1,234"),
        (units.milliseconds(0.00004), "0.0000"),
        (units.milliseconds(0.08), "0.0800"),
        (units.milliseconds(1.25), "1.250"),
        (units.milliseconds(9.9996), "10.00"),
        (units.milliseconds(31.25), "31.25"),
        (units.milliseconds(1234.5), "1,234"),
        (units.images_per_s(429.04), "429.0"),
        (units.images_per_s(25612.3), "25,612"),
        (units.span((3, 3)), "3"),
        (units.span((2, 3)), "2–3"),
        (units.scaled(0), "0"),
        (units.scaled(999), "999"),
        (units.scaled(1000), "1.00 k"),
        (units.scaled(2863112704), "2.86 G"),
        (units.scaled(-96000), "-96.00 k"),
        (units.scaled(1_500_000, 0), "2 M"),
        # 999.995 k rounds to a thousand k: the next unit
        (units.scaled(999_994), "999.99 k"),
        (units.scaled(999_995), "1.00 M"),
        (units.scaled(999_995_000), "1.00 G"),
        (units.scaled(5 * 10**15), "5000.00 T"),
        (units.fixed(1, 3, 3), "0.333"),
        (units.fixed(-1, 1000, 2), "-0.00"),
        # ties go to the even digit: 2.885 and 2.875 (exact quotients)
        (units.fixed(2885, 1000, 2), "2.88"),
        (units.fixed(2875, 1000, 2), "2.88"),
        (units.as_published(2_876_311_024, 10**9), "2.880"),
        (units.as_published(8_459_000, 10**6), "8.460"),
        (units.byte_size(0), "0 B"),
        (units.byte_size(1023), "1023 B"),
        (units.byte_size(1024), "1.00 KiB"),
        (units.byte_size(27965088), "26.67 MiB"),
        (units.byte_size(2**20 - 1), "1.00 MiB"),
        (units.byte_size(3 * 2**30), "3.00 GiB"),
        (units.fine_percent(0.0000821), "+0.00821%"),
        (units.fine_percent(-0.6287), "−62.9%"),
        (units.fine_percent(-1), "−100%"),
        (units.fine_percent(0.00001), "+0.001%"),
        (units.fine_percent(0.0000000699), "+<0.001%"),
        (units.fine_percent(-0.0000000699), "−<0.001%"),
        (units.giga_rate(32019.929e9), "32,020"),
        (units.giga_rate(4.5678e9), "4.568"),
        (units.fine_percent(0), "0%"),
        (units.shape((1, 64, 112, 112)), "1x64x112x112"),
        (units.shape(()), "scalar"),
        (units.significant(25.88778), "25.89"),
        (units.significant(0), "0"),
        (units.significant(0.00012345), "0.0001234"),
        (units.significant(1500.0), "1500"),
        (units.significant(9.9996), "10"),
        (units.significant(123456.0), "123456"),
        (units.significant(2.5), "2.5"),
    ],
)
def test_examples(text, expected):
    assert text == expected


@pytest.mark.parametrize(
    ("hint", "value", "text"),
    [
        ("integer", 1234, "1,234"),
        ("giga", 2_863_112_704, "2.863"),
        ("mega", 6_624_904, "6.625"),
        ("kilo", 1500, "1.500"),
        ("giga_as_published", 2_876_311_024, "2.880"),
        ("mega_as_published", 8_459_000, "8.460"),
        ("bytes", 2048, "2.00 KiB"),
        ("ratio", 0.125, "0.12"),
        ("share", 0.0625, "6.2%"),
        ("share", -0.0958, "−9.6%"),
        ("scaled", 2863112704, "2.86 G"),
        ("fine_difference", 0.00043, "+0.043%"),
    ],
)
def test_by_hint(hint, value, text):
    assert units.by_hint(value, hint) == text


def test_no_other_hint_is_taken():
    with pytest.raises(KeyError):
        units.by_hint(1, "furlongs")


@settings_here
@given(st.integers(-(10**15) + 10**10, 10**15 - 10**10))
def test_a_scaled_number_is_near_and_below_a_thousand(value):
    number, _, suffix = units.scaled(value).partition(" ")
    factor = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}[suffix]
    assert abs(Fraction(number)) < 1000
    assert abs(Fraction(number) * factor - value) <= Fraction(factor, 200)
    assert not suffix or abs(Fraction(number)) >= 1


@settings_here
@given(st.integers(0, 2**40 - 2**30))
def test_a_byte_size_is_near_and_below_1024(value):
    number, _, suffix = units.byte_size(value).partition(" ")
    factor = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[suffix]
    assert Fraction(number) < 1024
    assert abs(Fraction(number) * factor - value) <= Fraction(factor, 200)


@settings_here
@given(st.integers(-(10**15), 10**15), st.sampled_from([10**3, 10**6, 10**9]), st.integers(0, 4))
def test_fixed_rounds_half_to_even_on_the_exact_quotient(value, factor, places):
    exact = Fraction(value * 10**places, factor)
    assert Decimal(units.fixed(value, factor, places)).scaleb(places) == round(exact)


@settings_here
@given(st.floats(1e-6, 1e9), st.integers(1, 6))
def test_significant_digits(value, digits):
    text = units.significant(value, digits)
    assert "e" not in text.lower()
    assert "." not in text or not text.endswith("0")
    # below the point no more digits than asked for; above it none is dropped
    assert abs(Fraction(text) / Fraction(value) - 1) <= Fraction(1, 2 * 10 ** (digits - 1))
