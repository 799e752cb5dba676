"""The compare page: complete without a script, the command's own figures, names as text."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made_latencies import latency
from msgspec.structs import replace

from profiler import units
from profiler.catalog import LANGUAGES, load_series
from profiler.cli import main
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    TOTAL_METRICS,
    amount,
    total_of,
)
from profiler.records import MeasuredLatency
from profiler.render.messages import load_messages
from profiler.report.audited import audited
from profiler.report.gathering import series_traces, trace_audit
from profiler.report.report import series_latencies
from profiler.tracing.addressed import trace_address
from profiler.website.compare import compare_page
from profiler.website.content import SeriesContent, content_in, series_content
from profiler.website.files import page_paths
from profiler.website.frame import compare_path, render_page
from profiler.website.series_comparison import SeriesComparison, series_comparison

INCEPTION = load_series("inception")
NAMES = [model.name for model in INCEPTION.models]
HOSTILE = '</script><b>"q"\' | \\ {model} עברית 🦆'


def content_of(
    labels: dict[str, str] | None = None, measured: Sequence[MeasuredLatency] = ()
) -> SeriesContent:
    """Three models of the series, some under another label."""
    models = tuple(
        replace(model, label=(labels or {}).get(model.name, model.label))
        for model in INCEPTION.models
        if model.name in ("GoogLeNet", "InceptionV3", "Xception41")
    )
    series = replace(INCEPTION, models=models, latencies=tuple(
        each for each in INCEPTION.latencies if each.model in {model.name for model in models}
    ))  # fmt: skip
    traces = {
        model.name: {
            variant: trace_address(model.address, variant=variant)
            for variant in ("deploy", model.published_variant)
        }
        for model in models
    }
    return series_content(series, traces, measured=series_latencies(series, measured))


@pytest.fixture(scope="module")
def content() -> SeriesContent:
    return content_of(measured=[latency("GoogLeNet"), latency("InceptionV3", 6.0,
                                input_shape=(4, 3, 299, 299), flags=("drift",))])  # fmt: skip


@pytest.fixture(scope="module")
def compared(content: SeriesContent) -> SeriesComparison:
    return series_comparison(content)


def page_text(content: SeriesContent, compared: SeriesComparison, language: str = "en") -> str:
    page = compare_page(content_in(content, language), compared, language)
    return render_page(page, language, navigation=(), styles=())


def data_of(text: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="compare-data">(.*?)</script>', text)
    assert match is not None
    found: dict[str, Any] = json.loads(match[1])
    return found


def table(text: str, anchor: str) -> dict[str, list[str]]:
    """First cell → the others, of the rows of one table."""
    match = re.search(rf'<table id="{anchor}-table">.*?<tbody>(.*?)</table>', text, re.DOTALL)
    assert match is not None, anchor
    rows = re.findall("<tr[^>]*>(.*?)</tr>", match[1], re.DOTALL)
    cells = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    texts = [[html.unescape(re.sub("<[^>]*>", "", cell)) for cell in row] for row in cells]
    return {first: others for first, *others in texts}


def lines_of(text: str, cut: str) -> list[dict[str, Any]]:
    return [line for line in data_of(text)["lines"] if line["cut"] == cut]


def pairs_of(compared: SeriesComparison) -> list[list[dict[str, Any]]]:
    """What stands between each baseline and each model, as the page's script has it."""
    (script,) = compared.pairs.values()
    text = script.removeprefix("window.inprofPairs = ").removesuffix(";\n")
    found: list[list[dict[str, Any]]] = json.loads(text)
    return found


def test_figures_are_texts_beside_the_comparisons_integers(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    text = page_text(content, compared)
    data, models = data_of(text), compared.comparison.models
    assert data["metrics"] == list(PART_METRICS)
    assert [model["name"] for model in data["models"]] == [m.name for m in content.series.models]
    for metric, line in zip(TOTAL_METRICS, lines_of(text, "total"), strict=True):
        assert line["metric"] == metric
        assert [exact for _, exact in line["cells"]] == [total_of(each, metric) for each in models]
    for cut in CUTS:
        lines = lines_of(text, cut.removesuffix("s"))
        for metric in PART_METRICS:
            cells = [line["cells"] for line in lines if line["metric"] == metric]
            parts = compared.comparison.parts(cut)
            for at, model in enumerate(models):
                exact = [each[at][1] for each in cells]
                assert exact == [amount(part.counts[at], metric) for part in parts]
                assert sum(exact) == amount(model.counts.totals, metric)
                in_bytes = metric == "bytes_moved"
                shown = units.byte_size if in_bytes else units.integer
                assert [each[at][0] for each in cells] == [shown(value) for value in exact]


def test_what_stands_between_two_models_is_written_for_every_pair(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    lines = data_of(page_text(content, compared))["lines"]
    pairs = pairs_of(compared)
    for base, models in enumerate(pairs):
        for at, pair in enumerate(models):
            for line, between in zip(lines, pair["cells"], strict=False):
                own, other = line["cells"][at], line["cells"][base]
                if line["cut"] not in ("total", "kind", "stage"):
                    continue
                if not between:
                    assert own[1] == other[1] == 0
                    continue
                text, exact, *of_parts = between
                assert exact == (own[1] / other[1] if other[1] else None)
                assert text == (None if exact is None else f"{units.fixed(exact, 1, 3)}")
                if of_parts and line["metric"] != "bytes_moved":
                    assert of_parts[0] == units.signed_integer(own[1] - other[1])
    places = {model.label: at for at, model in enumerate(compared.comparison.models)}
    base, other = (places[name] for name in ("InceptionV3", "GoogLeNet"))
    said = pairs[base][other]["said"]["en"][PART_METRICS.index("flops")]
    assert said.startswith("GoogLeNet has 0.251 times the FLOPs of InceptionV3 (−8.56 G).")
    # accuracies of one page, exactly, and latencies of one table with their marks
    cells = pairs[other][base]["cells"]
    top1, *_ = [at for at, line in enumerate(lines) if line.get("metric") == "top1"]
    assert cells[top1] == ["+0.084"]
    (fast,) = [at for at, line in enumerate(lines) if "h100" in line.get("part", "")]
    assert cells[fast] == ["3.000", 3.0, [], 1]


def test_the_script_works_nothing_out() -> None:
    source = (Path(__file__).parents[2] / "site" / "js" / "compare.js").read_text()
    for rounding in ("toFixed", "toPrecision", "toLocaleString", "Math.round", "Math.floor"):
        assert rounding not in source


def test_where_there_are_too_many_pairs_figures_stand_alone(
    content: SeriesContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("compare", "series_comparison"):
        monkeypatch.setattr(f"profiler.website.{module}.MOST_PAIRED", 2)
    compared = series_comparison(content)
    text = page_text(content, compared)
    assert compared.pairs == {}
    assert "pairs.js" not in text
    assert load_messages("en").text("compare.unpaired") in text
    assert 'name="find"' in text


def test_the_tables_of_all_models_are_complete(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    text = page_text(content, compared)
    labels = [model.label for model in content.series.models]
    totals = table(text, "totals")
    assert list(totals) == labels
    # input, parameters and their ratio to GoogLeNet, MACs, FLOPs and their ratio
    assert totals["InceptionV3"][:6] == [
        "299x299", "23.83 M", "3.409", "5.71 G", "11.43 G", "3.991",
    ]  # fmt: skip
    assert totals["GoogLeNet"][2] == totals["GoogLeNet"][5] == "1.000"
    assert totals["InceptionV3"][-1] == "0.791"
    for metric in ("flops", "params"):
        for cut in CUTS:
            rows = table(text, f"{metric}-{cut}")
            assert list(rows) == labels
            assert [cells[-1] for cells in rows.values()] == [
                units.scaled(amount(model.counts.totals, metric))
                for model in compared.comparison.models
            ]
    assert list(table(text, "modules")) == labels
    assert "InceptionV3 has 3.99 times the FLOPs of GoogLeNet (+8.56 G)." in text


def test_latencies_of_all_models_stand_there_with_the_audits_notes() -> None:
    names = ("GoogLeNet", "Xception41")
    series = replace(
        INCEPTION,
        models=tuple(model for model in INCEPTION.models if model.name in names),
        counts=tuple(each for each in INCEPTION.counts if each.model in names),
        latencies=tuple(each for each in INCEPTION.latencies if each.model in names),
    )
    traces = trace_audit(series)
    content = series_content(series, series_traces(series, traces), audited=audited(series, traces))
    text = page_text(content, series_comparison(content))
    english, older = table(text, "latencies-1"), table(text, "latencies-2")
    assert english["GoogLeNeta"][0] == "1.807"
    assert english["Xception41"][0] == "3.972"
    assert older["GoogLeNet"][-1] == "9.049a"
    assert "T4<br>FP16<br>batch 1<br>299x299" in text
    assert re.search('<li id="latencies-2-note-1">.*Tesla P4', text)
    # and what a script shows has the same marks
    lines = lines_of(text, "latency")
    (fast,) = [line for line in lines if line["cells"][0] and line["cells"][0][0] == "9.049"]
    assert [cell[2] for cell in fast["cells"]] == [["a"], []]
    (noted,) = [each for each in data_of(text)["tables"] if each.get("page") == fast["page"]]
    assert "Tesla P4" in noted["notes"][0]["text"]
    (apart,) = [line for line in lines if line["cells"][0] and line["cells"][0][0] == "1.807"]
    assert [cell[4] for cell in apart["cells"]] == ["224x224", "299x299"]
    assert apart["cells"][0][5] == ["a"]


def test_at_first_the_two_cheapest_of_the_frontier_are_shown(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    # FLOPs and top-1: GoogLeNet 2.9 G 0.707, InceptionV3 11.4 G 0.791, Xception41 17.0 G 0.793
    assert (compared.first, compared.why) == (("GoogLeNet", "InceptionV3"), "frontier")
    unrated = tuple(replace(row, accuracy=None) for row in content.true.rows)
    blind = series_comparison(replace(content, true=replace(content.true, rows=unrated)))
    assert (blind.first, blind.why) == (("GoogLeNet", "Xception41"), "extremes")


def test_the_files_are_what_the_command_writes(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    names = [model.name for model in content.series.models]
    pages = [
        compare_page(content_in(content, language), compared, language) for language in LANGUAGES
    ]
    assert pages[0].files == pages[1].files
    for page, language in zip(pages, LANGUAGES, strict=True):
        text = render_page(page, language, navigation=(), styles=())
        for suffix in ("csv", "json"):
            path = f"data/inception/compare/all-models.{suffix}"
            assert f'href="../../{path}" download' in text
            command = ["compare", *names, "--no-measurements", "--format", suffix]
            lines = CliRunner().invoke(main, command).stdout.splitlines()
            # the content has measurements beside it
            found = page.files[path].splitlines()
            if suffix == "csv":
                assert [line for line in found if "measured," not in line] == lines
            else:
                assert (
                    json.loads(page.files[path])["models"] == json.loads("".join(lines))["models"]
                )


def test_without_a_script_the_choice_is_hidden(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    text = page_text(content, compared)
    assert '<section class="compare" id="compare" aria-labelledby="choose" hidden>' in text
    assert text.count('<input type="checkbox" name="model"') == len(content.series.models)
    # few enough to be seen at once
    assert 'name="find"' not in text


def test_latencies_in_the_data_keep_their_conditions(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    lines = lines_of(page_text(content, compared), "latency")
    for line in lines:
        for text, exact, *_ in filter(None, line["cells"]):
            assert (text == exact) == bool(line["page"])  # what is printed is exact
    (measured,) = [line for line in lines if not line["page"]]
    assert measured["label"] == "H100 SXM, FP32, batch 4, device time"
    assert measured["part"] == "measured, h100-sxm, fp32, batch 4, device"
    google, inception = (NAMES.index("GoogLeNet"), 2)
    assert measured["cells"][google] == ["2.000", 2.0, [], 0, "224x224", []]
    assert measured["cells"][inception] == ["6.000", 6.0, [], 1, "299x299", []]


def test_twins_have_the_same_figures(content: SeriesContent, compared: SeriesComparison) -> None:
    english, chinese = (data_of(page_text(content, compared, name)) for name in LANGUAGES)
    assert english["texts"].keys() == chinese["texts"].keys()
    for key in ("name", "input"):
        assert [each[key] for each in english["models"]] == [e[key] for e in chinese["models"]]
    for one, two in zip(english["lines"], chinese["lines"], strict=True):
        if one["cut"] != "module":
            assert one["cells"] == two["cells"]
    texts = [page_text(content, compared, name) for name in LANGUAGES]
    for anchor in ("totals", "flops-kinds", "params-stages"):
        assert table(texts[0], anchor).keys() == table(texts[1], anchor).keys()
    assert list(table(texts[0], "params-stages").values()) == list(
        table(texts[1], "params-stages").values()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_name_is_text(language: str) -> None:
    content = content_of({"GoogLeNet": HOSTILE, "InceptionV3": "<br>"})
    text = page_text(content, series_comparison(content), language)
    assert "<b>" not in text
    assert text.count("</script>") == text.count("<script")
    data = data_of(text)
    assert data["models"][0]["label"] == HOSTILE
    assert HOSTILE in table(text, "totals")
    (script,) = series_comparison(content).pairs.values()
    assert "<" not in script
    assert (
        json.dumps(HOSTILE, ensure_ascii=False)[1:-1]
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        in script
    )


def test_the_same_inputs_give_the_same_bytes(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    again = series_comparison(content)
    for language in LANGUAGES:
        assert page_text(content, compared, language) == page_text(content, again, language)


def test_every_word_of_the_script_is_there(
    content: SeriesContent, compared: SeriesComparison
) -> None:
    data = data_of(page_text(content, compared))
    source = (Path(__file__).parents[2] / "site" / "js" / "compare.js").read_text()
    named = set(re.findall(r"texts\.(\w+)", source))
    assert len(named) > 10
    assert named == data["texts"].keys()


def test_its_path_is_its_own() -> None:
    assert compare_path(INCEPTION) == "inception/compare.html"
    assert "inception/compare.html" in page_paths([INCEPTION])
    alone = replace(INCEPTION, models=INCEPTION.models[:1])
    assert compare_path(alone) == ""
    assert page_paths([alone])[-2:] == ("inception.html", "inception/GoogLeNet.html")


def test_a_model_of_that_name_is_refused() -> None:
    from profiler.errors import RenderError

    named = replace(INCEPTION.models[0], name="Compare")
    with pytest.raises(RenderError, match=r"would both be 'inception/Compare\.html'"):
        page_paths([replace(INCEPTION, models=(named, *INCEPTION.models[1:]))])
