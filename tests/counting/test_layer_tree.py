"""The tree of layers: sums, order, names, times."""

import pytest
import torch
from made_layers import made_layer_times
from msgspec.structs import replace
from torch import nn

import profiler
from profiler.counting.layer_tree import layer_tree, walk
from profiler.records import LayerSpan


class Cross(nn.Module):
    """Runs its children out of the order they are made in, adds, and leaves one alone."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Conv2d(3, 3, 1)
        self.never = nn.Linear(2, 2)
        self.first = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1, groups=3), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x)) + x


@pytest.fixture(scope="module")
def trace() -> profiler.records.Trace:
    return profiler.trace(Cross(), (1, 3, 8, 8))


def test_order_is_that_of_execution_and_ops_of_a_container_are_leaves(trace) -> None:
    shown = [
        (depth, node.name, node.path, node.class_name, node.kind)
        for depth, node in walk(layer_tree(trace))
    ]
    assert shown == [
        (0, trace.arch, "", "Cross", "module"),
        (1, "first", "first", "Sequential", "module"),
        (2, "0", "first.0", "Conv2d", "depthwise_conv"),
        (2, "1", "first.1", "ReLU", "activation"),
        (1, "second", "second", "Conv2d", "pointwise_conv"),
        (1, "add", "", "add", "elementwise"),
        (1, "never", "never", "", "unused"),
    ]
    never = layer_tree(trace).children[-1]
    assert (never.params, never.flops, never.output_shape) == (6, 0, None)


def test_times_add_up_to_the_whole_and_stay_where_they_were_measured(trace) -> None:
    times = made_layer_times(trace)
    own = {span.path: span.span_ms for span in times.spans}
    tree = layer_tree(trace, times=times)
    by_name = {node.name: node for _, node in walk(tree)}
    assert by_name["0"].time_ms == own["first.0"]
    assert by_name["first"].time_ms == pytest.approx(own["first.0"] + own["first.1"])
    assert by_name["add"].time_ms == own[""]
    assert by_name["never"].time_ms is None
    assert tree.time_ms == times.total_ms
    known = sum(child.time_ms or 0 for child in tree.children)
    assert known + times.unattributed_ms == pytest.approx(times.total_ms)


def test_a_time_of_what_the_tree_lacks_is_that_of_what_is_around_it(trace) -> None:
    times = replace(
        made_layer_times(trace),
        spans=(LayerSpan("first", 0, "Sequential", 1.0), LayerSpan("first.x.y", 0, "View", 0.5)),
    )
    by_name = {node.name: node for _, node in walk(layer_tree(trace, times=times))}
    assert by_name["first"].time_ms == 1.5
    assert by_name["0"].time_ms is None
    assert by_name["second"].time_ms is None


def test_refused_times_are_none(trace) -> None:
    times = replace(made_layer_times(trace), spans=(), refused="too slow")
    assert all(node.time_ms is None for _, node in walk(layer_tree(trace, times=times)))


def test_a_model_of_one_layer_is_a_leaf() -> None:
    tree = layer_tree(profiler.trace(nn.Linear(3, 4), (2, 3)))
    assert (tree.path, tree.class_name, tree.kind, tree.children) == ("", "Linear", "linear", ())
    assert (tree.macs, tree.activation_bytes, tree.output_shape) == (24, 32, (2, 4))
