"""The languages of pages, and texts of data files by language."""

from __future__ import annotations

from profiler.catalog.toml_table import TomlTable

#: The languages that pages are written in. Text given in one of them stands for the other too.
LANGUAGES = ("en", "zh_CN")


def languages(table: TomlTable) -> dict[str, str]:
    """One text per language; a language without one takes the first that is given."""
    given = {language: table.text(language) for language in LANGUAGES if table.has(language)}
    table.finish()
    if not given:
        return {}
    fallback = next(iter(given.values()))
    return {language: given.get(language, fallback) for language in LANGUAGES}
