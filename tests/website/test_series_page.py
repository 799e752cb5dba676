"""The series' page: how big it is, what its files hold, and when its figures are of."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from profiler.catalog import LANGUAGES, load_series

#: What one page may weigh, apart from what all pages share.
MOST_BYTES = 150_000


def test_no_page_is_heavy(built_site: Path) -> None:
    sizes = {path: path.stat().st_size for path in built_site.rglob("*.html")}
    assert len(sizes) > 20
    assert {path.name: size for path, size in sizes.items() if size >= MOST_BYTES} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_of_when_its_figures_are(language: str, built_site: Path) -> None:
    series = load_series("inception")
    text = (built_site / language / "inception.html").read_text(encoding="utf-8")
    opening = text.partition('<p class="updated">')[2].partition("</p>")[0]
    assert series.updated in opening
    assert 'href="#changes"' in opening
    listed = text.partition('<dl class="changes">')[2].partition("</dl>")[0]
    for change in series.changes:
        assert change.date in listed
        assert change.revision in listed
        assert change.texts[language] in listed


def test_every_sortable_table_has_its_files(built_site: Path) -> None:
    folder = built_site / "data" / "inception"
    text = (built_site / "en" / "inception.html").read_text(encoding="utf-8")
    tables = re.findall('<div class="tools" hidden data-table="(.*?)"', text)
    assert len(tables) >= 7
    names = {f"{table}.{suffix}" for table in tables for suffix in ("csv", "json")}
    of_the_page = {path.name for path in folder.glob("*.*") if ".layers" not in path.name}
    assert of_the_page == {*names, "inception.json"}
    for name in names | {"inception.json"}:
        assert f'href="../data/inception/{name}" download' in text
    for table in tables:
        written_csv = (folder / f"{table}.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(written_csv)))
        data = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
        shown = text.partition(f'<table id="{table}-table">')[2].partition("</table>")[0]
        assert len(rows) == len(data["rows"]) == shown.count("<tr data-model=")
        # each number of the page is in the file, digit for digit
        numbers = re.findall('data-value="(.*?)"', shown)
        written = [value for row in rows for value in list(row.values())[1:]]
        assert numbers == [value for value in written if re.fullmatch(r"-?[\d.]+(e-\d+)?", value)]
