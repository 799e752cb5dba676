"""``inprof identify``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import click

from profiler.cli.options import (
    PIXELS,
    builder_options,
    cache_option,
    check_inputs,
    format_option,
    rules_option,
)
from profiler.cli.output import emit, progress_bar
from profiler.counting.identification import (
    Candidate,
    Skipped,
    candidates,
    earlier_candidates,
    read_quotes,
    sizes_to_try,
)
from profiler.counting.identification import identify as find_origin
from profiler.counting.slips import SMALL_SIZES, Size, rectangles, sides
from profiler.errors import (
    BuildError,
    TraceError,
    UsageError,
    one_line,
)
from profiler.models.arguments import argument_texts, built_with
from profiler.records import Input, Shape, Trace
from profiler.report.documents.identification import identification_document
from profiler.tracing.addressed import input_shape, trace_address
from profiler.tracing.cache import TraceCache

#: The graphs to try; a model has the first, and may have the others.
_VARIANTS = ("deploy", "train")
#: Batch, channels, height and width.
_IMAGE_DIMS = 4


@click.command()
@click.option(
    "--model", required=True, metavar="ADDRESS",
    help="A built-in name, package.module:function or file.py:function.",
)  # fmt: skip
@click.option("--flops", metavar="FIGURE", help="What was quoted as FLOPs, for example 11.46G.")
@click.option("--macs", metavar="FIGURE", help="What was quoted as MACs.")
@click.option("--params", metavar="FIGURE", help="What was quoted as parameters.")
@click.option(
    "--size", "sizes", multiple=True, type=PIXELS, metavar="PIXELS",
    help="Input side to try (repeatable); the model's own and the common ones unless given.",
)  # fmt: skip
@builder_options
@format_option("table", "markdown", "json")
@rules_option
@cache_option
@click.pass_context
def identify(
    context: click.Context,
    model: str,
    flops: str | None,
    macs: str | None,
    params: str | None,
    sizes: tuple[int, ...],
    options: dict[str, object],
    inputs: tuple[Input, ...],
    inputs_from: str,
    output_format: str,
    cache: TraceCache | None,
) -> None:
    """Find the counting rule behind a quoted figure.

    Every convention is tried on the deploy and the train graph at many input sizes. One that gives
    all quoted figures as they are rounded matches. Where none does at a stated size, the counts are
    taken through what happens to figures before they are printed: units of 1024, a tool's MACs
    doubled into FLOPs, a batch, a rectangle, an area, a part of the parameters, an earlier version
    of a tool; the least far-fetched is the answer. Else the nearest misses are shown. A
    figure quoted as FLOPs may turn out to be a number of MACs, so --flops and --macs alone try
    every rule; together each is compared with its own column of inprof count. With --input or
    --inputs these inputs alone are tried, and no other sizes.

    Exits with 0 where something matches, with 1 where nothing does.

    \b
    Examples:
      inprof identify --model inceptionv3 --flops 11.46G
      inprof identify --model googlenet --flops 2.88G --params 8.46M
      inprof identify --model my_nets.py:small --macs 1.2M --size 32 --size 64
      inprof identify --model my_nets.py:bert --arg layers=4 --input tokens:1x128 --macs 2.8G
      inprof identify --model my_nets.py:reader --inputs my_nets.py:a_batch --macs 262k
    """
    quotes = read_quotes(flops=flops, macs=macs, params=params)
    check_inputs(inputs, inputs_from)
    own: int | None = None
    whole: Shape = ()
    wanted: tuple[int | None, ...] = (None,)
    if not (inputs or inputs_from):
        whole = input_shape(model, options=options, cache=cache)
        own = whole[-1]
        wanted = sizes_to_try(own, sizes)
    trial = _Trial(model, options, cache, inputs, inputs_from)
    tried, skipped = _try_all(trial, wanted)
    name = built_with(model, argument_texts(options))
    stated = sizes or ((own,) if own else ())
    find = partial(
        find_origin, name, quotes, tried, own, skipped, inputs, inputs_from, stated=stated
    )
    found = find()
    if not found.is_plain:
        found = find(further=_try_further(trial, stated, whole))
    emit(identification_document(found), output_format)
    if not found.matches:
        context.exit(1)


@dataclass(frozen=True)
class _Trial:
    """A model that is traced again and again."""

    model: str
    options: Mapping[str, object]
    cache: TraceCache | None
    #: What it is given instead of images.
    inputs: tuple[Input, ...]
    #: The function that gives it instead.
    inputs_from: str

    def trace(self, variant: str, size: int | None, inputs: tuple[Input, ...] = ()) -> Trace:
        """One graph at a size, or on inputs."""
        return trace_address(
            self.model, variant=variant, crop_size=size, options=self.options,
            inputs=inputs or self.inputs, inputs_from=self.inputs_from, cache=self.cache,
        )  # fmt: skip


def _try_all(trial: _Trial, sizes: Sequence[int | None]) -> tuple[list[Candidate], list[Skipped]]:
    """Each graph at each size under every convention, and what could not be traced.

    A size of None stands for the inputs that are given.

    Raises:
        TraceError: the model runs at none of the sizes.
    """
    tried: list[Candidate] = []
    skipped: list[Skipped] = []
    with progress_bar("trying", len(_VARIANTS) * len(sizes)) as step:
        for variant in _VARIANTS:
            for size in sizes:
                step(f"{variant} graph" + (f" at {size} px" if size else ""))
                try:
                    trace = trial.trace(variant, size)
                except TraceError as error:
                    skipped.append(Skipped(variant, size, one_line(error)))
                    continue
                except (UsageError, BuildError) as error:
                    if variant == _VARIANTS[0]:
                        raise
                    # most models have one graph; a builder that should give another and fails at
                    # it is worth a word
                    if isinstance(error, BuildError):
                        skipped.append(Skipped(variant, None, one_line(error)))
                    break
                tried.extend(candidates(trace, variant, size))
    if not tried:
        raise TraceError(skipped[0].reason)
    return tried, skipped


def _try_further(trial: _Trial, stated: Sequence[int], shape: Shape) -> list[Candidate]:
    """What figures come from less often: rectangles, small images, earlier versions of tools.

    A graph that does not run there is no explanation either, and left out.
    """
    places: list[tuple[Size | None, tuple[Input, ...]]] = [(size, ()) for size in stated or (None,)]
    grids: list[Size] = [*SMALL_SIZES, *(each for size in stated for each in rectangles(size))]
    if len(shape) == _IMAGE_DIMS:
        places += [(each, (Input((*shape[:2], *sides(each))),)) for each in dict.fromkeys(grids)]
    found: list[Candidate] = []
    with progress_bar("trying", len(_VARIANTS) * len(places)) as step:
        for variant in _VARIANTS:
            for size, inputs in places:
                step(f"{variant} graph")
                try:
                    trace = trial.trace(variant, None if inputs else _side(size), inputs)
                except (TraceError, UsageError, BuildError):
                    continue
                if inputs and size not in stated:
                    found.extend(candidates(trace, variant, size))
                elif not inputs:
                    found.extend(earlier_candidates(trace, variant, size))
    return found


def _side(size: Size | None) -> int | None:
    return size if isinstance(size, int) else None
