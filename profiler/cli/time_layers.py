"""``inprof time layers``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from profiler.cli.options import cache_option, format_option, output_option, rules_option
from profiler.cli.output import check_output, emit, warn
from profiler.cli.time_show import chosen, filter_options, read_records
from profiler.errors import BuildError, InprofError, NoDataError
from profiler.files import write_atomic
from profiler.models.arguments import argument_values
from profiler.records import Measurement, Trace
from profiler.report.documents.layer_times import chrome_trace, layer_times_document
from profiler.timing.latencies.layer_timings import timed_layers
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@filter_options
@format_option("text", "markdown", "csv", "json")
@output_option
@click.option(
    "--chrome-trace", "timeline", type=click.Path(path_type=Path), metavar="FILE",
    help="Write the layers as a timeline that Perfetto opens.",
)  # fmt: skip
@rules_option
@cache_option
def layers(
    files: tuple[Path, ...],
    output_format: str,
    output: Path | None,
    timeline: Path | None,
    cache: TraceCache | None,
    **filters: Sequence[str | int],
) -> None:
    """Show the time by layer of the newest record that has it.

    Times are joined with the counts of the network: FLOP/s and bytes/s reached, and which roof of
    the device is above them, where its peaks are known.

    \b
    Examples:
      inprof time layers --model googlenet --bs 1
      inprof time layers measurements/t4.jsonl --model googlenet --precision fp16 --format csv
      inprof time layers --model googlenet --chrome-trace googlenet.trace.json
    """
    check_output(output)
    check_output(timeline)
    record = _newest(chosen(read_records(files), **filters))
    if timeline is not None:
        write_atomic(timeline, chrome_trace(record))
        click.echo(f"wrote {timeline}; open it in https://ui.perfetto.dev", err=True)
    rows = timed_layers(record, _trace_of(record, cache))
    emit(layer_times_document(record, rows), output_format, output)


def _trace_of(record: Measurement, cache: TraceCache | None) -> Trace | None:
    """The measured network on its batch; None, and why on standard error, where it is not here."""
    from profiler.models.building import build, fingerprint

    options = argument_values(record.arguments)
    try:
        model = build(record.address, variant=record.variant, **options)
        if record.network not in ("", fingerprint(model)):
            raise BuildError(f"{record.address} is another network than the one that was measured")
        return trace_address(
            record.address,
            variant=record.variant,
            options=options,
            inputs=() if record.inputs_from else record.given,
            inputs_from=record.inputs_from,
            cache=cache,
        )
    except InprofError as error:
        warn(f"times without counts, since {error}")
        return None


def _newest(records: Sequence[Measurement]) -> Measurement:
    """The newest record with layer times; NoDataError says what there is instead."""
    asked = [record for record in records if record.layers is not None]
    shown = [record for record in asked if record.layers and record.layers.spans]
    if shown:
        return max(shown, key=lambda record: (record.started_at, record.run))
    if asked:
        newest = max(asked, key=lambda record: (record.started_at, record.run))
        assert newest.layers is not None
        raise NoDataError(
            f"the layer times of {newest.model} were refused: {newest.layers.refused} "
            "(--layer-depth 1 needs fewer boundaries)"
        )
    raise NoDataError(
        "no record with layer times: measure some with inprof time --model NAME --per-layer"
    )
