"""The built site: twins with one content, the true figures, links that lead somewhere."""

import csv
import hashlib
import itertools
import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from profiler.catalog import LANGUAGES, built_in_series, load_series
from profiler.counting.conventions import list_conventions
from profiler.files import site_dir
from profiler.render.messages import load_messages
from profiler.report.audited import audited
from profiler.report.gathering import series_traces, trace_audit
from profiler.website.content import series_content
from profiler.website.files import site_files
from profiler.website.folder import MANIFEST

DATA = Path(__file__).parents[1] / "data"
SERIES = {name: load_series(name) for name in built_in_series()}
MODELS = [model.name for model in SERIES["inception"].models]
OF_SERIES = [(name, model.name) for name, series in SERIES.items() for model in series.models]
METHODS = (
    *("how-we-count", "how-we-time", "what-the-audit-found", "glossary"),
    *("pages-that-stay-true", "decisions"),
)
PAGES = [
    "index.html",
    *(f"{series}{page}.html" for series in SERIES for page in ("", "/compare")),
    *(f"{series}/{name}.html" for series, name in OF_SERIES),
    *(f"{name}.html" for name in METHODS),
]
EVERY = [f"{language}/{page}" for language in LANGUAGES for page in PAGES]
_NUMBER = re.compile(r"[−+]?\d+(?:[.,x]\d+)*%?")
_VOID = {"meta", "link", "br", "img", "input", "source"}


class SitePage(HTMLParser):
    """A page as lists of what tests ask for; fails where tags do not nest.

    Cells and rows may go without their end tags, as HTML has it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.cells: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == [], path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = f"svg:{tag}" if "svg" in self.open else tag  # a drawing has titles of its own
        self.tags.append((named, {key: value or "" for key, value in attrs}))
        self.end_implied({"td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}}, tag)
        if tag not in _VOID:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def end_implied(self, ended: dict[str, set[str]], tag: str) -> None:
        while self.open and self.open[-1] in ended.get(tag, ()):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        self.end_implied({"tr": {"td", "th"}, "tbody": {"td", "th", "tr"}}, tag)
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data

    def values(self, *names: str) -> Iterator[str]:
        for _, attributes in self.tags:
            yield from (attributes[name] for name in names if name in attributes)

    def structure(self) -> list[str]:
        """The tags that carry content, without those of the running text."""
        kept = re.compile(r"h\d|section|figure|img|table|t[rdh]|tbody|dl|d[td]|pre|details|p|li")
        return [tag for tag, _ in self.tags if kept.fullmatch(tag)]

    def numbers(self) -> list[str]:
        """Every figure in the tables, in order."""
        return [number for cell in self.cells for number in re.findall(_NUMBER, cell)]


@pytest.fixture(scope="module")
def pages(built_site: Path) -> dict[str, SitePage]:
    return {name: SitePage(built_site / name) for name in ["index.html", *EVERY]}


def section(built_site: Path, page: str, anchor: str) -> str:
    """The html of the section under the heading ``anchor``."""
    text = (built_site / page).read_text(encoding="utf-8")
    match = re.search(rf'<section aria-labelledby="{anchor}">(.*?)</section>', text, re.DOTALL)
    assert match is not None, anchor
    return match[1]


def rows(html: str) -> dict[str, list[str]]:
    """First cell → the others' texts, of the first table in a piece of html."""
    table = html.partition("<tbody>")[2].partition("</table>")[0]
    found = {}
    for row in re.findall("<tr[^>]*>(.*?)</tr>", table):
        first, *others = (
            re.sub("<sup class=.mark.>.*?</sup>|<[^>]*>", "", cell)
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        )
        found[first] = others
    return found


class TreeRow(NamedTuple):
    """A row of a tree of layers: parameters, MACs, FLOPs and activation bytes."""

    level: int
    is_module: bool
    figures: list[int]


def tree_rows(html: str) -> list[TreeRow]:
    rows = []
    for level, group, cells in re.findall(r'<tr class="d(\d+)( g)?">(.*)', html):
        texts = [re.sub("<[^>]*>", "", cell) for cell in re.split("<t[hd]", cells)[1:]]
        numbers = [texts[at].partition(">")[2].replace(",", "") for at in (3, 4, 5, 7)]
        rows.append(TreeRow(int(level), bool(group), [int(number) for number in numbers]))
    return rows


def test_the_pages_are_these_and_no_others(built_site: Path) -> None:
    found = {path.relative_to(built_site).as_posix() for path in built_site.rglob("*.html")}
    assert found == {"index.html", *EVERY}


@pytest.mark.parametrize("page", PAGES)
def test_twins_have_the_same_figures_anchors_and_pictures(
    page: str, pages: dict[str, SitePage]
) -> None:
    english, chinese = (pages[f"{language}/{page}"] for language in LANGUAGES)
    figures = english.numbers(), chinese.numbers()
    if page == "what-the-audit-found.html":  # its sentences name their figures in another order
        figures = sorted(figures[0]), sorted(figures[1])
    assert figures[0] == figures[1]
    for names in (("id",), ("src",)):
        assert list(english.values(*names)) == list(chinese.values(*names))
    assert english.structure() == chinese.structure()
    if page.startswith(tuple(SERIES)):
        assert len(english.numbers()) > 60


@pytest.mark.parametrize("page", EVERY)
def test_every_page_is_whole(page: str, pages: dict[str, SitePage]) -> None:
    parsed = pages[page]
    tags = [tag for tag, _ in parsed.tags]
    assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
    assert parsed.tags[0] == ("html", {"lang": "en" if page.startswith("en/") else "zh-CN"})
    ids = list(parsed.values("id"))
    assert len(ids) == len(set(ids))
    for reference in parsed.values("aria-labelledby"):
        assert reference in ids
    for tag, attributes in parsed.tags:
        if tag == "script":  # files of the site, and data; no code in a page
            assert "/assets/" in attributes.get("src", "") or (
                attributes["type"] == "application/json" and attributes["id"]
            )
    assert not [value for name in ("onclick", "onload") for value in parsed.values(name)]
    for tag, attributes in parsed.tags:
        if tag == "img":
            assert len(attributes["alt"]) > 100
            assert int(attributes["width"]) > int(attributes["height"]) > 200
        if tag == "th":
            assert attributes["scope"] in ("col", "row", "rowgroup")
    # levels of headings never jump
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_link_leads_to_a_file_of_the_site_or_to_the_web(
    built_site: Path, pages: dict[str, SitePage]
) -> None:
    anchors = {name: set(page.values("id")) for name, page in pages.items()}
    checked = 0
    for name, page in pages.items():
        for address in page.values("href", "src"):
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme == "https"
                continue
            assert not parts.path.startswith("/")
            path = unquote(parts.path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            target = name if not parts.path else target
            assert (built_site / target).is_file(), (name, address)
            if parts.fragment:
                assert parts.fragment in anchors[target], (name, address)
            checked += 1
    assert checked > 500


def test_each_page_leads_to_its_twin(pages: dict[str, SitePage]) -> None:
    for page in EVERY:
        language, _, rest = page.partition("/")
        other = next(each for each in LANGUAGES if each != language)
        twin = posixpath.relpath(f"{other}/{rest}", posixpath.dirname(page))
        links = [attrs for tag, attrs in pages[page].tags if tag == "a" and "hreflang" in attrs]
        assert [attrs["href"] for attrs in links] == [twin]
    chooser = [attrs["href"] for tag, attrs in pages["index.html"].tags if tag == "a"]
    assert chooser == [f"{language}/index.html" for language in LANGUAGES]


def test_the_series_page_states_the_true_figures(built_site: Path) -> None:
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        expected = {row["model"]: row for row in csv.DictReader(file) if row["variant"] == "deploy"}
    stated = rows(section(built_site, "en/inception.html", "accuracy"))
    assert list(stated) == MODELS
    for name, cells in stated.items():
        facts = expected[name.lower()]
        assert float(cells[-2]) == pytest.approx(int(facts["flops"]) / 1e9, abs=0.0005)
        assert float(cells[-1]) == pytest.approx(int(facts["params"]) / 1e6, abs=0.0005)
    assert "FLOPs = 2 × MACs" in section(built_site, "en/inception.html", "accuracy")


def test_every_published_latency_is_on_the_series_page_and_on_its_models(built_site: Path) -> None:
    with (DATA / "published_latency.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    assert len(published) == 111
    series = (built_site / "en/inception.html").read_text(encoding="utf-8")
    for row in published:
        figure = f"<i>{row['latency_ms']}</i>"
        assert f'<td data-value="{row["latency_ms"]}">{figure}' in series
        assert figure in section(built_site, f"en/inception/{row['model']}.html", "latencies")


def test_the_published_counts_stand_beside_the_traced_ones(built_site: Path) -> None:
    text = section(built_site, "en/inception.html", "published")
    flops, params = text.split("compared-params-caption", 1)
    rule = "paddle_static"
    assert rows(flops)["GoogLeNet"] == ["2.880", rule, "train", "2.880", "2.863", "+0.6%"]
    assert rows(params)["GoogLeNet"] == ["8.460", rule, "train", "8.460", "6.991", "+21.0%"]
    assert text.count("<i>") == 16
    # torchvision's GFLOPS are multiply-adds: 1.814 of ResNet18 beside 3.63 GFLOPs
    flops = section(built_site, "en/resnet.html", "published").split("compared-params-caption")[0]
    assert rows(flops)["ResNet18"][1:3] == ["macs", "deploy"]
    assert rows(flops)["ResNet18"][-1] == "−50.0%"


@pytest.mark.parametrize(("of", "name"), OF_SERIES)
def test_layers_add_up_on_the_page(of: str, name: str, built_site: Path) -> None:
    page = f"en/{of}/{name}.html"
    parts = ["layers", *(["layers-train"] if name == "GoogLeNet" else [])]
    for part in parts:
        rows = tree_rows(section(built_site, page, part))
        leaves = [row for row in rows if not row.is_module]
        assert len(leaves) > 50
        assert len(rows) - len(leaves) > 3
        for column in range(4):
            assert sum(row.figures[column] for row in leaves) == rows[0].figures[column]
        for at, row in enumerate(rows):
            inside = list(
                itertools.takewhile(lambda other: other.level > row.level, rows[at + 1 :])  # noqa: B023
            )
            assert row.is_module == bool(inside)
            children = [each.figures for each in inside if each.level == row.level + 1]
            if children:
                assert row.figures == [sum(column) for column in zip(*children, strict=True)]
    folded = section(built_site, page, "layers-train") if len(parts) == 2 else ""
    assert ("<details>" in folded) == (SERIES[of].model(name).published_variant == "train")


@pytest.mark.parametrize(("of", "name"), OF_SERIES)
def test_a_models_page_is_no_heavier_than_it_has_to_be(
    of: str, name: str, built_site: Path
) -> None:
    for language in LANGUAGES:
        assert (built_site / language / of / f"{name}.html").stat().st_size < 125_000


def test_every_rule_is_explained_and_on_every_model_page(
    built_site: Path, pages: dict[str, SitePage]
) -> None:
    explained = set(pages["en/how-we-count.html"].values("id"))
    assert set(list_conventions()) <= explained
    for series, name in OF_SERIES:
        stated = section(built_site, f"en/{series}/{name}.html", "conventions")
        assert set(rows(stated)) == set(list_conventions())


def test_prose_left_no_markup_behind(built_site: Path) -> None:
    for page in EVERY:
        text = (built_site / page).read_text(encoding="utf-8")
        visible = re.sub(r"<(code|pre|style|script)\b.*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)
        assert not re.search(r"\*\*|`|\{\w+\}|\]\(|\bNone\b|\bnan\b", visible), page


def test_two_builds_are_the_same_to_the_byte(built_site: Path) -> None:
    steps: list[str] = []
    contents = []
    for series in SERIES.values():
        traces = trace_audit(series)
        stated = series_traces(series, traces)
        contents.append(series_content(series, stated, None, audited(series, traces)))
    files = site_files(contents, steps.append)
    assert sorted(steps) == sorted(EVERY)
    names = {path.relative_to(built_site).as_posix() for path in built_site.rglob("*.*")
             if path.is_file()}  # fmt: skip
    assert names == {*files, MANIFEST}
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        assert (
            hashlib.sha256(data).digest()
            == hashlib.sha256((built_site / name).read_bytes()).digest()
        ), name


def test_every_audit_rule_is_explained_on_the_method_page() -> None:
    rules = {
        key.removeprefix("audit.notes.").partition("_")[0]
        for key in load_messages("en").texts
        if key.startswith("audit.notes.")
    }
    for file in ("how-we-count.md", "how-we-count.zh_CN.md"):
        text = (site_dir() / "pages" / file).read_text(encoding="utf-8")
        assert {rule for rule in rules if f"`{rule}`" in text} == rules
