"""Rows of many models: totals, reasons, files, and processes that models do things to."""

import csv
import io
import json

import pytest

from profiler.errors import OutputError, UsageError
from profiler.fleet.sweep import (
    Journal,
    Sweep,
    SweepRow,
    check_format,
    rendered,
    sweep_row,
    swept,
)

NETS = """
import os, signal, time
import torch
from torch import nn

def net(width=4):
    print("a word")
    return nn.Conv2d(3, width, 1, bias=False)

def other():
    torch.set_default_dtype(torch.float16)
    return nn.Conv2d(3, 2, 1, bias=False)

def fails():
    raise ValueError("one\\ntwo")

def leaves():
    os._exit(3)

def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)

def hangs():
    time.sleep(600)
"""
ROWS = [SweepRow(model='a "b", c\nd'), SweepRow(model="x", flops=2**62, error="é|")]


@pytest.fixture
def nets(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


def test_a_row(nets):
    # 8 * 8 places, 3 channels to 4: 768 MACs, 12 parameters, 256 activations, 48 bytes of weights
    row = sweep_row(f"{nets}:net", Sweep(crop_size=8, batch_size=2), None)
    assert row == SweepRow(
        model=f"{nets}:net", input="2x3x8x8", params=12, macs=2 * 768, flops=2 * 2 * 768,
        activations=2 * 256, weight_bytes=48, uncounted=0,
        peak_activation_bytes=2 * 4 * (3 + 4) * 64,
    )  # fmt: skip
    assert "one" in sweep_row(f"{nets}:fails", Sweep(), None).error


@pytest.mark.slow
def test_whatever_a_model_does_the_others_have_their_rows(nets):
    names = ("net", "fails", "leaves", "crashes", "hangs", "other", "net")
    addresses = [f"{nets}:{name}" for name in names]
    sweep = Sweep(crop_size=8)
    rows = list(swept(addresses, sweep, jobs=2, timeout_s=20, is_cached=False))
    found = {row.model.rpartition(":")[2]: row for row in rows}
    assert sorted(row.model for row in rows) == sorted(addresses)
    assert (found["net"].macs, found["other"].macs) == (64 * 3 * 4, 64 * 3 * 2)
    assert "ValueError: one" in found["fails"].error
    assert "with exit status 3" in found["leaves"].error
    assert "by SIGSEGV" in found["crashes"].error
    assert found["hangs"].error == "took longer than 20 s"


# --- files ------------------------------------------------------------------------------------


def test_csv_and_jsonl_hold_every_figure(tmp_path):
    text = rendered(ROWS, tmp_path / "x.csv").decode()
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert (first["model"], first["flops"]) == ('a "b", c\nd', "")
    assert (second["flops"], second["error"]) == (str(2**62), "é|")
    lines = rendered(ROWS, tmp_path / "x.jsonl").decode().splitlines()
    assert [json.loads(line)["flops"] for line in lines] == [None, 2**62]


def test_parquet_holds_every_figure(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(rendered(ROWS, tmp_path / "x.parquet")))
    assert table.column("flops").to_pylist() == [None, 2**62]
    assert table.column("model").to_pylist() == [row.model for row in ROWS]


def test_parquet_has_64_bits_and_says_so(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(rendered(ROWS, tmp_path / "x.parquet")))
    kinds = {str(table.schema.field(name).type) for name in ("model", "input", "error")}
    assert kinds == {"string"}
    assert str(table.schema.field("flops").type) == "int64"
    with pytest.raises(OutputError, match=r"too large .*write \.csv or \.jsonl"):
        rendered([SweepRow(model="x", flops=2**63)], tmp_path / "x.parquet")


def test_another_ending_is_refused_before_any_work(tmp_path):
    with pytest.raises(UsageError, match=r"\.csv, \.jsonl, \.parquet"):
        check_format(tmp_path / "x.xlsx")


# --- the journal ------------------------------------------------------------------------------


def test_rows_come_back(tmp_path):
    out = tmp_path / "x.csv"
    journal = Journal(out, Sweep())
    assert journal.begin(resume=False) == {}
    for row in ROWS:
        journal.add(row)
    assert Journal(out, Sweep()).begin(resume=True) == {row.model: row for row in ROWS}
    journal.end()
    assert Journal(out, Sweep()).begin(resume=True) == {}


def test_a_row_that_was_cut_short_is_counted_again(tmp_path):
    journal = Journal(tmp_path / "x.csv", Sweep())
    journal.begin(resume=False)
    for row in ROWS:
        journal.add(row)
    whole = journal.path.read_bytes()
    begins = whole.rstrip().rindex(b"\n") + 1
    for cut in range(begins, len(whole)):
        journal.path.write_bytes(whole[:cut])
        assert Journal(tmp_path / "x.csv", Sweep()).begin(resume=True).keys() == {ROWS[0].model}
        journal.add(ROWS[1])
        assert journal.path.read_bytes() == whole


@pytest.mark.parametrize("kept", [0, 10, -1])
def test_a_journal_that_was_cut_short_as_it_was_begun(tmp_path, kept):
    journal = Journal(tmp_path / "x.csv", Sweep(crop_size=8))
    journal.begin(resume=False)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:kept])
    assert Journal(tmp_path / "x.csv", Sweep(crop_size=8)).begin(resume=True) == {}
    assert journal.path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"{", b"my notes", b"{}", b"\xff\n"])
def test_what_is_no_journal_is_left_as_it_is(tmp_path, content):
    journal = Journal(tmp_path / "x.csv", Sweep(crop_size=8))
    journal.path.write_bytes(content)
    if content == b"{":  # as our own begins
        assert journal.begin(resume=True) == {}
        return
    with pytest.raises((OutputError, UsageError)):
        journal.begin(resume=True)
    assert journal.path.read_bytes() == content


def test_a_journal_that_can_not_be_read(tmp_path):
    journal = Journal(tmp_path / "x.csv", Sweep())
    journal.path.mkdir()
    with pytest.raises(OutputError, match=r"can't read '.*x.csv.rows.jsonl': Is a directory"):
        journal.begin(resume=True)


def test_a_sweep_of_other_options_is_not_gone_on_with(tmp_path):
    journal = Journal(tmp_path / "x.csv", Sweep())
    journal.begin(resume=False)
    with pytest.raises(UsageError, match="--resume goes on"):
        Journal(tmp_path / "x.csv", Sweep()).begin(resume=False)
    with pytest.raises(UsageError, match="other options"):
        Journal(tmp_path / "x.csv", Sweep(crop_size=8)).begin(resume=True)
    journal.path.write_text("something else\n")
    with pytest.raises(OutputError, match="is no journal"):
        Journal(tmp_path / "x.csv", Sweep()).begin(resume=True)
