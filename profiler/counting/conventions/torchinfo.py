"""``torchinfo``: ``torchinfo.summary(model, input_size=…)`` (1.8.0), its "total mult-adds".

Source: ``torchinfo/layer_info.py`` and ``model_statistics.py``.

Each call of a leaf module, by its parameters: one named exactly ``weight`` or ``bias`` counts

- in a class with "Conv" in its name: elements * batch * output sides (the transposed kind too,
  which is stride**2 times its MACs);
- in any other: elements * output.shape[0]. So a batch norm is 2 * channels * batch, a linear layer
  ignores every dimension but the first, and an embedding is its table;

one with weight or bias inside a longer name (recurrent layers) elements * output.shape[0] *
output.shape[1]. Of a weight pruned by ``torch.nn.utils.prune`` the elements count that are left,
which is told from a mask that has values. Functional calls and modules with children count nothing.
Parameters are those of leaf modules, and what their parents have beside them; a weight that leaves
share counts again. Where a module stands below several parents the tool counts some containers'
parameters again, depending on the order of calls: that is not emulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.ledger import Ledger, own_parameters, parameter_sizes
from profiler.records import Tally, Trace


@register(
    "torchinfo",
    unit="macs",
    tool="torchinfo.summary",
    summary="elements of weights and biases, times output positions in convolutions only",
    params="own",
    reasons={
        "conv": "bias adds; transposed ones counted from the output side",
        "linear": "bias adds; every dimension but the first ignored",
        "matmul": "not seen",
        "attention": "not seen",
        "recurrent": "weights and biases times the first two sides of the output",
        "batch_norm": "2 per channel",
        "layer_norm": "elements of weight and bias per image",
        "group_norm": "elements of weight and bias per image",
        "embedding": "the whole table",
    },
)
def torchinfo(trace: Trace) -> Tally:
    """Every call of a leaf, by its parameters."""
    ledger = Ledger(trace, "macs")
    sizes, unknown = _sizes(trace)
    leaves: set[str] = set()
    for index, call in enumerate(ledger.calls()):
        record = call.record
        if record.class_module.startswith("torch.jit"):
            ledger.add_unknown_call(index)  # it lists those twice, with parameters by chance
        if not record.is_leaf or "is_made" in record.options:
            continue
        figure = 0
        own = own_parameters(record)
        for short, name in zip(record.parameters, own, strict=True):
            bare = short.removesuffix("_orig")
            named = bare if f"kept_{bare}" in record.options else short
            figure += sizes[name] * _times(named, record.class_name, call.output_shape)
        if unknown.intersection(own):
            ledger.add_unknown_call(index)
        seen = record.path in leaves
        leaves.add(record.path)
        ledger.add_call(index, figure, 0 if seen else sum(sizes[name] for name in own))
    for path, params in _beside_leaves(trace, sizes).items():
        if params > 0:
            ledger.add_path(path, "parameters", 0, params)
    return ledger.tally()


def _sizes(trace: Trace) -> tuple[dict[str, int], set[str]]:
    """Elements of every parameter, of a pruned one those that are left; and where none can tell."""
    sizes, unknown = parameter_sizes(trace), set[str]()
    for call in trace.modules:
        for option, kept in call.options.items():
            bare = option.removeprefix("kept_")
            if bare != option:
                name = f"{call.path}.{bare}_orig".lstrip(".")
                if isinstance(kept, int):
                    sizes[name] = kept
                else:
                    unknown.add(name)
    return sizes, unknown


def _times(name: str, class_name: str, output: tuple[int, ...]) -> int:
    if name in {"weight", "bias"}:
        if "Conv" in class_name:
            return prod((*output[:1], *output[2:]))
        return output[0] if output else 0
    return prod(output[:2]) if "weight" in name or "bias" in name else 0


def _beside_leaves(trace: Trace, own: Mapping[str, int]) -> dict[str, int]:
    """Path of each module with children → its parameters less those stated for modules below it.

    The tool subtracts leaves and, of modules with children, what is left over there. A weight that
    two leaves share is subtracted twice, so that what is left may be negative, and comes back one
    level up.
    """
    sizes = _subtree_parameters(trace, own)
    stated: dict[str, int] = {}  # path → what the module itself is stated to have
    calls = [call for call in trace.modules if "is_made" not in call.options]
    leaves = {call.path for call in calls if call.is_leaf}
    paths = {path for call in calls for path in (call.path, *_above(call.path))}
    for call in calls:
        if call.is_leaf:
            stated[call.path] = sum(own[name] for name in own_parameters(call))
    beside: dict[str, int] = {}
    for path in sorted(paths - leaves, key=_depth, reverse=True):
        below = sum(stated[other] for other in stated if other != path and _is_below(other, path))
        stated[path] = beside[path] = sizes.get(path, 0) - below
    return beside


def _subtree_parameters(trace: Trace, own: Mapping[str, int]) -> dict[str, int]:
    """Path → elements of the distinct parameters in and below the module."""
    sizes: dict[str, int] = {}
    for parameter in trace.parameters:
        names = (parameter.name, *parameter.shared_with)
        for path in {above for name in names for above in _above(name)}:
            sizes[path] = sizes.get(path, 0) + own[parameter.name]
    return sizes


def _above(path: str) -> list[str]:
    """Paths of everything above, the model's own ("") included."""
    parts = path.split(".") if path else []
    return [".".join(parts[:depth]) for depth in range(len(parts))]


def _is_below(path: str, above: str) -> bool:
    return not above or path.startswith(f"{above}.")


def _depth(path: str) -> int:
    return path.count(".") + 1 if path else 0
