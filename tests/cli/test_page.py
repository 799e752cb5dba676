"""``inprof page``: the published page once in full, the rest on a small series."""

import re

import mdformat
import pytest

MINE = ("page", "--series", "mine")


def test_the_published_page(inprof, folder):
    result = inprof("page", "--convention", "paddle_static", "-o", "Inception.md")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    page = (folder / "Inception.md").read_text()
    images = set(re.findall(r"\]\((images/[^)]+)\)", page))
    assert result.stderr == f"wrote Inception.md and {len(images)} plots\n"
    assert images == {f"images/{path.name}" for path in (folder / "images").iterdir()}
    assert images
    # traced: the two most crooked of the published figures
    assert re.search(r"\| *2\.880 *\| *8\.460 *\|", page)
    assert re.search(r"\| *31\.770 *\| *37\.280 *\|", page)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("layout", ["full", "classic"])
def test_both_layouts_in_both_languages(language, layout, inprof, folder):
    result = inprof(*MINE, "--lang", language, "--layout", layout)
    assert result.exit_code == 0, result.output
    assert "Small net" in result.stdout
    assert mdformat.text(result.stdout, extensions={"gfm"}) == result.stdout
    assert not (folder / "images").exists()  # standard output only links the plots
    again = inprof(*MINE, "--lang", language, "--layout", layout)
    assert again.stdout_bytes == result.stdout_bytes


def test_each_language_has_its_layout(inprof):
    for language, layout in (("en", "full"), ("zh_CN", "classic")):
        plain = inprof(*MINE, "--lang", language).stdout
        assert plain == inprof(*MINE, "--lang", language, "--layout", layout).stdout


def test_the_page_is_what_is_printed(inprof, folder):
    printed = inprof(*MINE).stdout
    inprof(*MINE, "-o", "page.md")
    assert (folder / "page.md").read_text() == printed


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (1, ["-o", "no/page.md"], "there is no folder 'no'; create it first"),
        (1, ["-o", "series"], "it is a folder"),
        (2, ["--series", "minn"], "minn"),
        (2, ["--layout", "wide"], "classic"),
        (2, ["--lang", "fr"], "zh_CN"),
    ],
)
def test_mistakes(exit_code, options, words, refuses, folder):
    assert words in refuses(exit_code, *MINE, *options)
    assert not (folder / "images").exists()


def test_images_that_can_not_be_written(refuses, folder):
    (folder / "images").write_text("a file is in the way")
    assert "can't create the folder 'images'" in refuses(1, *MINE, "-o", "page.md")
    assert not (folder / "page.md").exists()


def test_a_failing_model_leaves_the_old_page(refuses, folder):
    (folder / "page.md").write_text("old")
    nets = folder / "series" / "mine" / "nets.py"
    nets.write_text("def small():\n    raise ValueError('gone')")
    assert "gone" in refuses(1, *MINE, "-o", "page.md")
    assert (folder / "page.md").read_text() == "old"
