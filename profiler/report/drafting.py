"""Models of a series of one's own, traced once to see that each runs and on what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from profiler import units
from profiler.catalog.series_draft import DraftedModel
from profiler.errors import UsageError
from profiler.models.address import Progress, is_model_file
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache


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


def _name(address: str, taken: Sequence[str]) -> str:
    """What a model is called: the last word of its address, numbered where it is taken."""
    stem = Path(address).stem if is_model_file(address) else address.rpartition(":")[2]
    number = sum(name == stem or name.rpartition("-")[0] == stem for name in taken)
    return f"{stem}-{number + 1}" if number else stem
