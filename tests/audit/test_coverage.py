"""Tables of a page against each other."""

SMALL = "blog,counts,small,0.000147616,"
FIXED = "blog,counts,fixed,0.00001536,"  # 2 * 3*16*16 * 10


def test_crops_of_two_tables(audited):
    rows = ("blog,one,small,t4,fp32,1,16,18,1", "blog,two,small,board,fp32,1,{},18,9")
    assert audited(latency=tuple(row.format(16) for row in rows)) == ()
    (finding,) = audited(latency=tuple(row.format(24) for row in rows))
    assert (finding.rule, finding.severity) == ("crop-conflict", "warning")
    assert finding.evidence["crop_sizes"] == (16, 24)
    assert [(cell.table, cell.column) for cell in finding.cells] == [
        ("one", "crop_size"), ("two", "crop_size"),
    ]  # fmt: skip


def test_other_pages_and_rows_of_one_table_may_have_other_crops(audited):
    assert audited(latency=(
        "blog,one,small,t4,fp32,1,16,18,1", "old,one,small,t4,fp32,1,24,28,1",
    )) == ()  # fmt: skip
    assert audited(latency=(
        "blog,one,small,t4,fp32,1,16,18,1", "blog,one,small,t4,fp16,1,24,28,1",
    )) == ()  # fmt: skip


def test_a_crop_that_the_network_can_not_take(audited):
    row = "blog,one,fixed,t4,fp32,1,{},28,1"
    assert audited(latency=(row.format(16),)) == ()
    (finding,) = audited(latency=(row.format(24),))
    assert (finding.rule, finding.severity, finding.model) == ("crop-impossible", "error", "fixed")


def test_a_model_that_a_table_leaves_out(audited):
    speed = "blog,speed,{},t4,fp32,1,16,18,1"
    both = tuple(speed.format(name) for name in ("small", "fixed"))
    assert audited(counts=(SMALL, FIXED), latency=both) == ()
    (finding,) = audited(counts=(SMALL, FIXED), latency=both[:1])
    assert (finding.rule, finding.severity, finding.model) == ("missing-row", "info", "fixed")
    (cell,) = finding.cells
    assert (cell.table, cell.row, cell.column, cell.hw) == ("speed", "fixed", "", "t4")
    # a model that no page prints anything of is missing nowhere
    assert audited(counts=(SMALL,), latency=both[:1]) == ()
