"""Measured latencies on the markdown page: apart from published ones, with all they stand on."""

import re
from collections.abc import Callable

import mdformat
import msgspec
import pytest
from made_latencies import latency, of_every_model
from made_measurements import made, made_environment

from profiler.records import DESCRIBING_FLAGS, Report, TimingSettings
from profiler.render.messages import load_messages
from profiler.report.page import alt_text, page_images, render_page
from profiler.report.report import series_latencies
from profiler.report.sections import setup_text
from profiler.timing.latencies.measured import measuring_setup

LANGUAGES = ("en", "zh_CN")
Build = Callable[..., Report]


@pytest.fixture
def report(inception_report: Build) -> Report:
    """Two devices; flags of both kinds, an unknown one, a missing interval, an odd crop."""
    plain = inception_report("flops")
    first, *others = of_every_model(plain)
    measured = (
        msgspec.structs.replace(first, flags=("launch_bound", "drift", "from_the_future")),
        *others[:6],
        *of_every_model(plain, precision="fp16", quantity="eager"),
        latency(batch_size=1, low_ms=None, high_ms=None, samples=5, median_ms=0.9),
        latency(input_shape=(4, 3, 320, 320), median_ms=3.24),
        latency(hw="cpu", hw_name="A made-up CPU", quantity="host", threads=8, median_ms=40.0,
                started_at="2026-02-03T00:00:00+08:00"),
    )  # fmt: skip
    return msgspec.structs.replace(plain, measured=series_latencies(plain.series, measured))


def page(report: Report, language: str = "en", layout: str = "full") -> str:
    images = page_images(report, layout)
    return render_page(report, language=language, layout=layout, images=images)


def section(text: str, anchor: str) -> str:
    return text.partition(f'<a id="{anchor}"></a>')[2].partition("<a id=")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_section_for_each_device(report: Report) -> None:
    text = page(report)
    headings = re.findall(r"^##+ (.*)$", text, re.MULTILINE)
    assert headings[5:11] == [
        "5. Measured inference speed on H100 SXM",
        "FP32, device time",
        "FP16, eager time",
        "6. Measured inference speed on A made-up CPU",
        "FP32, host time, threads: 8",
        "7. Notes",
    ]
    assert "[5. Measured inference speed on H100 SXM](#measured-1)" in text


def test_a_row_has_its_spread_samples_flags_and_day(report: Report) -> None:
    table = rows(section(page(report), "measured-1"))
    assert table[0] == [
        "Model", "Crop size<br>(px)", "Batch<br>size", "Median<br>(ms)", "Interval<br>(ms)",
        "Images/s", "Samples", "Processes", "Flags", "Measured<br>on",
    ]  # fmt: skip
    name = "[GoogLeNet](https://arxiv.org/abs/1409.4842)"
    assert table[2:5] == [
        [name, "224", "1", "**0.9000**", "too few samples", "1,111", "5", "3", "none",
         "2026-01-02"],
        [name, "224", "4", "**2.000** ?", "1.980–2.020", "2,000", "700", "3",
         "launch-bound<br>drift<br>from_the_future", "2026-01-02"],
        [name, "320", "4", "**3.240**", "3.208–3.272", "1,235", "700", "3", "none", "2026-01-02"],
    ]  # fmt: skip
    assert "2026-02-03" in section(page(report), "measured-2")


def test_what_is_bold_flagged_and_lacking_is_said(report: Report) -> None:
    text = section(page(report), "measured-1")
    assert "- Figures in bold are measured by inprof, not quoted" in text
    assert "- Measured on H100 SXM, which calls itself NVIDIA H100 80GB HBM3, 2026-01-02." in text
    assert "- Device time is" in text
    assert "- Eager time is" in text
    assert "- Host time is" not in text
    assert "- Flag “drift”, which casts doubt on a figure: the last samples" in text
    assert "- Flag “from_the_future”, which casts doubt on a figure: this version" in text
    assert "- Flag “launch-bound”: launching" in text


def test_every_model_has_a_row_and_every_table_its_conditions(report: Report) -> None:
    first = made("InceptionV4", (), batch_size=4, flags=("failed",), reason="a | b <i>")
    lost = msgspec.structs.replace(first, input_shape=(4, 3, 299, 299))
    text = section(page(msgspec.structs.replace(report, failed=(lost,))), "measured-1")
    table = rows(text.partition("### FP16")[0])
    lacking = [row[0].partition("]")[0][1:] + " " + " ".join(row[1:4]) for row in table
               if row[3] in ("failed", "not measured")]  # fmt: skip
    assert lacking == [
        "Xception41 299 1 not measured",
        "Xception41_deeplab 299 1 not measured",
        "Xception65 299 1 not measured",
        "Xception65_deeplab 299 1 not measured",
        "Xception71 299 1 not measured",
        "InceptionV3 299 1 not measured",
        "InceptionV4 299 4 failed",
        "InceptionV4 299 1 not measured",
    ]
    assert "InceptionV4, FP32 at batch size 4: a | b" in text.replace("\\", "")


def test_the_conditions_are_one_line_below_each_table() -> None:
    told = latency(
        settings=TimingSettings(warmup_calls=12, warmup_s=0.25),
        environment=made_environment("h100-sxm", software={"cudnn": 91002}),
        sm_clock_mhz=(1380, 1590),
        inprof="0.1.0",
    )
    other = latency(
        environment=made_environment("h100-sxm", software={"torch": "2.10.0"}),
        sm_clock_mhz=(1200, 1500),
        samples=1300,
    )
    assert setup_text(measuring_setup((told, other)), load_messages("en")) == (
        "Measured with: PyTorch 2.9.0 / 2.10.0; CUDA 12.8; cuDNN 91002; driver 570.0; "
        "compute capability 9.0; SM clock 1200–1590 MHz during the samples; "
        "warm-up until the speed is steady, 12 calls and 0.25 s at least; "
        "each figure a median (samples: 700–1,300, processes: 3); inprof 0.1.0."
    )
    bare = setup_text(measuring_setup((latency(engine="torch.compile"),)), load_messages("en"))
    assert bare == (
        "Measured with: engine torch.compile; each figure a median (samples: 700, processes: 3)."
    )


def test_published_and_measured_figures_share_no_table(report: Report) -> None:
    text = page(report)
    for anchor in re.findall(r'<a id="(.*?)"></a>', text):
        figures = "\n".join(" ".join(row) for row in rows(section(text, anchor)))
        assert ("**" in figures) == anchor.startswith("measured")
        quoted = re.search(r"(?<!\*)\*[0-9]", figures) is not None
        assert quoted == (anchor == "accuracy" or anchor.startswith("speed"))


@pytest.mark.parametrize("layout", ["full", "classic"])
def test_both_languages_have_the_same_numbers(report: Report, layout: str) -> None:
    english, chinese = (page(report, language, layout) for language in LANGUAGES)
    figure = re.compile(r"[*]*[0-9][0-9.,x–-]*[*]*(?: \?)?")
    numbers = [
        [cell for row in rows(text) for cell in row if figure.fullmatch(cell)]
        for text in (english, chinese)
    ]
    assert numbers[0] == numbers[1]
    assert english.count("\n- ") == chinese.count("\n- ")
    assert english.count("\n### ") == chinese.count("\n### ") == (3 if layout == "full" else 0)
    for text in (english, chinese):
        assert mdformat.text(text, extensions={"gfm"}) == text


def test_pages_that_repeat_published_ones_are_as_before(
    report: Report, inception_report: Build
) -> None:
    for language in LANGUAGES:
        classic = page(report, language, "classic")
        assert classic == page(inception_report("flops"), language, "classic")
        verbatim = msgspec.structs.replace(
            inception_report("paddle_static"), measured=report.measured
        )
        for layout in ("full", "classic"):
            bare = msgspec.structs.replace(verbatim, measured=())
            assert page(verbatim, language, layout) == page(bare, language, layout)


def test_measured_plots_stand_beside_published_ones(report: Report) -> None:
    assert [image.link for image in page_images(report, "full")] == [
        "images/t4.fp32.bs4.Inception.flops.png",
        "images/t4.fp32.bs4.Inception.params.png",
        "images/t4.fp32.bs4.Inception.png",
        "images/t4.fp16.bs4.Inception.png",
        "images/h100-sxm.fp32.bs4.device.Inception.png",
        "images/h100-sxm.fp16.bs4.eager.Inception.png",
    ]
    assert len(page_images(report, "classic")[0].plots) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_alt_text_says_what_is_measured(report: Report, language: str) -> None:
    published, measured = (
        alt_text(page_images(report, "full")[at], load_messages(language)) for at in (2, 4)
    )
    for fact in ("H100 SXM", "FP32", "700", "3", "2026-01-02", "GoogLeNet"):
        assert fact in measured
    word = {"en": "measured device time", "zh_CN": "实测的设备时间"}[language]
    assert word in measured
    assert word not in published
    assert {"en": "published latency", "zh_CN": "公布的耗时"}[language] in published
    doubt = {"en": "casts doubt on the figure: GoogLeNet.", "zh_CN": "存疑"}[language]
    assert doubt in measured
    assert doubt not in published


def test_a_series_that_is_only_measured_has_a_page(tiny_report: Build) -> None:
    plain = tiny_report("one", "two")
    own = latency("m0", input_shape=(4, 3, 32, 32), hw="my-box", hw_name="My box")
    report = msgspec.structs.replace(plain, measured=(own,))
    text = page(report)
    assert mdformat.text(text, extensions={"gfm"}) == text
    assert "3. Measured inference speed on My box" in text
    assert [image.link for image in page_images(report, "full")][-1] == (
        "images/my-box.fp32.bs4.device.Mine.png"
    )


def test_every_known_flag_has_a_name_and_says_something() -> None:
    for language in LANGUAGES:
        texts = load_messages(language).texts
        names = {key.rpartition(".")[2] for key in texts if key.startswith("flags.names.")}
        about = {key.rpartition(".")[2] for key in texts if key.startswith("flags.about.")}
        assert names == about
        assert names >= {*DESCRIBING_FLAGS, "drift", "not_steady", "ci_not_met", "oom", "failed"}
