"""Values in order of first appearance, held against sets, counts and a stable sort."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from profiler.records.base import distinct, grouped

VALUES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)))


@given(VALUES)
def test_each_value_is_there_once_where_it_first_stood(values: list[tuple[str, int]]) -> None:
    once = distinct(iter(values))
    assert set(once) == set(values)
    assert max(Counter(once).values(), default=1) == 1
    assert list(once) == sorted(once, key=values.index)


@given(VALUES)
def test_groups_partition_the_values_in_their_order(values: list[tuple[str, int]]) -> None:
    groups = grouped(iter(values), lambda value: value[0])
    assert list(groups) == sorted(
        {name for name, _ in values}, key="".join(n for n, _ in values).index
    )
    together = [value for group in groups.values() for value in group]
    # a sort keeps the order of what is equal to it
    assert together == sorted(values, key=lambda value: list(groups).index(value[0]))
