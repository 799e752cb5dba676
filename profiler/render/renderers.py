"""Document → text in one of four formats."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec

from profiler.records import Document, Format


def render(document: Document, form: Format, language: str = "en") -> str:
    """The document as a file has it, ending in a line feed."""
    return RENDERERS[form](document, language)


# each format loads what it needs: CSV and JSON have no words, and only a terminal is drawn by rich


def _terminal(document: Document, language: str) -> str:
    from profiler.render.messages import load_messages
    from profiler.render.terminal import document_drawing, plain

    return plain(document_drawing(document, load_messages(language)))


def _markdown(document: Document, language: str) -> str:
    from profiler.render.markdown import document_markdown
    from profiler.render.messages import load_messages

    return document_markdown(document, load_messages(language))


def _csv(document: Document, _language: str) -> str:
    from profiler.render.csv_table import document_csv

    return document_csv(document)


def _json(document: Document, _language: str) -> str:
    text = json.dumps(
        document.data, indent=2, ensure_ascii=document.ascii, default=msgspec.to_builtins
    )
    return f"{text}\n"


#: Format → its renderer, given the language of headings and other words.
RENDERERS: dict[str, Callable[[Document, str], str]] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "csv": _csv,
    "json": _json,
}
