"""The tree of errors, and their words."""

import pytest

from profiler import errors
from profiler.errors import (
    InprofError,
    UnknownNameError,
    UsageError,
    nearest,
    one_line,
)


def test_exit_codes():
    tree = [each for each in vars(errors).values() if isinstance(each, type)
            and issubclass(each, InprofError)]  # fmt: skip
    assert len(tree) >= 10
    for each in tree:
        assert each.exit_code == (2 if issubclass(each, UsageError) else 1)
        assert each.__name__ in (errors.__doc__ or ""), "draw it in the tree"


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("googlnet", ["googlenet", "vgg"], "did you mean googlenet?"),
        ("GoogLeNet", ["googlenet"], "did you mean googlenet?"),
        ("xception4", ["xception41", "xception65"], "did you mean xception41 or xception65?"),
        ("zzz", ["a", "b"], "choose from a, b"),
        ("zzz", [], "there are none"),
    ],
)
def test_nearest(name, known, text):
    assert nearest(name, known) == text


def test_an_unknown_name_says_what_where_and_what_to_do():
    error = UnknownNameError("model", "zzz", ["b", "a"], "look it up")
    assert str(error) == "unknown model 'zzz': choose from a, b (look it up)"
    assert (error.what, error.name, error.known) == ("model", "zzz", ["a", "b"])


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("\n  one\ntwo"), "one"),
        (ValueError(), "ValueError"),
        (KeyError("name"), "'name'"),
        (ValueError("half \ud800 a pair"), "half \\ud800 a pair"),
        (MuteError(), "MuteError"),
    ],
)
def test_one_line(error, line):
    assert one_line(error) == line
