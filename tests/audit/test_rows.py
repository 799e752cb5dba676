"""Rows of a page by themselves."""

import pytest

COLUMNS = "page,table,model,top1,top5,reference_top1,reference_top5,flops_g,params_m\n"


@pytest.fixture
def found(audited):
    return lambda *rows: [
        each for each in audited(counts=rows, columns=COLUMNS) if each.rule != "missing-row"
    ]


def test_a_top1_above_its_top5(found):
    assert found("blog,counts,small,0.5,0.75,,,,") == []
    assert found("blog,counts,small,0.75,0.75,,,,") == []
    (finding,) = found("blog,counts,small,0.751,0.75,,,,")
    assert (finding.rule, finding.severity, finding.model) == ("top1-above-top5", "error", "small")
    assert [cell.column for cell in finding.cells] == ["top1", "top5"]
    # the reference accuracies are a pair of their own
    (finding,) = found("blog,counts,small,0.5,0.75,0.8,0.7,,")
    assert [cell.column for cell in finding.cells] == ["reference_top1", "reference_top5"]


def test_a_model_that_a_table_lists_twice(found):
    (finding,) = found("blog,counts,small,0.5,0.75,,,,", "blog,counts,small,0.5,0.75,,,,")
    assert (finding.rule, finding.severity) == ("listed-twice", "info")
    # rounded otherwise it is the same figure
    (finding,) = found("blog,counts,small,0.512,,,,,", "blog,counts,small,0.51,,,,,")
    assert finding.rule == "listed-twice"


def test_rows_that_differ(found):
    (finding,) = found("blog,counts,small,0.5,0.75,,,,", "blog,counts,small,0.6,0.75,,,,")
    assert (finding.rule, finding.severity) == ("rows-differ", "warning")
    assert (finding.evidence["firsts"], finding.evidence["others"]) == (("0.5",), ("0.6",))
    # other pages may state what they like
    assert found("blog,counts,small,0.5,,,,,", "old,counts,small,0.6,,,,,") == []


def test_tables_that_complete_each_other(found):
    # 73,808 MACs, 147,616 FLOPs: the second table's figure is audited as the model's own
    rows = ("blog,accuracy,small,0.5,0.75,,,,", "blog,work,small,0.5,,,,{},")
    assert found(*[row.format("0.000147616") for row in rows]) == []
    (finding,) = found(*[row.format("0.000073808") for row in rows])
    assert (finding.rule, finding.cells[0].table) == ("count-differs", "work")


def test_a_latency_that_is_listed_twice(audited):
    rows = ("blog,speed,small,t4,fp32,1,16,18,1.5", "blog,speed,small,t4,fp32,1,16,18,{}")
    (finding,) = audited(latency=[row.format("1.5") for row in rows])
    assert (finding.rule, finding.severity) == ("listed-twice", "info")
    (finding,) = audited(latency=[row.format("2.5") for row in rows])
    assert (finding.rule, finding.severity) == ("rows-differ", "warning")
    assert finding.evidence["others"] == ("2.5",)
