"""Addresses: what builds, from where, and what is said where nothing can be built."""

import os
import random
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from torch import nn

import profiler
from profiler.errors import BuildError, UnknownNameError, UsageError
from profiler.tracing.addressed import input_shape

NETS = """
import sys
import torch
from torch import nn
import random

print("imported")

def small(width=3):
    print("built")
    return nn.Sequential(nn.Linear(4, width))

def graphs(variant="deploy"):
    return nn.Linear(2, 2 if variant == "deploy" else 5)

class Net(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.linear = nn.Linear(4, width)
    def forward(self, x):
        return self.linear(x)

def needs(width):
    return nn.Linear(4, width)

def fails():
    raise ValueError("no weights here\\nand more on a second line")

def stops():
    raise SystemExit("not today")

def number():
    return 3

def leaks():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    random.seed(1)
    return nn.Linear(2, 2)

def leaks_and_fails():
    torch.set_default_dtype(torch.float64)
    raise RuntimeError("too late")

def computes():
    scale = torch.linspace(0, 1, 3)
    return nn.Linear(int(scale.sum().item() * 2), 2)

class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text")

def mute():
    raise Mute

BUILT = nn.Identity()
WIDTH = 3
"""


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


@pytest.fixture(autouse=True)
def _the_process_comes_back(tmp_path):
    path, modules = list(sys.path), set(sys.modules)
    yield
    assert torch.empty(0).device.type == "cpu", "a default device was left"
    assert sys.path == path, "an address left its folder on sys.path"
    for name in set(sys.modules) - modules:
        # a package that was imported on the way must not be imported a second time
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


# --- what builds ------------------------------------------------------------------------------


def test_a_name():
    model = profiler.build("googlenet")
    assert all(parameter.is_meta for parameter in model.parameters())
    assert profiler.build("GoogLeNet") is not model


def test_a_file(nets, capsys):
    model = profiler.build(f"{nets}:small", width=2)
    assert model[0].out_features == 2
    assert model[0].weight.is_meta
    # what builders print must not land in a table that goes through a pipe
    assert capsys.readouterr() == ("", "imported\nbuilt\n")


def test_a_relative_file(nets, monkeypatch):
    monkeypatch.chdir(nets.parent)
    assert profiler.build("nets.py:small")[0].out_features == 3
    assert profiler.build("./nets.py:small")[0].out_features == 3


def test_a_module_in_the_working_folder(tmp_path, monkeypatch):
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nets.py").write_text("from .layers import layer\ndef net(): return layer()\n")
    (package / "layers.py").write_text("from torch import nn\ndef layer(): return nn.Linear(2, 3)")
    monkeypatch.chdir(tmp_path)
    assert profiler.build("my_package.nets:net").out_features == 3


def test_an_installed_module():
    assert profiler.build("torch.nn:Linear", in_features=2, out_features=7).out_features == 7


def test_a_class_is_a_builder(nets):
    model = profiler.build(f"{nets}:Net", width=5)
    assert profiler.count(profiler.trace(model, (2, 4)), "macs").totals.macs == 2 * 4 * 5


def test_a_neighbour_of_the_file_is_found(tmp_path):
    (tmp_path / "net_and_more.py").write_text("import its_neighbour\nnet = its_neighbour.net")
    (tmp_path / "its_neighbour.py").write_text("from torch import nn\ndef net(): return nn.ReLU()")
    assert isinstance(profiler.build(f"{tmp_path / 'net_and_more.py'}:net"), nn.ReLU)


def test_neighbours_of_the_same_name_in_two_folders(tmp_path):
    for width, folder in ((3, tmp_path / "one"), (5, tmp_path / "other")):
        folder.mkdir()
        (folder / "net.py").write_text(
            "from neighbour import width\nfrom torch import nn\n"
            "def net(): return nn.Linear(2, width)"
        )
        (folder / "neighbour.py").write_text(f"width = {width}")
        assert profiler.build(f"{folder / 'net.py'}:net").out_features == width


def test_a_file_with_dataclasses_and_postponed_annotations(tmp_path):
    path = tmp_path / "configured.py"
    path.write_text(
        dedent("""
        from __future__ import annotations
        from dataclasses import dataclass
        from torch import nn

        @dataclass
        class Config:
            width: int = 3

        def net():
            return nn.Linear(2, Config().width)
    """)
    )
    assert profiler.build(f"{path}:net").out_features == 3


def test_a_file_named_like_a_module_does_not_replace_it(tmp_path):
    (tmp_path / "json.py").write_text("from torch import nn\ndef net(): return nn.ReLU()")
    assert isinstance(profiler.build(f"{tmp_path / 'json.py'}:net"), nn.ReLU)
    import json

    assert json.dumps(1) == "1"


def test_a_builder_that_computes_with_values(nets):
    model = profiler.build(f"{nets}:computes")
    assert model.in_features == 3
    assert profiler.count(profiler.trace(model, (1, 3)), "macs").totals.macs == 3 * 2


NEEDS_VALUES = """
import torch
from torch import nn

class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)
        # a forward that is run once to learn something, as YOLO's builders do
        self.steps = torch.tensor([float(8 // int(torch.ones(2).sum())), 2.0])
    def _apply(self, function, *args, **kwargs):
        super()._apply(function, *args, **kwargs)
        self.steps = function(self.steps)
        return self
    def forward(self, x):
        return self.layer(x[..., :: int(self.steps[0])])

def detector(): return Detector()

def to_numpy(): return nn.Linear(int(torch.full((1,), 3).numpy()[0]), 2)
def to_list(): return nn.Linear(torch.full((1,), 3).tolist()[0], 2)
def to_int(): return nn.Linear(int(torch.full((1,), 3)), 2)
def checked():
    layer = nn.Linear(3, 2)
    assert torch.isfinite(layer.weight).all(), "broken"
    return layer
def wrapped():
    try:
        return to_int()
    except Exception as error:
        raise ValueError("this net could not be made") from error
def filtered():
    return nn.Linear(len([x for x in torch.arange(6) if x % 2]), 2)
"""


@pytest.mark.parametrize(
    "name", ["to_numpy", "to_list", "to_int", "checked", "wrapped", "filtered"]
)
def test_builders_that_look_at_values_are_run_on_the_cpu(tmp_path, name):
    (tmp_path / "needs.py").write_text(NEEDS_VALUES)
    model = profiler.build(f"{tmp_path / 'needs.py'}:{name}")
    assert profiler.count(profiler.trace(model, (1, 3)), "macs").totals.macs == 3 * 2


def test_what_modules_move_along_keeps_its_values(tmp_path):
    (tmp_path / "needs.py").write_text(NEEDS_VALUES)
    model = profiler.build(f"{tmp_path / 'needs.py'}:detector")
    assert model.steps.tolist() == [4.0, 2.0]
    trace = profiler.trace(model, (1, 3, 8, 8))
    # every fourth column of 8 x 8, from 3 channels to 4
    assert profiler.count(trace, "macs").totals.macs == 8 * 2 * 3 * 4
    assert model.layer.weight.device.type == "cpu"


# --- what is forgotten --------------------------------------------------------------------------


def test_an_environment_below_the_folder_is_not_forgotten(tmp_path, monkeypatch):
    """A package that is imported twice registers its operators twice, which torch refuses."""
    site = tmp_path / ".venv" / "lib" / "python3" / "site-packages"
    (site / "somezoo" / "inner").mkdir(parents=True)
    (site / "somezoo" / "__init__.py").write_text("from somezoo.inner import ops")
    (site / "somezoo" / "inner" / "ops.py").write_text(
        "import torch\nlibrary = torch.library.Library('somezoo_once', 'DEF')"
    )
    monkeypatch.syspath_prepend(site)
    (tmp_path / "beside.py").write_text("width = 3")
    (tmp_path / "net.py").write_text(
        "import somezoo, beside\nfrom torch import nn\ndef net(): return nn.Linear(2, beside.width)"
    )
    try:
        for _ in range(2):
            assert profiler.build(f"{tmp_path / 'net.py'}:net").out_features == 3
        assert "somezoo.inner.ops" in sys.modules
        assert not {"net", "beside"} & sys.modules.keys()
    finally:
        for name in [name for name in sys.modules if name.startswith("somezoo")]:
            del sys.modules[name]


def test_another_entry_of_the_path_is_not_forgotten(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "installed_so.py").write_text("width = 3")
    monkeypatch.syspath_prepend(tmp_path / "src")
    (tmp_path / "net.py").write_text(
        "import installed_so\nfrom torch import nn\n"
        "def net(): return nn.Linear(2, installed_so.width)"
    )
    try:
        assert profiler.build(f"{tmp_path / 'net.py'}:net").out_features == 3
        assert "installed_so" in sys.modules
    finally:
        sys.modules.pop("installed_so", None)


@pytest.mark.parametrize("package", [True, False], ids=["package", "namespace"])
def test_folders_that_a_file_adds_to_the_path_are_its_own(tmp_path, monkeypatch, package):
    monkeypatch.setattr(sys, "path", sys.path[:])
    for width in (3, 5):
        folder = tmp_path / str(width)
        (folder / "src" / "parts").mkdir(parents=True)
        (folder / "near").mkdir()
        (folder / "src" / "parts" / "sizes.py").write_text(f"width = {width}")
        (folder / "near" / "sizes.py").write_text(f"width = {width}")
        if package:
            (folder / "src" / "parts" / "__init__.py").touch()
            (folder / "near" / "__init__.py").touch()
        (folder / "net.py").write_text(
            "import sys, pathlib\n"
            "sys.path.insert(0, str(pathlib.Path(__file__).parent / 'src'))\n"
            "from parts import sizes\nfrom near import sizes as others\nfrom torch import nn\n"
            "def net(): return nn.Linear(others.width, sizes.width)"
        )
        built = profiler.build(f"{folder / 'net.py'}:net")
        assert (built.in_features, built.out_features) == (width, width)
    assert not {"net", "parts", "parts.sizes", "near", "near.sizes"} & sys.modules.keys()


# --- variants and names -----------------------------------------------------------------------


def test_the_variant_goes_to_a_builder_that_takes_it(nets):
    assert profiler.build(f"{nets}:graphs").out_features == 2
    assert profiler.build(f"{nets}:graphs", variant="train").out_features == 5
    with pytest.raises(UsageError, match="small has no 'train' graph: its builder takes no arg"):
        profiler.build(f"{nets}:small", variant="train")


def test_the_trace_knows_what_was_built(nets):
    small = profiler.trace(profiler.build(f"{nets}:small"), (1, 4))
    assert (small.arch, small.variant) == (f"{nets}:small", "deploy")
    model = profiler.build("GoogLeNet", variant="train")
    trace = profiler.trace(model, (1, 3, 224, 224))
    assert (trace.arch, trace.variant) == ("googlenet", "train")
    assert profiler.count(trace).variant == "train"


def test_a_stated_name_wins_and_a_bare_module_goes_by_its_class(nets):
    model = profiler.build(f"{nets}:small")
    trace = profiler.trace(model, (1, 4), arch="mine", variant="train")
    assert (trace.arch, trace.variant) == ("mine", "train")
    bare = profiler.trace(nn.Linear(4, 2), (1, 4))
    assert (bare.arch, bare.variant) == ("Linear", "deploy")


def test_what_was_built_is_not_kept_alive(nets):
    import gc
    import weakref

    model = profiler.build(f"{nets}:small")
    profiler.trace(model, (1, 4))
    remembered = weakref.ref(model)
    del model
    gc.collect()
    assert remembered() is None


def test_default_inputs():
    assert input_shape("googlenet") == (1, 3, 224, 224)
    assert input_shape("Xception41") == (1, 3, 299, 299)


# --- what does not leak -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leaks", "leaks_and_fails"])
def test_builders_leave_torch_as_it_was(nets, name):
    before = (torch.get_default_dtype(), torch.get_default_device())
    torch_state, python_state = torch.get_rng_state(), random.getstate()
    if name == "leaks":
        profiler.build(f"{nets}:{name}")
    else:
        with pytest.raises(BuildError, match="too late"):
            profiler.build(f"{nets}:{name}")
    assert (torch.get_default_dtype(), torch.get_default_device()) == before
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert random.getstate() == python_state
    assert not torch.empty(1).is_meta


def test_a_builder_that_sets_the_default_device(tmp_path):
    # in a process of its own: what leaks here would reach every later test
    (tmp_path / "sets_device.py").write_text(
        "import torch\ndef net():\n    torch.set_default_device('cpu')\n"
        "    return torch.nn.Linear(2, 2)"
    )
    code = (
        "import torch, profiler\n"
        "profiler.build('sets_device.py:net')\n"
        "torch.set_default_device(None)\n"
        "assert torch.empty(1).device.type == 'cpu'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)


def test_imports_leave_torch_as_it_was(tmp_path):
    path = tmp_path / "sets_things.py"
    path.write_text("import torch\ntorch.set_default_dtype(torch.float64)\ntorch.manual_seed(3)\n"
                    "def net(): return torch.nn.Linear(2, 2)")  # fmt: skip
    state = torch.get_rng_state()
    profiler.build(f"{path}:net")
    assert torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), state)


# --- what is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("googlnet", UnknownNameError, r"unknown model 'googlnet': did you mean googlenet\?"),
        ("vgg16", UnknownNameError, r"'vgg16': choose from googlenet, .*path/to/file.py:fun"),
        ("", UnknownNameError, r"unknown model ''"),
        ("{nets}:smal", UnknownNameError, r"unknown builder in .*nets.py 'smal': did you mean sm"),
        ("{nets}:", UsageError, r"expected package.module:function or path/to/file.py:function"),
        (":small", UsageError, r"':small': expected package.module:function"),
        ("{nets}:WIDTH", BuildError, r"'WIDTH' is a int, not a function"),
        ("{nets}:BUILT", BuildError, r"it is a Identity that is built already: name a function"),
        ("{nets}:mute", BuildError, r"building it failed: Mute: Mute$"),
        ("{nets}:number", BuildError, r"the builder returned a int, not a torch.nn.Module"),
        (
            "{nets}:needs",
            BuildError,
            r"building it failed: TypeError: .*missing 1 required .*width",
        ),
        ("{nets}:fails", BuildError, r"building it failed: ValueError: no weights here$"),
        ("{nets}x.py:small", BuildError, r"there is no file '.*nets.pyx.py'"),
        ("no_such_module:net", BuildError, r"no module named 'no_such_module'; run from the fol"),
        ("torch.no_such:net", BuildError, r"no module named 'torch.no_such'"),
    ],
)
def test_what_gives_no_module(address, error, message, nets):
    with pytest.raises(error, match=message) as raised:
        profiler.build(address.format(nets=nets))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 +", r"importing it failed: SyntaxError"),
        ("import no_such_thing", r"importing it failed: ModuleNotFoundError: .*no_such_thing"),
        ("raise OSError('gone\\naway')", r"importing it failed: OSError: gone$"),
    ],
)
def test_a_file_that_can_not_be_imported(tmp_path, source, message):
    path = tmp_path / "broken_file.py"
    path.write_text(source)
    with pytest.raises(BuildError, match=message):
        profiler.build(f"{path}:net")


def test_a_module_whose_own_import_is_missing(tmp_path, monkeypatch):
    (tmp_path / "half_a_module.py").write_text("import no_such_thing")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BuildError, match="importing it failed: No module named 'no_such_thing'"):
        profiler.build("half_a_module:net")


def test_options_a_builder_does_not_take(nets):
    with pytest.raises(BuildError, match="unexpected keyword argument 'depth'"):
        profiler.build(f"{nets}:small", depth=3)
    with pytest.raises(BuildError, match="unexpected keyword argument 'depth'"):
        profiler.build("googlenet", depth=3)
    with pytest.raises(BuildError, match="no variant 'half': choose deploy or train"):
        profiler.build("googlenet", variant="half")


def test_a_builder_that_exits(nets):
    with pytest.raises(BuildError, match="not today"):
        profiler.build(f"{nets}:stops")


def test_the_working_folder_is_the_users(nets):
    before = os.getcwd()
    profiler.build(f"{nets}:small")
    assert os.getcwd() == before


class Peculiar(torch.nn.Module):
    """Sets attributes in every way ``Module.__setattr__`` tells apart."""

    plain = 1

    def __init__(self):
        self.early = 3  # before there are any registries
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(2))
        self.running = torch.nn.Buffer(torch.zeros(2))
        self.layer = torch.nn.Linear(2, 2)
        self.dropped = torch.nn.Linear(2, 2)
        self.dropped = None
        self.layer.bias = None
        self.size, self.sides, self.name, self.plain = 2, (3, 4), "peculiar", 5
        self.halved = 8
        self.tensor = torch.zeros(3)

    @property
    def halved(self):
        return self._halved

    @halved.setter
    def halved(self, value):
        self._halved = value // 2


def test_attributes_are_set_as_torch_sets_them(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "peculiar_nets", sys.modules[__name__])
    built, plain = profiler.build("peculiar_nets:Peculiar"), Peculiar()
    assert list(vars(built)) == list(vars(plain))
    assert (built.halved, built.early, built.plain, built.dropped) == (4, 3, 5, None)
    assert [name for name, _ in built.named_parameters()] == ["weight", "layer.weight"]
    assert list(built._modules) == ["layer", "dropped"]
    assert list(built._buffers) == ["running"]


@pytest.mark.parametrize("name", ["weight", "layer", "running"])
def test_a_number_in_the_place_of_something_registered_is_refused(name, monkeypatch):
    class Wrong(Peculiar):
        def __init__(self):
            super().__init__()
            setattr(self, name, 3)

    monkeypatch.setitem(vars(sys.modules[__name__]), "Wrong", Wrong)
    monkeypatch.setitem(sys.modules, "peculiar_nets", sys.modules[__name__])
    with pytest.raises(BuildError, match=f"as .*'{name}'"):
        profiler.build("peculiar_nets:Wrong")
