"""The counting tools we are compared with: each a function from a model and a shape to its run.

Every peer is called through its documented entry point with its output silenced; what it returns
does not matter here, only what it costs.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable

import torch

import profiler
from profiler.tracing.function_mode import forget_plans

Shape = tuple[int, ...]
Peer = Callable[[torch.nn.Module, Shape], object]


def inprof(model: torch.nn.Module, shape: Shape) -> object:
    """Trace and count, full records, as the first trace of a process: nothing is known yet."""
    forget_plans()
    return profiler.count(profiler.trace(model, shape))


def inprof_again(model: torch.nn.Module, shape: Shape) -> object:
    """The same in a process that has traced such layers before, as a sweep has."""
    return profiler.count(profiler.trace(model, shape))


def flop_counter_mode(model: torch.nn.Module, shape: Shape) -> object:
    """torch.utils.flop_counter, on whatever device the model is."""
    from torch.utils.flop_counter import FlopCounterMode

    device = next(model.parameters()).device
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(shape, device=device))
    return counter.get_total_flops()


def fvcore(model: torch.nn.Module, shape: Shape) -> object:
    """fvcore.nn.FlopCountAnalysis."""
    from fvcore.nn import FlopCountAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    return FlopCountAnalysis(model, torch.empty(shape)).total()


def thop(model: torch.nn.Module, shape: Shape) -> object:
    """thop.profile."""
    from thop import profile

    return profile(model, inputs=(torch.empty(shape),), verbose=False)


def ptflops(model: torch.nn.Module, shape: Shape) -> object:
    """ptflops.get_model_complexity_info, its default backend."""
    from ptflops import get_model_complexity_info

    return get_model_complexity_info(
        model, tuple(shape[1:]), as_strings=False, print_per_layer_stat=False
    )


def torchinfo(model: torch.nn.Module, shape: Shape) -> object:
    """torchinfo.summary."""
    from torchinfo import summary

    return summary(model, input_size=shape, verbose=0)


#: Name → peer, and the device its model stands on.
PEERS: dict[str, tuple[Peer, str]] = {
    "inprof": (inprof, "meta"),
    "inprof, again": (inprof_again, "meta"),
    "FlopCounterMode (meta)": (flop_counter_mode, "meta"),
    "FlopCounterMode (CPU)": (flop_counter_mode, "cpu"),
    "thop": (thop, "cpu"),
    "fvcore": (fvcore, "cpu"),
    "ptflops": (ptflops, "cpu"),
    "torchinfo": (torchinfo, "cpu"),
}


@contextlib.contextmanager
def silence():  # type: ignore[no-untyped-def]
    """No prints and no warnings from the peers."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
