"""Every network against its reference table, row by row and in order.

The tables and counts of the ResNets were recorded from torchvision 0.28.0's own modules, the counts
with FlopCounterMode.
"""

import csv
from pathlib import Path

import pytest
import torch

import archs

DATA = Path(__file__).parents[1] / "data"
GRAPHS = [("googlenet", "train"), *((name, "deploy") for name in archs.list_models())]

with (DATA / "expected_counts.csv").open(newline="") as file:
    EXPECTED = {(line["model"], line["variant"]): line for line in csv.DictReader(file)}


def test_every_graph_has_an_expected_count() -> None:
    assert sorted(EXPECTED) == sorted(GRAPHS)


@pytest.mark.parametrize(("name", "variant"), GRAPHS)
def test_execution_equals_the_layer_table(name, variant, layer_table, record, meta) -> None:
    net = meta(name, variant=variant)
    recorder = record(net, torch.empty(archs.default_input_shape(name), device="meta"))
    expected = layer_table(name, variant)
    for number, (got, row) in enumerate(zip(recorder.rows, expected, strict=False), start=1):
        assert got == row, f"row {number}"
    assert len(recorder.rows) == len(expected)


@pytest.mark.parametrize(("name", "variant"), GRAPHS)
def test_weights_are_stored_in_execution_order(name, variant, record, meta) -> None:
    net = meta(name, variant=variant)
    recorder = record(net, torch.empty(archs.default_input_shape(name), device="meta"))
    path_of = {id(parameter): path for path, parameter in net.named_parameters()}
    executed = [path_of[id(parameter)] for parameter in recorder.parameters]
    assert executed == [path for path in net.state_dict() if path in path_of.values()]


@pytest.mark.parametrize(("name", "variant"), GRAPHS)
def test_parameter_shapes_follow_the_table(name, variant, layer_table, meta) -> None:
    net = meta(name, variant=variant)
    sizes = [
        int(size)
        for row in layer_table(name, variant)
        for size in (row.weight_params, row.bias_params)
        if size != "0"
    ]
    assert [parameter.numel() for parameter in net.parameters()] == sizes


@pytest.mark.parametrize(("name", "variant"), GRAPHS)
def test_parameter_total(name, variant, meta) -> None:
    total = sum(parameter.numel() for parameter in meta(name, variant=variant).parameters())
    assert total == int(EXPECTED[name, variant]["params"])


@pytest.mark.parametrize(("name", "variant"), GRAPHS)
def test_default_input_is_the_one_counted(name, variant) -> None:
    shape = "x".join(map(str, archs.default_input_shape(name)))
    assert shape == EXPECTED[name, variant]["input"]


@pytest.mark.parametrize("name", [name for name in archs.list_models() if name != "googlenet"])
def test_train_is_deploy_without_auxiliary_heads(name, meta) -> None:
    deploy, train = meta(name, variant="deploy"), meta(name, variant="train")
    assert list(train.state_dict()) == list(deploy.state_dict())


@pytest.mark.parametrize("name", archs.list_models())
def test_batch_norm_epsilon(name, meta) -> None:
    epsilon = {m.eps for m in meta(name).modules() if isinstance(m, torch.nn.BatchNorm2d)}
    if name == "googlenet":
        assert epsilon == set()
    else:
        assert epsilon == {1e-3 if name.endswith("_deeplab") else 1e-5}
