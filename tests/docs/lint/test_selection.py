"""Which rules run, and what fails."""

import pytest

from profiler.docs.lint.config import Config, PathPattern, every_rule, fails, selection
from profiler.docs.lint.finding import Rule, add_rule
from profiler.errors import UnknownNameError


def test_every_rule_runs_unless_something_else_is_asked_for():
    chosen = selection(Config())
    assert chosen.severities == {id: rule.severity for id, rule in every_rule().items()}
    assert chosen.is_every_rule


def test_what_is_selected_goes_before_the_file_and_what_is_ignored_adds_to_it():
    config = Config(select=("empty-alt", "broken-image"), ignore=("empty-alt",))
    assert list(selection(config).severities) == ["broken-image"]
    assert list(selection(config, select=["empty-alt"]).severities) == ["empty-alt"]
    assert list(selection(config, ignore=["broken-image"]).severities) == []
    both = selection(Config(), select=["empty-alt"], ignore=["empty-alt"])
    assert list(both.severities) == []


def test_a_file_says_how_bad_a_rule_is():
    config = Config(severities={"empty-alt": "error"})
    assert selection(config).severities["empty-alt"] == "error"


@pytest.mark.parametrize("way", ["select", "ignore"])
def test_an_unknown_rule_names_the_nearest(way):
    with pytest.raises(UnknownNameError, match="lint rule 'empty-alts': did you mean empty-alt"):
        selection(Config(), **{way: ["empty-alts"]})


def test_rules_left_out_of_some_pages(tmp_path):
    pattern = PathPattern(str(tmp_path), "old/**")
    chosen = selection(Config(left_out=((pattern, frozenset({"empty-alt"})),)))
    assert "empty-alt" in chosen.ran_on(str(tmp_path / "new.md"))
    assert chosen.ran_on(str(tmp_path / "old" / "a.md")) == chosen.severities.keys() - {"empty-alt"}


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [("error", "error"), ("warning", "error warning"), ("info", "error warning info"),
     ("never", "")],
)  # fmt: skip
def test_what_fails(fail_on, failing):
    for severity in ("error", "warning", "info"):
        assert fails([severity], fail_on) == (severity in failing.split())
    assert not fails([], fail_on)


def test_two_rules_of_a_name_are_refused():
    with pytest.raises(ValueError, match="two lint rules 'empty-alt'"):
        add_rule(Rule("empty-alt", "info"))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("drafts", "drafts/a.md sub/drafts/b.md drafts", "drafts.md mydrafts/a.md"),
        ("*.tmp.md", "a.tmp.md sub/b.tmp.md", "a.md"),
        ("old/*.md", "old/a.md", "old/sub/a.md sub/old/a.md"),
        ("old/**", "old/a.md old/sub/a.md", "older/a.md"),
        ("./old/", "old/a.md", "sub/old/x.md"),
        ("old/", "old/a.md sub/old/x.md", "a/bold/x.md"),
        ("**/zh/*", "zh/a.md a/b/zh/c.md", "zh.md"),
        ("docs/**/x.md", "docs/x.md docs/a/b/x.md", "x.md docs/yx.md"),
        ("/top.md", "top.md", "sub/top.md"),
        ("v?.md", "v1.md", "v10.md"),
        ("a+(b).md", "a+(b).md", "aab.md"),
    ],
)
def test_patterns(pattern, yes, no, tmp_path):
    read = PathPattern(str(tmp_path), pattern)
    for path in yes.split():
        assert read.matches(str(tmp_path / path)), path
    for path in no.split():
        assert not read.matches(str(tmp_path / path)), path
    assert not read.matches(str(tmp_path.parent / "drafts"))
