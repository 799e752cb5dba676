"""Regions that hold models against each other."""

from __future__ import annotations

from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    ModelComparison,
    compare_models,
    model_parts,
)
from profiler.docs.kinds import Content, kind
from profiler.docs.models import MODEL_ATTRIBUTES, named_model
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.docs.tables import captioned, convention_of, table_content
from profiler.errors import UsageError
from profiler.render.markdown import paragraph
from profiler.render.messages import Messages
from profiler.report.documents.model_comparison import difference_sentences
from profiler.report.tables import model_comparison as model_comparison_tables

_TOTALS, _MODULES = "totals", "modules"


@kind("table", "comparison", f"models by metric convention caption {MODEL_ATTRIBUTES}")
def _comparison(request: Request, sources: Sources, messages: Messages) -> Content:
    compared = _compared(request, sources)
    places = range(len(compared.models))
    by = request.choice("by", (_TOTALS, *CUTS, _MODULES), _TOTALS)
    if by == _TOTALS:
        return table_content(
            model_comparison_tables.compared_totals_table(compared, places, messages), messages
        )
    if by == _MODULES:
        table = model_comparison_tables.modules_table(compared, places, messages)
        caption = messages.text("compare.modules")
    else:
        cut = next(each for each in CUTS if each == by)
        metric = request.choice("metric", PART_METRICS, compared.unit)
        table = model_comparison_tables.parts_table(compared, cut, metric, places, messages)
        caption = messages.text(
            f"compare.by_{cut.removesuffix('s')}", metric=messages.text(f"compare.metrics.{metric}")
        )
    caption = f"{caption[0].upper()}{caption[1:]}"
    return captioned(request, caption, table_content(table, messages))


@kind("note", "comparison", f"models metric convention {MODEL_ATTRIBUTES}")
def _differences(request: Request, sources: Sources, messages: Messages) -> Content:
    compared = _compared(request, sources)
    metric = request.choice("metric", PART_METRICS, compared.unit)
    said = difference_sentences(compared, metric, messages)
    return Content("\n\n".join(paragraph(text) for text in said))


def _compared(request: Request, sources: Sources) -> ModelComparison:
    """The models that a region names, at least two, against the first of them."""
    names = request.names("models", "googlenet,inceptionv3")
    if len(names) < 2:
        raise UsageError(f"{request.what} compares two models or more: models={names[0]} is one")
    named = [named_model(name, request, sources) for name in names]
    convention = convention_of(request)
    return compare_models([model_parts(each.trace, each.label, convention) for each in named])
