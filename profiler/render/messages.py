"""The words of a page in one language, from ``templates/messages/<language>.toml``.

Messages are plain text with ``{placeholders}``: each renderer escapes what comes out, so a name
from a user can't become markup. ``<br>`` in a column heading is a line break, not a tag.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profiler.errors import RenderError, UnknownNameError, one_line
from profiler.files import templates_dir
from profiler.records import Record

_SUFFIX = ".toml"
#: Stands for markup while the sentence around it is put together.
_HOLE = "\0"
#: A sentence names so many models at most, unless it is asked for others.
MOST_NAMES = 5


class Messages(Record, frozen=True):
    """One language's catalogue: dotted key → text."""

    language: str
    texts: dict[str, str]

    def text(self, key: str, /, **placeholders: str | int) -> str:
        """The message under ``key`` with its placeholders filled in.

        Raises:
            RenderError: the catalogue has no such key, or the message wants a placeholder that
                was not given.
        """
        if key not in self.texts:
            raise RenderError(
                f"message {key!r} is missing in language {self.language!r}: "
                f"add it to templates/messages/{self.language}{_SUFFIX}"
            )
        try:
            return self.texts[key].format_map(placeholders)
        except KeyError as error:
            raise RenderError(
                f"message {key!r} in language {self.language!r} wants a placeholder "
                f"{error.args[0]!r} that nobody gives: correct templates/messages/"
                f"{self.language}{_SUFFIX}"
            ) from None

    def around(self, key: str, hole: str, /, **placeholders: str | int) -> tuple[str, str]:
        """A message's text before and behind the placeholder whose place markup takes."""
        said = self.text(key, **{hole: _HOLE}, **placeholders)
        before, _, behind = said.rpartition(_HOLE)
        return before, behind

    def some(self, names: Sequence[str], most: int = MOST_NAMES) -> str:
        """A list of so many names at most, and how many more there are."""
        if len(names) <= most + 1:  # "and 1 more" is no shorter than the name
            return self.join(list(names))
        return self.text("list.more", names=self.join(list(names[:most])), more=len(names) - most)

    def join(self, parts: tuple[str, ...] | list[str]) -> str:
        """A list of names as the language writes one."""
        return self.text("list.separator").join(parts)


def languages() -> tuple[str, ...]:
    """The languages there is a catalogue for, in alphabetical order."""
    folder = templates_dir() / "messages"
    return tuple(sorted(path.stem for path in folder.glob(f"*{_SUFFIX}")))


@functools.cache
def load_messages(language: str) -> Messages:
    """Read one language's catalogue.

    Raises:
        UnknownNameError: there is none for this language.
        RenderError: the file is not what a catalogue is.
    """
    known = languages()
    if language not in known:
        raise UnknownNameError("language", language, known)
    path = templates_dir() / "messages" / f"{language}{_SUFFIX}"
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"{path}: can't be read as TOML: {one_line(error)}") from None
    return Messages(language=language, texts=dict(_flatten(tree, "", str(path))))


def placeholders(text: str) -> frozenset[str]:
    """The names of a message's placeholders."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _flatten(tree: Mapping[str, Any], prefix: str, where: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.", where)
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            raise RenderError(f"{where}: key {prefix + key!r} is {value!r}: write text in quotes")
