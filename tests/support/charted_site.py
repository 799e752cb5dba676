"""The built site with pages beside its own whose charts show made-up reports."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from made_latencies import latency, of_every_model
from site_visit import Visit

from profiler.records import Published, PublishedCounts, Report
from profiler.render.messages import load_messages
from profiler.render.templating import inline_json
from profiler.report.report import series_latencies
from profiler.website.chart.charts import chart_data
from profiler.website.chart.choices import chart_choices

Build = Callable[..., Report]
MEASURED = "measured.h100-sxm.device.fp32.bs4"
ODD = "\"</script><b>|\\'.[x] 🙂 שלום"
#: How far the interval of InceptionV3 reaches to either side; the others' are one percent.
WIDE = 0.2
_DATA = re.compile(
    r'(?<=<script type="application/json" id="chart-data">).*?(?=</script>)', re.DOTALL
)


def build_charted_site(
    built_site: Path, folder: Path, inception_report: Build, tiny_report: Build
) -> None:
    """Copy the built site to a folder, with measured.html, odd.html and many.html in it."""
    shutil.copytree(built_site, folder)
    plain = inception_report("flops")
    timed = []
    for each in of_every_model(plain)[:7]:
        if each.model == "GoogLeNet":
            each = msgspec.structs.replace(each, flags=("drift",))
        if each.model == "InceptionV3":
            ends = (each.median_ms * (1 - WIDE), each.median_ms * (1 + WIDE))
            each = msgspec.structs.replace(each, low_ms=ends[0], high_ms=ends[1])
        timed.append(each)
    timed += [*of_every_model(plain, precision="fp16", quantity="eager"), latency(layout="nhwc")]
    reports = {
        "measured": msgspec.structs.replace(plain, measured=series_latencies(plain.series, timed)),
        "odd": tiny_report(ODD),
        "many": many(tiny_report, 1000),
    }
    for language in ("en", "zh_CN"):
        page = (folder / language / "inception.html").read_text(encoding="utf-8")
        for name, report in reports.items():
            data = str(
                inline_json(chart_data(report, chart_choices(report), load_messages(language), {}))
            )
            before, after = _DATA.split(page)
            # the other language's page of the same report
            before = before.replace("/inception.html", f"/{name}.html")
            (folder / language / f"{name}.html").write_text(before + data + after, encoding="utf-8")


def many(tiny_report: Build, models: int) -> Report:
    """A series in which every model has an accuracy and a cost of its own."""
    report = tiny_report(*(f"Net {index}" for index in range(models)))
    first = report.rows[0].accuracy
    assert first is not None
    assert first.top1 is not None
    rows = []
    for index, row in enumerate(report.rows):
        totals = msgspec.structs.replace(row.counts.totals, flops=10**9 + index * 7_000_000)
        top1 = Published(text=f"{0.5 + index * 37 % 400 / 1000:.3f}", source=first.top1.source)
        rows.append(
            msgspec.structs.replace(
                row,
                counts=msgspec.structs.replace(row.counts, totals=totals),
                accuracy=PublishedCounts(
                    model=row.model.name, page="web", printed_name=row.model.label, top1=top1
                ),
            )
        )
    return msgspec.structs.replace(report, rows=tuple(rows))


def opened(visit: Visit, name: str = "en/measured.html", query: str = "") -> Any:
    """The page with its chart drawn."""
    page = visit.page
    page.set_default_timeout(8000)
    page.goto((visit.folder / name).as_uri() + query)
    page.wait_for_selector("#chart svg")
    page.wait_for_selector("#chart [role=option]", state="attached")
    return page


def drawn_text(page: Any) -> str:
    text = page.evaluate("document.querySelector('#chart svg').textContent")
    assert isinstance(text, str)
    return text
