"""Baselines: what is known, what is new, what is gone, and how a file of them changes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.docs.lint.baseline import (
    compared,
    entry,
    read_baseline,
    rewritten,
)
from profiler.docs.lint.config import Config, selection
from profiler.docs.lint.finding import LintFinding, Place
from profiler.docs.lint.linting import Linted, Reported, lint
from profiler.docs.lint.reading import read_page
from profiler.errors import UsageError

CHOSEN = selection(Config(select=("broken-image", "malformed-table", "empty-alt")))


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def linted(text="", path="docs/a.md", **others):
    pages = [read_page(name, each) for name, each in {path: text, **others}.items()]
    return lint(pages, CHOSEN, lambda path: None)


def written(found, path="known.jsonl", old=None):
    Path(path).write_text(rewritten(found, Path(path), old, CHOSEN.ran_on), encoding="utf-8")
    return read_baseline(Path(path))


def against(found, baseline):
    result = compared(found, baseline, CHOSEN.ran_on)
    return [each.finding.place.line for each in result.new], result.known, len(result.gone)


PAGE = "![a](x.png)\n\n![b](y.png)\n\n![c](x.png)\n"


def test_a_line_for_each_finding_in_alphabetical_order():
    written(linted(PAGE))
    head, *lines = Path("known.jsonl").read_text().splitlines()
    assert json.loads(head) == {"inprof lint baseline": 1}
    assert [json.loads(line) for line in lines] == [
        {"path": "docs/a.md", "rule": "broken-image", "known_by": {"address": "x.png"}},
        {"path": "docs/a.md", "rule": "broken-image", "known_by": {"address": "x.png"},
         "occurrence": 2},
        {"path": "docs/a.md", "rule": "broken-image", "known_by": {"address": "y.png"}},
    ]  # fmt: skip


def test_what_is_known_stays_known_when_it_moves():
    baseline = written(linted(PAGE))
    assert against(linted(PAGE), baseline) == ([], 3, 0)
    assert against(linted("\n\nmore\n\n" + PAGE), baseline) == ([], 3, 0)


def test_new_and_gone():
    baseline = written(linted(PAGE))
    assert against(linted(PAGE + "\n![d](z.png)\n![e](x.png)"), baseline) == ([7, 8], 3, 0)
    assert against(linted("![b](y.png)\n"), baseline) == ([], 1, 2)
    assert against(linted(PAGE, path="docs/other.md"), baseline)[:2] == ([1, 3, 5], 0)


def test_entries_that_nothing_looked_at_are_not_gone_and_stay():
    Path("b.md").write_text("")
    whole = linted(PAGE, **{"b.md": "![a](q.png)\n"})
    baseline = written(whole)
    only_a = linted("text\n")
    assert against(only_a, baseline) == ([], 0, 3)
    assert [each.path for each in written(only_a, old=baseline).entries] == ["b.md"]
    other_rules = selection(Config(select=("empty-alt",)))
    found = lint([read_page("docs/a.md", "")], other_rules, lambda path: None)
    gone = compared(found, baseline, other_rules.ran_on).gone
    assert gone == ()
    Path("b.md").unlink()
    assert against(only_a, baseline) == ([], 0, 4)


def test_paths_are_those_from_the_folder_of_the_file(tmp_path, monkeypatch):
    Path("sub").mkdir()
    baseline = written(linted(PAGE), path="sub/known.jsonl")
    assert {each.path for each in baseline.entries} == {"../docs/a.md"}
    monkeypatch.chdir("sub")
    moved = linted(PAGE, path="../docs/a.md")
    assert against(moved, read_baseline(Path("known.jsonl"))) == ([], 3, 0)
    assert against(linted(PAGE, path=str(tmp_path / "docs/a.md")), baseline=read_baseline(
        Path("known.jsonl"))) == ([], 3, 0)  # fmt: skip


def test_a_finding_without_evidence_is_known_by_its_line():
    bare = LintFinding("empty-alt", Place("a.md", 2))
    page = read_page("a.md", "x\n|  a | b|\n")
    (first,) = _reported_of(bare, page)
    assert first.known_by == {"line": "|a|b|"}


def _reported_of(finding, page):
    from profiler.docs.lint.linting import _reported

    return list(_reported([finding], [page], CHOSEN))


@given(
    st.lists(
        st.tuples(
            st.text(max_size=8),
            st.dictionaries(st.sampled_from("ab"), st.text(max_size=5) | st.floats(0, 9)),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_known(found):
    made = Linted(
        paths=tuple({f"x{path}.md" for path, _ in found}),
        reported=tuple(
            Reported(LintFinding("empty-alt", Place(f"x{path}.md", 1)), "info", evidence, 1)
            for path, evidence in found
            if "\0" not in path and not path.startswith("/")
        ),
    )
    path = Path("known.jsonl")
    path.write_bytes(rewritten(made, path, None, CHOSEN.ran_on).encode())
    result = compared(made, read_baseline(path), CHOSEN.ran_on)
    assert (result.new, result.gone) == ((), ())
    assert result.known == len(made.reported)
    texts = [each.text for each in read_baseline(path).entries]
    assert set(texts) == {entry(each, path).text for each in made.reported}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("# A page\n", "no baseline"),
        ("", "no baseline"),
        ('{"inprof lint baseline": 1}\n<<<<<<< HEAD\n', "line 2 is no entry"),
        ('{"inprof lint baseline": 1}\n\n[1]\n', "line 3 is no entry"),
        ('{"inprof lint baseline": 1}\n{"path": 1, "rule": "x"}\n', "line 2"),
    ],
)
def test_other_files_are_refused(content, said):
    Path("x.jsonl").write_text(content)
    with pytest.raises(UsageError, match=said):
        read_baseline(Path("x.jsonl"))


def test_a_file_that_is_not_there_says_how_to_write_it():
    with pytest.raises(UsageError, match=r"is missing.*--write-baseline none\.jsonl"):
        read_baseline(Path("none.jsonl"))
