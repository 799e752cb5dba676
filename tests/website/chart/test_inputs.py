"""What the interactive chart says where its figures are not of one input size."""

from collections.abc import Callable

import msgspec
import pytest

from profiler.records import Report
from profiler.render.messages import load_messages
from profiler.website.chart.charts import inputs_text
from profiler.website.chart.choices import chart_choices

Build = Callable[..., Report]


def text_of(report: Report, key: str, language: str = "en") -> str:
    (choice,) = (each for each in chart_choices(report) if each.key == key)
    rows = {row.model.name: row for row in report.rows}
    return inputs_text(choice, rows, load_messages(language))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        # the series' pages: counts of GoogLeNet at 224; V100 latencies at own crops, T4 all at 299
        ("flops", "Inputs differ: GoogLeNet at 224x224 px; the others at 299x299 px."),
        ("published.v100.fp32.bs1",
         "Inputs differ: GoogLeNet at 224x224 px; the others at 299x299 px."),
        ("published.t4.fp16.bs4", ""),
        ("params", ""),
    ],
)  # fmt: skip
def test_what_is_not_of_the_usual_input_is_named(
    inception_report: Build, key: str, text: str
) -> None:
    assert text_of(inception_report("flops"), key) == text


def test_it_is_said_in_chinese(inception_report: Build) -> None:
    text = text_of(inception_report("flops"), "flops", "zh_CN")
    assert text == "各模型的输入不同：GoogLeNet 为 224x224 px；其余为 299x299 px。"


def sized(report: Report, *sizes: int) -> Report:
    """The same models with counts at these input sizes, and with an accuracy each."""
    accuracy = report.rows[0].accuracy
    assert accuracy is not None
    rows = tuple(
        msgspec.structs.replace(
            row,
            counts=msgspec.structs.replace(row.counts, input_shapes={"0": (1, 3, size, size)}),
            accuracy=msgspec.structs.replace(accuracy, model=row.model.name),
        )
        for row, size in zip(report.rows, sizes, strict=True)
    )
    return msgspec.structs.replace(report, rows=rows)


def test_one_other_is_named_as_well(tiny_report: Build) -> None:
    report = sized(tiny_report("<b>", "B"), 64, 32)
    assert text_of(report, "flops") == "Inputs differ: <b> at 64x64 px; B at 32x32 px."


def test_many_inputs_are_left_to_the_records(tiny_report: Build) -> None:
    report = sized(tiny_report(*(f"N{place}" for place in range(20))), *range(32, 52))
    assert text_of(report, "flops") == "Inputs differ; each model’s record states its own."
