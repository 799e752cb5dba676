"""Our ``device`` and ``eager`` times beside other clocks on the same call, in one process on CUDA.

python -m benchmarks.timing_peers [--model googlenet …] [--bs 1 …] [--precision fp32] [--rounds 3]

A peer agrees where its median over the rounds is within 2 % of ours. It exits 1 where one does not.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from functools import partial

import torch

import archs
from profiler.errors import InprofError
from profiler.records import PRECISIONS, Quantity, TimingSettings
from profiler.timing.devices.backend import Call
from profiler.timing.devices.cuda import CudaBackend
from profiler.timing.loop.precision import DTYPES, set_precision, verify_precision
from profiler.timing.loop.protocol import measure

AGREEMENT = 0.02
WARM_S, LOOP_CALLS = 1.0, 200
#: Which of our quantities a peer measures.
PEER_OF: dict[str, Quantity] = {
    "triton do_bench_cudagraph": "device",
    "events round a loop of replays": "device",
    "events round a loop of calls": "eager",
}


def main() -> int:
    """Measure, print a table per model and batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", nargs="+", default=["googlenet"], choices=archs.list_models())
    parser.add_argument("--bs", nargs="+", type=int, default=[1])
    parser.add_argument("--precision", default="fp32", choices=PRECISIONS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    try:
        backend = CudaBackend()
        with set_precision(options.precision, "cuda"):
            verify_precision(options.precision, "cuda")
            torch.backends.cudnn.benchmark = True
            print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {options.precision}")
            agreed = [
                compare(backend, name, batch_size, options.precision, options.rounds)
                for name in options.model
                for batch_size in options.bs
            ]
    except InprofError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0 if all(agreed) else 1


def compare(backend: CudaBackend, name: str, batch_size: int, precision: str, rounds: int) -> bool:
    """Print every clock's median over the rounds, ms; whether all peers agree with ours."""
    call = forward(name, batch_size, DTYPES[precision])
    replay = backend.capture(call)
    clocks: dict[str, Callable[[], float | None]] = {
        "device": partial(ours, backend, call, "device"),
        "eager": partial(ours, backend, call, "eager"),
        "triton do_bench_cudagraph": partial(do_bench_cudagraph, call),
        "events round a loop of replays": partial(loop_ms, replay),
        "events round a loop of calls": partial(loop_ms, call),
    }
    times: dict[str, list[float]] = {clock: [] for clock in clocks}
    for _ in range(rounds):  # interleaved, so that a slow clock drift meets them all
        for clock, read in clocks.items():
            if (time_ms := read()) is not None:
                times[clock].append(time_ms)
    medians = {clock: statistics.median(read) for clock, read in times.items() if read}
    print(f"\n| {name}, batch {batch_size} | ms | against ours |\n|---|---|---|")
    agree = True
    for clock in clocks:
        if clock not in medians:
            print(f"| {clock} | – | not installed |")
            continue
        verdict = "ours"
        if quantity := PEER_OF.get(clock):
            off = medians[clock] / medians[quantity] - 1
            agree &= abs(off) <= AGREEMENT
            verdict = f"{off:+.2%} of {quantity}{'' if abs(off) <= AGREEMENT else ' (too far)'}"
        print(f"| {clock} | {medians[clock]:.4f} | {verdict} |")
    return agree


def forward(name: str, batch_size: int, dtype: torch.dtype) -> Call:
    """A forward of the model on fixed random images, without a gradient."""
    model = archs.create(name).eval().to("cuda", dtype)
    shape = (batch_size, *archs.default_input_shape(name)[1:])
    images = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to("cuda", dtype)

    def run() -> object:
        with torch.inference_mode():
            return model(images)

    return run


def ours(backend: CudaBackend, call: Call, quantity: Quantity) -> float:
    """The median of the protocol's samples, ms."""
    return statistics.median(measure(backend, call, quantity, TimingSettings()).samples_ms)


def do_bench_cudagraph(call: Call) -> float | None:
    """Triton's mean over calls that stand in a row in one graph, ms; None without Triton."""
    try:
        from triton.testing import do_bench_cudagraph as bench
    except ImportError:
        return None
    return float(bench(call, rep=200, return_mode="median"))


def loop_ms(call: Call) -> float:
    """Two events round a loop, divided by its length, ms, after a second of the same."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    busy_ms = 0.0
    while busy_ms < WARM_S * 1000:
        start.record()
        for _ in range(LOOP_CALLS):
            call()
        end.record()
        torch.cuda.synchronize()
        last_ms = start.elapsed_time(end)
        busy_ms += last_ms
    return last_ms / LOOP_CALLS


if __name__ == "__main__":
    sys.exit(main())
