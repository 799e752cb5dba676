"""Finds templates/ and site/, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from profiler.errors import InprofError

_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """The folder of the Jinja templates."""
    return find("templates", _PACKAGE)


def site_dir() -> Path:
    """The folder of the static site's sources."""
    return find("site", _PACKAGE)


def find(name: str, package: Path) -> Path:
    """Return the folder ``name`` that belongs to the package folder ``package``.

    A wheel carries it inside the package; in a checkout it lies beside. Beside counts only where a
    pyproject.toml lies there too: next to an installed package are other people's folders.

    Raises:
        InprofError: there is neither.
    """
    inside, beside = package / name, package.parent / name
    if inside.is_dir():
        return inside
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise InprofError(
        f"the folder {name}/ is missing: neither {inside} nor {beside} is there; "
        "install inprof again, or run it from a complete checkout"
    )
