"""The frame around every page's content: head, navigation, language switch."""

from __future__ import annotations

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


class SitePage(Record, frozen=True):
    """One page in one language."""

    #: Where it stands below the language's folder, the same in every language.
    path: str
    title: str
    description: str
    template: str
    #: What the template may name beside the frame's.
    values: Mapping[str, object]
    #: What this page runs beside the scripts of every page, by path from the site's top.
    scripts: tuple[str, ...] = ()
    #: What scripts read, as JSON under the id of an element each.
    data: Mapping[str, object] = {}
    #: Those that it brings to the site, by their path from the site's top, the same in every
    #: language.
    files: Mapping[str, str] = {}


class Link(Record, frozen=True):
    """A text that leads to a place of the site: a path from its top."""

    label: str
    path: str


def render_page(
    page: SitePage,
    language: str,
    *,
    navigation: Sequence[Link],
    styles: Sequence[str],
    scripts: Sequence[str] = (),
) -> str:
    """The page as html: the same inputs give the same text.

    ``styles`` and ``scripts`` are the assets of every page; a page may have more scripts.
    """
    messages = load_messages(language)
    values: dict[str, object] = {
        "messages": messages,
        "here": f"{language}/{page.path}",
        "folder": language,
        "language": language_tag(language),
        "title": page.title,
        "site_name": SITE_NAME,
        "description": page.description,
        "assets": ASSETS,
        "styles": styles,
        "dark_style": DARK_STYLE,
        "theme_script": THEME_SCRIPT,
        "scripts": (*(f"{ASSETS}/{name}" for name in scripts), *page.scripts),
        "data": {name: inline_json(value) for name, value in page.data.items()},
        "navigation": navigation,
        "foot": [method_link(name, messages) for name in FOOT_PAGES],
        "twins": [
            (
                language_tag(other),
                load_messages(other).text("language.name"),
                f"{other}/{page.path}",
            )
            for other in LANGUAGES
        ],
    }
    return render_template(template=page.template, values={**values, **page.values})


def method_link(name: str, messages: Messages, anchor: str = "") -> Link:
    """A method page, or a heading of it."""
    path = f"{messages.language}/{method_path(name)}"
    return Link(messages.text(f"methods.{name}"), f"{path}#{anchor}" if anchor else path)


def render_chooser(styles: Sequence[str]) -> str:
    """The page at the top, which leads to each language."""
    choices = [(language, load_messages(language)) for language in LANGUAGES]
    return render_template(
        template="site/chooser.html.j2",
        values={
            "site_name": SITE_NAME,
            "assets": ASSETS,
            "styles": styles,
            "dark_style": DARK_STYLE,
            "theme_script": THEME_SCRIPT,
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


def language_tag(language: str) -> str:
    """The language as html and HTTP spell it: "zh-CN" for "zh_CN"."""
    return language.replace("_", "-")


def page_title(parts: Sequence[str], messages: Messages) -> str:
    """A title for tabs and bookmarks, from the particular to the general."""
    return messages.text("list.title").join((*parts, SITE_NAME))
