"""Reads TOML and CSV files into structs that mirror them.

What is wrong with a file is one line: the file, the line or key, the value and the cure. A type
says what its values have to be like and, as title and description of its ``Meta``, what is said of
others: problem and cure.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from profiler.errors import CatalogError, EncodingError, nearest, one_line, utf8_text

_MOST_SHOWN = 80

#: What may become a file name: no separators, no leading dot, nothing a shell or a URL minds.
SAFE_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._+-]{0,99}\Z")
SAFE_NAME_CURE = "use up to 100 letters, digits and . _ + -, starting with a letter or a digit"


def allowed(problem: str, cure: str, **limits: Any) -> Meta:
    """Marks a type whose values have limits, with what is said of others."""
    return Meta(**limits, title=problem, description=cure)


def whole(high: int = 10**9) -> Meta:
    """Marks a whole number from 1."""
    return allowed("is out of range", f"write a number from 1 to {high}", ge=1, le=high)


Text = Annotated[str, Meta(pattern=r"\S")]
SafeName = Annotated[
    str, allowed("can't be part of a file name", SAFE_NAME_CURE, pattern=SAFE_NAME.pattern)
]

_T = TypeVar("_T")
_Row = TypeVar("_Row", bound="FileTable")


class FileTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a TOML file, or a row of a CSV file, key by key."""


class KeyFault(ValueError):  # noqa: N818  (a ValueError, for msgspec to take it on)
    """A fault ``__post_init__`` of a FileTable finds in a key; an empty key is the whole table."""

    def __init__(self, key: str, problem: str, cure: str) -> None:
        self.key = key
        self.problem = problem
        self.cure = cure
        super().__init__(problem)


def fault(path: Path, place: str, problem: str, cure: str) -> CatalogError:
    """The error itself, in one form for every file."""
    where = f"{path}: {place}" if place else f"{path}"
    return CatalogError(f"{where}: {problem} ({cure})")


def shown(value: object) -> str:
    """A value from a file as it may stand in a message: quoted, on one line, not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits has no repr
        return f"this {type(value).__name__}"
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def choice(value: str, known: Iterable[str], otherwise: str = "") -> str:
    """The cure for a name that is not among the known ones: the nearest, or something else."""
    near = nearest(value, known)
    if not otherwise:
        return near
    return f"{near} or {otherwise}" if near.endswith("?") else f"{near}, or {otherwise}"


def is_safe_name(name: str) -> bool:
    """Whether the name may become part of a file name."""
    return SAFE_NAME.match(name) is not None


def key_place(where: str, key: str) -> str:
    """The place of a key in a table that stands at ``where``, which is empty for the whole file."""
    name = key if key.replace("_", "").isalnum() else repr(key)
    return f"{where}.{name}" if where else name


def no_duplicates(path: Path, tables: str, key: str, values: Iterable[str]) -> None:
    """Refuse two of the tables that agree in ``key``, upper and lower case alike."""
    seen: dict[str, int] = {}
    for index, value in enumerate(values, 1):
        first = seen.setdefault(value.casefold(), index)
        if first != index:
            problem = f"{value!r} is there twice, first in {tables}[{first}]"
            raise fault(path, f"{tables}[{index}].{key}", problem, "rename one")


def read_text(path: Path) -> str:
    """The file's text as UTF-8, without a byte order mark."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise fault(path, "", "the file is missing", "create it") from None
    except OSError as error:
        reason = error.strerror or one_line(error)
        raise fault(path, "", f"can't be read: {reason}", "check the path and its rights") from None
    try:
        return utf8_text(raw).removeprefix("\ufeff")
    except EncodingError as error:
        raise fault(path, f"line {error.line}", str(error), "save the file as UTF-8") from None


# --- TOML -------------------------------------------------------------------------------------


def read_toml(path: Path, kind: type[_T]) -> _T:
    """Read a file whose keys are the fields of a FileTable.

    Raises:
        CatalogError: it can't be read, is no TOML, or a key is missing, unknown or wrong.
    """
    table: _T = converted(toml_values(path), kind, path)
    return table


def toml_values(path: Path) -> dict[str, Any]:
    """The file as tomllib reads it; CatalogError where it can't be read or is no TOML."""
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(path, "", f"not valid TOML: {one_line(error)}", "mend that line") from None
    except (ValueError, RecursionError):
        # tomllib lets these two through: an integer of thousands of digits, endless nesting.
        raise fault(
            path, "", "a number is too long or brackets nest too deep", "shorten it"
        ) from None


def converted(values: object, kind: Any, path: Path, where: str = "") -> Any:
    """A value from a file, converted to the type; CatalogError where it is not one."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        place, problem, cure = _wrong(error, values, kind, where)
        raise fault(path, place, problem, cure) from None


def _wrong(
    error: msgspec.ValidationError, value: Any, of_type: Any, place: str
) -> tuple[str, str, str]:
    """Place, problem and cure: msgspec says where it stopped, the type what it should be."""
    stop = re.fullmatch(r"(.*?)(?: - at `\$([^`]*)`)?", str(error), re.DOTALL)
    said, at = stop.groups("") if stop else ("", "")
    key = place
    kind, words = _single(msgspec.inspect.type_info(of_type), value)
    for name, index in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", at):
        if name:
            key, value, place = name, value[name], key_place(place, name)
            kind, words = _single(_fields(kind)[name].type, value)
        elif not isinstance(value[int(index)], dict):
            break  # the list is what is wrong
        else:
            value, place = value[int(index)], f"{place}[{int(index) + 1}]"
            kind, words = _single(kind.item_type, value)
    if isinstance(own := error.__cause__, KeyFault):
        return key_place(place, own.key) if own.key else place, own.problem, own.cure
    if found := re.fullmatch(r"Object (missing|contains) \w+ field `(.*)`", said, re.DOTALL):
        fields, place = _fields(kind), key_place(place, found[2])
        if found[1] == "contains":
            return place, "unknown key", nearest(found[2], sorted(fields))
        noun = _wanted(_single(fields[found[2]].type)[0], found[2])[1]
        sort = "text in quotes" if noun == "text" else f"a {noun}"
        return place, "the key is missing", f"add it: {sort}"
    right, noun, cure = _wanted(kind, key)
    if not isinstance(value, right) or isinstance(value, bool):
        return place, f"{shown(value)} is no {noun}", cure
    if isinstance(value, str) and not value.strip():
        return place, "the text is empty", "write something or remove the key"
    return place, f"{shown(value)} {words['title']}", words["description"]


def _fields(kind: Any) -> dict[str, msgspec.inspect.Field]:
    return {field.encode_name: field for field in kind.fields}


def _single(kind: Any, value: object = None) -> tuple[Any, dict[str, Any]]:
    """The one type that the value is to have, and what is said of values that it does not allow."""
    if isinstance(kind, msgspec.inspect.UnionType):
        tables = [each for each in kind.types if isinstance(each, msgspec.inspect.StructType)]
        kind = tables[0] if tables and isinstance(value, dict) else kind.types[0]
    if isinstance(kind, msgspec.inspect.Metadata):
        return kind.type, kind.extra_json_schema or {}
    return kind, {}


def _wanted(kind: Any, key: str) -> tuple[tuple[type, ...], str, str]:
    """The right classes of a value, what it is called, and how one is written."""
    match kind:
        case msgspec.inspect.StrType():
            return (str,), "text", "put it in quotes"
        case msgspec.inspect.IntType():
            return (int,), "whole number", "write digits only"
        case msgspec.inspect.FloatType():
            return (int, float), "number", "write it without quotes"
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.StructType()):
            return (), "list of tables", f"write [[{key}]]"
        case msgspec.inspect.VarTupleType():
            return (), "list of texts", 'write ["…", "…"]'
    return (), "table", f"write a [{key}] section"


# --- CSV --------------------------------------------------------------------------------------


def read_csv(path: Path, kind: type[_Row]) -> Iterator[tuple[int, _Row]]:
    """Each row of the file with the line that it starts on.

    Fields of the struct are the columns, without blank lines and blank cells; a field without a
    default is one that every file and row has. Fields of plain ``str`` keep the spaces round them.

    Raises:
        CatalogError: it can't be read, a column is missing, unknown or there twice, a row has more
            or fewer cells than the header, or a cell is not what the field allows.
    """
    columns = {field.name: field for field in msgspec.structs.fields(kind)}
    header: list[str] = []
    for line, cells in _csv_lines(path):
        if not header:
            header = _header(path, line, cells, columns)
            continue
        if len(cells) != len(header):
            raise fault(
                path,
                f"line {line}",
                f"{len(cells)} cells where the header has {len(header)}",
                "give every column a cell, and quote a cell that holds a comma",
            )
        given = {
            column: cell if columns[column].type is str else cell.strip()
            for column, cell in zip(header, cells, strict=True)
            if cell.strip()
        }
        for column, field in columns.items():
            if field.required and column not in given:
                place = f"line {line}, column {column}"
                raise fault(path, place, "the cell is empty", "fill it in or remove the row")
        try:
            row = msgspec.convert(given, kind)
        except msgspec.ValidationError as error:
            place, problem, cure = _wrong(error, given, kind, "")
            raise fault(path, f"line {line}, column {place}", problem, cure) from None
        yield line, row
    if not header:
        required = ",".join(column for column, field in columns.items() if field.required)
        raise fault(path, "line 1", "there is no header", f"start the file with {required}")


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not blank, and its first line."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield line, cells
    except csv.Error as error:
        raise fault(
            path, f"line {end + 1}", f"not valid CSV: {one_line(error)}", "check its quotes"
        ) from None


def _header(
    path: Path, line: int, cells: Sequence[str], columns: Mapping[str, msgspec.structs.FieldInfo]
) -> list[str]:
    header = [cell.strip() for cell in cells]
    for index, column in enumerate(header):
        if column not in columns:
            separated = any(mark in column for mark in ";\t")
            cure = "separate the cells with commas" if separated else nearest(column, columns)
            raise fault(path, f"line {line}", f"unknown column {shown(column)}", cure)
        if column in header[:index]:
            raise fault(path, f"line {line}", f"column {column} is there twice", "remove one")
    for column, field in columns.items():
        if field.required and column not in header:
            raise fault(path, f"line {line}", f"column {column} is missing", "add it to the header")
    return header
