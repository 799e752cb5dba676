"""Measure, print the tables, and write them with the machine they ran on.

python -m benchmarks [--rounds 7] [--models googlenet …] [--out build/bench]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from pathlib import Path

import torch

from benchmarks import counting, processes
from benchmarks.peers import PEERS
from profiler.catalog import load_series

Rows = list[list[str]]


def main() -> None:
    """The whole benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    networks = [model.address for model in load_series("inception").models]
    parser.add_argument("--models", nargs="*", default=networks)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    result = {
        "machine": machine(),
        "given_ms": counting.given(options.models, options.rounds),
        "from_nothing_ms": counting.from_nothing(options.models, options.rounds),
        "growth_ms": counting.growth(options.rounds),
        "processes": processes.measure(options.rounds),
    }
    text = report(result, options.rounds)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(result, indent=2) + "\n")
    (options.out / "results.md").write_text(text)


def machine() -> dict[str, str]:
    """What it ran on; no host or user names."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }


def report(result: dict, rounds: int) -> str:  # type: ignore[type-arg]
    """The tables in markdown."""
    facts = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    parts = [
        f"Medians of {rounds} interleaved rounds, one thread. {facts}.",
        "Milliseconds on an already built model",
        _peers(result["given_ms"]),
        "Milliseconds from nothing, building included",
        _peers(result["from_nothing_ms"]),
        "Milliseconds of trace and count as a network grows",
        _table(
            ["what grows", "smallest to largest"],
            [
                [what, ", ".join(f"{name}: {ms:.1f}" for name, ms in times.items())]
                for what, times in result["growth_ms"].items()
            ],
        ),
        "Whole processes",
        _processes(result["processes"]),
    ]
    return "\n\n".join(parts) + "\n"


def _peers(medians: counting.Medians) -> str:
    rows = [[name, *[f"{times[peer]:.1f}" for peer in PEERS]] for name, times in medians.items()]
    ratios = [
        statistics.median(times[peer] / times["inprof"] for times in medians.values())
        for peer in PEERS
    ]
    rows.append(["median ratio to inprof", *[f"{ratio:.1f}x" for ratio in ratios]])
    return _table(["model", *PEERS], rows)


def _processes(measured: dict[str, dict[str, float]]) -> str:
    torch_alone = measured["import torch"]["seconds"]
    rows = [
        [
            name,
            f"{figures['seconds']:.2f} s",
            f"{figures['seconds'] / torch_alone:.2f}x",
            f"{figures['peak_mib']:.0f} MiB",
        ]
        for name, figures in measured.items()
    ]
    return _table(["command", "time", "beside import torch", "peak memory"], rows)


def _table(heading: list[str], rows: Rows) -> str:
    lines = [heading, [":--"] + ["--:"] * (len(heading) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
