"""Links to the published pages, names by language, the home page and what stands at its foot."""

import json
import re
from pathlib import Path

import pytest

from profiler.catalog import LANGUAGES, load_series

ENGLISH_PAGE = (
    "https://github.com/PaddlePaddle/PaddleClas/blob/f03f7a7d91263e83878c4f13256925299957cf8e/"
    "docs/en/models/Inception_en.md"
)


def read(built_site: Path, page: str) -> str:
    return (built_site / page).read_text(encoding="utf-8")


def part(text: str, anchor: str) -> str:
    return text.partition(f'<section aria-labelledby="{anchor}">')[2].partition("</section>")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quoting_section_links_its_page(built_site: Path, language: str) -> None:
    text = read(built_site, f"{language}/inception.html")
    title = load_series("inception").page_titles["en"][language]
    link = f'<a href="{ENGLISH_PAGE}">{title}</a>'
    for anchor in ("accuracy", "published", "speed-1", "speed-2", "notes"):
        assert link in part(text, anchor).partition('<p class="sources">')[2], anchor
    assert ENGLISH_PAGE not in part(text, "speed-unstated")
    assert link in part(read(built_site, f"{language}/inception/GoogLeNet.html"), "published")


def test_the_notes_do_not_say_that_all_hardware_is_unknown(built_site: Path) -> None:
    notes = part(read(built_site, "en/inception.html"), "notes")
    assert "does not name the hardware of the latencies" not in notes
    assert "The older page does not name the hardware" in notes


def test_chinese_pages_call_devices_pages_and_graphs_in_chinese(built_site: Path) -> None:
    for path in (built_site / "zh_CN").rglob("*.html"):
        text = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert "variant not stated" not in text, path
        assert "English page" not in text, path
        assert not re.search(r"<td[^>]*>(deploy|train)</td>", text), path
    assert "V100（型号未注明）" in read(built_site, "zh_CN/inception/GoogLeNet.html")
    assert '<td class="t">训练</td>' in read(built_site, "zh_CN/inception.html")
    assert '<td class="t">train</td>' in read(built_site, "en/inception.html")


def test_files_of_figures_have_english_names(built_site: Path) -> None:
    pages = json.loads(read(built_site, "data/inception/inception.json"))["pages"]
    assert pages == load_series("inception").pages
    assert "（" not in "".join(pages.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_shows_a_plot_and_leads_to_the_comparison(
    built_site: Path, language: str
) -> None:
    text = read(built_site, f"{language}/index.html")
    card = text.partition('<ul class="cards">')[2].partition("</ul>")[0]
    assert 'src="../images/inception/t4.fp32.bs4.Inception.flops.svg"' in card
    assert 'href="inception/compare.html"' in card
    main, foot = text.split('<footer class="site">')
    assert "decisions.html" not in main
    assert 'href="decisions.html"' in foot


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_concludes_and_holds_the_combined_picture(
    built_site: Path, language: str
) -> None:
    text = read(built_site, f"{language}/inception.html")
    overview = part(text, "overview")
    conclusion = overview.partition('<p class="conclusion">')[2].partition("</p>")[0]
    # expected_counts.csv, deploy: 32.169 G against 2.863 G FLOPs, 37.678 M against 6.991 M
    assert "11.2" in conclusion
    assert "5.39" in conclusion
    # published: 31.55549 ms against 4.48882 ms
    assert "7.03" in conclusion
    assert 'href="glossary.html#frontier"' in conclusion
    assert "/Inception.svg" in overview
    assert "/Inception.svg" not in part(text, "speed-unstated")
