"""The one door to Jinja.

An undefined name is an error, never an empty string. Templates ending in ``.html.j2`` escape what
they print; markdown ones print text through the filters that ``profiler.render.markdown`` defines.
Cells and numbers become text through filters too, so that a template reads the records themselves.
"""

from __future__ import annotations

import functools
import json
import posixpath
from collections.abc import Mapping

import jinja2
from markupsafe import Markup

from profiler import units
from profiler.errors import RenderError, one_line
from profiler.files import templates_dir
from profiler.render import cells, markdown


def render_template(*, template: str, values: Mapping[str, object]) -> str:
    """Fill in a template.

    Args:
        template: its path below ``templates/``, with forward slashes.
        values: what the template may name.

    Raises:
        RenderError: the template is missing or broken, or names something that is not in
            ``values``.
    """
    try:
        return _environment(str(templates_dir())).get_template(template).render(values)
    except jinja2.TemplateNotFound as error:
        raise RenderError(f"template {error.name!r} is missing from the templates folder") from None
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.name or template} line {error.lineno}"
        raise RenderError(f"template {where}: {one_line(error)}") from None
    except jinja2.UndefinedError as error:
        raise RenderError(f"template {template!r}: {one_line(error)}") from None


def relative(target: str, here: str) -> str:
    """The address of one file of a site as seen from another; both from the site's top."""
    return posixpath.relpath(target, posixpath.dirname(here) or ".")


_SAFE_SCHEMES = ("https://", "http://")


def web_address(address: str) -> str:
    """The address where it is one of the web, else nothing: other schemes can run something."""
    return address if address.lower().startswith(_SAFE_SCHEMES) else ""


#: Characters that must not stand as they are inside a script element, or end a line in one.
_UNSAFE_IN_SCRIPTS = "<>&\u2028\u2029"


def inline_json(value: object) -> Markup:
    """A value as JSON that can stand inside a ``<script type="application/json">``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    escapes = {ord(each): f"\\u{ord(each):04x}" for each in _UNSAFE_IN_SCRIPTS}
    return Markup(text.translate(escapes))


def _toml(text: str) -> str:
    """A text as TOML has it: what JSON escapes, TOML reads, but for the character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@functools.cache
def _environment(folder: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests.update(quoted=cells.is_quoted, measured=cells.is_measured)
    environment.filters.update(
        paragraph=markdown.paragraph,
        inline=markdown.inline,
        heading=markdown.heading,
        toml=_toml,
        cell_lines=cells.cell_lines,
        heading_lines=cells.heading_lines,
        raw_number=cells.raw_number,
        integer=units.integer,
        by_hint=units.by_hint,
        shape=units.shape,
        relative=relative,
        web_address=web_address,
    )
    return environment
