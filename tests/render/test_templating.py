"""The door to Jinja: undefined names fail, html escapes, markdown is left to its filters."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import RenderError
from profiler.render import templating


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(templating, "templates_dir", lambda: tmp_path)
    return tmp_path


def render(folder: Path, name: str, source: str, **values: object) -> str:
    (folder / name).write_text(source, encoding="utf-8")
    return templating.render_template(template=name, values=values)


@pytest.mark.parametrize(
    "source", ["{{ nobody }}", "{{ a.nothing }}", "{% if nobody %}{% endif %}"]
)
def test_an_undefined_name_is_an_error(folder: Path, source: str) -> None:
    with pytest.raises(RenderError, match=r"template 'x\.md\.j2'.*(nobody|nothing)"):
        render(folder, "x.md.j2", source, a=1)


def test_html_escapes_and_markdown_does_not(folder: Path) -> None:
    assert render(folder, "x.html.j2", "{{ a }}\n", a="<b>&") == "&lt;b&gt;&amp;\n"
    assert render(folder, "x.md.j2", "{{ a }}\n", a="<b>&") == "<b>&\n"
    assert render(folder, "y.md.j2", "{{ a | paragraph }}", a="<b> # _x_") == "\\<b> # \\_x\\_"


def test_block_lines_leave_no_trace(folder: Path) -> None:
    source = "a\n  {% for x in (1, 2) %}\n- {{ x }}\n  {% endfor %}\nb\n"
    assert render(folder, "x.md.j2", source) == "a\n- 1\n- 2\nb\n"


def test_a_missing_and_a_broken_template_are_named(folder: Path) -> None:
    with pytest.raises(RenderError, match=r"'none\.md\.j2' is missing"):
        templating.render_template(template="none.md.j2", values={})
    with pytest.raises(RenderError, match=r"x\.md\.j2 line 2"):
        render(folder, "x.md.j2", "a\n{% if %}")


def test_the_door_takes_keywords_only() -> None:
    with pytest.raises(TypeError):
        templating.render_template("x.md.j2", {})  # type: ignore[call-arg,arg-type]


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_json_inside_a_page_can_not_end_its_element(value):
    written = templating.inline_json({"name": value, "</script>": "<!--"})
    assert json.loads(written) == {"name": value, "</script>": "<!--"}
    assert not set("<>&\u2028\u2029") & set(written)


def test_a_number_that_json_does_not_have_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        templating.inline_json(float("nan"))
