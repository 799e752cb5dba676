"""``inprof site`` on a series of a user's own: what it writes, and what it refuses."""

import html
import subprocess
import sys
from pathlib import Path

import pytest


def test_it_writes_both_languages_and_names_the_entrance(inprof, folder):
    result = inprof("site", "-o", "out/site", "--series", "mine", "--series", "mine")
    assert (result.exit_code, result.stderr) == (0, "")
    written = [path for path in Path("out/site").rglob("*") if path.is_file()]
    # the list of files is beside the site, not of it
    assert result.stdout == f"wrote out/site/index.html and {len(written) - 2} files beside it\n"
    for language in ("en", "zh_CN"):
        assert Path("out/site", language, "mine.html").is_file()
        assert Path("out/site", language, "mine", "small.html").is_file()
    assert "My nets" in Path("out/site/zh_CN/mine.html").read_text(encoding="utf-8")


def test_mistakes_are_one_line(refuses, folder):
    assert "did you mean mine?" in refuses(2, "site", "--series", "mime")
    Path("file").write_text("")
    assert "it is a file; name a folder" in refuses(1, "site", "--series", "mine", "-o", "file")
    Path("own").mkdir()
    Path("own/index.html").write_text("mine")
    line = refuses(1, "site", "--series", "mine", "-o", "own")
    assert "own/index.html" in line
    assert "no build of the site wrote" in line


def test_a_series_may_not_take_the_name_of_a_page(refuses, folder):
    for name in ("index", "Glossary"):
        (folder / "series" / "mine").rename(folder / "series" / name)
        line = refuses(1, "site", "--series", name)
        assert f"would both be '{name}.html'" in line
        assert "rename" in line
        (folder / "series" / name).rename(folder / "series" / "mine")
    assert not Path("build").exists()


def test_names_come_out_as_text_and_cannot_leave_the_folder(inprof, folder):
    hostile = """<script>alert('x')</script> "q" | 🦊 \u202eשלום {n} &amp;"""
    file = folder / "series" / "mine" / "series.toml"
    text = file.read_text().replace("Small net", hostile.replace('"', '\\"'))
    file.write_text(text.replace('en = "My nets"', f"en = '''{hostile}'''"), encoding="utf-8")
    assert inprof("site", "--series", "mine").exit_code == 0
    pages = {path: path.read_text(encoding="utf-8") for path in Path("build/site").rglob("*.html")}
    assert not [path for path, page in pages.items() if "<script>" in page]
    written = html.escape(hostile, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    for path in ("en/mine.html", "zh_CN/mine.html", "en/mine/small.html", "en/index.html"):
        assert f">{written}</" in pages[Path("build/site", path)], path
    images = list(Path("build/site/images/mine").iterdir())
    assert {image.name.partition(".Mine")[0] for image in images} == {"t4.fp16.bs1"}


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_what_draws_charts_all_else_is_there(inprof, folder, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)  # as if it were not installed
    result = inprof("site", "--series", "mine", "-o", "without")
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.endswith("pip install 'inprof[site]'")
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert inprof("site", "--series", "mine", "-o", "with").stderr == ""

    def files(name):
        return {path.relative_to(name) for path in Path(name).rglob("*") if path.is_file()}

    assert files("with") - files("without") == {Path("assets/vega.js")}
    page = Path("without/en/mine.html").read_text(encoding="utf-8")
    for part in ("vega.js", "chart-data", 'id="chart"'):
        assert part not in page
        assert part in Path("with/en/mine.html").read_text(encoding="utf-8")
    assert "<img" in page


def test_importing_the_command_is_light():
    code = (
        "import sys, profiler.cli.site; "
        "print([m for m in ('torch', 'matplotlib', 'jinja2.ext') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
