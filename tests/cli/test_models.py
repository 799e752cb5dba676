"""``inprof models``."""

import json

import pytest

NETS = ["googlenet", "inceptionv3", "inceptionv4", "resnet101", "resnet152", "resnet18", "resnet34",
        "resnet50", "xception41", "xception41_deeplab", "xception65", "xception65_deeplab",
        "xception71"]  # fmt: skip


@pytest.fixture
def zoo(folder, monkeypatch):
    """A timm that is installed and has three models."""
    (folder / "timm.py").write_text("def list_models(): return ['xception41', 'vit', 'vit_b']\n")
    monkeypatch.syspath_prepend(folder)
    known = {"timm": "1.0"}
    monkeypatch.setattr(
        "profiler.models.address.installed_version", lambda name: known.get(name, "")
    )
    return known


def test_built_in_models_and_where_there_are_more(inprof, zoo):
    result = inprof("models")
    assert result.stdout.split() == NETS
    assert result.stderr == "more models: inprof models 'timm:*'\n"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("xception4*", ["xception41", "xception41_deeplab", "timm:xception41"]),
        ("timm:*", ["timm:xception41", "timm:vit", "timm:vit_b"]),
        ("timm:vit", ["timm:vit"]),
        ("t*:vit_?", ["timm:vit_b"]),
        ("googlenet", ["googlenet"]),
    ],
)
def test_a_pattern(pattern, found, inprof, zoo):
    assert inprof("models", pattern).stdout.split() == found
    assert json.loads(inprof("models", pattern, "--format", "json").stdout) == found


def test_a_zoo_that_breaks_is_a_warning_unless_it_is_asked_for(inprof, refuses, zoo):
    zoo["torchvision"] = "0.1"  # said to be there, and is not
    result = inprof("models", "googlenet")
    assert (result.exit_code, result.stdout) == (0, "googlenet\n")
    assert "torchvision needs the package torchvision" in result.stderr
    assert "pip install torchvision" in refuses(1, "models", "torchvision:*")


def test_nothing_found(refuses):
    assert "no model goes by 'yolo'" in refuses(2, "models", "yolo")
