"""An ONNX file → its model, or one line that says why not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import BuildError, one_line

if TYPE_CHECKING:
    import onnx


def read_model(path: str) -> onnx.ModelProto:
    """The model with its own functions written out; weights in other files are left there.

    Raises:
        BuildError: ``onnx`` is not installed; there is no such file, or it is no ONNX model.
    """
    try:
        import onnx
        import onnx.inliner
    except ImportError as error:
        raise BuildError(
            f"{path}: an ONNX file needs the package onnx, which is not installed: pip install onnx"
        ) from error
    if not Path(path).is_file():
        raise BuildError(f"{path}: there is no file {path!r}")
    try:
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except MemoryError:
        raise
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror or one_line(error)}") from error
    except Exception as error:  # the decoder's own classes, by version of protobuf
        raise BuildError(f"{path}: it is no ONNX model: {one_line(error)}") from error
    if not model.graph.node or not model.opset_import:
        what = "states no operator set" if model.graph.node else "holds no graph with nodes"
        raise BuildError(f"{path}: it is no ONNX model: it {what}")
    if not model.functions:
        return model
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:
        raise BuildError(
            f"{path}: its functions can't be written out: {one_line(error)}"
        ) from error
