"""Published latencies against each other: at the boundaries, and just beyond."""

import pytest


def sweep(*figures):
    """Rows of one model on a T4 in FP32, from batch size and milliseconds."""
    return tuple(f"blog,speed,small,t4,fp32,{size},16,18,{ms}" for size, ms in figures)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("3.9", None),
        ("4.0796", None),  # 1.0199 an image, after 1
        ("4.08", "info"),  # exactly 2 %
        ("4.4", "info"),  # exactly 10 %
        ("4.4004", "warning"),
    ],
)
def test_time_per_image(audited, later, expected):
    findings = audited(latency=sweep((1, "1"), (4, later)))
    assert [(x.rule, x.severity) for x in findings] == (
        [("per-image-rising", expected)] if expected else []
    )
    for finding in findings:
        assert [cell.batch_size for cell in finding.cells] == [1, 4]
        assert {cell.column for cell in finding.cells} == {"latency_ms"}


@pytest.mark.parametrize(("later", "found"), [("1.0", False), ("0.999", True)])
def test_a_larger_batch_that_takes_less_time(audited, later, found):
    # in the file's order the larger batch comes first: only its size decides
    findings = audited(latency=sweep((8, "1.9"), (4, later), (1, "1")))
    assert [x.rule for x in findings] == (["batch-faster"] if found else [])
    if found:
        assert findings[0].severity == "warning"
        assert [cell.batch_size for cell in findings[0].cells] == [1, 4]
        assert findings[0].evidence["latencies_ms"] == ("1", "0.999")


@pytest.mark.parametrize(
    ("half", "found"), [("1.0", False), ("2.04", False), ("2.0401", True), ("3", True)]
)
def test_fp16_against_fp32(audited, half, found):
    rows = (*sweep((1, "2")), f"blog,speed,small,t4,fp16,1,16,18,{half}")
    findings = audited(latency=rows)
    assert [x.rule for x in findings] == (["fp16-not-faster"] if found else [])
    for finding in findings:
        assert [cell.precision for cell in finding.cells] == ["fp32", "fp16"]


def test_only_what_differs_in_one_condition_is_compared(audited):
    rows = (
        "blog,speed,small,t4,fp32,1,16,18,2",
        "old,speed,small,t4,fp32,4,16,18,1",  # another page
        "blog,speed,small,board,fp32,4,16,18,1.9",  # another device
        "blog,speed,small,t4,fp16,4,16,18,1.9",  # another precision
        "blog,speed,small,t4,int8,8,24,28,1.9",  # another crop, in the same table
    )
    assert audited(latency=rows) == ()


def test_images_that_were_resized_otherwise_are_not_compared(audited):
    rows = ("blog,speed,small,t4,fp32,1,16,18,2", "blog,speed,small,t4,fp32,4,16,20,1")
    assert audited(latency=rows) == ()
    same = tuple(row.replace(",20,", ",18,") for row in rows)
    assert [x.rule for x in audited(latency=same)] == ["batch-faster"]
