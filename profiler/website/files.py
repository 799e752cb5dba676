"""Series and their traces → every file of the static site, as path → content.

Pure: nothing is written here. The paths are made of safe slugs only (language, series name, model
name, plot name), every page has a twin in each language, and the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from profiler.catalog import LANGUAGES
from profiler.errors import RenderError
from profiler.files import Blobs, site_dir
from profiler.records import Series
from profiler.render.messages import Messages, load_messages
from profiler.report.sections import in_language
from profiler.website.chart.spec import VEGA, can_chart, vega_bundle
from profiler.website.compare import compare_page
from profiler.website.content import SeriesContent, content_in
from profiler.website.frame import (
    ASSETS,
    DARK_STYLE,
    FOOT_PAGES,
    METHOD_PAGES,
    SITE_NAME,
    Link,
    SitePage,
    compare_path,
    method_link,
    method_path,
    model_path,
    render_chooser,
    render_page,
    series_path,
)
from profiler.website.method import Prose, method_page, method_proses
from profiler.website.model import model_page
from profiler.website.parts import compare_link, picture_texts
from profiler.website.series import series_page
from profiler.website.series_comparison import SeriesComparison, series_comparison

_HOME = "index.html"
#: The sheets of ``site/css``; a later one overrides those before it.
_STYLES = (
    *("base.css", "controls.css", "table.css"),
    *("chart.css", "model.css", "compare.css", "print.css"),
)
#: The scripts of ``site/js`` that every page runs, in order.
_SCRIPTS = ("page.js", "tables.js")


def page_paths(series: Sequence[Series]) -> tuple[str, ...]:
    """The pages of a site of these series, below each language's folder.

    Raises:
        RenderError: two pages would have one path, or differ only in case.
    """
    paths = [_HOME, *map(method_path, (*METHOD_PAGES, *FOOT_PAGES))]
    taken = set(paths)
    for each in series:
        of_models = [model_path(each, model.name) for model in each.models]
        for path in filter(None, (series_path(each), compare_path(each), *of_models)):
            _require_free(path, taken)
            paths.append(path)
    return tuple(paths)


def site_files(
    contents: Sequence[SeriesContent],
    progress: Callable[[str], None] = lambda path: None,
    kept: Blobs | None = None,
) -> dict[str, str | bytes]:
    """Every file of the site by its path from the site's top, with forward slashes.

    Args:
        contents: the series, at least one, in the order of the navigation.
        progress: called with each page's path as its turn comes: ``page_paths`` in each language.
        kept: scripts that were put together before.

    Raises:
        RenderError: two pages would have one path, or a page's source is broken.
    """
    page_paths([content.series for content in contents])
    files: dict[str, str | bytes] = {_HOME: render_chooser(_STYLES)}
    files.update(_pages(contents, progress))
    for content in contents:
        images = (*content.images, *((content.combined,) if content.combined else ()))
        pictures = (*(image.picture for image in images), *content.model_pictures.values())
        for picture in pictures:
            files.update(picture.files)
            files.update({variant.path: variant.content for variant in picture.variants})
    for style in (*_STYLES, DARK_STYLE):
        files[f"{ASSETS}/{style}"] = (site_dir() / "css" / style).read_bytes()
    for script in sorted((site_dir() / "js").glob("*.js")):
        files[f"{ASSETS}/{script.name}"] = script.read_bytes()
    if can_chart():
        files[f"{ASSETS}/{VEGA}"] = vega_bundle(kept)
    files[f"{ASSETS}/icon.svg"] = (site_dir() / "icon.svg").read_bytes()
    return files


def _pages(
    contents: Sequence[SeriesContent], progress: Callable[[str], None]
) -> Iterator[tuple[str, str]]:
    """Each page and the files that it brings, by path from the site's top."""
    compared = {
        content.series.name: series_comparison(content)
        for content in contents
        if compare_path(content.series)
    }
    proses: dict[str, Prose] = {}
    for language in LANGUAGES:
        messages = load_messages(language)
        named = [content_in(content, language) for content in contents]
        navigation = _navigation(named, language, messages)
        proses = method_proses(named, language, proses)
        for path, make in _makers(named, compared, proses, language, messages):
            progress(f"{language}/{path}")
            page = make()
            text = render_page(
                page, language, navigation=navigation, styles=_STYLES, scripts=_SCRIPTS
            )
            yield f"{language}/{path}", text
            if language == LANGUAGES[0]:  # a file of figures has the first language's names
                yield from page.files.items()


def _makers(
    contents: Sequence[SeriesContent],
    compared: Mapping[str, SeriesComparison],
    proses: Mapping[str, Prose],
    language: str,
    messages: Messages,
) -> Iterator[tuple[str, Callable[[], SitePage]]]:
    """Each page's path and what makes it, home first."""
    yield _HOME, partial(_home, contents, proses, language, messages)
    for name, prose in proses.items():
        yield method_path(name), partial(method_page, name, prose, messages)
    for content in contents:
        yield content.page_path, partial(series_page, content, language)
        if content.series.name in compared:
            beside = compared[content.series.name]
            yield compare_path(content.series), partial(compare_page, content, beside, language)
        for index, model in enumerate(content.series.models):
            yield content.model_path(model.name), partial(model_page, content, index, language)


def _home(
    contents: Sequence[SeriesContent],
    proses: Mapping[str, Prose],
    language: str,
    messages: Messages,
) -> SitePage:
    return SitePage(
        path=_HOME,
        title=f"{SITE_NAME}{messages.text('list.title')}{messages.text('site.tagline')}",
        description=messages.text("site.tagline"),
        template="site/home.html.j2",
        values={
            "picture_texts": picture_texts,
            "series": [
                {
                    "href": content.page_path,
                    "title": _title(content, language),
                    "summary": in_language(content.series.summaries, language, ""),
                    "image": next(iter(content.images), None),
                    "compare": compare_link(content, messages),
                    "models": [
                        Link(model.label, f"{language}/{content.model_path(model.name)}")
                        for model in content.series.models
                    ],
                }
                for content in contents
            ],
            "methods": [
                {"href": method_path(name), "title": prose.title, "summary": prose.summary}
                for name, prose in proses.items()
                if name in METHOD_PAGES
            ],
        },
    )


def _navigation(contents: Sequence[SeriesContent], language: str, messages: Messages) -> list[Link]:
    return [
        *(Link(_title(each, language), f"{language}/{each.page_path}") for each in contents),
        *(method_link(name, messages) for name in METHOD_PAGES),
    ]


def _title(content: SeriesContent, language: str) -> str:
    return in_language(content.series.titles, language, content.series.file_stem)


def _require_free(path: str, taken: set[str]) -> None:
    """Some disks take A.html and a.html for one file, and none takes a file for a folder."""
    key = path.casefold()
    folders = {key.rpartition("/")[0]} - {""}
    if key in taken or f"{key}/" in taken or any(folder in taken for folder in folders):
        raise RenderError(
            f"two pages of the site would both be {path!r}: rename the series or the model "
            "that this page is named after"
        )
    taken.update({key, *(f"{folder}/" for folder in folders)})
