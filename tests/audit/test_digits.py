"""What printed digits can stand for."""

import pytest

from profiler.audit.counts import column_places, rounded_from


@pytest.mark.parametrize(
    ("text", "decimals", "value", "expected"),
    [
        ("2.88", 2, 2_884_999_999, True),
        ("2.88", 2, 2_885_000_000, True),  # a tie rounds up or down, by whom
        ("2.88", 2, 2_885_000_001, False),
        ("2.88", 2, 2_875_000_000, True),
        ("2.88", 2, 2_874_999_999, False),
        ("2.880", 2, 2_876_311_024, True),  # padded: rounded to hundredths
        ("2.880", 3, 2_876_311_024, False),
        ("3", 0, 2_500_000_000, True),
        ("3", 5, 2_500_000_000, True),  # printed shorter than its column
        ("0.0000001476165", 13, 148, False),  # 147.6165 to 0.0001: no integer
    ],
)
def test_rounding_to_the_printed_digits(text, decimals, value, expected):
    assert rounded_from(text, decimals, "G").holds(value) is expected


def test_a_column_of_zeros_was_padded():
    assert column_places(["2.880", "16.740", "24.570"]) == 2
    assert column_places(["2.880", "16.740", "24.571"]) == 3
    assert column_places(["2.880", "16.740"]) == 3  # may be chance
    assert column_places(["1.50", "2", "3.25"]) == 2
    assert column_places([]) == 0
