"""What every page of the site has around its content: head, navigation, language switch."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from profiler.catalog import LANGUAGES
from profiler.records import Record, Series
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import inline_json, render_template

#: The site's name; a page's title ends in it.
SITE_NAME = "inprof"
#: Folders for what the languages share, beside a folder for each language.
ASSETS = "assets"
IMAGES = "images"
#: The method page that explains the counting rules, under a heading each.
COUNTING = "how-we-count"
#: What the pages offer as files of figures.
DATA = "data"
#: The sheet for dark pages, and the script that lets a reader choose them.
DARK_STYLE = "dark.css"
THEME_SCRIPT = "theme.js"
#: The method page that says what the words mean, under a heading each.
GLOSSARY = "glossary"
#: The method pages, in the order of the navigation.
METHOD_PAGES = (COUNTING, "how-we-time", "what-the-audit-found", GLOSSARY)
#: Pages for those who change the site or depend on it; every page's foot leads to them.
FOOT_PAGES = ("pages-that-stay-true", "decisions")


class HtmlPage(Record, frozen=True):
    """One page in one language: where it stands below the language's folder, and its content.

    ``path`` is the same in every language, which is what makes pages twins. ``title`` and
    ``description`` are plain text; ``values`` is what the template may name beside the frame's.
    ``scripts`` are files of the assets that this page runs beside those of every page; ``data`` is
    what scripts read, as JSON under the id of an element each. ``files`` are those that it brings
    to the site, by their path from the site's top, the same in every language.
    """

    path: str
    title: str
    description: str
    template: str
    values: Mapping[str, object]
    scripts: tuple[str, ...] = ()
    data: Mapping[str, object] = {}
    files: Mapping[str, str] = {}


class NavigationLink(Record, frozen=True):
    """An entry of the navigation; ``path`` is below the language's folder."""

    label: str
    path: str


class _Link(Record, frozen=True):
    label: str
    href: str
    current: bool
    language: str = ""


def render_html_page(
    page: HtmlPage,
    language: str,
    *,
    navigation: Sequence[NavigationLink],
    styles: Sequence[str],
    scripts: Sequence[str] = (),
) -> str:
    """The page as html: the same inputs give the same text.

    ``styles`` and ``scripts`` are the assets of every page; a page may have more scripts.
    """
    messages = load_messages(language)
    here = f"{language}/{page.path}"
    values: dict[str, object] = {
        "text": messages.text,
        "language": language_tag(language),
        "title": page.title,
        "site_name": SITE_NAME,
        "description": page.description,
        "styles": [relative(here, f"{ASSETS}/{name}") for name in styles],
        "dark_style": relative(here, f"{ASSETS}/{DARK_STYLE}"),
        "theme_script": relative(here, f"{ASSETS}/{THEME_SCRIPT}"),
        "scripts": [relative(here, f"{ASSETS}/{name}") for name in (*scripts, *page.scripts)],
        "data": {name: inline_json(value) for name, value in page.data.items()},
        "icon": relative(here, f"{ASSETS}/icon.svg"),
        "home": relative(here, f"{language}/index.html"),
        "navigation": [_link(link, page, language) for link in navigation],
        "foot": [
            _link(
                NavigationLink(messages.text(f"methods.{name}"), method_path(name)), page, language
            )
            for name in FOOT_PAGES
        ],
        "twins": [
            _Link(
                label=load_messages(other).text("language.name"),
                href=relative(here, f"{other}/{page.path}"),
                current=other == language,
                language=language_tag(other),
            )
            for other in LANGUAGES
        ],
    }
    return render_template(template=page.template, values={**values, **page.values})


def _link(link: NavigationLink, page: HtmlPage, language: str) -> _Link:
    return _Link(
        label=link.label,
        href=relative(f"{language}/{page.path}", f"{language}/{link.path}"),
        current=link.path == page.path,
    )


def render_chooser(styles: Sequence[str]) -> str:
    """The page at the top, which leads to each language."""
    choices = [(language, load_messages(language)) for language in LANGUAGES]
    return render_template(
        template="site/chooser.html.j2",
        values={
            "site_name": SITE_NAME,
            "styles": [f"{ASSETS}/{name}" for name in styles],
            "dark_style": f"{ASSETS}/{DARK_STYLE}",
            "theme_script": f"{ASSETS}/{THEME_SCRIPT}",
            "icon": f"{ASSETS}/icon.svg",
            "choices": [
                {
                    "language": language_tag(language),
                    "name": messages.text("language.name"),
                    "tagline": messages.text("site.tagline"),
                    "href": f"{language}/index.html",
                }
                for language, messages in choices
            ],
        },
    )


def method_path(name: str) -> str:
    """A method page below a language's folder."""
    return f"{name}.html"


def series_path(series: Series) -> str:
    """A series' page below a language's folder."""
    return f"{series.name}.html"


def model_path(series: Series, model: str) -> str:
    """A model's page below a language's folder."""
    return f"{series.name}/{model}.html"


def compare_path(series: Series) -> str:
    """The page with a series' models side by side; empty where there is one model alone."""
    return f"{series.name}/compare.html" if len(series.models) > 1 else ""


def relative(here: str, target: str) -> str:
    """The address of one file of the site as seen from another; both from the site's top."""
    return posixpath.relpath(target, posixpath.dirname(here) or ".")


def language_tag(language: str) -> str:
    """The language as html and HTTP spell it: "zh-CN" for "zh_CN"."""
    return language.replace("_", "-")


def page_title(parts: Sequence[str], messages: Messages) -> str:
    """A title for tabs and bookmarks, from the particular to the general."""
    return messages.text("list.title").join((*parts, SITE_NAME))
