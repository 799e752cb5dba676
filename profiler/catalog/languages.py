"""The languages of pages, and texts of data files by language."""

from __future__ import annotations

from profiler.catalog.toml_table import TomlTable

#: The languages that pages are written in. Text given in one of them stands for the other too.
LANGUAGES = ("en", "zh_CN")


def words(table: TomlTable, key: str) -> dict[str, str]:
    """The key's text by language: a table of texts, or one text for every language."""
    if not table.has_table(key):
        return dict.fromkeys(LANGUAGES, table.text(key))
    given = languages(table.table(key))
    if not given:
        raise table.fault(key, "there is no text", f'write {key} = "…" or {key}.en = "…"')
    return given


def languages(table: TomlTable) -> dict[str, str]:
    """One text per language; a language without one takes the first that is given."""
    given = {language: table.text(language) for language in LANGUAGES if table.has(language)}
    table.finish()
    if not given:
        return {}
    fallback = next(iter(given.values()))
    return {language: given.get(language, fallback) for language in LANGUAGES}
