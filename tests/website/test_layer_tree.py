"""The tree table and what its icicle draws from: every figure once, every name as text."""

import html
import re

import pytest
from made_layers import made_layer_times
from torch import nn

import profiler
from profiler.counting.layer_tree import LayerNode, layer_tree, walk
from profiler.render.messages import load_messages
from profiler.render.templating import render_template
from profiler.tracing.addressed import trace_address
from profiler.website.layer_tree import TreeTable

EN = load_messages("en")
HOSTILE = ['a"b', "<script>alert(1)</script>", "🦜", "שלום", "c'd & e|f\\g", "{{ 7 * 7 }}", " "]


def render(tree: LayerNode) -> str:
    values = {"view": TreeTable("layers", tree), "caption": "Layers", "icicle": True, "files": ()}
    return render_template(template="site/layers.html.j2", values={**values, "messages": EN})


def cells(markup: str) -> list[list[str]]:
    """The text of every cell, a list a row."""
    body = markup.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [html.unescape(re.sub("^[^>]*>|<[^>]*>", "", cell)) for cell in re.split("<t[hd]", row)[1:]]
        for row in body.split("<tr")[1:]
    ]


@pytest.fixture(scope="module")
def hostile() -> LayerNode:
    inside = nn.Sequential()
    for name in HOSTILE:
        inside.add_module(name, nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()))
    return layer_tree(profiler.trace(nn.Sequential(inside), (1, 3, 4, 4)))


def test_names_come_out_as_text(hostile: LayerNode) -> None:
    markup = render(hostile)
    assert "<script" not in markup
    names = [row[0] for row in cells(markup)]
    assert [name for name in names if name in HOSTILE] == HOSTILE


def test_the_table_has_the_figures_of_the_tree(hostile: LayerNode) -> None:
    shown = [
        tuple(int(row[at].replace(",", "")) for at in (3, 4, 5, 7))
        for row in cells(render(hostile))
    ]
    assert shown == [
        (node.params, node.macs, node.flops, node.activation_bytes) for _, node in walk(hostile)
    ]


def test_levels_are_those_of_the_tree_and_the_legend_has_every_colour(hostile: LayerNode) -> None:
    markup = render(hostile)
    levels = [int(level) for level in re.findall(r'<tr class="d(\d+)', markup)]
    assert levels == [depth for depth, _ in walk(hostile)]
    used = set(re.findall(r"<td class=k-(\w+)>", markup))
    assert used == set(re.findall(r'<li class="k-(\w+)">', markup)) == {
        "pointwise", "activation", "module",
    }  # fmt: skip
    assert TreeTable("a", hostile).size == (2 * len(HOSTILE), 2 + len(HOSTILE))


def test_time_is_a_column_and_a_metric_only_where_it_was_measured() -> None:
    trace = profiler.trace(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()), (1, 3, 4, 4))
    timed = layer_tree(trace, times=made_layer_times(trace))
    plain = layer_tree(trace)
    metrics = [
        re.findall('"(\\d+)"(?: checked)?> (.*?)</label>', render(tree)) for tree in (plain, timed)
    ]
    assert [name for _, name in metrics[0]] == ["FLOPs", "parameters", "activation bytes"]
    column, name = metrics[1][-1]
    assert name == "measured time"
    rows = cells(render(timed))
    # MACs make room for them: they are half of the FLOPs
    assert "MACs" not in render(timed)
    assert "MACs" in render(plain)
    assert all(len(row) == 8 for row in rows)
    assert rows[0][int(column)].strip() == "8.000"
    assert all(len(row) == 8 for row in cells(render(plain)))


@pytest.mark.parametrize("metric", ["flops", "params", "activation_bytes"])
@pytest.mark.parametrize("arch", ["googlenet", "xception41_deeplab"])
def test_the_widths_of_layers_sum_to_one(arch: str, metric: str) -> None:
    """What layers.js draws: a block is as wide as its figure, from where the one before it ends."""
    trace = trace_address(arch)
    tree = layer_tree(trace)
    whole = getattr(tree, metric)
    widths = [getattr(node, metric) / whole for _, node in walk(tree) if not node.children]
    assert sum(widths) == pytest.approx(1)


def test_a_model_without_flops_has_no_shares() -> None:
    rows = cells(render(layer_tree(profiler.trace(nn.Sequential(nn.ReLU()), (1, 3)))))
    assert {row[6] for row in rows} == {"–"}
