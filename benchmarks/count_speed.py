"""What counting costs beside other tools: ratios of medians, interleaved in one process.

    python -m benchmarks.count_speed [--rounds 7] [--models googlenet …] [--json FILE]

Given: every tool gets an already built model. From nothing: building is included, ours on the meta
device, FlopCounterMode's on the meta device too, the other tools' on the CPU.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

import archs
import profiler
from benchmarks.peers import PEERS, silence


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--models", nargs="*", default=archs.list_models())
    parser.add_argument("--json", type=Path, default=Path("build/bench/count_speed.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    given = {name: measure_given(name, options.rounds) for name in options.models}
    nothing = {name: measure_from_nothing(name, options.rounds) for name in options.models}
    console = Console(width=150)
    show(console, "Given a built model: milliseconds, median", given)
    show(console, "From nothing, building included: milliseconds, median", nothing)
    result = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": options.rounds,
        "given_ms": given,
        "from_nothing_ms": nothing,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=2) + "\n")
    console.print(f"wrote {options.json}")


def measure_given(name: str, rounds: int) -> dict[str, float]:
    """Median milliseconds of each tool on a built model, one call of each in turn."""
    shape = archs.default_input_shape(name)
    models = {device: _build(name, device).eval() for device in ("meta", "cpu")}
    return _interleave(
        {
            peer: lambda run=run, device=device: run(models[device], shape)
            for peer, (run, device) in PEERS.items()
        },
        rounds,
    )


def measure_from_nothing(name: str, rounds: int) -> dict[str, float]:
    """The same, each call building its model first."""
    shape = archs.default_input_shape(name)

    def whole(peer: str) -> object:
        run, device = PEERS[peer]
        model = profiler.build(name) if peer == "inprof" else _build(name, device)
        return run(model.eval(), shape)

    return _interleave({peer: lambda peer=peer: whole(peer) for peer in PEERS}, rounds)


def _interleave(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    samples: dict[str, list[float]] = {name: [] for name in calls}
    with silence():
        for round_number in range(rounds + 1):
            for name, call in calls.items():
                begin = time.perf_counter()
                call()
                if round_number:  # the first call of each is its warm-up
                    samples[name].append(1e3 * (time.perf_counter() - begin))
    return {name: statistics.median(times) for name, times in samples.items()}


def _build(name: str, device: str) -> torch.nn.Module:
    with torch.device(device):
        return archs.create(name)


def show(console: Console, title: str, medians: dict[str, dict[str, float]]) -> None:
    """A row per model, a column per tool, and how many times ours each tool takes."""
    table = Table(title=title, title_justify="left")
    table.add_column("model")
    for peer in PEERS:
        table.add_column(peer, justify="right")
    for name, times in medians.items():
        table.add_row(name, *[f"{times[peer]:.1f}" for peer in PEERS])
    table.add_section()
    ratios = {
        peer: statistics.median(times[peer] / times["inprof"] for times in medians.values())
        for peer in PEERS
    }
    table.add_row("median ratio to inprof", *[f"{ratios[peer]:.1f}x" for peer in PEERS])
    console.print(table)


if __name__ == "__main__":
    main()
