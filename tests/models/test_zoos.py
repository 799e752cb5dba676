"""Zoos by name: stand-ins that do as timm and torchvision do, without either of them."""

import sys

import pytest

from profiler.errors import BuildError, UnknownNameError
from profiler.models import zoos
from profiler.models.address import ZOOS, check_address, zoo_of
from profiler.models.zoos import zoo_names
from profiler.tracing.addressed import trace_address

TIMM = """
from torch import nn

def list_models():
    return ["tiny", "wide"]

def create_model(name, pretrained, width=4):
    print("timm says hello")
    assert not pretrained
    is_tiny = name.partition(".")[0] == "tiny"
    net = nn.Sequential(nn.Conv2d(3, width if is_tiny else 8, 1, bias=False))
    net.default_cfg = {"input_size": (3, 9, 9) if name.endswith(".large_in1k") else (3, 6, 5)}
    return net
"""
TORCHVISION = """
import functools
import types
from torch import nn

def _tiny(*, weights=None, weights_backbone="fetched", progress=True, **options):
    assert weights is None and weights_backbone is None
    return nn.Sequential(nn.Conv2d(3, 2, 1, bias=False))

def _googlenet(*, weights=None, init_weights=None, **options):
    assert weights is None and init_weights is False
    return nn.Sequential(nn.Conv2d(3, 2, 1, bias=False))

_builders = {"tiny": _tiny, "googlenet": _googlenet, "bare": _tiny}
_crops = {"tiny": {"crop_size": 10}, "googlenet": {"resize_size": (4, 7)}}

def _weights(name):
    if name not in _crops:
        raise ValueError("no weights")
    transforms = functools.partial(dict, **_crops[name])
    return types.SimpleNamespace(DEFAULT=types.SimpleNamespace(transforms=transforms))

models = types.SimpleNamespace(
    list_models=lambda: list(_builders),
    get_model_builder=_builders.__getitem__,
    get_model_weights=_weights,
)
"""


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    for name, text in (("timm", TIMM), ("torchvision", TORCHVISION)):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("timm", "torchvision"):
        sys.modules.pop(name, None)


def test_a_model_of_timm_at_its_own_size(zoo, capsys):
    trace = trace_address("timm:tiny", batch_size=2)
    # one 1x1 convolution: 2 images, 6 * 5 places, 3 channels to 4
    assert (trace.arch, trace.input_shape) == ("timm:tiny", (2, 3, 6, 5))
    assert trace.ops[0].outputs[0].shape == (2, 4, 6, 5)
    said = capsys.readouterr()
    assert (said.out, "timm says hello" in said.err) == ("", True)


def test_timms_names_may_say_which_weights(zoo):
    # published names do: the weights are not fetched, what they were made for is the size
    assert trace_address("timm:tiny.large_in1k").input_shape == (1, 3, 9, 9)
    with pytest.raises(UnknownNameError, match="did you mean tiny"):
        trace_address("timm:tinny.large_in1k")
    with pytest.raises(UnknownNameError):
        trace_address("torchvision:tiny.large_in1k")


def test_arguments_reach_the_builder_and_the_name(zoo):
    trace = trace_address("timm:tiny", options={"width": 7}, crop_size=3)
    assert trace.ops[0].outputs[0].shape == (1, 7, 3, 3)
    assert trace.arch == "timm:tiny(width=7)"


@pytest.mark.parametrize(
    ("name", "side"), [("tiny", (10, 10)), ("googlenet", (4, 7)), ("bare", (224, 224))]
)
def test_torchvisions_models_are_built_without_weights(zoo, name, side):
    trace = trace_address(f"torchvision:{name}")
    assert trace.input_shape == (1, 3, *side)


def test_every_zoo_that_an_address_may_name_is_there():
    assert tuple(zoos._ZOOS) == ZOOS


def test_names_of_a_zoo(zoo):
    assert zoo_names("timm") == ["timm:tiny", "timm:wide"]
    assert [zoo_of(a) for a in ("timm:x", "timm", "timm.models:x", "a.py:x")] == [
        "timm",
        "",
        "",
        "",
    ]


def test_a_misspelt_name_is_told_the_nearest(zoo):
    with pytest.raises(UnknownNameError, match="did you mean tiny"):
        trace_address("timm:tinny")


@pytest.mark.parametrize("address", ["timm:tiny", "torchvision:resnet50.a1_in1k"])
def test_an_address_is_checked_without_importing_a_zoo(address, monkeypatch):
    monkeypatch.setitem(sys.modules, address.partition(":")[0], None)
    check_address(address)


def test_a_zoo_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)  # as if it were not installed
    with pytest.raises(BuildError, match=r"needs the package timm.*pip install timm"):
        trace_address("timm:tiny")


def test_a_zoo_that_breaks_says_why(tmp_path, monkeypatch):
    (tmp_path / "timm.py").write_text("raise RuntimeError('operator nms does not exist')")
    monkeypatch.delitem(sys.modules, "timm", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BuildError, match="importing timm failed: RuntimeError: operator nms"):
        trace_address("timm:tiny")
