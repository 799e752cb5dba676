"""What stands in for tensors in a run: shapes alone, fake tensors, or seeded values on the CPU.

Shapes alone cost nothing and say the same of every input. A forward that looks at a value is run
on fake tensors, which know the constants that it makes itself, and where that is not enough with
values, whose figures hold for that input.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import torch

from profiler.errors import TraceError
from profiler.models.state import lazy_like, meta_like
from profiler.records import Values, ValuesUsed

VALUES: tuple[Values, ...] = get_args(Values)

_META, _CPU = torch.device("meta"), torch.device("cpu")


class StandIns(NamedTuple):
    """How a run comes by its tensors."""

    #: What a trace of such a run says of itself.
    values: ValuesUsed
    #: A tensor of the model → the one that is run with.
    of_state: Callable[[torch.Tensor], torch.Tensor]
    #: A tensor among the inputs → the one that is run with.
    of_input: Callable[[torch.Tensor], torch.Tensor]
    home: torch.device
    #: Entered around the forward.
    mode: contextlib.AbstractContextManager[Any]


def shapes_alone() -> StandIns:
    """Every tensor on the meta device."""
    return StandIns("", meta_like, meta_like, _META, contextlib.nullcontext())


def fake_tensors() -> StandIns:
    """Fake tensors: shapes that say they are on the CPU, and constants that keep their values."""
    # takes seconds, which most traces go without
    from torch._subclasses.fake_tensor import FakeTensorMode

    mode = FakeTensorMode(allow_non_fake_inputs=True)
    mode.cache_enabled = False  # it is the process's: what goes would depend on what went before

    def fake(tensor: torch.Tensor) -> torch.Tensor:
        lazy = lazy_like(tensor, "cpu")
        if lazy is not None:
            return lazy
        if tensor.layout is not torch.strided:
            return tensor.detach().clone()  # a sparse one has no fake; ops take it as it is
        with mode:
            made = torch.empty_strided(
                tensor.shape, tensor.stride(), dtype=tensor.dtype, device=_CPU
            )
            if isinstance(tensor, torch.nn.Parameter):
                return torch.nn.Parameter(made, requires_grad=tensor.requires_grad)
            return made.requires_grad_() if tensor.requires_grad else made

    return StandIns("fake", fake, fake, _CPU, mode)


def real_values() -> StandIns:
    """Values on the CPU: those that a tensor has, and for one that has none seeded ones."""
    generator = torch.Generator().manual_seed(0)

    def of_state(tensor: torch.Tensor) -> torch.Tensor:
        lazy = lazy_like(tensor, "cpu")
        if lazy is not None:
            return lazy
        # what the forward writes must not reach the model's own; most of it is never written
        made = (
            _drawn(tensor, generator, scale=0.02)
            if tensor.is_meta
            else torch._lazy_clone(tensor.detach().to(_CPU))
        )
        if isinstance(tensor, torch.nn.Parameter):
            return torch.nn.Parameter(made, requires_grad=tensor.requires_grad)
        return made

    def of_input(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta:
            return tensor.detach().to(_CPU, copy=True).requires_grad_(tensor.requires_grad)
        return _drawn(tensor, generator, scale=1.0)

    return StandIns("real", of_state, of_input, _CPU, contextlib.nullcontext())


def _drawn(tensor: torch.Tensor, generator: torch.Generator, scale: float) -> torch.Tensor:
    """Numbers between 0 and the scale; ones where numbers are whole, or in one dimension.

    A token that any table has, and a scale or a variance that nothing is divided to pieces by.
    """
    if not (tensor.is_floating_point() or tensor.is_complex()) or (
        scale < 1 and tensor.dim() < 2 and not tensor.is_complex()
    ):
        return torch.ones(tensor.shape, dtype=tensor.dtype, device=_CPU)
    drawn = torch.rand(tensor.shape, generator=generator, dtype=torch.float32, device=_CPU)
    return (drawn * scale).to(tensor.dtype)


def check_memory(arch: str, modules: Sequence[torch.nn.Module]) -> None:
    """Refuse a run with values for which the parameters alone are too large.

    Raises:
        TraceError: they take more than what is free.
    """
    tensors = {
        id(tensor): tensor
        for module in modules
        for tensor in (*module._parameters.values(), *module._buffers.values())
        if tensor is not None and tensor.is_meta and lazy_like(tensor, "meta") is None
    }
    wanted = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    free = free_memory()
    if free is not None and wanted > free:
        raise TraceError(
            f"{arch}: the forward needs values, and its parameters take {wanted / 2**30:.1f} GiB "
            f"where {free / 2**30:.1f} GiB are free; --until PATH counts up to a module"
        )


def free_memory() -> int | None:
    """Bytes that nobody uses; None where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


@contextlib.contextmanager
def memory_bounded() -> Iterator[None]:
    """Let no more be allocated than is free: an error ends a run that the system would kill.

    Where the system can't be told so, nothing is bounded.
    """
    free = free_memory()
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        free = None
    if free is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * os.sysconf("SC_PAGE_SIZE") + free
    bounds = [each for each in (bound, soft, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
