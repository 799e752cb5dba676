"""``inprof audit``: its formats and exit codes on the small series, whose one count is seeded."""

import json

import mdformat
import pytest

MINE = ("audit", "--series", "mine")


@pytest.fixture
def clean(folder):
    """The series with figures that contradict nothing."""
    mine = folder / "series" / "mine"
    (mine / "counts.csv").write_text(
        "page,model,top1,top5\nblog,small,0.5,0.75\nblog,graphs,0.6,\n"
    )


def test_json_is_a_list_of_findings(inprof):
    # conftest: 1.50 G FLOPs are printed for 2 * (3*9 * 4*16*16 + 4*2) = 55,312
    result = inprof(*MINE, "--format", "json")
    assert result.exit_code == 0
    (finding,) = json.loads(result.stdout)
    assert (finding["rule"], finding["severity"]) == ("count-unexplained", "error")
    assert (finding["published"], finding["true"], finding["reproduced_by"]) == (
        "1.50",
        55_312,
        None,
    )
    assert finding["message"].startswith("1.50 G FLOPs are published")
    assert finding["cells"] == [
        {"page": "blog", "table": "", "row": "Small net", "column": "flops_g", "model": "small"}
    ]
    assert finding["id"] == "count-unexplained:blog:small:flops_g"
    assert inprof(*MINE, "--format", "json").stdout_bytes == result.stdout_bytes


def test_markdown_stays_as_a_formatter_wants_it(inprof):
    text = inprof(*MINE, "--format", "markdown").stdout
    assert mdformat.text(text, extensions={"gfm"}) == text
    assert "| error" in text


def test_the_table_and_its_file(inprof, folder):
    printed = inprof(*MINE).stdout
    assert "count-unexplained" in printed
    assert "Findings: 1 (errors 1, warnings 0, for information 0)" in printed
    result = inprof(*MINE, "-o", "audit.txt")
    assert (result.stdout, result.stderr) == ("", "wrote audit.txt\n")
    assert "count-unexplained" in (folder / "audit.txt").read_text()


def test_strict_fails_on_what_is_more_than_information(inprof, folder):
    result = inprof(*MINE, "--strict")
    assert result.exit_code == 1
    assert "count-unexplained" in result.stdout
    assert result.stderr == "Error: 1 finding above info (--strict)\n"
    # a row less is for information only
    mine = folder / "series" / "mine"
    (mine / "counts.csv").write_text("page,model,top1\nblog,small,0.5\n")
    result = inprof(*MINE, "--strict", "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [x["rule"] for x in json.loads(result.stdout)] == ["missing-row"]


@pytest.mark.usefixtures("clean")
def test_a_clean_series_has_no_finding(inprof):
    assert json.loads(inprof(*MINE, "--format", "json").stdout) == []
    result = inprof(*MINE, "--strict")
    assert result.exit_code == 0
    assert "No published figure of mine contradicts" in result.stdout
    assert "contradicts" in inprof(*MINE, "--format", "markdown").stdout


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (2, ["--series", "minn"], "mine"),
        (2, ["--format", "jsn"], "json"),
        (1, ["-o", "no/audit.txt"], "there is no folder 'no'"),
        (1, ["-o", "series"], "it is a folder"),
        (1, ["--series-path", "nowhere"], "there is no such folder"),
    ],
)
def test_mistakes(exit_code, options, words, refuses):
    assert words in refuses(exit_code, *MINE, *options)


def test_the_pages_show_the_findings(inprof):
    for language, words in (("en", "no convention gives on any graph"), ("zh_CN", "任何口径")):
        for layout in ("full", "classic"):
            page = inprof("page", "--series", "mine", "--lang", language, "--layout", layout)
            assert words in page.stdout
            assert mdformat.text(page.stdout, extensions={"gfm"}) == page.stdout


def test_what_a_page_prints_wrong_stops_no_audit(inprof, folder):
    mine = folder / "series" / "mine"
    (mine / "counts.csv").write_text(
        "page,model,top1,top5\nblog,small,0.75,0.5\nblog,small,0.75,0.6\n"
    )
    result = inprof(*MINE, "--format", "json")
    assert result.exit_code == 0, result.output
    messages = {each["rule"]: each["message"] for each in json.loads(result.stdout)}
    assert "The top-1 accuracy 0.75 is above the top-5 accuracy 0.6" in messages["top1-above-top5"]
    assert "different figures: 0.5 and 0.6" in messages["rows-differ"]
