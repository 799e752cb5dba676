"""ONNX's own test cases: a figure, a name in the list of what is uncounted, or one clear line."""

import warnings
from pathlib import Path

import pytest

pytest.importorskip("onnx")

import onnx
from onnx.backend.test.loader import load_model_tests

from profiler.counting.counts import count
from profiler.errors import InprofError
from profiler.tracing.onnx_graph import trace_onnx

#: Ops that ONNX defines by a graph of others, with products in it, and the cases of each.
BY_OTHERS = ("attention", "linear_attention", "flexattention", "causal_conv")
#: Refused as their sizes are open in the file, or depend on what a tensor holds: 2,024 cases.
MOST_REFUSED = 110


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Case → MACs and the names of what is uncounted, or the message of a refusal."""
    path = tmp_path_factory.mktemp("cases") / "m.onnx"
    results = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases themselves divide by zero
        kinds = ("node", "simple", "pytorch-converted", "pytorch-operator")
        cases = [case for kind in kinds for case in load_model_tests(kind=kind)]
    for case in cases:
        if case.model_dir is None:
            onnx.save(case.model, path)
        else:
            path.write_bytes((Path(case.model_dir) / "model.onnx").read_bytes())
        try:
            counts = count(trace_onnx(str(path)))
            listed = sorted({each.function for each in counts.uncounted})
            results[case.name] = (counts.totals.macs, listed)
        except InprofError as error:
            results[case.name] = str(error)
    return results


@pytest.mark.slow
def test_each_case_is_a_figure_or_a_line(found):
    refused = {name: text for name, text in found.items() if isinstance(text, str)}
    assert not [text for text in refused.values() if "\n" in text or "malformed" in text]
    assert len(refused) <= MOST_REFUSED


@pytest.mark.slow
def test_an_op_costs_what_its_definition_costs(found):
    """Where ONNX states an op as a graph of others the products of both are the same number."""
    pairs = {
        name: (found[whole], found[name])
        for name in found
        if (whole := name.partition("_expanded")[0]) != name and whole in found
    }
    figures = {
        name: (one[0], other[0])
        for name, (one, other) in pairs.items()
        if not isinstance(one, str) and not isinstance(other, str) and not one[1] + other[1]
    }
    assert len(figures) > 350
    # an affine grid is a product in PyTorch, and sums of products in ONNX
    different = {name for name, (one, other) in figures.items() if one != other}
    assert not {name for name in different if not name.startswith("test_affine_grid")}
    for op in BY_OTHERS:
        assert any(one for name, (one, _) in figures.items() if name.startswith(f"test_{op}"))
