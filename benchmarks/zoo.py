"""Counting beside torch's own counter over a zoo: ``python -m benchmarks.zoo --models 200``.

Needs timm. Both are given the same model on the meta device, in turns, in one process; a model's
ratio is of the faster of two runs each. Totals are compared where torch's counter has one.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial

import torch
from torch.utils.flop_counter import FlopCounterMode

from profiler.counting.counts import count
from profiler.models.building import build, sized
from profiler.models.zoos import zoo_names
from profiler.records import Input
from profiler.tracing.tracer import trace


def main() -> None:
    """Print a line for each model that is not counted alike, and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=200, help="evenly spaced among timm's names")
    wanted = parser.parse_args().models
    names = zoo_names("timm")
    step = max(len(names) // wanted, 1)
    warnings.simplefilter("ignore")
    ratios: list[float] = []
    alike = 0
    for address in names[::step][:wanted]:
        model = build(address).eval()
        shape = sized([Input(shape=(1, 0, 0, 0))], address, model)[0].shape
        ours, ours_s = _fastest(partial(_ours, model, shape))
        try:
            theirs, theirs_s = _fastest(partial(_theirs, model, shape))
        except AssertionError:  # torch's hooks need gradients on some models
            print(f"{address}: {ours:,}, where FlopCounterMode fails")
            continue
        ratios.append(theirs_s / ours_s)
        alike += ours == theirs
        if ours != theirs:
            print(f"{address}: {ours:,}, where FlopCounterMode counts {theirs:,}")
    print(f"{alike} of {len(ratios)} totals alike")
    print(f"FlopCounterMode takes {statistics.median(ratios):.1f} times as long, by the median")


def _ours(model: torch.nn.Module, shape: tuple[int, ...]) -> int:
    return count(trace(model, shape), "torch").totals.flops


def _theirs(model: torch.nn.Module, shape: tuple[int, ...]) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(shape, device="meta"))
    return int(counter.get_total_flops())


def _fastest(run: Callable[[], int]) -> tuple[int, float]:
    taken = []
    for _ in range(2):
        begun = time.perf_counter()
        total = run()
        taken.append(time.perf_counter() - begun)
    return total, min(taken)


if __name__ == "__main__":
    main()
