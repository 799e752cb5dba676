"""Whole commands: seconds and peak memory of processes, in turn, beside ``import torch``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: Prints the peak memory of its child in KiB (getrusage's unit on Linux).
_PEAK = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Command → median seconds and peak MiB; a warm command finds its traces and drawings."""
    inprof = str(Path(sys.executable).with_name("inprof"))
    with tempfile.TemporaryDirectory() as folder:
        site = [inprof, "site", "-o", f"{folder}/site"]
        commands = {
            "import torch": [sys.executable, "-c", "import torch"],
            "inprof --help": [inprof, "--help"],
            "inprof count, cold": [inprof, "count", "--model", "googlenet", "--no-cache"],
            "inprof count, warm": [inprof, "count", "--model", "googlenet"],
            "inprof site, cold": [*site, "--no-cache"],
            "inprof site, warm": site,
        }
        environment = {**os.environ, "INPROF_CACHE_DIR": f"{folder}/cache"}
        for name in ("inprof count, warm", "inprof site, warm"):
            _seconds(commands[name], environment)
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                seconds[name].append(_seconds(command, environment))
        return {
            name: {
                "seconds": statistics.median(seconds[name]),
                "peak_mib": _peak_mib(command, environment),
            }
            for name, command in commands.items()
        }


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def _peak_mib(command: list[str], environment: dict[str, str]) -> float:
    result = subprocess.run(
        [sys.executable, "-c", _PEAK, *command],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return int(result.stdout) / 1024
