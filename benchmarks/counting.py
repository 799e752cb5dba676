"""What a count costs beside other tools: medians of interleaved calls in one process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

import archs
import profiler
from archs.xception import XCEPTION41, Xception
from benchmarks.peers import PEERS, silence

Medians = dict[str, dict[str, float]]
CALLS_PER_TURN = 3


def given(names: list[str], rounds: int) -> Medians:
    """Milliseconds of each tool on an already built model: model → tool → median."""
    medians = {}
    for name in names:
        shape = archs.default_input_shape(name)
        calls = {  # a model each, as some peers leave attributes and hooks behind
            peer: partial(run, built(name, device).eval(), shape)
            for peer, (run, device) in PEERS.items()
        }
        medians[name] = interleaved(calls, rounds)
    return medians


def from_nothing(names: list[str], rounds: int) -> Medians:
    """The same with building: ours and FlopCounterMode's on meta, the other tools' on the CPU."""

    def whole(name: str, peer: str) -> object:
        run, device = PEERS[peer]
        model = profiler.build(name) if peer.startswith("inprof") else built(name, device)
        return run(model.eval(), archs.default_input_shape(name))

    return {
        name: interleaved({peer: partial(whole, name, peer) for peer in PEERS}, rounds)
        for name in names
    }


def growth(rounds: int) -> Medians:
    """Milliseconds of trace and count as depth, resolution and batch size grow."""

    def median(model: torch.nn.Module, shape: tuple[int, ...]) -> float:
        calls = {"inprof": partial(PEERS["inprof"][0], model, shape)}
        return interleaved(calls, rounds)["inprof"]

    image = (1, 3, 299, 299)
    with torch.device("meta"):
        by_depth = {
            f"{blocks} middle blocks": median(
                Xception(replace(XCEPTION41, middle_blocks=blocks)).eval(), image
            )
            for blocks in (8, 16, 32, 64, 128)
        }
        model = archs.create("xception41").eval()
    return {
        "depth": by_depth,
        "resolution": {f"{s} px": median(model, (1, 3, s, s)) for s in (75, 150, 299, 598, 1196)},
        "batch size": {f"batch {n}": median(model, (n, *image[1:])) for n in (1, 8, 64, 512)},
    }


def interleaved(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each call, in turns; the first round is a warm-up.

    A turn is three calls, each of them a sample: of one call alone a part would be the price of
    the processor's caches, filled by the tool before.
    """
    samples: dict[str, list[float]] = {name: [] for name in calls}
    with silence():
        for round_number in range(rounds + 1):
            for name, call in calls.items():
                gc.collect()  # nobody pays for the garbage of the tool before
                for _ in range(CALLS_PER_TURN):
                    begin = time.perf_counter()
                    call()
                    if round_number:
                        samples[name].append(1e3 * (time.perf_counter() - begin))
    return {name: statistics.median(times) for name, times in samples.items()}


def built(name: str, device: str) -> torch.nn.Module:
    """The network as PyTorch builds it on that device."""
    with torch.device(device):
        return archs.create(name)
