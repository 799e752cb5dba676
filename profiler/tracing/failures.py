"""A forward that raised, or that caught what it should not have: which op, where, and why."""

from __future__ import annotations

import linecache
import os
import re
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import torch

from profiler.errors import InprofError, one_line, text_of
from profiler.tracing.names import base_name
from profiler.tracing.ops import DATA_DEPENDENT

#: How torch says that it was asked for what a tensor on the meta device does not hold.
_NEEDS_VALUES = (
    "meta tensor",
    "data-independent",
    "meta device type",
    "it's on meta",
    "cpu int64 tensor, but got",
    "unsupported format string passed to tensor",
)
#: How it says that nobody has told it what shape an op gives.
_NO_SHAPE = ("no fake impl", "not find the fake impl")
#: All that fake tensors say of what depends on values: the name of the op.
_IS_NAME = re.compile(r"aten\.\w+\.\w+")
#: How TorchScript begins what it says of an op that failed in it, over the lines that led there and
#: the op's own words.
_INTERPRETED = "failed in the TorchScript interpreter"
_INTERPRETED_LINE = re.compile(
    r'^ *File "(?P<file>[^"]+)", line (?P<number>\d+), in ', re.MULTILINE
)
#: Control flow as an op: torch.cond, while_loop and their like run in a compiled graph alone.
_HIGHER_ORDER = "higher order operator"


class FailedOp(NamedTuple):
    """An op that raised: what it said, its name, the module and the line it was called in.

    The exception itself would keep the model alive: its frames lead back to what holds this.
    """

    text: str
    op: str
    path: str
    #: File, number and text of the line of the user's own code.
    line: str = ""

    @property
    def lacks_values(self) -> bool:
        """Whether a run with values may go further."""
        text = self.text.lower()
        return self.needs_values or "meta" in text or "device" in text or self.has_no_shape

    @property
    def is_one_of_device(self) -> bool:
        """Whether a run with every tensor on meta, or with autograd, may go further."""
        text = self.text.lower()
        return any(word in text for word in ("meta", "device", "grad", "allocat"))

    @property
    def has_no_shape(self) -> bool:
        """Whether nobody has told torch what shape it gives."""
        return any(each in self.text.lower() for each in _NO_SHAPE)

    @property
    def needs_values(self) -> bool:
        """Whether what it lacked are the values of a tensor, and no other run will have them."""
        text = self.text.lower()
        if self.has_no_shape:
            return base_name(self.op) in DATA_DEPENDENT
        if _IS_NAME.fullmatch(text):
            return True
        is_asking = base_name(self.op) in DATA_DEPENDENT and "meta" in text
        return is_asking or any(each in text for each in _NEEDS_VALUES)


class Failures:
    """Every op and module call of a forward that raised, whether the model went on or not."""

    def __init__(self) -> None:
        self._ops: list[tuple[BaseException, FailedOp]] = []
        self._calls: list[tuple[BaseException, str]] = []
        self._unwatched: list[str] = []
        self._threads: list[Exception] = []

    def add_op(self, error: BaseException, op: str, path: str) -> None:
        """An op raised; functions written in Python hand the error of an op within them on."""
        if not any(known is error for known, _ in self._ops):
            self._ops.append((error, FailedOp(text_of(error), op, path, _line(sys._getframe(1)))))

    def add_call(self, error: BaseException, path: str) -> None:
        """A module call raised; the calls around it hand that on."""
        if not any(known in _behind(error) for known, _ in self._calls):
            self._calls.append((error, path))

    def behind(self, error: BaseException) -> FailedOp:
        """The failure behind an error; without an op if the model's Python failed."""
        chain = _behind(error)
        for known, failed in self._ops:
            if known in chain:
                # a thread may have been started with no line of the user's
                return failed if failed.line else failed._replace(line=_line_of(error))
        line = _line_of(error)
        if _INTERPRETED in text_of(error) and self._ops:
            # which hands on the text of what an op raised, and not the error
            return self._ops[-1][1]._replace(line=line)
        paths = [path for known, path in self._calls if known in chain]
        return FailedOp(text_of(error), "", paths[0] if paths else "", line)

    def add_thread(self, error: Exception) -> None:
        """A thread of the forward has ended with an error."""
        self._threads.append(error)

    def in_thread(self) -> Exception | None:
        """The first error that ended a thread."""
        return next(iter(self._threads), None)

    def add_unwatched(self, path: str) -> None:
        """A module was called in a thread that is not watched."""
        self._unwatched.append(path)

    def swallowed(self) -> FailedOp | None:
        """The first op that needed values where the model went on without them."""
        return next((failed for _, failed in self._ops if failed.needs_values), None)

    def unwatched(self) -> str | None:
        """The first module that was called in a thread that is not watched."""
        return next(iter(self._unwatched), None)

    def forget(self) -> None:
        """Let go of the exceptions, whose frames hold the model."""
        self._ops.clear()
        self._calls.clear()
        self._threads.clear()


def explanation(failed: FailedOp, cause: BaseException | None) -> str:
    """A failure on one line.

    Args:
        failed: what ended the forward, or should have.
        cause: the exception that came out of it; None where the model caught what the op raised.
    """
    where = f"module {failed.path!r}" if failed.path else "the model's own forward"
    if failed.line:
        where += f" ({failed.line})"
    if cause is None:
        return f"{failed.op} in {where} {_NEEDS} (the model catches the error and goes on without)"
    if _HIGHER_ORDER in failed.text.lower():
        return f"control flow as an op (torch.cond or its like) in {where} {_NEEDS}"
    if isinstance(cause, InprofError) or not failed.op:
        # raised by the model's own Python, which knows best what is wrong
        said = _said(failed, cause)
        if isinstance(cause, _WORDLESS):
            said = f"{type(cause).__name__}: {said}"
        at = [each for each in (failed.path and f"in module {failed.path!r}", failed.line) if each]
        return f"{said} ({', '.join(at)})" if at else said
    if "nested" in failed.op:
        return (
            f"a nested tensor is made in {where}, which has rows of several lengths and no one "
            "shape to count at"
        )
    if failed.needs_values:
        return f"{failed.op} in {where} {_NEEDS}"
    if failed.has_no_shape:
        return (
            f"{failed.op} in {where} can't be run on shapes alone: nobody has told torch what "
            "shape it gives (torch.library.register_fake does, or a rule of your own: output= of "
            "profiler.rule)"
        )
    return f"{failed.op} in {where} failed: {_said(failed, cause).rstrip('.')}"


def _said(failed: FailedOp, error: BaseException) -> str:
    """What an exception says, on one line; TorchScript ends with that, or leaves it out."""
    text = text_of(error).strip()
    if _INTERPRETED not in text:
        return one_line(error)
    own = "" if _INTERPRETED in failed.text else failed.text.strip()
    return own.partition("\n")[0] or text.splitlines()[-1].partition(": ")[2] or one_line(error)


#: Errors whose text says nothing without their type.
_WORDLESS = (KeyError, SystemExit, StopIteration)
_NEEDS = "needs the values of a tensor, which a run on shapes alone does not have"
_PYTHON = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
#: Folders of code that is no user's: torch's own, and ours.
_NOT_THEIRS = (str(Path(torch.__file__).parent), str(Path(__file__).parents[1]))


#: Where a forward is run: what called that is not part of it.
_RUN = (str(Path(__file__).with_name("tracer.py")), "attempt")


def _line(frame: FrameType | None) -> str:
    """The innermost line of the user's own code, as ``net.py:31: y = x.item()``."""
    while frame is not None and (frame.f_code.co_filename, frame.f_code.co_name) != _RUN:
        if _is_theirs(frame.f_code.co_filename):
            return _place(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return ""


def _line_of(error: BaseException) -> str:
    """The innermost line of the user's own code that the error came through."""
    found = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if _is_theirs(frame.f_code.co_filename):
            found = _place(frame.f_code.co_filename, number)
    text = text_of(error)
    if _INTERPRETED in text:
        for match in _INTERPRETED_LINE.finditer(text):
            if _is_theirs(match["file"]):
                found = _place(match["file"], int(match["number"]))
    return found


def _is_theirs(name: str) -> bool:
    is_pythons = name.startswith(_PYTHON) and "site-packages" not in name
    return not (is_pythons or name.startswith((*_NOT_THEIRS, "<")))


def _place(name: str, number: int) -> str:
    text = linecache.getline(name, number).strip()
    return f"{os.path.basename(name)}:{number}" + (f": {text}" if text else "")


def _behind(error: BaseException) -> list[BaseException]:
    """The exception and those that it was raised over, as a list compared by identity."""
    chain: list[BaseException] = []
    known: BaseException | None = error
    while known is not None and not any(known is each for each in chain):
        chain.append(known)
        known = known.__cause__ or known.__context__
    return chain
