"""The site's folder: its own files are replaced and removed, anybody else's are left alone."""

import hashlib
from pathlib import Path

import pytest

from profiler.errors import OutputError
from profiler.website.folder import MANIFEST, prepare_folder, write_site


def listed(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        MANIFEST
    }


def test_a_later_build_removes_what_it_no_longer_makes(tmp_path: Path) -> None:
    write_site({"index.html": "1", "en/s/old.html": "o", "en/s/new.html": b"n"}, tmp_path)
    write_site({"index.html": "2", "en/t.html": "t"}, tmp_path)
    assert listed(tmp_path) == {"index.html", "en/t.html"}
    assert not (tmp_path / "en" / "s").exists()
    assert (tmp_path / "index.html").read_text() == "2"


def test_the_list_is_what_sha256sum_reads(tmp_path: Path) -> None:
    write_site({"b.html": "b", "a/c.html": "c"}, tmp_path)
    lines = (tmp_path / MANIFEST).read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(text).hexdigest()}  {name}"
        for name, text in (("a/c.html", b"c"), ("b.html", b"b"))
    ]


def test_other_peoples_files_stay(tmp_path: Path) -> None:
    write_site({"en/old.html": "o", "en/kept.html": "k"}, tmp_path)
    (tmp_path / "en" / "mine.txt").write_text("mine")
    (tmp_path / "en" / "old.html").write_text("edited by its owner")
    write_site({"en/kept.html": "k2"}, tmp_path)
    assert listed(tmp_path) == {"en/mine.txt", "en/old.html", "en/kept.html"}


def test_a_file_that_no_build_wrote_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("somebody's home page")
    with pytest.raises(
        OutputError, match=r"index\.html.*no build of the site wrote.*another folder"
    ):
        write_site({"index.html": "ours", "en/a.html": "a"}, tmp_path)
    assert listed(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_text() == "somebody's home page"


def test_a_list_that_leads_out_of_the_folder_removes_nothing(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "precious.txt"
    outside.write_text("p")
    checksum = hashlib.sha256(b"p").hexdigest()
    write_site({"a.html": "a"}, folder)
    (folder / "link").symlink_to(tmp_path)
    paths = ("../precious.txt", str(outside), "link/precious.txt")
    (folder / MANIFEST).write_text("".join(f"{checksum}  {path}\n" for path in paths) + "noise\n")
    (folder / "a.html").unlink()
    write_site({"b.html": "b"}, folder)
    assert outside.read_text() == "p"


def test_a_build_that_was_cut_off_leaves_no_orphans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from profiler.website import folder as site_folder

    write_site({"a.html": "a"}, tmp_path)
    real = site_folder.write_atomic

    def full_disk(path: Path, content: str | bytes) -> None:
        if path.name == "c.html":
            raise OutputError("the disk is full")
        real(path, content)

    monkeypatch.setattr(site_folder, "write_atomic", full_disk)
    with pytest.raises(OutputError):
        write_site({"b.html": "b", "c.html": "c"}, tmp_path)
    assert listed(tmp_path) == {"a.html", "b.html"}
    monkeypatch.undo()
    write_site({"d.html": "d"}, tmp_path)
    assert listed(tmp_path) == {"d.html"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("")
    with pytest.raises(OutputError, match=r"site'.*it is a file; name a folder"):
        prepare_folder(tmp_path / "site")
    with pytest.raises(OutputError, match="can't create the folder"):
        prepare_folder(tmp_path / "site" / "below")
