"""Files of measurements: no record is lost, and nothing is lost in silence."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_lines import line_of, small, written
from made_measurements import made, made_environment

from profiler.errors import MeasurementError
from profiler.records import (
    Input,
    LayerSpan,
    LayerTimes,
    Telemetry,
)
from profiler.timing.latencies.measurement_file import (
    MeasurementFile,
    append,
    default_path,
    read,
    read_folder,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t4.jsonl"


def problems(path: Path) -> list[str]:
    """The problems of a file less the part that every one begins with."""
    return [problem.removeprefix(f"{str(path)!r}: line ") for problem in read(path).problems]


# --- what is written is what is read ---


def test_records_come_back_in_order(path):
    records = [small(run=run, model=f"net{run}") for run in (3, 1, 2)]
    for record in records:
        append(path, record)
    assert read(path) == MeasurementFile(str(path), tuple(records), ())


def test_all_of_a_record_comes_back(path):
    record = made(
        flags=("oom",), samples=(), reason="needs 3 GiB\nmore", threads=4, weights="pretrained",
        telemetry=(Telemetry(at_s=0.5, power_w=71.5), Telemetry(at_s=1.0)),
        environment=made_environment(software={"compiled": True, "none": None, "half": 0.5}),
        layers=LayerTimes(method="events", calls=3, total_ms=1.5, plain_ms=1.4, unattributed_ms=0.5,
                          inflation=0.01, rescaled=1.25, resolution_ms=0.0005,
                          spans=(LayerSpan("stem", 0, "Conv2d", 1.0),)),
    )  # fmt: skip
    append(path, record)
    assert read(path).records == (record,)


times = st.floats(min_value=1e-6, max_value=1e7)


@given(
    samples=st.lists(times, min_size=1, max_size=20),
    words=st.text(st.characters(exclude_categories=["Cs"])),
    fact=st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.text("a\n ")),
)
def test_any_record_comes_back_to_seven_digits(tmp_path_factory, samples, words, fact):
    path = tmp_path_factory.mktemp("any") / "any.jsonl"
    name = "".join(letter for letter in words if letter >= " ")
    record = made(model=name, samples=samples, reason=words, session=words,
                  environment=made_environment(host={words: fact}))  # fmt: skip
    append(path, record)
    append(path, record)
    first, second = read(path).records
    assert first == second
    assert path.read_bytes().count(b"\n") == 2
    assert first.samples_ms == pytest.approx(samples, rel=1e-6)
    assert all(sample > 0 for sample in first.samples_ms)
    assert msgspec.structs.replace(first, samples_ms=()) == msgspec.structs.replace(
        record, samples_ms=()
    )


def test_a_line_is_plain_json_for_other_programs(path):
    append(path, small(samples=(0.00512000033259387, 1.2500000001, 9.9e-8, 12345.678949)))
    (line,) = path.read_text().splitlines()
    plain = json.loads(line, parse_constant=pytest.fail)
    assert list(plain)[:3] == ["inprof", "version", "model"]
    assert plain["samples_ms"] == [0.00512, 1.25, 9.9e-08, 12345.68]
    assert "0.00512," in line
    assert plain["settings"]["chunk_calls"] == 64


def test_folders_are_made_and_a_link_stays_a_link(tmp_path):
    path = tmp_path / "a" / "b" / "t4.jsonl"
    append(path, small())
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    append(link, small(run=2))
    assert link.is_symlink()
    assert [record.run for record in read(path).records] == [1, 2]


def test_default_path():
    assert default_path("h100-sxm") == Path("measurements/h100-sxm.jsonl")


def test_what_is_read_from_other_hands(path):
    """Blank lines, spaces, DOS line ends, another order, unknown fields, no break at the end."""
    shuffled = dict(reversed(json.loads(line_of(run=2)).items()))
    written(path, "\n", line_of(colour="red").strip(), "\r\n", "  \n", json.dumps(shuffled))
    assert [record.run for record in read(path).records] == [1, 2]
    assert problems(path) == []
    append(path, small(run=3))
    assert [record.run for record in read(path).records] == [1, 2, 3]


# --- lines that hold no record ---


def test_a_record_from_before_arguments_and_inputs_still_reads(path):
    record = made(
        samples=(1.0, 2.0), arguments={"width": "2"}, inputs=(Input(shape=(1, 12), kind="tokens"),)
    )
    append(path, record)
    assert read(path).records == (record,)
    fields = json.loads(path.read_text())
    assert fields["arguments"] == {"width": "2"}
    assert fields["inputs"] == [{"shape": [1, 12], "kind": "tokens", "name": ""}]
    del fields["arguments"], fields["inputs"]
    path.write_text(json.dumps(fields))
    (earlier,) = read(path).records
    assert (earlier.arguments, earlier.inputs) == ({}, ())
    assert earlier.given == (Input(shape=(1, 3, 224, 224)),)


def test_a_line_cut_at_any_byte_takes_no_other_with_it(path):
    append(path, small(run=1))
    first = path.read_bytes()
    append(path, small(run=2))
    whole = path.read_bytes()
    for cut in range(len(first) + 1, len(whole) - 1):
        written(path, whole[:cut])
        assert [record.run for record in read(path).records] == [1]
        assert problems(path) == ["2 is skipped: it is cut short"]
        append(path, small(run=3))
        assert [record.run for record in read(path).records] == [1, 3]
        assert problems(path) == ["2 is skipped: it is cut short"]
        assert path.read_bytes().startswith(whole[:cut])


def test_a_file_whose_first_line_was_cut_goes_on(path):
    append(path, small())
    whole = path.read_bytes()
    for cut in range(1, len(whole) - 1):
        written(path, whole[:cut])
        append(path, small(run=2))
        assert [record.run for record in read(path).records] == [2]
        assert problems(path) == ["1 is skipped: it is cut short"]


def test_a_whole_line_without_its_break_counts(path):
    written(path, line_of().rstrip("\n"))
    assert [record.run for record in read(path).records] == [1]
    append(path, small(run=2))
    assert [record.run for record in read(path).records] == [1, 2]
    assert problems(path) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("garbage\n", "JSON is malformed: invalid character (byte 0)"),
        (b"\0" * 40 + b"\n", "JSON is malformed: invalid character (byte 0)"),
        (b"\xff\xfe\n", "JSON is malformed: invalid character (byte 0)"),
        ('{"inprof":"1","version":1}\n', "Object missing required field `model`"),
        ("[1, 2]\n", "Expected `object`, got `array`"),
        (line_of(quantity="guess"), "Invalid enum value 'guess' - at `$.quantity`"),
        (line_of(samples_ms=[]), "it has no samples, and no flag says why"),
        (line_of(samples_ms=[1, -0.5]), "samples_ms[1] is -0.5, which no call takes"),
        (line_of(samples_ms=[0]), "samples_ms[0] is 0.0, which no call takes"),
        (line_of(samples_ms=[None]), "Expected `float`, got `null` - at `$.samples_ms[0]`"),
        (line_of(samples_ms=[float("nan")]), "JSON is malformed"),
        (line_of(samples_ms=[float("inf")]), "JSON is malformed"),
        (line_of().replace("1.25", "1e999"), "Number out of range - at `$.samples_ms[0]`"),
        (line_of(batch_size=0), "batch_size is 0"),
        (line_of(run=0), "run is 0"),
        (line_of(started_at="yesterday"), "started_at 'yesterday' is no ISO time with its zone"),
        (line_of(started_at="2026-01-02T03:04:05"), "is no ISO time with its zone"),
        (line_of(x="deep").replace('"deep"', "[" * 9999 + "]" * 9999), "recursion"),
    ],
)  # fmt: skip
def test_a_broken_line_is_reported_and_the_rest_is_read(path, line, reason):
    written(path, line_of(run=1), line, line_of(run=3))
    assert [record.run for record in read(path).records] == [1, 3]
    (problem,) = problems(path)
    assert problem.startswith("2 is skipped: ")
    assert reason in problem
    assert "\n" not in problem
    append(path, small(run=4))
    assert [record.run for record in read(path).records] == [1, 3, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"samples_ms": (1e308,)},
        {"samples_ms": (5e-324,)},
        {"batch_size": 10**30},
        {"input_shape": ()},
        {"input_shape": (1, 3, 0, 8)},
        {"version": 0},
        {"model": "a\x1b[31mb"},
    ],
)
def test_a_record_that_can_not_be_is_said_and_skipped(tmp_path, changes):
    path = tmp_path / "t.jsonl"
    append(path, made())
    fields = msgspec.to_builtins(made()) | changes
    with open(path, "ab") as file:
        file.write(json.dumps({"inprof": "0.1.0", **fields}).encode() + b"\n")
    found = read(path)
    assert len(found.records) == 1
    assert len(found.problems) == 1
    assert "line 2" in found.problems[0]


# --- what is never appended ---


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"samples": ()}, "it has no samples, and no flag says why"),
        ({"samples": (1.0, float("nan"))}, "Expected `float`, got `null` - at `$.samples_ms[1]`"),
        ({"samples": (float("inf"),)}, "Expected `float`, got `null` - at `$.samples_ms[0]`"),
        ({"samples": (-1.0,)}, "samples_ms[0] is -1.0, which no call takes"),
        ({"reason": "\udcff"}, "'utf-8' codec can't encode character '\\udcff'"),
    ],
)
def test_what_would_not_be_read_is_not_written(path, overrides, reason):
    with pytest.raises(MeasurementError) as error:
        append(path, made(**overrides))
    assert str(error.value).startswith("a measurement of googlenet can't be stored: ")
    assert reason in str(error.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        "model,ms\n", '{"a": 1}\n', '{"version": 1}\n', "[]\n", "\0",
        '{"in house": 1',
    ],
)  # fmt: skip
def test_another_file_is_neither_read_nor_touched(path, content):
    written(path, content)
    for use in (read, lambda path: append(path, small())):
        with pytest.raises(MeasurementError, match=r"^'.*t4.jsonl' is not a file of measurements"):
            use(path)
    assert path.read_text() == content


@pytest.mark.parametrize("lines_before", [0, 2])
def test_a_newer_version_is_neither_read_nor_added_to(path, lines_before):
    newer = '{"version":2,"inprof":"9.0","all":"different"}\n'
    written(path, line_of() * lines_before, newer)
    for use in (read, lambda path: append(path, small())):
        with pytest.raises(MeasurementError) as error:
            use(path)
        assert str(error.value) == (
            f"{str(path)!r}: line {lines_before + 1} was written by inprof 9.0 in version 2 of the "
            "format, and this one knows 1: update inprof, or name another file"
        )
    assert path.read_text().endswith(newer)


def test_what_there_is_not(tmp_path, path):
    with pytest.raises(MeasurementError, match=r"there is no file '.*': name one that inprof time"):
        read(path)
    with pytest.raises(MeasurementError, match=r"is a folder: name a file in it"):
        read(tmp_path)
    with pytest.raises(MeasurementError, match=r"can't read '.*': Not a directory"):
        read(written(path, line_of()) / "below")


def test_an_empty_file_holds_nothing_and_can_be_added_to(path):
    path.touch()
    assert read(path) == MeasurementFile(str(path), (), ())
    append(path, small())
    assert len(read(path).records) == 1


def test_a_folder_is_read_by_name_and_says_what_is_wrong(tmp_path):
    assert read_folder(tmp_path / "none") == ()
    written(tmp_path / "b.jsonl", line_of(), "x\n")
    written(tmp_path / "a.jsonl", line_of(run=2))
    written(tmp_path / "c.jsonl", "not ours\n")
    written(tmp_path / "d.txt", "not looked at\n")
    found = read_folder(tmp_path)
    assert [Path(each.path).name for each in found] == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert [len(each.records) for each in found] == [1, 1, 0]
    assert [len(each.problems) for each in found] == [0, 1, 1]
    assert "is not a file of measurements" in found[2].problems[0]


def test_a_byte_order_mark_is_no_content(tmp_path):
    path = tmp_path / "t.jsonl"
    append(path, made())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(path).records) == 1


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MeasurementError, match="pipe or a device"):
        read(tmp_path / "pipe")
