"""``inprof count``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Group
from rich.text import Text

from profiler import units
from profiler.cache import TraceCache
from profiler.catalog import load_series
from profiler.cli.options import cache_option, convention_option, series_path_option
from profiler.cli.progress import progress_bar
from profiler.conventions import convention as find_convention
from profiler.counting import count as count_trace
from profiler.errors import UsageError
from profiler.gather import trace_address
from profiler.grouping import GROUPINGS
from profiler.layer_tables import (
    COLUMNS,
    DEFAULT_COLUMNS,
    layer_table,
    stacked_layer_table,
    totals_table,
    uncounted_table,
)
from profiler.ranking import SORT_KEYS, rank
from profiler.records import BYTES_PER_ELEMENT, Counts
from profiler.render.csv_table import render_csv
from profiler.render.json_report import counts_json
from profiler.render.markdown import inline, render_markdown
from profiler.render.messages import load_messages
from profiler.render.terminal import console, plain, terminal_table, totals_lines
from profiler.store import check_target, write_atomic

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
@click.option(
    "--model", "models", multiple=True, metavar="ADDRESS",
    help="A built-in name, package.module:function or file.py:function (repeatable).",
)  # fmt: skip
@click.option("--series", "series_name", metavar="NAME", help="Every model of a series.")
@series_path_option
@convention_option
@click.option(
    "--variant", type=click.Choice(["deploy", "train"]), default="deploy", show_default=True,
    help="The graph: as deployed, or with the branches that only training needs.",
)  # fmt: skip
@click.option(
    "--size", type=click.IntRange(1, 100_000), metavar="PIXELS",
    help="Input side; the architecture's own unless given.",
)  # fmt: skip
@click.option("--batch-size", type=click.IntRange(1, 1_000_000), default=1, show_default=True)
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
@click.option(
    "--precision", type=click.Choice(list(BYTES_PER_ELEMENT)), default="fp32", show_default=True,
    help="What bytes are stated at.",
)  # fmt: skip
@click.option(
    "--format", "output_format", type=click.Choice(["table", "markdown", "csv", "json"]),
    default="table", show_default=True,
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE")
@cache_option
@click.option("--strict", is_flag=True, help="Make an op without a counting rule an error.")
def count(
    models: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    convention: str,
    variant: str,
    size: int | None,
    batch_size: int,
    by: str,
    depth: int | None,
    sort: str,
    top: int | None,
    columns: str | None,
    precision: str,
    output_format: str,
    output: Path | None,
    cache: TraceCache | None,
    strict: bool,
) -> None:
    """Count parameters, MACs and FLOPs, layer by layer.

    The model is built and run on shapes alone: no weights, no data, no arithmetic. With several
    models and no --by, --depth or --top the table has a row per model.

    \b
    Examples:
      inprof count --model googlenet
      inprof count --model inceptionv3 --depth 1
      inprof count --model my_nets.py:small --size 64 --columns activations,bytes
      inprof count --series inception --format csv -o counts.csv
    """
    shown = _columns(columns)
    targets = _targets(models, series_name, series_paths)
    if output is not None:
        check_target(output)
    counted: list[Counts] = []
    with progress_bar("counting", len(targets)) as step:
        for address, crop_size in targets:
            step(address)
            trace = trace_address(
                address,
                variant=variant,
                crop_size=size or crop_size,
                batch_size=batch_size,
                cache=cache,
            )
            counts = count_trace(
                trace, convention, by=by, depth=depth, precision=precision, strict=strict
            )
            counted.append(rank(counts, sort, top))
    detailed = len(counted) == 1 or _asks_for_rows(click.get_current_context())
    if output_format == "table" and output is None:
        stdout = console(sys.stdout)
        stdout.print(_terminal(counted, shown, detailed, stdout.width))
        return
    text = _text(counted, shown, output_format, detailed)
    if output_format == "csv":
        _say_uncounted(counted)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text)
        click.echo(f"wrote {output}", err=True)


def _targets(
    models: tuple[str, ...], series_name: str | None, series_paths: tuple[Path, ...]
) -> list[tuple[str, int | None]]:
    """Addresses with the crop size their series states, if any."""
    if bool(models) == bool(series_name):
        raise UsageError(
            "say what to count: --model NAME (repeatable) or --series NAME"
            + (", not both" if models else ", for example --model googlenet")
        )
    if models:
        return [(address, None) for address in models]
    series = load_series(series_name or "", series_paths)
    return [(model.address, model.crop_size) for model in series.models]


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
        for op in counts.uncounted:
            where = op.path or "the model's own forward"
            click.echo(
                f"{counts.model}: no rule under {counts.convention} for {op.function} "
                f"in {where} ({op.calls} calls), not in any figure",
                err=True,
            )


def _title(counts: Counts) -> str:
    shapes = " + ".join(units.shape(shape) for shape in counts.input_shapes.values())
    graph = "" if counts.variant == "deploy" else f", {counts.variant} graph"
    return f"{counts.model}, input {shapes}{graph}"


def _terminal(
    counted: Sequence[Counts], columns: Sequence[str], detailed: bool, width: int | None = None
) -> Group:
    messages = load_messages("en")
    parts: list[object] = []
    for counts in counted if detailed else ():
        parts.append(terminal_table(layer_table(counts, columns), messages, _title(counts), width))
        parts.append(totals_lines(counts))
    if len(counted) > 1:
        parts.append(terminal_table(totals_table(counted), messages, "Totals", width))
    for counts in counted:
        if counts.uncounted:
            title = f"{counts.model}: no rule under {counts.convention}, not in any figure"
            parts.append(terminal_table(uncounted_table(counts), messages, title, width))
    rule = find_convention(counted[0].convention)
    parts.append(Text(f"{rule.name}: {rule.summary}", style="dim"))
    return Group(*parts)  # type: ignore[arg-type]


def _text(
    counted: Sequence[Counts], columns: Sequence[str], output_format: str, detailed: bool
) -> str:
    if output_format == "table":
        return plain(_terminal(counted, columns, detailed))
    if output_format == "json":
        return counts_json(counted, more=tuple(columns) != DEFAULT_COLUMNS)
    if output_format == "csv":
        return _csv(counted, columns, detailed)
    return _markdown(counted, columns, detailed)


def _csv(counted: Sequence[Counts], columns: Sequence[str], detailed: bool) -> str:
    """One table; with several models a row per model, or their rows under each other."""
    if not detailed:
        return render_csv(totals_table(counted))
    if len(counted) == 1:
        return render_csv(layer_table(counted[0], columns))
    return render_csv(stacked_layer_table(counted, columns))


def _markdown(counted: Sequence[Counts], columns: Sequence[str], detailed: bool) -> str:
    messages = load_messages("en")
    parts: list[str] = []
    for counts in counted if detailed else ():
        parts.append(f"### {inline(_title(counts))}")
        parts.append(render_markdown(layer_table(counts, columns), messages))
    if len(counted) > 1:
        parts.append(render_markdown(totals_table(counted), messages))
    for counts in counted:
        if counts.uncounted:
            parts.append(f"No rule under `{counts.convention}` and not in any figure:")
            parts.append(render_markdown(uncounted_table(counts), messages))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
