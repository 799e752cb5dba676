"""The trace cache: a hit gives the same trace, any change of what it was made from is a miss."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from profiler.cli import main
from profiler.counting.counts import count
from profiler.files import default_folder
from profiler.models.dependencies import file_reads
from profiler.records import Input
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache, cache_key

WIDTH = "width = 4\n"


@pytest.fixture
def cache(tmp_path):
    return TraceCache(tmp_path / "cache")


@pytest.fixture
def own(tmp_path):
    """A builder that imports a module of the user's own, which imports another."""
    folder = tmp_path / "own"
    (folder / "sizes").mkdir(parents=True)
    (folder / "sizes" / "__init__.py").write_text("from .small import width\n")
    (folder / "sizes" / "small.py").write_text(WIDTH)
    (folder / "net.py").write_text(
        dedent("""
        from torch import nn

        def net():
            from sizes import width
            return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
    """)
    )
    return folder


def params(address, cache):
    return count(trace_address(str(address), cache=cache, crop_size=8)).totals.params


def is_known(address, cache, **options):
    asked = cache_key(str(address), "deploy", options, (Input(shape=(1, 0, 8, 8)),))
    return cache.load(asked) is not None


def test_a_hit_is_the_same_trace(cache):
    first = trace_address("googlenet", variant="train", cache=cache)
    assert trace_address("googlenet", variant="train", cache=cache) == first
    assert trace_address("googlenet", variant="train") == first
    assert len(cache.entries()) == 1


def test_the_question_tells_requests_apart(cache):
    for variant, size in (("deploy", 224), ("train", 224), ("deploy", 256)):
        trace_address("googlenet", variant=variant, crop_size=size, cache=cache)
    trace_address("GoogLeNet", cache=cache)
    assert len(cache.entries()) == 3


@pytest.mark.parametrize("changed", ["net.py", "sizes/__init__.py", "sizes/small.py"])
def test_editing_any_of_the_users_own_files_is_a_miss(own, cache, changed):
    address = f"{own / 'net.py'}:net"
    # conv: 3 * 4 * 9 weights and 4 biases
    assert params(address, cache) == 3 * 4 * 9 + 4
    assert is_known(address, cache)
    path = own / changed
    path.write_text(path.read_text() + "\n# edited\n")
    assert not is_known(address, cache)
    assert params(address, cache) == 3 * 4 * 9 + 4
    assert is_known(address, cache)


def test_a_change_two_imports_away_changes_the_count(own, cache):
    address = f"{own / 'net.py'}:net"
    assert params(address, cache) == 3 * 4 * 9 + 4
    (own / "sizes" / "small.py").write_text("width = 5  # was 4\n")
    assert params(address, cache) == 3 * 5 * 9 + 5
    (own / "sizes" / "small.py").unlink()
    assert not is_known(address, cache)


def test_an_unrelated_file_changes_nothing(own, cache):
    address = f"{own / 'net.py'}:net"
    params(address, cache)
    (own / "other.py").write_text("raise RuntimeError")
    assert is_known(address, cache)


@pytest.mark.slow
def test_a_set_is_the_same_question_in_every_process(own, tmp_path):
    (own / "named.py").write_text("from torch import nn\ndef net(names): return nn.Identity()\n")
    command = ["count", "--model", f"{own / 'named.py'}:net", "--arg", "names={'a','bb','ccc'}"]
    for seed in "1234":
        subprocess.run(
            [sys.executable, "-m", "profiler", *command],
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "INPROF_CACHE_DIR": str(tmp_path / "kept")},
            cwd=Path(__file__).parents[2],
        )
    assert len(list((tmp_path / "kept").glob("*.trace"))) == 1


@pytest.mark.slow
def test_editing_an_architecture_is_a_miss(tmp_path):
    # a copy of both packages, so that the checkout is left alone
    import shutil

    root = Path(__file__).parents[2]
    for package in ("archs", "profiler", "templates", "site"):
        shutil.copytree(root / package, tmp_path / package)
    code = dedent("""
        import sys
        from profiler.tracing.cache import TraceCache, cache_key
        from profiler.tracing.addressed import trace_address
        from profiler.records import Input
        cache = TraceCache()
        asked = cache_key(sys.argv[1], "deploy", {}, (Input(shape=(1, 3, 224, 224)),))
        print(cache.load(asked) is not None)
        trace_address(sys.argv[1], crop_size=224, cache=cache)
    """)
    environment = {**os.environ, "INPROF_CACHE_DIR": str(tmp_path / "cache")}

    def was_known(name):
        result = subprocess.run(
            [sys.executable, "-c", code, name], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return result.stdout.strip() == "True"

    assert [was_known("googlenet"), was_known("xception41")] == [False, False]
    assert [was_known("googlenet"), was_known("xception41")] == [True, True]
    with (tmp_path / "archs" / "xception.py").open("a") as file:
        file.write("# edited\n")
    assert [was_known("googlenet"), was_known("xception41")] == [True, False]
    with (tmp_path / "archs" / "registry.py").open("a") as file:
        file.write("# every architecture imports this\n")
    assert [was_known("googlenet"), was_known("xception41")] == [False, False]
    with (tmp_path / "profiler" / "tracing" / "ops.py").open("a") as file:
        file.write("# the tracer itself\n")
    assert [was_known("googlenet"), was_known("xception41")] == [False, False]


OTHER_SOURCES = {
    "a file": "from pathlib import Path\nwidth = int(Path(FOLDER, 'width.txt').read_text())",
    "a file, opened": "with open(FOLDER + '/width.txt') as file: width = int(file.read())",
    "a config that is run": "with open(FOLDER + '/config.py') as file: exec(file.read())",
    "the environment": "import os\nwidth = int(os.environ['WIDTH_OF_A_TEST'])",
    "the clock": "import time\nwidth = int(time.time() % 7) + 1",
    "what is installed": (
        "try:\n    from width_of_a_test import width\nexcept ImportError:\n    width = 4"
    ),
}


@pytest.mark.parametrize("source", OTHER_SOURCES)
def test_a_builder_that_looks_at_more_than_its_imports_is_not_cached(
    tmp_path, cache, source, monkeypatch
):
    monkeypatch.setenv("WIDTH_OF_A_TEST", "4")
    (tmp_path / "width.txt").write_text("4")
    (tmp_path / "config.py").write_text("width = 4")
    (tmp_path / "looks.py").write_text(
        f"from torch import nn\nFOLDER = {str(tmp_path)!r}\n{OTHER_SOURCES[source]}\n"
        "def net(): return nn.Conv2d(3, width, 3)\n"
    )
    address = f"{tmp_path / 'looks.py'}:net"
    if source != "the clock":
        assert params(address, cache) == 3 * 4 * 9 + 4
    else:
        params(address, cache)
    assert cache.entries() == []


def test_a_source_that_is_read_and_not_imported_is_seen(tmp_path):
    (tmp_path / "config.py").write_text("width = 4")
    with file_reads() as reads:
        (tmp_path / "config.py").read_text()
        (tmp_path / "written.py").write_text("")
    assert reads == [str(tmp_path / "config.py")]


def test_a_link_that_points_elsewhere_is_another_question(tmp_path, cache):
    for width in (4, 5):
        (tmp_path / f"v{width}.py").write_text(
            f"from torch import nn\ndef net(): return nn.Conv2d(3, {width}, 3)"
        )
    link = tmp_path / "current.py"
    for width in (4, 5):
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / f"v{width}.py")
        assert params(f"{link}:net", cache) == 3 * width * 9 + width


def test_another_import_path_is_another_question(tmp_path, cache, monkeypatch):
    for width in (4, 5):
        (tmp_path / str(width)).mkdir()
        (tmp_path / str(width) / "net_of_a_test.py").write_text(
            f"from torch import nn\ndef net(): return nn.Conv2d(3, {width}, 3)"
        )
    for width in (4, 5):
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(tmp_path / str(width)))
            sys.modules.pop("net_of_a_test", None)
            assert params("net_of_a_test:net", cache) == 3 * width * 9 + width
    sys.modules.pop("net_of_a_test", None)


def test_another_version_of_a_package_is_a_miss(own, cache, monkeypatch):
    address = f"{own / 'net.py'}:net"
    params(address, cache)
    monkeypatch.setattr("profiler.files._installed", lambda: {"torch": "0.0.1"})
    assert not is_known(address, cache)


@pytest.mark.parametrize("damage", ["empty", "cut", "altered", "foreign", "other format"])
def test_a_damaged_entry_is_ignored_and_written_anew(cache, damage):
    expected = trace_address("googlenet", cache=cache)
    ((path, _),) = cache.entries()
    content = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "cut": content[: len(content) // 2],
            # one digit of one number, which would still decode
            "altered": content[:-200] + bytes([content[-200] ^ 1]) + content[-199:],
            "foreign": b"\x00" * 100,
            "other format": content[:32] + b"\x80",
        }[damage]
    )
    assert cache.entries() == [(path, None)]
    assert trace_address("googlenet", cache=cache) == expected
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = TraceCache(blocked / "cache")
    assert trace_address("googlenet", cache=cache).arch == "googlenet"
    assert cache.entries() == []


def test_many_writers_at_once(tmp_path, cache):
    trace = trace_address("googlenet")
    asked = cache_key("googlenet", "deploy", {}, (Input(shape=(1, 3, 224, 224)),))

    def write_and_read(_):
        cache.save(asked, trace, {}, [])
        return cache.load(asked) == trace

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, range(40)))
    assert [path.suffix for path in cache.folder.iterdir()] == [".trace"]


def test_where_entries_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("INPROF_CACHE_DIR", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("INPROF_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/somewhere")
    assert default_folder() == Path("/var/somewhere/inprof")


def test_show_and_clear(tmp_path, monkeypatch):
    def inprof(*arguments):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result

    monkeypatch.setenv("INPROF_CACHE_DIR", str(tmp_path / "here"))
    inprof("count", "--model", "googlenet", "--no-cache")
    assert not (tmp_path / "here").exists()
    inprof("count", "--model", "googlenet")
    shown = inprof("cache", "show")
    assert shown.stdout.startswith("googlenet  deploy  1x3x224x224  ")
    assert "1 entries and 0 drawings in" in shown.stderr
    assert "deleted 1 entries" in inprof("cache", "clear").stderr
    assert inprof("cache", "show").stdout == ""
