"""Made-up times by layer, for tests; no figure in them was ever measured."""

from profiler.records import LayerSpan, LayerTimes, Trace


def made_layer_times(trace: Trace, total_ms: float = 8.0) -> LayerTimes:
    """Times for every module call that runs an op itself, in a fixed but uneven pattern."""
    owners = list(dict.fromkeys(op.module for op in trace.ops))
    weights = [1 + (7 * at) % 11 for at in range(len(owners))]
    each = 0.95 * total_ms / sum(weights)
    calls = [trace.modules[at] for at in owners]
    return LayerTimes(
        method="made-up events",
        calls=50,
        total_ms=total_ms,
        plain_ms=0.98 * total_ms,
        unattributed_ms=0.05 * total_ms,
        inflation=0.02,
        rescaled=1.0,
        resolution_ms=0.0005,
        spans=tuple(
            LayerSpan(call.path, call.call_index, call.class_name, weight * each)
            for call, weight in zip(calls, weights, strict=True)
        ),
    )
