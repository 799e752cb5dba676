"""Files that were to be read as pages, and could not be."""

from __future__ import annotations

from profiler.docs.lint.finding import (
    LintFinding,
    Place,
    Rule,
    add_rule,
)

_RULE = "unreadable-page"
add_rule(Rule(id=_RULE, severity="error"))


def unreadable(path: str, reason: str) -> LintFinding:
    """A file that the system does not give, in its words."""
    return LintFinding(_RULE, Place(path, 1), {"reason": reason})


def page_text(path: str, raw: bytes) -> str | LintFinding:
    """A page's text; a finding where its bytes are no text, or not in UTF-8."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        if b"\0" in raw:
            return LintFinding(_RULE, Place(path, 1), wording="binary")
        line = len((raw[: error.start].decode() + ".").splitlines())
        byte = f"0x{raw[error.start]:02x}"
        return LintFinding(_RULE, Place(path, line), {"byte": byte}, wording="encoding")
    return text if "\0" not in text else LintFinding(_RULE, Place(path, 1), wording="binary")
