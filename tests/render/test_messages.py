"""The catalogues of all languages say the same things."""

import re

import pytest

from profiler.catalog import LANGUAGES
from profiler.errors import RenderError, UnknownNameError
from profiler.render.messages import (
    Messages,
    languages,
    load_messages,
    placeholders,
)


def test_there_is_a_catalogue_for_every_language_of_a_series() -> None:
    assert set(languages()) == set(LANGUAGES) == {"en", "zh_CN"}


def test_languages_have_the_same_keys_and_placeholders() -> None:
    english = load_messages("en").texts
    assert len(english) > 80
    for language in languages():
        texts = load_messages(language).texts
        assert texts.keys() == english.keys()
        for key, text in texts.items():
            assert placeholders(text) == placeholders(english[key]), (language, key)
            assert text == " ".join(text.split()) or key.startswith("list."), (language, key)


def test_chinese_prose_is_chinese_and_english_is_not() -> None:
    prose = ("headings.", "notes.", "overview.", "alt.", "regenerate.", "reasons.not")
    for key, text in load_messages("zh_CN").texts.items():
        assert (
            not key.startswith(prose)
            or key.startswith("overview.paper")
            or re.search("[\u4e00-\u9fff]", text)
        ), key
    assert not any(re.search("[\u4e00-\u9fff]", t) for t in load_messages("en").texts.values())


def test_a_missing_message_is_an_error_that_names_it() -> None:
    messages = Messages(language="xx", texts={"a": "{b} and {c}"})
    assert messages.text("a", b="{c}", c=2) == "{c} and 2"
    with pytest.raises(RenderError, match=r"'nope' is missing.*messages/xx\.toml"):
        messages.text("nope")
    with pytest.raises(RenderError, match=r"'a'.*'c'"):
        messages.text("a", b=1)


def test_an_unknown_language_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="en, zh_CN"):
        load_messages("klingon")
    with pytest.raises(UnknownNameError):
        load_messages("../messages/en")
