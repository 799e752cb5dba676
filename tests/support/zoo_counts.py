"""Run by itself: counts models of zoos as inprof does and as FlopCounterMode does; prints JSON."""

import json
import sys
import warnings

import torch
import torchvision_ops  # noqa: F401 - before the zoos
from torch.utils.flop_counter import FlopCounterMode

from profiler.counting.counts import count
from profiler.models.building import build, sized
from profiler.records import Input
from profiler.tracing.tracer import trace


def figures(address):
    model = build(address).eval()
    shape = sized([Input(shape=(1, 0, 0, 0))], address, model)[0].shape
    counted = count(trace(model, shape), "torch")
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(torch.empty(shape, device="meta"))
        theirs = counter.get_total_flops()
    except AssertionError:  # its own hooks need gradients on some models
        theirs = None
    return {"shape": shape, "params": counted.totals.params, "ours": counted.totals.flops,
            "theirs": theirs, "uncounted": [op.function for op in counted.uncounted]}  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps({address: figures(address) for address in sys.argv[1:]}))
