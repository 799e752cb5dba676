"""A series of one's own, begun: its models known and measured up, its figures to be filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from profiler import units
from profiler.cache import TraceCache
from profiler.errors import UsageError
from profiler.gather import Progress, trace_address
from profiler.model_address import is_model_file
from profiler.records import Record

#: The page that rows to be filled in are of; ``series.toml`` says what a reader calls it.
PAGE = "own"
_COUNTS = ("page", "table", "model", "top1", "top5", "flops_g", "params_m")
_LATENCY = (
    *("page", "table", "model", "hw", "precision", "batch_size"),
    *("crop_size", "resize_short_size", "latency_ms"),
)


class DraftedModel(Record, frozen=True):
    """A model of the draft: its name, the address to build it from, the side of its input."""

    name: str
    address: str
    crop_size: int


def drafted_models(
    addresses: Sequence[str],
    progress: Progress = lambda name: None,
    cache: TraceCache | None = None,
) -> tuple[DraftedModel, ...]:
    """The models, each traced once to see that it runs and on what.

    Raises:
        UsageError: a model that takes something else than square images.
    """
    names: list[str] = []
    models = []
    for address in dict.fromkeys(addresses):
        progress(address)
        shape = trace_address(address, cache=cache).input_shape
        if len(shape) != 4 or shape[2] != shape[3]:
            raise UsageError(
                f"{address} takes {units.shape(shape)}: a series is of models of square images"
            )
        name = _name(address, names)
        names.append(name)
        models.append(DraftedModel(name=name, address=address, crop_size=shape[-1]))
    return tuple(models)


def draft_files(
    models: Sequence[DraftedModel], settings: Callable[[Sequence[DraftedModel]], str]
) -> dict[str, str]:
    """File name → content of the folder; ``settings`` gives that of series.toml."""
    blanks = [""] * (len(_COUNTS) - 3)
    return {
        "series.toml": settings(models),
        "counts.csv": _rows(_COUNTS, [[PAGE, "", model.name, *blanks] for model in models]),
        "latency.csv": _rows(_LATENCY, []),
    }


def _name(address: str, taken: Sequence[str]) -> str:
    """What a model is called: the last word of its address, numbered where it is taken."""
    stem = Path(address).stem if is_model_file(address) else address.rpartition(":")[2]
    number = sum(name == stem or name.rpartition("-")[0] == stem for name in taken)
    return f"{stem}-{number + 1}" if number else stem


def _rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()
