"""``inprof sweep``."""

import csv

from profiler.fleet.sweep import Journal, Sweep, SweepRow


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_in_the_order_that_was_asked_for(inprof, folder):
    result = inprof(
        "sweep", "nets.py:fails", "nets.py:small", "nets.py:graphs", "nets.py:small",
        "--size", "8", "--out", "c.csv", "--jobs", "2",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "2 models counted, 1 failed" in result.stderr
    found = rows(folder / "c.csv")
    assert [row["model"] for row in found] == ["nets.py:fails", "nets.py:small", "nets.py:graphs"]
    assert "ValueError: one" in found[0]["error"]
    # 3x3 convolution of 3 channels to 4 on 8x8, and 4 to 2
    assert found[1]["macs"] == str(64 * 4 * 27 + 8)
    assert sorted(path.name for path in folder.glob("c.csv*")) == ["c.csv"]


def test_what_is_done_is_not_counted_again(inprof, refuses, folder):
    sweep = Sweep(crop_size=8)
    journal = Journal(folder / "c.csv", sweep)
    journal.begin(resume=False)
    journal.add(SweepRow(model="nets.py:small", macs=7))
    asked = ("sweep", "nets.py:small", "nets.py:graphs", "--size", "8", "--out", "c.csv")
    assert "--resume goes on" in refuses(2, *asked)
    assert inprof(*asked, "--resume").exit_code == 0
    assert [row["macs"] for row in rows(folder / "c.csv")] == ["7", str(64 * 3 * 2)]


def test_mistakes(refuses, folder):
    assert ".parquet" in refuses(2, "sweep", "googlenet", "--out", "c.txt")
    assert "no folder" in refuses(1, "sweep", "googlenet", "--out", "no/c.csv")
    assert "nan" in refuses(2, "sweep", "googlenet", "--out", "c.csv", "--timeout", "nan")
    assert "no model goes by 'yolo*'" in refuses(2, "sweep", "yolo*", "--out", "c.csv")
    assert "did you mean" in refuses(2, "sweep", "googlenett", "--out", "c.csv")
    assert not list(folder.glob("c.csv*"))
