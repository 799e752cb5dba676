"""An ONNX file → a ``Trace``: the same records as of a forward in PyTorch, without PyTorch.

Read one way: ``model_file`` (the file) → ``input_sizes`` (what it is given) → ``inference`` (shapes
of every tensor, sizes that are computed) → ``table`` (what a node does, in the vocabulary of the
conventions) → ``assembling`` (records).
"""

from profiler.tracing.onnx_graph.assembling import trace_onnx

__all__ = ["trace_onnx"]
