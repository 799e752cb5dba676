"""Options that several commands share, as decorators."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.counting import TRUE_CONVENTION, list_conventions
from profiler.errors import UsageError
from profiler.models.arguments import parse_arguments, parse_inputs
from profiler.records import BYTES_PER_ELEMENT, Input
from profiler.tracing.cache import TraceCache
from profiler.tracing.own_rules import VARIABLE

#: What ``--convention`` takes for every rule at once.
ALL = "all"

#: How many pixels the side of an input may have.
PIXELS = click.IntRange(1, 100_000)

_NO_MEASUREMENTS = f"{__name__}.no_measurements"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def series_path_option(command: _Command) -> _Command:
    """``--series-path``: where else series are looked for."""
    return click.option(
        "--series-path",
        "series_paths",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder with series folders in it, searched first (repeatable).",
    )(command)


def series_options(command: _Command) -> _Command:
    """``--series`` and ``--series-path``."""
    option = click.option(
        "--series", "series_name", default="inception", show_default=True, metavar="NAME",
        help="The series to show.",
    )  # fmt: skip
    return option(series_path_option(command))


def models_options(command: _Command) -> _Command:
    """``--model``, ``--series`` and ``--series-path``; ``check_models`` says what is missing."""
    models = click.option(
        "--model", "models", multiple=True, metavar="ADDRESS",
        help="A built-in name, timm:NAME, torchvision:NAME, package.module:function, "
        "file.py:function, model.pt2 or model.onnx (repeatable).",
    )  # fmt: skip
    series = click.option(
        "--series", "series_name", metavar="NAME", help="Every model of a series."
    )
    return models(series(series_path_option(command)))


def check_models(models: Sequence[str], series_name: str | None, request: str) -> None:
    """UsageError, which begins with ``request``, unless one of models and a series is named."""
    if bool(models) == bool(series_name):
        raise UsageError(request + (", not both" if models else ", for example --model googlenet"))


def size_option(command: _Command) -> _Command:
    """``--size``: the input side of every model."""
    return click.option(
        "--size", type=PIXELS, metavar="PIXELS",
        help="Input side; the architecture's own unless given.",
    )(command)  # fmt: skip


def common_size_option(command: _Command) -> _Command:
    """``--size``: one input side for models that are set beside each other."""
    return click.option(
        "--size", type=PIXELS, metavar="PIXELS",
        help="One input side for all; each model's own unless given.",
    )(command)  # fmt: skip


def batch_size_option(command: _Command) -> _Command:
    """``--batch-size``: what counts are of."""
    return click.option(
        "--batch-size", type=click.IntRange(1, 1_000_000), default=1, show_default=True
    )(command)


def bytes_precision_option(command: _Command) -> _Command:
    """``--precision``: what counts of bytes are stated at."""
    return click.option(
        "--precision", type=click.Choice(list(BYTES_PER_ELEMENT)),
        help="What bytes of floating-point tensors are stated at, their own dtypes unless given.",
    )(command)  # fmt: skip


def convention_option(command: _Command) -> _Command:
    """``--convention``: the counting rule."""
    return click.option(
        "--convention",
        type=click.Choice(list_conventions()),
        default=TRUE_CONVENTION,
        show_default=True,
        help="The counting rule.",
    )(command)


def any_convention_option(command: _Command) -> _Command:
    """``--convention``, which may be ``all``."""
    return click.option(
        "--convention",
        type=click.Choice((*list_conventions(), ALL)),
        default=TRUE_CONVENTION,
        show_default=True,
        help="The counting rule; all shows every one side by side.",
    )(command)


def jobs_option(usual: int, shown: str) -> Callable[[_Command], _Command]:
    """``--jobs``: how many processes count at once; ``shown`` is what help calls the usual."""
    return click.option(
        "--jobs", type=click.IntRange(1, 256), default=usual, metavar="N",
        help=f"Processes that count models at once.  [default: {shown}]",
    )  # fmt: skip


def cache_option(command: _Command) -> _Command:
    """``--no-cache``; the command gets ``cache``, a TraceCache or None."""
    return click.option(
        "--no-cache",
        "cache",
        is_flag=True,
        callback=lambda _context, _option, off: None if off else TraceCache(),
        help="Trace anew, and store nothing.",
    )(command)


def rules_option(command: _Command) -> _Command:
    """``--rules``: a file of rules, for this command and the processes that it starts."""
    return click.option(
        "--rules", metavar="FILE.PY", envvar=VARIABLE, expose_value=False, callback=_use_rules,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="What ops and modules of your own cost: a file with functions under "
        '@profiler.rule("library::op") or @profiler.rule(SomeModule).',
    )(command)  # fmt: skip


def _use_rules(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is None:
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(path.resolve())

    def restore() -> None:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before

    context.call_on_close(restore)


def measurements_options(command: _Command) -> _Command:
    """``--measurements`` and ``--no-measurements``.

    The command gets ``measurements``: folders of the user's own, or None for no measurement at all.
    """
    off = click.option(
        "--no-measurements", is_flag=True, is_eager=True, expose_value=False,
        callback=_leave_out_measurements, help="Show published latencies only.",
    )  # fmt: skip
    return off(
        click.option(
            "--measurements", multiple=True, callback=_measurement_folders, metavar="DIR",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Folder with files of measured latencies (repeatable).  [default: measurements]",
        )(command)
    )  # fmt: skip


def _leave_out_measurements(context: click.Context, _option: click.Parameter, off: bool) -> None:
    context.meta[_NO_MEASUREMENTS] = off


def _measurement_folders(
    context: click.Context, _option: click.Parameter, given: tuple[Path, ...]
) -> tuple[Path, ...] | None:
    from profiler.timing.latencies.measurement_file import FOLDER  # counting does without

    return None if context.meta.get(_NO_MEASUREMENTS) else given or (FOLDER,)


def language_option(command: _Command) -> _Command:
    """``--lang``."""
    from profiler.catalog import LANGUAGES  # many commands have no words in two languages

    return click.option(
        "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
        help="The page's language.",
    )(command)  # fmt: skip


def format_option(usual: str, *others: str) -> Callable[[_Command], _Command]:
    """``--format``; the command gets ``output_format``."""
    return click.option(
        "--format", "output_format", type=click.Choice((usual, *others)), default=usual,
        show_default=True,
    )  # fmt: skip


def output_option(command: _Command) -> _Command:
    """``-o``/``--output``: the file that the result goes to."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE")(command)


class _Listed(click.ParamType[tuple[Any, ...]]):
    """The type of such an option; the command gets each value once, in the order given.

    Args:
        read: text → a value; ValueError where it is none.
        expected: what the values are, as a message would say it.
    """

    name = "LIST"

    def __init__(self, read: Callable[[str], Any], expected: str) -> None:
        self._read = read
        self._expected = expected

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(dict.fromkeys(self._read(part.strip()) for part in value.split(",")))
        except ValueError:
            self.fail(f"{value!r}: expected {self._expected}, separated by commas", param, ctx)


def one_of(names: tuple[str, ...]) -> _Listed:
    """Values that are one of some names each, in whatever case."""

    def read(text: str) -> str:
        if text.lower() not in names:
            raise ValueError
        return text.lower()

    return _Listed(read, f"names from {', '.join(names)}")


def positive(what: str) -> _Listed:
    """Whole numbers from 1, called ``what``."""

    def read(text: str) -> int:
        number = int(text)
        if not 1 <= number <= 1_000_000:
            raise ValueError
        return number

    return _Listed(read, f"{what} from 1")


def builder_options(command: _Command) -> _Command:
    """``--arg``, which the command gets as the mapping ``options``; what forwards are given.

    That is ``--input``, the tuple ``inputs``, or ``--inputs``, the address ``inputs_from``. Of
    several models every one is built and run with them.
    """
    arguments = click.option(
        "--arg", "options", multiple=True, metavar="NAME=VALUE", callback=_arguments,
        help="An argument of every builder, a Python literal or a word (repeatable).",
    )  # fmt: skip
    inputs = click.option(
        "--input", "inputs", multiple=True, metavar="SHAPE", callback=_inputs,
        help="An input of every forward, in order, instead of an image: 1x3x224x224, "
        "tokens:1x12 for whole numbers, x=1x3x32x32 for the argument x (repeatable).",
    )  # fmt: skip
    inputs_from = click.option(
        "--inputs", "inputs_from", metavar="FILE.PY:FUNCTION", default="",
        help="A function that returns what every forward gets, where --input can't say it: a "
        "tensor, a tuple of arguments, or a mapping of keywords.",
    )  # fmt: skip
    return arguments(inputs(inputs_from(command)))


def run_options(command: _Command) -> _Command:
    """``--values`` and ``--until``: how a forward is run."""
    values = click.option(
        "--values", type=click.Choice(["never", "fake", "real"]),
        help="Run forwards on shapes alone (never), on fake tensors that know their constants, or "
        "with real values on the CPU.  [default: the first of these that goes]",
    )  # fmt: skip
    until = click.option(
        "--until", default="", metavar="PATH",
        help="Stop after the first call of this module, and count up to there.",
    )  # fmt: skip
    return values(until(command))


#: Options that say what ``--input`` says in whole, by the name their commands know them under.
_SIZES = {"size": "--size", "sizes": "--size", "batch_size": "--batch-size", "batch_sizes": "--bs"}


def check_inputs(inputs: tuple[Input, ...], inputs_from: str) -> None:
    """UsageError where sizes of an image are given beside whole inputs, or these in two ways."""
    if inputs and inputs_from:
        raise UsageError("--input and --inputs both say what the forward gets: leave out one")
    option_given = "--inputs" if inputs_from else "--input"
    given = click.core.ParameterSource.COMMANDLINE
    context = click.get_current_context()
    for name, option in _SIZES.items():
        if (inputs or inputs_from) and context.get_parameter_source(name) == given:
            raise UsageError(f"{option_given} states whole shapes: leave out {option}")


def is_one_batch(inputs: tuple[Input, ...]) -> bool:
    """Whether it is what a model is given without ``--input``, one tensor of numbers."""
    return len(inputs) == 1 and not inputs[0].name and inputs[0].kind == "float"


def _arguments(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, object]:
    return parse_arguments(texts)


def _inputs(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[Input, ...]:
    return parse_inputs(texts)
