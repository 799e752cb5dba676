"""Files of measurements: one JSON object a line, each added whole or not at all.

A line is one ``Measurement``, its keys named as the record's fields, ``inprof`` and ``version``
first, so that even a line that was cut short tells what it is. What can't be read (a process was
killed while it wrote, a disk was full) is reported with its line number and skipped; it never
takes another record with it.

Several processes may append to one file at once. The file itself is what they lock: no second
file is left behind, and the lock ends with the process that holds it, however it ends.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from profiler.errors import MeasurementError, OutputError, one_line
from profiler.files import make_folder
from profiler.records import MEASUREMENT_VERSION, Measurement, Record

if sys.platform != "win32":
    import fcntl

#: Where ``inprof time`` keeps measurements unless told otherwise, below the working folder.
FOLDER = Path("measurements")

_SUFFIX = ".jsonl"
#: What a call may take, from a picosecond to twelve days; and how large a size may be.
_SHORTEST_MS, _LONGEST_MS, _LARGEST = 1e-9, 1e9, 10**9
#: What times are rounded to: an event's time is a float32, whose eighth digit means nothing.
_DIGITS = 7
#: How a line of ours begins; other programs may put spaces into it.
_OPENING = b'{"inprof":'
_SPACES = re.compile(rb"\s")
#: What msgspec says where the text ends before the value does.
_CUT_SHORT = "Input data was truncated"

T = TypeVar("T")


class MeasurementFile(Record, frozen=True, gc=False):
    """A file's records in their order."""

    path: str
    records: tuple[Measurement, ...]
    #: A line of text for each thing that is wrong with it.
    problems: tuple[str, ...]


class _Head(Record, frozen=True, gc=False):
    """The fields that every version of a record has, and so the mark of a line of ours."""

    inprof: str
    version: int


def default_path(hw: str) -> Path:
    """The file for measurements on the hardware with this slug."""
    return FOLDER / f"{hw}{_SUFFIX}"


def append(path: Path, measurement: Measurement) -> None:
    """Add a record to the end of a file, which is created with its folders where there is none.

    When this returns the record is on the disk. Where it fails the file is as it was. A line that
    somebody else's failure left unfinished is ended first, so that the record has a line of its
    own; ``read`` goes on reporting the unfinished one.

    Raises:
        MeasurementError: the file holds something else, or records of a newer inprof; or the
            record is not one that ``read`` would take.
        OutputError: the file can't be written.
    """
    line = _line(measurement)
    make_folder(path.parent)
    try:
        with _locked(path) as file:
            for _ in _own_lines(file, path):
                pass
            _write(file, line)
    except OSError as error:
        raise OutputError(f"can't write {str(path)!r}: {error.strerror or error}") from error


def read(path: Path) -> MeasurementFile:
    """Every record of a file, and what is wrong with the lines that hold none.

    Fields that the record does not know are passed over. A last line without a line break counts
    if it is whole.

    Raises:
        MeasurementError: there is no such file, it holds something else, or records of a newer
            inprof.
    """
    records, problems = [], []
    if path.exists() and not path.is_file() and not path.is_dir():
        raise MeasurementError(f"{str(path)!r} is a pipe or a device: name a file")
    try:
        with open(path, "rb") as file:
            _wait_for_writers(file)
            for number, line in _own_lines(file, path):
                record = _record(line)
                if isinstance(record, Measurement):
                    records.append(record)
                else:
                    problems.append(f"{str(path)!r}: line {number} is skipped: {record}")
    except FileNotFoundError:
        raise MeasurementError(
            f"there is no file {str(path)!r}: name one that inprof time has written"
        ) from None
    except IsADirectoryError:
        raise MeasurementError(
            f"{str(path)!r} is a folder: name a file in it that inprof time has written"
        ) from None
    except OSError as error:
        raise MeasurementError(f"can't read {str(path)!r}: {error.strerror or error}") from error
    return MeasurementFile(str(path), tuple(records), tuple(problems))


def read_folder(folder: Path) -> tuple[MeasurementFile, ...]:
    """Every ``*.jsonl`` file of a folder by name; a file that can't be read is its own problem.

    A folder that is not there holds none.
    """
    files = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            files.append(read(path))
        except MeasurementError as error:
            files.append(MeasurementFile(str(path), (), (str(error),)))
    return tuple(files)


def _line(measurement: Measurement) -> bytes:
    """The record as one line; MeasurementError where it would not read back."""
    fields = {"inprof": measurement.inprof, "version": measurement.version}
    fields |= msgspec.to_builtins(measurement)
    try:
        line = msgspec.json.encode(_shortened(fields))
    except UnicodeError as error:
        record: Measurement | str = one_line(error)
    else:
        record = _record(line)
    if isinstance(record, str):
        raise MeasurementError(f"a measurement of {measurement.model} can't be stored: {record}")
    return line + b"\n"


def _shortened(value: Any) -> Any:
    """The tree with every float at ``_DIGITS`` significant digits: none becomes 0."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(each) for each in value]
    return value


def _own_lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1.

    Raises:
        MeasurementError: the first is not one of ours, or one is of a newer version.
    """
    first = True
    for number, line in enumerate(file, start=1):
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not line.strip():
            continue
        head = _decoded(line, _Head)
        if first and isinstance(head, str) and not _begins_as_ours(line):
            raise MeasurementError(
                f"{str(path)!r} is not a file of measurements: name another one "
                "(inprof time creates it)"
            )
        if isinstance(head, _Head) and head.version > MEASUREMENT_VERSION:
            raise MeasurementError(
                f"{str(path)!r}: line {number} was written by inprof {head.inprof or '?'} in "
                f"version {head.version} of the format, and this one knows {MEASUREMENT_VERSION}: "
                "update inprof, or name another file"
            )
        first = False
        yield number, line


def _begins_as_ours(line: bytes) -> bool:
    """Whether a line that can't be read may be one of ours, cut short."""
    start = _SPACES.sub(b"", line[: 4 * len(_OPENING)])[: len(_OPENING)]
    return _OPENING.startswith(start)


def _record(line: bytes) -> Measurement | str:
    """The record in a line, or why there is none."""
    record = _decoded(line, Measurement)
    return record if isinstance(record, str) else (_fault(record) or record)


def _decoded(line: bytes, kind: type[T]) -> T | str:
    try:
        return msgspec.json.decode(line.strip(), type=kind)
    except (ValueError, RecursionError) as error:
        reason = one_line(error)
        cut = _begins_as_ours(line) and not line.rstrip().endswith(b"}")
        return "it is cut short" if cut or reason == _CUT_SHORT else reason


def _fault(record: Measurement) -> str:
    """The impossible in a record that has the right form; nothing if all is well."""
    if not record.samples_ms and not record.flags:
        return "it has no samples, and no flag says why"
    for at, sample in enumerate(record.samples_ms):
        if not _SHORTEST_MS <= sample <= _LONGEST_MS:
            return f"samples_ms[{at}] is {sample}, which no call takes"
    for name, value in (
        ("batch_size", record.batch_size), ("run", record.run), ("version", record.version),
        *(("input_shape", size) for size in record.input_shape or (0,)),
        *(("a size of inputs", size) for each in record.inputs for size in each.shape),
    ):  # fmt: skip
        if not 1 <= value <= _LARGEST:
            return f"{name} is {value}"
    if record.layers is not None and record.layers.spans and not record.layers.total_ms > 0:
        return f"layers.total_ms is {record.layers.total_ms}"
    if any(character < " " for text in (record.model, record.address) for character in text):
        return "its model's name has control characters in it"
    try:
        moment = datetime.datetime.fromisoformat(record.started_at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        return f"started_at {record.started_at!r} is no ISO time with its zone"
    return ""


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, open at its start and nobody else's until the block ends."""
    while True:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise OutputError(f"can't write {str(path)!r}: a pipe or a device can't be read back")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        with os.fdopen(descriptor, "r+b") as file:
            _lock(path, file)
            if _is_still(path, file):
                yield file
                return


def _lock(path: Path, file: BinaryIO) -> None:
    if sys.platform == "win32":
        raise OutputError(f"can't lock {str(path)!r}: measurements are not written on Windows")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        raise OutputError(
            f"can't lock {str(path)!r} ({error.strerror or error}): name a file on a local disk"
        ) from error


def _wait_for_writers(file: BinaryIO) -> None:
    """Let a line that is being written be finished."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # without locks there are no writers of ours
            fcntl.flock(file, fcntl.LOCK_SH)


def _is_still(path: Path, file: BinaryIO) -> bool:
    """Whether the path names this file: it may have been moved away before it was locked."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _write(file: BinaryIO, line: bytes) -> None:
    """One write of the whole line at the end; where that fails the file is as long as before."""
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        while line:  # once, unless the disk is full: then the second try says so
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell of
            os.ftruncate(descriptor, size)
        raise
