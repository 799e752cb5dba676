"""Files are written whole or not at all; templates/ and site/ are found."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from profiler.errors import InprofError, OutputError
from profiler.files import (
    check_target,
    find_folder,
    make_folder,
    site_dir,
    templates_dir,
    write_atomic,
)


def test_text_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_atomic(tmp_path / "text", "one\r\ntwo ×\n")
    assert (tmp_path / "text").read_bytes() == b"one\r\ntwo \xc3\x97\n"
    write_atomic(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bytes", "text"]


@pytest.mark.parametrize("failing", ["replace", "chmod"])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, failing) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OutputError, match=r"can't write '.*table.csv': No space left on device"):
        write_atomic(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupt_leaves_the_old_file_and_no_other(tmp_path, monkeypatch) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")

    def interrupt(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_file_is_never_seen_half_written(tmp_path, monkeypatch) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    seen = []
    replace = os.replace

    def watch(source, destination):
        seen.append((Path(source).read_text(), target.read_text()))
        assert Path(source).parent == tmp_path  # the same file system, so the rename is atomic
        replace(source, destination)

    monkeypatch.setattr(os, "replace", watch)
    write_atomic(target, "new")
    assert seen == [("new", "old")]
    assert target.read_text() == "new"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_permissions_stay(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    target.chmod(mode)
    write_atomic(target, "new")
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_atomic(tmp_path / "ours", "")
    modes = {path.name: path.stat().st_mode for path in tmp_path.iterdir()}
    assert modes["ours"] == modes["plain"]


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "file"
    target.write_text("old")
    link = tmp_path / "link"
    link.symlink_to(target)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert list((tmp_path / "real").iterdir()) == [target]


def test_a_relative_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomic(Path("here.txt"), "text")
    assert (tmp_path / "here.txt").read_text() == "text"


def test_a_pipe_is_written_into() -> None:
    code = "from pathlib import Path; from profiler.files import write_atomic;"
    code += "write_atomic(Path('/dev/stdout'), 'through the pipe')"
    if not Path("/dev/stdout").exists():
        pytest.skip("no /dev/stdout here")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "through the pipe", "")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="it is a folder; name a file in it"):
        check_target(tmp_path)
    for missing in (tmp_path / "no" / "x", tmp_path / "file" / "x"):
        with pytest.raises(OutputError, match=r"there is no folder '.*'; create it first"):
            write_atomic(missing, "")
    check_target(tmp_path / "new")
    check_target(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root may write anywhere
    with pytest.raises(OutputError, match="its folder is read-only for you"):
        check_target(tmp_path / "x")


def test_folders(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert make_folder(folder) == folder
    assert make_folder(folder).is_dir()
    (tmp_path / "file").write_text("")
    for taken in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="can't create the folder"):
            make_folder(taken)


def test_in_a_checkout_they_lie_beside_the_package() -> None:
    root = Path(__file__).parents[1]
    assert templates_dir() == root / "templates"
    assert site_dir() == root / "site"


def test_in_a_wheel_they_lie_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    (package / "site").mkdir(parents=True)
    (tmp_path / "site").mkdir()  # another package's: beside an installed package is not ours
    assert find_folder("site", package) == package / "site"


def test_beside_an_installed_package_is_other_peoples(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    package.mkdir()
    (tmp_path / "templates").mkdir()
    with pytest.raises(InprofError, match=r"templates/ is missing: .* install inprof again"):
        find_folder("templates", package)


def test_a_file_of_that_name_is_no_folder(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    package.mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "site").touch()
    with pytest.raises(InprofError, match=r"site/ is missing"):
        find_folder("site", package)
