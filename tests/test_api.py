"""``import profiler``: what it exports, and what it does not import."""

import importlib
import subprocess
import sys

import pytest
from torch import nn

import profiler
from profiler.records import Counts, Trace

#: Every module that must do without torch, matplotlib and their kind.
LIGHT = (
    "profiler",
    "profiler.cli",
    "profiler.counting.counts",
    "profiler.counting.grouping",
    "profiler.counting.counts",
    "profiler.counting.grouping",
    "profiler.counting.conventions",
    "profiler.catalog",
    "profiler.report.report",
    "profiler.report.tables.series",
    "profiler.report.tables.layers",
    "profiler.report.scatter",
    "profiler.files",
    "profiler.report.gathering",
    "profiler.cli.count",
    "profiler.cli.page",
    "profiler.render.terminal",
    "profiler.render.markdown",
    "profiler.render.csv_table",
    "profiler.render.renderers",
    "profiler.report.documents.count",
)
HEAVY = {"torch", "matplotlib", "numpy", "sympy"}


def heavy_after(code):
    check = f"import sys\n{code}\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_nothing_heavy_is_imported():
    code = "import importlib\nfor name in " + repr(LIGHT) + ": importlib.import_module(name)"
    assert heavy_after(code) == ""


def test_help_and_mistakes_import_nothing_heavy():
    code = (
        "from profiler.cli import main\n"
        "for arguments in (['--help'], ['count', '--help'], ['count'], ['plot', '--hw', 'x']):\n"
        "    try: main(arguments)\n"
        "    except SystemExit: pass"
    )
    assert heavy_after(code) == ""


def test_what_is_exported():
    assert set(profiler.__all__) == {
        *("build", "count", "list_models", "trace"),
        *("rule", "Cost", "RuledCall"),
    }
    assert all(callable(getattr(profiler, name)) for name in profiler.__all__)
    assert profiler.__doc__


@pytest.mark.parametrize(
    "name", ["profiler.counting.counts", "profiler.tracing.tracer", "profiler.models.building",
             "profiler.cli.count", "profiler.report.gathering"],
)  # fmt: skip
def test_importing_a_submodule_leaves_the_functions(name):
    importlib.import_module(name)
    model = nn.Sequential(nn.Linear(3, 2))
    first, second = (profiler.count(profiler.trace(model, (1, 3))) for _ in range(2))
    assert first == second
    assert first.totals.macs == 6


def test_the_example_of_the_docstring():
    trace = profiler.trace(profiler.build("googlenet"), (1, 3, 224, 224))
    assert isinstance(trace, Trace)
    counts = profiler.count(trace, "macs")
    assert isinstance(counts, Counts)
    assert f"{counts.totals.macs}\n" in profiler.__doc__


def test_the_built_in_models():
    assert profiler.list_models() == sorted(profiler.list_models())
    assert {"googlenet", "inceptionv3", "xception41_deeplab"} <= set(profiler.list_models())
    profiler.list_models().clear()
    assert profiler.list_models()
