"""Every op that PyTorch has sample inputs for, run through the tracer; printed as JSON.

A script of its own: what it imports of PyTorch's own tests changes global flags.
"""

import json
import sys
import unittest
import warnings
from itertools import islice
from types import ModuleType

import torch
from torch.utils import _pytree as pytree

import profiler
from profiler.counting.conventions.ledger import is_below_function

try:
    import expecttest  # noqa: F401
except ImportError:  # no sample needs more of it than its name
    stub = ModuleType("expecttest")
    stub.TestCase = unittest.TestCase
    sys.modules["expecttest"] = stub

from torch.testing._internal.common_methods_invocations import op_db

#: Samples of each op that are run.
SAMPLES = 3


class Calls(torch.nn.Module):
    """Calls an op with the tensors among its arguments replaced by those it is given."""

    def __init__(self, op, args, kwargs):
        super().__init__()
        self.op = op
        self.values, self.spec = pytree.tree_flatten((args, kwargs))
        self.places = [at for at, v in enumerate(self.values) if isinstance(v, torch.Tensor)]
        self.given = tuple(self.values[at] for at in self.places)

    def forward(self, *tensors):
        values = list(self.values)
        for at, tensor in zip(self.places, tensors, strict=True):
            values[at] = tensor
        args, kwargs = pytree.tree_unflatten(values, self.spec)
        return self.op(*args, **kwargs)


def fate(op):
    """What becomes of an op: counted, listed as uncounted, free by itself or below, refused."""
    dtype = torch.float32 if torch.float32 in op.dtypes else next(iter(op.dtypes), torch.float16)
    found = set()
    for sample in islice(op.sample_inputs("cpu", dtype), SAMPLES):
        model = Calls(op.op, (sample.input, *sample.args), sample.kwargs)
        try:
            trace = profiler.trace(model, model.given)
        except profiler.errors.InprofError:
            found.add("refused")
            continue
        counts = profiler.count(trace, "macs")
        if counts.totals.macs:
            found.add("counted")
        elif counts.uncounted:
            found.add("listed")
        else:
            found.add("below" if any(map(is_below_function, trace.ops)) else "free")
    order = ("counted", "listed", "below", "free", "refused")
    return next((each for each in order if each in found), "without samples")


def main():
    warnings.simplefilter("ignore")
    fates = {}
    for op in op_db:
        try:
            fates.setdefault(op.name, fate(op))
        except (RuntimeError, NotImplementedError):  # samples that a GPU alone can hold
            fates[op.name] = "without samples"
    sys.stdout.write(json.dumps(fates))


if __name__ == "__main__":
    main()
