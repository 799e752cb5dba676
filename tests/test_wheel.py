"""The wheel, installed in a clean environment outside the checkout, runs the main commands."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def inprof(wheel, tmp_path_factory):
    """Run the installed command in an empty folder; third-party packages are this run's own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=False)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    # a path file is read after the environment's own folder, so the wheel's modules come first;
    # the line adds the folder alone and not the editable install that is in it
    (site / "third_party.pth").write_text(ours + "\n")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    start = "import sys; from profiler.cli import main; sys.argv[0] = 'inprof'; main()"

    def run(*arguments):
        return subprocess.run(
            [folder / "venv/bin/python", "-c", start, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder = folder
    run.site = site
    return run


@pytest.mark.slow
def test_the_wheel_holds_templates_and_site_but_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "profiler/templates/messages/en.toml" in names
    assert any(name.startswith("profiler/site/pages/") for name in names)
    assert "profiler/catalog/series/inception/latency.csv" in names
    assert "profiler/catalog/series/resnet/counts.csv" in names
    assert {"profiler/py.typed", "archs/py.typed"} <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"profiler", "archs"}


@pytest.mark.slow
def test_the_main_commands_run_from_the_wheel(inprof):
    where = inprof("count", "--model", "googlenet", "--format", "json")
    assert '"flops": 2863112704' in where.stdout, where.stderr
    page = inprof("page", "--lang", "zh_CN", "-o", "page.md")
    assert page.returncode == 0, page.stderr
    assert (inprof.folder / "images/Inception.png").stat().st_size > 10_000
    plot = inprof("plot", "--hw", "t4", "--precision", "fp32", "--bs", "4")
    assert plot.stdout.split() == [
        "plots/t4.fp32.bs4.Inception.flops.png",
        "plots/t4.fp32.bs4.Inception.params.png",
        "plots/t4.fp32.bs4.Inception.png",
    ]
    (inprof.folder / "README.md").write_text(
        "<!-- inprof:begin summary=googlenet -->\n<!-- inprof:end -->\n"
    )
    assert inprof("docs", "write", "README.md").returncode == 0
    linted = inprof("docs", "lint", "README.md")
    assert (linted.returncode, linted.stderr) == (0, "")
    site = inprof("site", "-o", "out")
    assert site.returncode == 0, site.stderr
    assert (inprof.folder / "out/zh_CN/index.html").is_file()


@pytest.mark.slow
def test_it_is_the_wheel_that_runs(inprof):
    code = "import profiler, archs; print(profiler.__file__); print(archs.__file__)"
    result = subprocess.run(
        [inprof.folder / "venv/bin/python", "-c", code],
        cwd=inprof.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(line.startswith(str(inprof.site)) for line in result.stdout.split())
