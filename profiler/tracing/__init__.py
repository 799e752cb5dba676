"""Tracing: a module or an ONNX graph → a ``Trace``, one forward on shapes alone.

``addressed.trace_address`` is the door for an address, with the ``cache``; ``tracer.trace`` the one
for a module; ``onnx_graph.trace_onnx`` the one for an ONNX file. Importing this room imports
no torch.
"""
