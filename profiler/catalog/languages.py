"""The languages of pages, and texts of data files by language."""

from __future__ import annotations

from typing import Generic, TypeVar

from profiler.catalog.data_files import FileTable, KeyFault, Text

_T = TypeVar("_T")


class ByLanguage(FileTable, Generic[_T], frozen=True):
    """One value per language."""

    en: _T | None = None
    zh_CN: _T | None = None  # noqa: N815

    def of_each(self) -> dict[str, _T]:
        """By language; one that is left out takes the first that is given, none where none is."""
        given = {key: own for key in LANGUAGES if (own := getattr(self, key)) is not None}
        return {key: given.get(key, next(iter(given.values()))) for key in LANGUAGES if given}


#: The languages that pages are written in. Text given in one of them stands for the other too.
LANGUAGES = ByLanguage.__struct_fields__


class Words(ByLanguage[Text], frozen=True):
    """A text in at least one language."""

    def __post_init__(self) -> None:
        if not self.of_each():
            raise KeyFault("", "there is no text", 'write "…" or { en = "…" }')


def words_by_language(words: str | Words) -> dict[str, str]:
    """One text for every language, or each its own."""
    return dict.fromkeys(LANGUAGES, words) if isinstance(words, str) else words.of_each()
