"""Layer rows in runs of a top-level module."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from profiler.layer_groups import layer_groups
from profiler.layer_tables import layer_table
from profiler.records import Counts, LayerCounts, Totals

COLUMNS = ("path", "kind", "output_shape", "params", "flops", "share")


def layer(path: str, flops: int) -> LayerCounts:
    return LayerCounts(
        path=path, kind="conv", input_shape=(1, 2), output_shape=(1, 3), params=flops + 1,
        trainable_params=0, macs=flops // 2, flops=flops, activations=3, bytes_moved=4,
    )  # fmt: skip


def counts_of(*layers: LayerCounts) -> Counts:
    sums = {
        name: sum(getattr(row, name) for row in layers)
        for name in (
            "params", "trainable_params", "macs", "flops", "activations", "bytes_moved",
        )
    }  # fmt: skip
    return Counts(
        model="m", input_shapes={"0": (1, 2)}, variant="deploy", convention="flops",
        precision="fp32", grouping="layer", layers=layers,
        totals=Totals(**sums, weight_bytes=0, peak_activation_bytes=0),
    )  # fmt: skip


def test_runs_follow_execution_and_share_is_of_the_whole() -> None:
    counts = counts_of(layer("a.x", 10), layer("a.y", 30), layer("b", 40), layer("a.x", 20))
    groups = layer_groups(counts, COLUMNS)
    assert [len(group.rows) for group in groups] == [2, 1, 1]
    heading = groups[0].heading
    assert heading is not None
    # 10 + 30 of 100, parameters 11 + 31
    assert [cell.value for cell in heading] == ["a", "", "", 42, 40, 0.4]
    assert groups[1].heading is None


@given(st.lists(st.tuples(st.sampled_from(["", "a", "a.b", "c.d", "e"]), st.integers(0, 99))))
def test_the_groups_hold_the_table_row_by_row(rows: list[tuple[str, int]]) -> None:
    counts = counts_of(*(layer(path, flops) for path, flops in rows))
    groups = layer_groups(counts, COLUMNS)
    assert [row for group in groups for row in group.rows] == list(
        layer_table(counts, COLUMNS).rows[:-1]
    )
    for group in groups:
        tops = {str(row[0].value).partition(".")[0] for row in group.rows}
        assert len(tops) == 1
        if group.heading:
            assert group.heading[4].value == sum(row[4].value for row in group.rows)  # type: ignore[misc]
    assert layer_groups(replace(counts, layers=()), COLUMNS) == ()
