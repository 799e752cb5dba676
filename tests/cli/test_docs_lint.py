"""``inprof docs lint``: which files are read, exit codes, formats, settings and baselines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from profiler.cli.docs_lint import lint

GOOD = "# Nets\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
BROKEN = "![plot](none.png)\n"


@pytest.fixture
def pages(folder):
    for name, text in {"docs/good.md": GOOD, "docs/sub/broken.markdown": BROKEN}.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    return folder


def lines(result):
    return [line.split(" The ")[0] for line in result.stdout.splitlines() if ": " in line][:-1]


def test_folders_are_gone_through(pages, inprof):
    for name in (".hidden", "node_modules", "build", "docs/.venv"):
        Path(name).mkdir()
        Path(name, "x.md").write_text(BROKEN)
    Path("docs/.draft.md").write_text(BROKEN)
    Path("docs/x.txt").write_text(BROKEN)
    expected = ["docs/sub/broken.markdown:1: error broken-image"]
    for arguments in ([], ["."], ["docs"], ["docs", "docs/sub/broken.markdown"], [str(pages)]):
        result = inprof("docs", "lint", *arguments)
        assert (result.exit_code, lines(result)) == (1, expected), arguments
        assert result.stderr == ""
    assert inprof("docs", "lint", "docs/good.md").exit_code == 0
    assert len(lines(inprof("docs", "lint", "build", "docs/x.txt"))) == 2


def test_links_of_folders_in_a_circle(pages, inprof):
    Path("docs/loop").symlink_to(pages / "docs", target_is_directory=True)
    Path("docs/again.md").symlink_to(pages / "docs/sub/broken.markdown")
    Path("docs/self.md").symlink_to("self.md")
    assert lines(inprof("docs", "lint", "docs/sub", "docs/again.md")) == [
        "docs/sub/broken.markdown:1: error broken-image"
    ]
    found = lines(inprof("docs", "lint"))
    assert [line.split(":")[0] for line in found] == ["docs/again.md", "docs/self.md"]


def test_files_that_are_no_pages_are_told_and_the_others_read(pages, inprof):
    Path("docs/latin.md").write_bytes(b"one\ncaf\xe9\n")
    Path("docs/wide.md").write_bytes("text".encode("utf-16"))
    Path("docs/binary.md").write_bytes(b"a\0b")
    Path("docs/dead.md").symlink_to("nowhere.md")
    os.mkfifo("docs/pipe.md")
    result = inprof("docs", "lint")
    assert [line.rsplit(" ", 1)[0] for line in lines(result)] == [
        "docs/binary.md:1: error", "docs/dead.md:1: error", "docs/latin.md:2: error",
        "docs/sub/broken.markdown:1: error", "docs/wide.md:1: error",
    ]  # fmt: skip
    assert "byte 0xe9 is not UTF-8" in result.stdout
    assert "No such file" in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--fail-on", "never"], 0),
        (["--ignore", "broken-image"], 0),
        (["--select", "malformed-table"], 0),
        (["--select", "broken-image", "--fail-on", "error"], 1),
    ],
)
def test_exit_codes(arguments, code, pages, inprof):
    assert inprof("docs", "lint", *arguments).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--select", "broken-images"], "did you mean broken-image"),
        (["--ignore", "x"], "unknown lint rule 'x'"),
        (["nowhere"], "'nowhere' does not exist"),
        (["--fail-on", "nothing"], "--fail-on"),
        (["--config", "none.toml"], "none.toml: the file is missing"),
        (["--baseline", "none.jsonl"], "--write-baseline none.jsonl writes one"),
        (["--baseline", "docs/good.md"], "no baseline"),
        (["--write-baseline", "docs/good.md"], "no baseline"),
        (["--write-baseline", "x", "-o", "y"], "goes without"),
    ],
)
def test_wrong_requests(arguments, said, pages, refuses):
    assert said in refuses(2, "docs", "lint", *arguments)
    assert Path("docs/good.md").read_text() == GOOD


def test_nowhere_to_write(pages, refuses):
    assert "no folder" in refuses(1, "docs", "lint", "-o", "none/x.json", "--format", "json")


def test_formats_and_files(pages, inprof):
    for output_format in ("text", "json", "sarif", "github"):
        shown = inprof("docs", "lint", "--format", output_format)
        written = inprof("docs", "lint", "--format", output_format, "-o", "out.txt")
        assert (shown.exit_code, written.exit_code) == (1, 1)
        assert Path("out.txt").read_text() == shown.stdout
        assert written.stderr.startswith("wrote out.txt: Findings: 1 ")
    assert json.loads(inprof("docs", "lint", "--format", "sarif").stdout)["version"] == "2.1.0"
    # paths are relative to the current folder, however they were asked for
    absolute = inprof("docs", "lint", str(pages / "docs"), "--format", "github").stdout
    assert absolute == inprof("docs", "lint", "--format", "github").stdout


def test_a_long_line_in_a_pipe_stays_one(pages, inprof):
    Path("docs/sub/broken.markdown").write_text(f"![plot]({'n' * 300}.png)\n")
    assert f"{'n' * 300}.png" in inprof("docs", "lint").stdout


def test_a_config_file_of_the_folder(pages, inprof, refuses):
    Path("pyproject.toml").write_text(
        "[tool.inprof.lint]\nexclude = ['docs/sub']\n[tool.inprof.lint.severities]\n"
        "broken-image = 'info'\n"
    )
    assert "pages read: 1." in inprof("docs", "lint").stdout
    named = inprof("docs", "lint", "docs/sub/broken.markdown")
    assert named.stderr.splitlines() == [
        "Warning: docs/sub/broken.markdown is excluded by pyproject.toml",
        "Warning: there is no markdown in docs/sub/broken.markdown",
    ]
    Path("pyproject.toml").write_text(
        "[tool.inprof.lint.per-path-ignores]\n'*.markdown' = ['broken-image']\n"
    )
    assert inprof("docs", "lint").exit_code == 0
    Path(".inprof-lint.toml").write_text("severities.broken-image = 'info'")
    result = inprof("docs", "lint")
    assert (result.exit_code, lines(result)) == (
        0, ["docs/sub/broken.markdown:1: info broken-image"],
    )  # fmt: skip
    assert inprof("docs", "lint", "--fail-on", "info").exit_code == 1
    Path(".inprof-lint.toml").write_text("ignored = []")
    assert "did you mean ignore?" in refuses(2, "docs", "lint")


def test_a_baseline_lets_a_large_zoo_start_clean(pages, inprof):
    written = inprof("docs", "lint", "--write-baseline", "known.jsonl")
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == "wrote known.jsonl; findings: 1\n"
    clean = inprof("docs", "lint", "--baseline", "known.jsonl")
    assert clean.exit_code == 0
    assert clean.stdout == "Nothing found; pages read: 2. Known from the baseline: 1.\n"
    Path(".inprof-lint.toml").write_text("baseline = 'known.jsonl'")
    Path("docs/good.md").write_text(f"![other](other.png)\n\n{GOOD}")
    found = inprof("docs", "lint")
    assert (found.exit_code, lines(found)) == (1, ["docs/good.md:1: error broken-image"])
    Path("docs/sub/broken.markdown").write_text("mended\n")
    assert "no longer occur: 1; rewrite it with" in inprof("docs", "lint").stdout
    inprof("docs", "lint", "--write-baseline", "known.jsonl")
    assert "other.png" in Path("known.jsonl").read_text()
    assert "none.png" not in Path("known.jsonl").read_text()
    assert inprof("docs", "lint").exit_code == 0


def test_comments_in_pages(pages, inprof):
    Path("docs/sub/broken.markdown").write_text(
        f"<!-- inprof-lint: ignore broken-image -->\n\n{BROKEN}"
    )
    result = inprof("docs", "lint", "--fail-on", "info")
    assert (result.exit_code, lines(result)) == (0, [])
    assert "Ignored by comments: 1." in result.stdout
    Path("docs/good.md").write_text(f"<!-- inprof-lint: ignore broken-image -->\n{GOOD}")
    assert lines(inprof("docs", "lint"))[0].startswith("docs/good.md:1: info unused-ignore")


def test_rules_and_languages(pages, inprof):
    result = inprof("docs", "lint", "--rules", "--ignore", "empty-alt")
    rows = {
        line.split()[0]: line.split()[1] for line in result.stdout.splitlines()[4:] if line.strip()
    }
    assert (rows["broken-image"], rows["empty-alt"]) == ("error", "off")
    assert "图片" in inprof("docs", "lint", "--rules", "--lang", "zh_CN").stdout
    assert "不存在" in inprof("docs", "lint", "--lang", "zh_CN").stdout


def test_case_of_names_is_told_apart_on_any_disk(pages, inprof):
    Path("docs/sub/None.png").write_bytes(b"")
    assert "“None.png” differs in upper and lower case" in inprof("docs", "lint").stdout
    Path("docs/sub/none.png").write_bytes(b"")
    assert inprof("docs", "lint").exit_code == 0


def test_a_folder_without_markdown(folder, inprof):
    result = inprof("docs", "lint", "series")
    assert result.exit_code == 0
    assert result.stderr == "Warning: there is no markdown in series\n"


def test_the_examples_use_options_that_exist():
    known = {option for param in lint.params for option in param.opts}
    examples = [line for line in (lint.help or "").splitlines() if "inprof docs lint" in line]
    assert len(examples) >= 5
    for line in examples:
        assert {word for word in line.split() if word.startswith("-")} <= known


def test_it_needs_no_torch(pages):
    script = (
        "import sys; sys.argv = ['inprof', 'docs', 'lint', '--fail-on', 'never']\n"
        "from profiler.cli import main\n"
        "try: main()\n"
        "finally: assert not {'torch', 'numpy', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
