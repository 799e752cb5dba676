"""Files that are none, and what a file states."""

import builtins

import pytest

pytest.importorskip("onnx")

import onnx
from onnx_files import graph_input, model, node, saved, weight

from profiler.errors import BuildError, TraceError, UsageError
from profiler.tracing.onnx_graph import trace_onnx

NODES = [node("Gemm", "x w", "y", "/head/Gemm")]


def test_a_missing_file(tmp_path):
    with pytest.raises(BuildError, match="there is no file"):
        trace_onnx(str(tmp_path / "no.onnx"))


@pytest.mark.parametrize("content", [b"", b"# readme\n" * 9, b"\x80" * 64, b"{}"])
def test_a_wrong_file(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(BuildError, match="it is no ONNX model") as caught:
        trace_onnx(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_cut_short(tmp_path):
    path = tmp_path / "m.onnx"
    whole = model(NODES, [graph_input("x", 1, 3)], [weight("w", 3, 5)]).SerializeToString()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BuildError, match="it is no ONNX model"):
        trace_onnx(str(path))


def test_a_malformed_graph(tmp_path):
    path = saved(tmp_path / "m.onnx", [onnx.helper.make_node("Constant", [], [])], [])
    with pytest.raises(BuildError, match="its graph is malformed"):
        trace_onnx(path)


def test_a_name_of_several_lines(tmp_path):
    path = saved(tmp_path / "m.onnx", [node("Relu", "x", "y", "a\nb")], [])
    with pytest.raises(TraceError, match="reads 'x'") as caught:
        trace_onnx(path)
    assert "\n" not in str(caught.value)


def test_without_onnx(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "onnx":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BuildError, match="pip install onnx"):
        trace_onnx(str(tmp_path / "m.onnx"))


def test_what_the_file_stores_is_no_input(tmp_path):
    given = [graph_input("x", "n", 3), graph_input("w", 3, 5)]  # as before IR version 4
    trace = trace_onnx(saved(tmp_path / "m.onnx", NODES, given, [weight("w", 3, 5)]), batch_size=2)
    assert trace.input_shapes == {"0": (2, 3)}
    assert [each.name for each in trace.parameters] == ["head.weight"]
    assert trace.modules[1].class_name == "Linear"


def test_weights_in_other_files_are_not_needed(tmp_path):
    made = model(NODES, [graph_input("x", 1, 300)], [weight("w", 300, 50)])
    path = tmp_path / "m.onnx"
    onnx.save(made, path, save_as_external_data=True, location="weights", size_threshold=0)
    (tmp_path / "weights").unlink()
    assert trace_onnx(str(path)).parameters[0].numel == 15000


def test_functions_of_the_file_are_written_out(tmp_path):
    made = model([node("Own", "x", "y", domain="own")], [graph_input("x", 2, 3)], domains=("own",))
    made.functions.append(
        onnx.helper.make_function(
            "own",
            "Own",
            ["a"],
            ["b"],
            [node("Relu", "a", "h"), node("Exp", "h", "b")],
            [onnx.helper.make_opsetid("", 20)],
        )
    )
    path = tmp_path / "m.onnx"
    onnx.save(made, path)
    assert [op.aten for op in trace_onnx(str(path)).ops] == ["relu", "exp"]


def test_onnxs_own_operators_go_by_two_names(tmp_path):
    """The softmax of operator set 13 is along one axis; those before it flatten the others."""
    made = model([node("Softmax", "x", "y")], [graph_input("x", 2, 3, 4)], opset=13)
    traces = []
    for name, domain in (("a", ""), ("b", "ai.onnx")):
        made.opset_import[0].domain = domain
        onnx.save(made, tmp_path / f"{name}.onnx")
        traces.append(trace_onnx(str(tmp_path / f"{name}.onnx")))
    assert traces[0].ops == traces[1].ops


def test_an_open_size_names_the_file(tmp_path):
    path = saved(tmp_path / "m.onnx", [node("Relu", "x", "y")], [graph_input("x", "n", "length")])
    with pytest.raises(UsageError, match=r"m\.onnx: input 'x'.*'length'"):
        trace_onnx(path)


def test_sizes_that_the_file_is_fixed_to(tmp_path):
    """A reshape to 1x12 can't follow a batch of 2."""
    nodes = [node("Reshape", "x s", "y")]
    shape = onnx.numpy_helper.from_array(onnx.numpy_helper.np.array([1, 12]), "s")
    path = saved(tmp_path / "m.onnx", nodes, [graph_input("x", 1, 3, 4)], [shape])
    assert trace_onnx(path).outputs[0].shape == (1, 12)
    with pytest.raises(TraceError, match="may be fixed to the sizes it was exported with"):
        trace_onnx(path, batch_size=2)
