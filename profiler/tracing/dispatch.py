"""Watch the dispatcher while a function runs that the vocabulary does not know."""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from profiler.tracing.attributes import description, weight_and_bias
from profiler.tracing.functions import Function
from profiler.tracing.inputs import tensors_in
from profiler.tracing.names import base_name, writes_in_place
from profiler.tracing.ops import QUERIES, kind_of
from profiler.tracing.recording import Recording
from profiler.tracing.signatures import bind, signature


class DispatchRecorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records the aten ops below one public function, under that function's name."""

    def __init__(self, recording: Recording, function: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recording = recording
        self._function = function

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first op under a dispatch mode imports torch._dynamo and sympy (seconds)
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        name = func._schema.name.rpartition("::")[2]
        base = base_name(name)
        outputs = tensors_in(output)
        if base in QUERIES or not outputs:
            return output
        kind = kind_of(base)
        names = signature(name, base)
        bound = bind(names, args, kwargs)
        describe = description(kind)
        weight, bias = weight_and_bias(kind, base, bound)
        self._recording.add_op(
            Function(
                name=self._function if kind != "other" else f"{self._function} → {name}",
                base=base,
                kind=kind,
                is_query=False,
                in_place=writes_in_place(name),
                signature=names,
                describe=describe,
            ),
            weight,
            bias,
            describe(base, bound) if describe else {},
            tensors_in([args, kwargs]),
            outputs,
            in_place=writes_in_place(name),
        )
        return output
