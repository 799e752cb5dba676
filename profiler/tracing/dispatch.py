"""Watch the dispatcher while a function runs that the vocabulary does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from profiler.records import Attribute
from profiler.tracing.attributes import weight_and_bias
from profiler.tracing.functions import aten_function
from profiler.tracing.inputs import tensors_in
from profiler.tracing.recording import Recording
from profiler.tracing.signatures import bind


class DispatchRecorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records the aten ops below one public function, under that function's name.

    ``facts`` are attributes that each of these ops gets beside its own.
    """

    def __init__(
        self, recording: Recording, function: str, facts: Mapping[str, Attribute] | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recording = recording
        self._function = function
        self._facts = facts or {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first op under a dispatch mode imports torch._dynamo and sympy (seconds)
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        library, _, op = func._schema.name.rpartition("::")
        name = op if library == "aten" else f"torch.ops.{library}.{op}"
        function = aten_function(name, self._function)
        outputs = tensors_in(output)
        if function.is_query or not outputs:
            return output
        bound = bind(function.signature, args, kwargs)
        weight, bias = weight_and_bias(function.kind, function.base, bound)
        self._recording.add_op(
            function,
            weight,
            bias,
            {
                **(function.describe(function.base, bound) if function.describe else {}),
                **self._facts,
            },
            tensors_in([args, kwargs]),
            outputs,
            in_place=function.in_place,
        )
        return output
