"""``inprof count``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from profiler.cli.options import (
    ALL,
    any_convention_option,
    batch_size_option,
    builder_options,
    bytes_precision_option,
    cache_option,
    check_inputs,
    check_models,
    format_option,
    jobs_option,
    models_options,
    output_option,
    rules_option,
    run_options,
    size_option,
)
from profiler.cli.output import check_output, emit, progress_bar
from profiler.counting.conventions import list_conventions
from profiler.counting.counts import count as count_trace
from profiler.counting.grouping import GROUPINGS, SORT_KEYS, rank
from profiler.errors import ToolError, TraceError, UsageError
from profiler.fleet.traces import Target, traced
from profiler.records import Counts, Input, Trace, Values
from profiler.report.documents.count import count_document, uncounted_lines
from profiler.report.tables.layers import COLUMNS, DEFAULT_COLUMNS
from profiler.tracing.cache import TraceCache

#: What ``--columns`` may add, under the short names people type.
_COLUMN_SETS = {
    "activations": ("activations",),
    "bytes": ("bytes_moved",),
    "intensity": ("arithmetic_intensity",),
    "trainable": ("trainable_params", "frozen_params"),
    "input": ("input_shape",),
    "calls": ("calls",),
}


@click.command()
@models_options
@any_convention_option
@click.option(
    "--explain", type=click.Choice(list_conventions()), metavar="CONVENTION",
    help="Show the gap between this rule and flops, op kind by op kind.",
)  # fmt: skip
@click.option(
    "--verify", is_flag=True,
    help="Run fvcore, thop and what else is installed; exit 1 where one disagrees with its rule.",
)  # fmt: skip
@click.option(
    "--variant", type=click.Choice(["deploy", "train"]), default="deploy", show_default=True,
    help="The graph: as deployed, or with the branches that only training needs.",
)  # fmt: skip
@size_option
@batch_size_option
@builder_options
@run_options
@click.option(
    "--by", type=click.Choice(GROUPINGS), default="layer", show_default=True,
    help="What a row is.",
)  # fmt: skip
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="N",
    help="Roll up what is deeper than N path components.",
)  # fmt: skip
@click.option("--sort", type=click.Choice(SORT_KEYS), default="order", show_default=True)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N",
    help="Keep N rows; the others become one.",
)  # fmt: skip
@click.option(
    "--columns", metavar="LIST",
    help=f"More columns, comma-separated: {', '.join(_COLUMN_SETS)}, or all.",
)  # fmt: skip
@bytes_precision_option
@format_option("table", "markdown", "csv", "json")
@output_option
@jobs_option(1, "1")
@rules_option
@cache_option
@click.option("--strict", is_flag=True, help="Make an op without a counting rule an error.")
def count(
    models: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    convention: str,
    explain: str | None,
    verify: bool,
    variant: str,
    size: int | None,
    batch_size: int,
    options: dict[str, object],
    inputs: tuple[Input, ...],
    inputs_from: str,
    values: Values | None,
    until: str,
    by: str,
    depth: int | None,
    sort: str,
    top: int | None,
    columns: str | None,
    precision: str | None,
    output_format: str,
    output: Path | None,
    jobs: int,
    cache: TraceCache | None,
    strict: bool,
) -> None:
    """Count parameters, MACs and FLOPs, layer by layer.

    The model is built and run on shapes alone: no weights, no data, no arithmetic. A forward that
    looks at the values of a tensor is run on fake tensors, or with values on the CPU, and the
    result says so. With several models and no --by, --depth or --top the table has a row per model.

    \b
    Examples:
      inprof count --model googlenet
      inprof count --model inceptionv3 --depth 1
      inprof count --model my_nets.py:small --size 64 --columns activations,bytes
      inprof count --model timm:xception41 --depth 1
      inprof count --model my_nets.py:bert --arg layers=4 --input tokens:1x128
      inprof count --model my_nets.py:reader --inputs my_nets.py:a_batch
      inprof count --model my_nets.py:detector --until backbone
      inprof count --model my_nets.py:mamba --rules my_rules.py
      inprof count --series inception --jobs 4 --format csv -o counts.csv
      inprof count --model googlenet --convention all
      inprof count --model googlenet --explain thop
      inprof count --model googlenet --verify
    """
    shown = _columns(columns)
    targets = _targets(models, series_name, series_paths)
    check_output(output)
    check_inputs(inputs, inputs_from)
    _check_view(convention, explain, verify)
    if verify and inputs_from:
        raise UsageError("--verify hands one tensor to each tool: leave out --inputs")

    def counted_of(trace: Trace) -> Counts:
        counts = count_trace(
            trace, convention, by=by, depth=depth, precision=precision, strict=strict
        )
        return rank(counts, sort, top)

    try:
        with progress_bar("counting", len(targets)) as step:
            traces = list(
                traced(
                    [replace(target, crop_size=size or target.crop_size) for target in targets],
                    jobs=jobs,
                    cache=cache,
                    progress=step,
                    variant=variant,
                    batch_size=batch_size,
                    options=options,
                    inputs=inputs,
                    inputs_from=inputs_from,
                    values=values,
                    until=until,
                )
            )
    except TraceError as error:
        # what ran before says how far it is worth counting
        before, is_plain = error.before, not (verify or explain or convention == ALL or output)
        if is_plain and output_format == "table" and isinstance(before, Trace) and before.ops:
            emit(count_document([counted_of(before)], shown), output_format)
        raise
    if verify or explain or convention == ALL:
        if strict:
            _check_rules(traces, [explain] if explain else list_conventions())
        if verify:
            _verify(targets, traces, options, output_format, output)
        else:
            _compare(traces, explain, output_format, output)
        return
    counted = [counted_of(trace) for trace in traces]
    detailed = len(counted) == 1 or _asks_for_rows(click.get_current_context())
    if output_format == "csv":
        _say_uncounted(counted)
    emit(count_document(counted, shown, detailed), output_format, output)


def _check_view(convention: str, explain: str | None, verify: bool) -> None:
    """One view at a time, and no shape of rows where there are none."""
    views = [name for name, on in (
        ("--convention all", convention == ALL), ("--explain", explain), ("--verify", verify)
    ) if on]  # fmt: skip
    if len(views) > 1:
        raise UsageError(f"{' and '.join(views)} are two views of a model; ask for one at a time")
    if views and _asks_for_rows(click.get_current_context()):
        raise UsageError(f"{views[0]} has no rows by layer: leave out --by, --depth, --sort, --top")


def _check_rules(traces: Sequence[Trace], conventions: Sequence[str]) -> None:
    """``--strict`` for several rules at once: UncountedError at the first op without one."""
    for trace in traces:
        for name in conventions:
            count_trace(trace, name, by="kind", strict=True)


def _compare(
    traces: Sequence[Trace], explain: str | None, output_format: str, output: Path | None
) -> None:
    """Every convention side by side, or one of them explained."""
    from profiler.counting.explain import explain as explain_trace
    from profiler.counting.explain import explain_all
    from profiler.report.documents.conventions import conventions_document, explanation_document

    document = (
        explanation_document([explain_trace(trace, explain) for trace in traces])
        if explain
        else conventions_document([explain_all(trace) for trace in traces])
    )
    emit(document, output_format, output)


def _verify(
    targets: Sequence[Target],
    traces: Sequence[Trace],
    options: dict[str, object],
    output_format: str,
    output: Path | None,
) -> None:
    """Run the tools themselves; exit 1 where one does not say what its emulation says.

    Raises:
        ToolError: none of them could be run on a model.
    """
    from profiler.counting.verification import verify
    from profiler.report.documents.conventions import verification_document

    verified = []
    with progress_bar("running tools", len(traces)) as step:
        for target, trace in zip(targets, traces, strict=True):
            step(target.address)
            verified.append((trace.arch, verify(target.address, trace, options)))
    emit(verification_document(verified), output_format, output)
    if output_format == "csv":
        for each in (each for _, tools in verified for each in tools if each.error):
            click.echo(each.error, err=True)
    for model, tools in verified:
        if all(each.error for each in tools):
            raise ToolError(f"{model}: no tool could be run, so that nothing is verified")
    if not all(each.agrees or each.error for _, tools in verified for each in tools):
        raise SystemExit(1)


def _targets(
    models: tuple[str, ...], series_name: str | None, series_paths: tuple[Path, ...]
) -> list[Target]:
    """Addresses with the crop size their series states, if any."""
    check_models(
        models, series_name, "say what to count: --model NAME (repeatable) or --series NAME"
    )
    if models:
        return [Target(address) for address in models]
    from profiler.catalog import load_series  # which a model by its address does not need

    series = load_series(series_name or "", series_paths)
    return [Target(model.address, model.crop_size) for model in series.models]


def _columns(names: str | None) -> tuple[str, ...]:
    if not names:
        return DEFAULT_COLUMNS
    if names.strip() == "all":
        return tuple(COLUMNS)
    added: list[str] = []
    for name in (part.strip() for part in names.split(",")):
        if name in _COLUMN_SETS:
            added.extend(_COLUMN_SETS[name])
        elif name in COLUMNS:
            added.append(name)
        else:
            raise UsageError(f"--columns {name!r}: choose from {', '.join(_COLUMN_SETS)} or all")
    return tuple(dict.fromkeys((*DEFAULT_COLUMNS, *added)))


def _asks_for_rows(context: click.Context) -> bool:
    given = click.core.ParameterSource.COMMANDLINE
    return any(
        context.get_parameter_source(name) == given
        for name in ("by", "depth", "top", "sort", "columns")
    )


def _say_uncounted(counted: Sequence[Counts]) -> None:
    """On standard error, as a table of figures has no place for it."""
    for counts in counted:
        for function, where in uncounted_lines(counts.uncounted):
            click.echo(
                f"{counts.model}: no rule under {counts.convention} for {function} {where}, "
                "not in any figure",
                err=True,
            )
