"""The house: which room may import which, no circles, no loft named utils, no file that is two."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Room → the rooms that it may import, from the ground up; "" is ``profiler/__init__.py``.
#: ``site/pages/decisions.md`` shows the same table.
ALLOWED = {
    "errors": "",
    "records": "",
    "units": "records",
    "files": "errors",
    "models": "errors records files",
    "tracing": "errors records units files models",
    "catalog": "errors records",
    "counting": "errors records units models catalog",
    "audit": "records catalog counting",
    "timing": "errors records files models tracing catalog counting audit",
    "fleet": "errors records units files tracing counting",
    "render": "errors records units files",
    "report": "errors records units models tracing catalog counting audit timing render",
    "plots": "errors records units files catalog",
    "website": "errors records units files catalog counting audit timing render report plots",
    "docs": "errors records units files tracing catalog counting timing render report plots",
    "cli": "errors records units files models tracing catalog counting audit timing fleet render "
    "report plots website docs",
    "": "records counting models tracing",
    "__main__": "cli",
}
#: Packages that only some rooms may import.
KEPT_FOR = {
    "torch": {"models", "tracing", "counting", "timing"},
    "archs": {"models", "tracing", "cli"},
    "matplotlib": {"plots"},
    "jinja2": {"render"},
    "markdown_it": {"docs", "website"},
    "rich": {"render", "docs", "cli"},
    "altair": {"website"},
    "click": {"cli"},
    "pebble": {"fleet"},
}


def modules(root: Path, package: str = "profiler") -> dict[str, Path]:
    """Dotted name → file."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((root / package).rglob("*.py"))
    }


def imported(path: Path) -> set[tuple[str, str]]:
    """(module, name or "") of every import of a file, also inside functions.

    What is imported for type checkers alone is left out.
    """
    found: set[tuple[str, str]] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                visit(other)
            return
        if isinstance(node, ast.Import):
            found.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.parts[-1 - node.level : -1] if node.level else ()  # within archs alone
            base = ".".join([*above, *filter(None, [node.module])])
            found.update((base, alias.name) for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def arrows(house: dict[str, Path]) -> dict[str, set[str]]:
    """Module → the project's modules that it imports."""
    found = {}
    for module, path in house.items():
        names = {f"{base}.{name}" if f"{base}.{name}" in house else base
                 for base, name in imported(path)}  # fmt: skip
        found[module] = (names & house.keys()) - {module}
    return found


def room(module: str) -> str:
    return [*module.split("."), ""][1]


def breaches(house: dict[str, Path]) -> list[str]:
    """Imports that the table does not allow, and packages in rooms they are not for."""
    found = []
    for module, others in arrows(house).items():
        here = room(module)
        allowed = {here, *ALLOWED[here].split()}
        found += [f"{module} imports {other}" for other in others if room(other) not in allowed]
        heads = {base.split(".")[0] for base, _ in imported(house[module])}
        found += [
            f"{module} imports {head}"
            for head in heads & KEPT_FOR.keys()
            if here not in KEPT_FOR[head]
        ]
    return found


def test_rooms_import_what_the_table_allows():
    house = modules(ROOT)
    assert {room(module) for module in house} <= ALLOWED.keys()
    assert breaches(house) == []
    order = list(ALLOWED)
    assert all(
        order.index(other) < order.index(here)
        for here, others in ALLOWED.items()
        for other in others.split()
    ), "the table itself goes from the ground up"


def test_no_files_need_each_other_in_a_circle():
    TopologicalSorter(arrows(modules(ROOT))).prepare()
    TopologicalSorter(arrows(modules(ROOT, "archs"))).prepare()


def test_a_breach_and_a_circle_are_found(tmp_path):
    """The two tests above, on a small house that is wrong on purpose."""
    for name, text in {
        "units.py": "import typing\nif typing.TYPE_CHECKING:\n    import profiler.cli\n",
        "records/a.py": "def f():\n    from profiler.cli import main\n",
        "cli/main.py": "from profiler.units import x\nimport matplotlib.pyplot\n",
        "audit/a.py": "from profiler.audit import b\n",
        "audit/b.py": "import profiler.audit.a\n",
    }.items():
        path = tmp_path / "profiler" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        (path.parent / "__init__.py").touch()
    house = modules(tmp_path)
    assert breaches(house) == [
        "profiler.cli.main imports matplotlib",
        "profiler.records.a imports profiler.cli.main",
    ]
    with pytest.raises(CycleError, match=r"profiler\.audit\.a"):
        TopologicalSorter(arrows(house)).prepare()


def test_few_things_lie_about():
    entries = [path for path in (ROOT / "profiler").iterdir() if path.name != "__pycache__"]
    assert sum(path.is_dir() for path in entries) == 14
    assert len(entries) <= 20


def test_every_room_has_a_door_that_says_what_it_is():
    house = modules(ROOT)
    folders = {path.parent for path in house.values()}
    for folder in folders:
        text = (folder / "__init__.py").read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), folder


def test_archs_need_torch_and_the_standard_library_alone():
    for module, path in modules(ROOT, "archs").items():
        heads = {base.split(".")[0] for base, _ in imported(path)}
        assert heads <= {"torch", "archs", *sys.stdlib_module_names}, module


def test_a_thing_lives_in_the_room_of_its_noun():
    for package in ("profiler", "archs", "tests"):
        for path in modules(ROOT, package).values():
            assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}, path


def test_no_name_hides_the_standard_library():
    taken = sys.stdlib_module_names
    assert not {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} & taken
    assert not (ROOT / "site" / "__init__.py").exists()


def test_tests_mirror_the_rooms():
    rooms = {path.name for path in (ROOT / "profiler").iterdir() if path.is_dir()}
    here = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    beside = {"archs", "browser", "data", "support", "__pycache__"}
    assert here - beside <= rooms - {"__pycache__"}


@pytest.mark.parametrize("page", ["decisions.md", "decisions.zh_CN.md"])
def test_the_page_of_decisions_has_a_row_for_each_room(page):
    text = (ROOT / "site" / "pages" / page).read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "profiler").iterdir() if path.is_dir()}
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert rows == [name for name in ALLOWED if name in rooms]
