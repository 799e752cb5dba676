"""A series of one's own, begun: its models known and measured up, its figures to be filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

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


def _rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()
