"""Names, variants, errors: what `archs` says and refuses before anything is built."""

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import archs
from archs import registry

NAMES = [
    "googlenet",
    "inceptionv3",
    "inceptionv4",
    "resnet101",
    "resnet152",
    "resnet18",
    "resnet34",
    "resnet50",
    "xception41",
    "xception41_deeplab",
    "xception65",
    "xception65_deeplab",
    "xception71",
]


def test_the_networks() -> None:
    assert archs.list_models() == NAMES


def test_public_names_are_sorted_and_exist() -> None:
    assert archs.__all__ == sorted(archs.__all__)
    assert all(hasattr(archs, name) for name in archs.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_without_building(name) -> None:
    entry = archs.architecture(name)
    side = 224 if name == "googlenet" or name.startswith("resnet") else 299
    assert archs.default_input_shape(name) == entry.input_shape == (1, 3, side, side)
    assert archs.variants(name) == ("deploy", "train")
    assert entry.title.lower() == name
    assert entry.file.is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_network_comes_from_the_file_that_is_named(name, meta) -> None:
    net = meta(name)
    assert Path(sys.modules[type(net).__module__].__file__) == archs.architecture(name).file


def test_names_in_any_case(meta) -> None:
    assert type(meta("GoogLeNet")) is type(meta("googlenet"))
    assert archs.default_input_shape("Xception65_DeepLab") == (1, 3, 299, 299)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("inceptionv5", "did you mean inceptionv4 or inceptionv3"),
        ("xception", "did you mean xception71 or xception65 or xception41?"),
        ("GoogleNt", "unknown architecture 'GoogleNt': did you mean googlenet?"),
        ("vgg", f"unknown architecture 'vgg': choose one of {', '.join(NAMES)}"),
    ],
)
@pytest.mark.parametrize(
    "ask", [archs.create, archs.variants, archs.default_input_shape, archs.architecture]
)
def test_unknown_architecture(ask, wrong, text) -> None:
    with pytest.raises(archs.UnknownArchitecture) as caught:
        ask(wrong)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert caught.value.name == wrong
    assert caught.value.known == tuple(NAMES)


def test_unknown_variant() -> None:
    with pytest.raises(archs.UnknownVariant) as caught:
        archs.create("InceptionV3", variant="test")
    assert str(caught.value) == "inceptionv3 has no variant 'test': choose deploy or train"


def test_no_classes() -> None:
    with pytest.raises(archs.ArchError, match="num_classes must be at least 1, not 0"):
        archs.create("googlenet", num_classes=0)


@pytest.mark.parametrize(
    "error",
    [
        archs.UnknownArchitecture("vgg", ("googlenet",)),
        archs.UnknownVariant("googlenet", "test", ("deploy",)),
        archs.InputSizeError("googlenet", (3, 4), 61),
        archs.InputSizeError("googlenet", (3, 4), 61, 90, "try less"),
    ],
    ids=str,
)
def test_errors_survive_a_process_boundary(error) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_second_builder_is_refused(meta) -> None:
    meta("googlenet")
    with pytest.raises(ValueError, match="'googlenet' already has a builder of its deploy graph"):
        registry.register("googlenet")(lambda num_classes: torch.nn.Identity())


def test_a_builder_of_nothing_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="'vgg', which is not in the registry"):
        registry.register("vgg")(lambda num_classes: torch.nn.Identity())
    with pytest.raises(ValueError, match="xception41 has no variant 'tiny'"):
        registry.register("xception41", variant="tiny")(lambda num_classes: torch.nn.Identity())


def test_a_name_listed_twice_is_refused() -> None:
    entry = archs.architecture("googlenet")
    with pytest.raises(ValueError, match="'googlenet' is listed twice"):
        registry._by_name(entry, entry)


def test_asking_does_not_import_torch() -> None:
    program = (
        "import sys, archs; archs.list_models(); archs.default_input_shape('googlenet')\n"
        "try: archs.create('vgg')\n"
        "except archs.UnknownArchitecture: pass\n"
        "assert 'torch' not in sys.modules"
    )
    root = Path(archs.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)


def test_archs_import_torch_and_nothing_else_of_others() -> None:
    allowed = {"torch", *sys.stdlib_module_names}
    for file in Path(archs.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported = {node.module}
            else:
                continue
            assert {name.split(".")[0] for name in imported} <= allowed, file
