"""Which graph of a model a figure is of."""

from __future__ import annotations

from profiler.records import DEPLOY, SeriesModel

#: The convention whose tables repeat the published pages to the letter.
VERBATIM_CONVENTION = "paddle_static"


def variant_of(model: SeriesModel, convention: str) -> str:
    """The graph that is counted: the published figures' own where repeated, else deploy."""
    return model.published_variant if convention == VERBATIM_CONVENTION else DEPLOY
