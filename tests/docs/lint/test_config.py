"""Config files: where they are looked for, what they say, and what is refused."""

from pathlib import Path

import pytest

from profiler.docs.lint.config import Config, find_config, read_config
from profiler.errors import UsageError

WHOLE = """
select = ["empty-alt", "broken-image"]
ignore = ["empty-alt"]
exclude = ["drafts/**"]
fail-on = "error"
baseline = "known.jsonl"
[severities]
broken-image = "info"
[per-path-ignores]
"old/*.md" = ["broken-image"]
"""


def test_every_key(tmp_path):
    path = tmp_path / ".inprof-lint.toml"
    path.write_text(WHOLE)
    config = read_config(path)
    assert (config.select, config.ignore) == (("empty-alt", "broken-image"), ("empty-alt",))
    assert config.severities == {"broken-image": "info"}
    assert config.fail_on == "error"
    assert config.baseline == str(tmp_path / "known.jsonl")
    assert config.excludes(str(tmp_path / "drafts" / "a.md"))
    assert not config.excludes(str(tmp_path / "a.md"))
    ((pattern, rules),) = config.left_out
    assert pattern.matches(str(tmp_path / "old" / "a.md"))
    assert rules == {"broken-image"}


def test_a_section_of_pyproject_says_the_same(tmp_path):
    own, shared = tmp_path / "own.toml", tmp_path / "pyproject.toml"
    own.write_text(WHOLE)
    shared.write_text(
        "[project]\nname = 'x'\n[tool.inprof.lint]\n"
        + WHOLE.replace("[severities]", "[tool.inprof.lint.severities]").replace(
            "[per-path-ignores]", "[tool.inprof.lint.per-path-ignores]"
        )
    )
    assert read_config(shared).severities == read_config(own).severities
    assert read_config(shared).left_out == read_config(own).left_out


def test_the_nearest_file_that_says_something_counts(tmp_path):
    below = tmp_path / "docs" / "deep"
    below.mkdir(parents=True)
    assert find_config(below) == Config()
    (tmp_path / "pyproject.toml").write_text("[tool.inprof.lint]\nfail-on = 'info'\n")
    (tmp_path / "docs" / "pyproject.toml").write_text("[tool.other]\n")
    assert find_config(below).fail_on == "info"
    (tmp_path / ".inprof-lint.toml").write_text("fail-on = 'never'\n")
    assert find_config(below).fail_on == "never"
    (below / ".inprof-lint.toml").write_text("")
    assert find_config(below).path == str(below / ".inprof-lint.toml")


def test_it_is_found_from_a_relative_folder(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / ".inprof-lint.toml").write_text("fail-on = 'never'\n")
    monkeypatch.chdir(tmp_path / "sub")
    assert find_config(Path()).fail_on == "never"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []", "selct: unknown key .did you mean select"),
        ("fail_on = 'error'", "fail_on: unknown key .did you mean fail-on"),
        ("ignore = ['empty-alts']", "no rule 'empty-alts' .did you mean empty-alt"),
        ("ignore = 'empty-alt'", "no list of texts"),
        ("fail-on = 'warnings'", "'warnings' is none of the choices .did you mean warning"),
        ("[severities]\nempty-alt = 'of'", "severities.'empty-alt'.*choose from error, warning"),
        ("[severities]\nempty-al = 'error'", "did you mean empty-alt"),
        ("[per-path-ignores]\n'a.md' = ['x']", "per-path-ignores.*no rule 'x'"),
        ("exclude = ['/']", "no pattern"),
        ("exclude = [", "not valid TOML"),
        ("severities = 3", "no table"),
        ("baseline = ''", "the text is empty"),
    ],
)
def test_a_broken_file_is_a_wrong_request_that_names_the_place(text, said, tmp_path):
    path = tmp_path / "lint.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(UsageError, match="the file is missing"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "pyproject.toml").write_text("[tool]\n")
    with pytest.raises(UsageError, match=r"no section \[tool.inprof.lint\]"):
        read_config(tmp_path / "pyproject.toml")
