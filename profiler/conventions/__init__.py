"""Counting conventions: named, pure rules from op records to MACs, FLOPs and parameters."""

from profiler.conventions import flops, flops_all, macs, paddle_static  # noqa: F401 (registers)
from profiler.conventions.registry import Convention, convention, list_conventions

__all__ = ["Convention", "convention", "list_conventions"]
