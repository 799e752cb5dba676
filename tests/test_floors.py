"""The house: imports go down the floors only, no loft is named utils, no file is a novel."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Rooms by floor. A room may import from its own floor and from those below.
FLOORS = {
    room: floor
    for floor, rooms in enumerate(
        (
            "errors records sequences units resources installed",
            "catalog conventions argument_text input_text model_address",
            "counting grouping liveness ranking tracing onnx_graph timing store blobs cache "
            "measurement_file",
            "report tables layer_tables model_tables convention_tables notes scatter "
            "audit gather verification comparison quoted_figure identification "
            "measured measured_cells measured_series measured_tables measuring_setup "
            "plotted_latencies timing_conditions "
            "time_tables timing_comparison layer_time_table roofline timing_session "
            "layer_tree layer_timings batch_curves "
            "op_kinds stages model_comparison comparable_figures audit_tables "
            "model_names sweep sweep_processes model_processes trace_processes series_draft lint",
            "render",
            "docs",
            "cli __main__",
        )
    )
    for room in rooms.split()
}
#: The package itself stands on the floor of what it exports.
FLOORS[""] = 2


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> list[str]:
    """Dotted names of every module that a file imports, also inside functions.

    What is imported for type checkers alone is left out.
    """
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                visit(other)
            return
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join(filter(None, [*package, node.module]))
            found.append(base)
            found.extend(f"{base}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(module: str) -> str:
    return [*module.split("."), ""][1]


MODULES = {module_name(path): path for path in sources("profiler")}


def imports_of(module: str) -> set[str]:
    """The project's modules that it imports."""
    return {name for name in imported(MODULES[module]) if name in MODULES} - {"profiler", module}


def test_every_room_has_a_floor():
    assert {room(module) for module in MODULES} <= FLOORS.keys()


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module):
    for other in imports_of(module):
        assert FLOORS[room(other)] <= FLOORS[room(module)], f"{module} imports {other}"


def test_rooms_of_a_floor_do_not_need_each_other_in_a_circle():
    rooms: dict[str, set[str]] = {}
    for module in MODULES:
        others = {room(other) for other in imports_of(module)} - {room(module)}
        rooms.setdefault(room(module), set()).update(others)
    while rooms:
        free = {name for name, needs in rooms.items() if not needs & rooms.keys()}
        assert free, f"a circle among {sorted(rooms)}"
        rooms = {name: needs for name, needs in rooms.items() if name not in free}


def test_only_tracing_and_timing_import_torch():
    for module, path in MODULES.items():
        heads = {name.split(".")[0] for name in imported(path)}
        if room(module) not in {"tracing", "timing"}:
            # archs can be asked for names and sizes without torch; gather does
            assert not heads & ({"torch"} if module == "profiler.gather" else {"torch", "archs"})
        if room(module) != "render":
            assert "matplotlib" not in heads, module


@pytest.mark.parametrize("path", sources("archs"), ids=lambda path: path.name)
def test_archs_need_torch_and_the_standard_library_alone(path):
    heads = {name.split(".")[0] for name in imported(path)}
    assert heads <= {"torch", "archs", *sys.stdlib_module_names}


def test_a_thing_lives_in_the_room_of_its_noun():
    for path in [*sources("profiler"), *sources("archs"), *sources("tests")]:
        assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}, path


@pytest.mark.parametrize("path", [*sources("profiler"), *sources("archs")], ids=module_name)
def test_no_file_is_a_novel(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    name = path.relative_to(ROOT).as_posix()
    assert lines <= 400, f"{name} has {lines} lines: two nouns?"


def test_no_name_hides_the_standard_library():
    taken = sys.stdlib_module_names
    assert not {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} & taken
    assert not (ROOT / "site" / "__init__.py").exists()


def test_the_reader_of_imports_reads(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text(
        "from typing import TYPE_CHECKING\nimport a.b\nif TYPE_CHECKING:\n    import c\n"
        "def f():\n    from profiler.cli import main\n"
    )
    names = imported(path)
    assert {"a.b", "profiler.cli", "profiler.cli.main"} <= set(names)
    assert "c" not in names
