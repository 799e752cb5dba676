"""Counting conventions: named, pure rules from a trace to MACs, FLOPs and parameters."""

from profiler.counting.conventions import (  # noqa: F401 (registers)
    calflops,
    deepspeed,
    flops,
    flops_all,
    fvcore,
    macs,
    paddle_flops,
    paddle_static,
    ptflops_aten,
    ptflops_pytorch,
    thop,
    torch_counter,
    torchinfo,
)
from profiler.counting.conventions.registry import Convention, convention, list_conventions

__all__ = ["Convention", "convention", "list_conventions"]
