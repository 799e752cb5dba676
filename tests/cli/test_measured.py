"""Measured latencies from files to plots and pages: which are read, and what is said of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from made_measurements import made, spread

from profiler.timing.latencies.measurement_file import append

ASK = ("plot", "--series", "mine", "--hw", "h100-sxm", "--precision", "fp32", "--bs", "1")
SITE = ("site", "--series", "mine", "-o", "out")
T4 = ("plot", "--series", "mine", "--hw", "t4", "--precision", "fp16", "--bs", "1")


def put(folder: Path, model: str, ms: float, **overrides: Any) -> None:
    """Add a made-up record of one process; ``crop`` is the side of its input."""
    crop = overrides.pop("crop", {"small": 16, "graphs": 8}[model])
    name = overrides.pop("file", "made.jsonl")
    shape = (overrides.get("batch_size", 1), 3, crop, crop)
    samples = spread(ms, width=overrides.pop("width", 0.01))
    record = made(model, samples, address=f"nets.py:{model}", input_shape=shape, **overrides)
    append(folder / name, record)


@pytest.fixture
def measurements(folder: Path) -> Path:
    """./measurements with both models on an H100."""
    own = folder / "measurements"
    put(own, "small", 1.5)
    put(own, "graphs", 2.5)
    return own


def svg(folder: Path) -> str:
    (picture,) = folder.glob("*.device.Mine.svg")
    return picture.read_text(encoding="utf-8")


def test_a_plot_of_what_was_measured(inprof, folder):
    for model, ms in (("small", 1.5), ("graphs", 2.5)):
        put(folder / "measurements", model, ms, width=0.6)  # so that a bar is wider than a marker
    result = inprof(*ASK, "--format", "svg", "--out", "out")
    assert (result.exit_code, result.stderr) == (0, "")
    stem = "out/h100-sxm.fp32.bs1.device.Mine"
    assert result.stdout.split() == [f"{stem}.flops.svg", f"{stem}.params.svg", f"{stem}.svg"]
    picture = svg(Path("out"))
    assert "Measured device time (ms)" in picture
    assert picture.count('id="spread"') == 2
    before = picture.encode()
    inprof(*ASK, "--format", "svg", "--out", "out", "--no-cache")
    assert svg(Path("out")).encode() == before


def test_what_is_left_out_of_a_plot_is_said(inprof, measurements):
    put(measurements, "small", 9.0, device="t4", precision="fp16")
    result = inprof(*T4, "--out", "out")
    assert result.stderr == "left out: measured latencies (1 of 2 models; --source measured)\n"
    assert "out/t4.fp16.bs1.Mine.png" in result.stdout
    result = inprof(*T4, "--out", "out", "--source", "measured")
    assert result.stderr == "left out: published latencies (2 of 2 models; --source published)\n"
    assert "out/t4.fp16.bs1.device.Mine.png" in result.stdout
    put(measurements, "graphs", 9.0, device="t4", precision="fp16", quantity="host")
    result = inprof(*T4, "--out", "out", "--quantity", "host")
    assert "left out: measured device time (1 of 2 models; --quantity device)" in result.stderr


def test_the_newest_that_no_flag_casts_doubt_on_wins(inprof, measurements):
    put(measurements, "small", 3.0, started_at="2026-02-01T00:00:00Z", session="newer")
    put(measurements, "small", 7.0, started_at="2026-03-01T00:00:00Z", session="newest",
        flags=("drift",), file="another.jsonl")  # fmt: skip
    page = inprof("page", "--series", "mine").stdout
    assert "**3.000**" in page
    assert "2026-02-01" in page
    assert not re.search(r"\*\*(1\.500|7\.000)\*\*", page)


def test_what_a_series_brings_and_the_users_own_are_read_together(inprof, folder, measurements):
    brought = folder / "series" / "mine" / "measurements"
    put(brought, "small", 4.0, started_at="2026-06-01T00:00:00Z", session="brought")
    put(folder / "other", "graphs", 5.0, started_at="2026-06-01T00:00:00Z", session="other")
    medians = re.compile(r"\*\*([0-9.]+)\*\*")
    page = ("page", "--series", "mine")
    assert medians.findall(inprof(*page).stdout) == ["4.000", "2.500"]
    assert medians.findall(inprof(*page, "--measurements", "other").stdout) == ["4.000", "5.000"]
    both = (*page, "--measurements", "other", "--measurements", "measurements")
    assert medians.findall(inprof(*both).stdout) == ["4.000", "5.000"]
    assert medians.findall(inprof(*page, "--no-measurements").stdout) == []


@pytest.mark.parametrize("command", [ASK, ("page", "--series", "mine"), SITE], ids=lambda c: c[0])
def test_a_broken_file_breaks_nothing_and_is_named(command, inprof, measurements):
    whole = inprof(*command).stdout_bytes
    (measurements / "notes.jsonl").write_text("my notes\n")
    with (measurements / "made.jsonl").open("a") as file:
        file.write('{"inprof":"0.1.0","version":1,"model":\n')
    put(measurements, "small", 1.0, device="../../up", session="x")
    result = inprof(*command)
    assert result.exit_code == 0
    assert result.stdout_bytes == whole
    warnings = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(warnings) == 3
    assert "made.jsonl': line 3 is skipped" in warnings[0]
    assert "notes.jsonl' is not a file of measurements" in warnings[1]
    assert "'../../up' are left out" in warnings[2]


def test_the_site_shows_day_samples_and_flags(inprof, measurements):
    put(measurements, "small", 6.0, batch_size=8, flags=("drift",))
    put(measurements, "small", 8.0, crop=32, run=2)
    assert inprof(*SITE).exit_code == 0
    for language in ("en", "zh_CN"):
        series, model = (
            Path("out", language, path).read_text(encoding="utf-8")
            for path in ("mine.html", "mine/small.html")
        )
        for html in (series, model):
            for shown in ("<b>1.500</b>", ">240</td>", '>2026-01-02</td>', '>32</td>',
                          '<b>6.000</b><sup class="mark doubt">?</sup>'):  # fmt: skip
                assert shown in html, shown
            for cell in re.findall(r"<i>.*?</i>", html):
                assert not cell.startswith("<i>6.000")
        assert "<i>1.250</i>" in series
        flag = {"en": "drift", "zh_CN": "漂移"}[language]
        assert f'<td class="t l">{flag}</td>' in series
        assert "measured-1" in series
        assert "inprof time" not in series
    figures, anchors = re.compile(r"<td[^>]*>(?:<.>)?([0-9][^<]*)"), re.compile(r'id="(.*?)"')
    for path in ("mine.html", "mine/small.html"):
        twins = [Path("out", each, path).read_text(encoding="utf-8") for each in ("en", "zh_CN")]
        for found in (figures, anchors):
            assert found.findall(twins[0]) == found.findall(twins[1])
    pictures = {path.name for path in Path("out/images/mine").iterdir()}
    assert "h100-sxm.fp32.bs1.device.Mine.svg" in pictures
    assert "t4.fp16.bs1.Mine.svg" in pictures


def test_two_builds_are_the_same_to_the_byte(inprof, measurements):
    contents = []
    for out in ("one", "two"):
        inprof("site", "--series", "mine", "-o", out, "--no-cache")
        paths = sorted(path for path in Path(out).rglob("*") if path.is_file())
        contents.append({path.relative_to(out): path.read_bytes() for path in paths})
    assert contents[0] == contents[1]


def test_a_site_without_measurements_says_how_to_measure(inprof, folder):
    inprof(*SITE)
    for language in ("en", "zh_CN"):
        html = Path("out", language, "mine.html").read_text(encoding="utf-8")
        assert "inprof time --series mine --device cuda --precision fp32,fp16" in html
        assert "<b>" not in html


def test_mistakes(refuses, inprof, measurements):
    assert "'--measurements'" in refuses(2, *ASK, "--measurements", "nowhere")
    line = refuses(2, *ASK, "--bs", "2")
    assert "published: t4 fp16 1; measured: h100-sxm fp32 1" in line
    assert "state no quantity" in refuses(2, *ASK, "--source", "published", "--quantity", "host")
    assert "no measured latency" in refuses(2, *T4, "--source", "measured")
    assert "none of its models has been measured" in refuses(
        2, *T4, "--source", "measured", "--no-measurements"
    )
