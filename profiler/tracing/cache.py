"""The trace cache: what was traced before need not be traced again.

An entry is found by what was asked for and holds what decided the answer: the hash of every source
file of the architecture and of the user's own code that it imports, and the version of every
third-party distribution. It is used only where all of these are still the same. The sources of the
tracer and the versions of Python and torch are part of the key. An entry that can't be read,
was cut short or altered, or is of another version is ignored and written anew.

Counts are not stored: they follow from a trace in milliseconds, under every convention.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from profiler.files import (
    Blobs,
    file_hash,
    installed_version,
    read_kept,
    sources_hash,
)
from profiler.models.address import is_built_in, is_model_file
from profiler.models.arguments import argument_texts
from profiler.records import Input, Record, Trace
from profiler.tracing.own_rules import rules_file

#: Part of every key: raise it when entries change their form.
FORMAT = 7


class CacheKey(Record, frozen=True, gc=False):
    """All that decides a trace, as far as it is known before anything is imported."""

    address: str
    variant: str
    options: dict[str, str]
    inputs: tuple[Input, ...]
    #: Address of the function that gives the inputs; empty without one.
    inputs_from: str
    #: Which runs were let, and the module after which the forward is stopped.
    values: str
    until: str
    #: Path and hash of the file of rules; empty without one.
    rules: str
    import_path: str
    versions: dict[str, str]
    tracer: str
    form: int = FORMAT


class Entry(Record, frozen=True, gc=False):
    """A trace and what it was made from: file → hash, distribution → version."""

    key: CacheKey
    files: dict[str, str]
    distributions: dict[str, str]
    trace: Trace


def cache_key(
    address: str,
    variant: str,
    options: Mapping[str, object],
    inputs: Sequence[Input],
    inputs_from: str = "",
    values: str = "",
    until: str = "",
) -> CacheKey:
    """The key that a request comes to. Nothing is imported for it."""
    rules = rules_file()
    return CacheKey(
        address=address.lower() if is_built_in(address) else address,
        variant=variant,
        options=argument_texts(options),
        inputs=tuple(inputs),
        inputs_from=inputs_from,
        values=values,
        until=until,
        rules="" if rules is None else f"{rules} {file_hash(rules)}",
        import_path=os.pathsep.join(
            [
                "" if is_built_in(address) else _import_path(address),
                *([_import_path(inputs_from)] if inputs_from else ()),
            ]
        ),
        versions={
            "python": sys.version,
            "torch": installed_version("torch"),
            "inprof": installed_version("inprof"),
        },
        tracer=_tracer_digest(),
    )


def _import_path(address: str) -> str:
    """Where a builder of the user's own is looked for: the file behind links, and every folder."""
    if is_model_file(address):
        return os.path.realpath(address)
    return os.pathsep.join([os.path.realpath(address.rpartition(":")[0]), os.getcwd(), *sys.path])


class TraceCache:
    """Entries in one folder.

    Args:
        folder: where the entries are; ``default_folder()`` unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._blobs = Blobs(".trace", folder)
        self.folder = self._blobs.folder

    def load(self, key: CacheKey) -> Trace | None:
        """The trace that was stored under the key, if all it was made from is unchanged."""
        entry = _decode(self._blobs.load(msgspec.msgpack.encode(key)))
        if entry is None or entry.key != key:
            return None
        if any(file_hash(Path(name)) != known for name, known in entry.files.items()):
            return None
        if any(installed_version(name) != known for name, known in entry.distributions.items()):
            return None
        return entry.trace

    def save(
        self,
        key: CacheKey,
        trace: Trace,
        files: Mapping[str, str],
        distributions: Iterable[str],
    ) -> None:
        """Store a trace with what it was made from: file → hash, and distributions."""
        entry = Entry(
            key=key,
            files=dict(sorted(files.items())),
            distributions={name: installed_version(name) for name in sorted(distributions)},
            trace=trace,
        )
        self._blobs.save(msgspec.msgpack.encode(key), msgspec.msgpack.encode(entry))

    def entries(self) -> list[tuple[Path, Entry | None]]:
        """Every entry's file and what is in it; None for one that can't be read."""
        found = []
        for path in self._blobs.paths():
            found.append((path, _decode(read_kept(path))))
        return found

    def clear(self) -> int:
        """Delete every entry; returns how many there were."""
        return self._blobs.clear()


def _decode(payload: bytes | None) -> Entry | None:
    if payload is None:
        return None
    try:
        return msgspec.msgpack.decode(payload, type=Entry)
    except msgspec.MsgspecError:
        return None


@functools.cache
def _tracer_digest() -> str:
    """Hash of the sources that make a trace from a module."""
    profiler = Path(__file__).parents[1]
    rooms = ("records", "models", "tracing")
    return sources_hash(path for room in rooms for path in sorted((profiler / room).rglob("*.py")))
