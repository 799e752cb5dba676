"""One forward of one model: ops and module calls, exact integers, no tensor."""

from __future__ import annotations

from math import prod
from typing import Literal

from profiler.records.base import Attribute, Record, Shape

#: The graph that is deployed, whose cost is the true one.
DEPLOY = "deploy"


class TensorRef(Record, frozen=True, gc=False, array_like=True):
    """A tensor at one op: its shape, dtype and which storage of the trace it stands on.

    Views and in-place results share the storage number of what they alias; that is what the
    peak of live activations is computed from.
    """

    shape: Shape
    dtype: str
    storage: int

    @property
    def numel(self) -> int:
        """Elements, the product of the shape (1 for a scalar)."""
        return prod(self.shape)


class Parameter(Record, frozen=True, gc=False):
    """One parameter tensor, under the first of its names.

    ``shared_with`` lists its other names (weight tying). Its elements are counted once.
    """

    name: str
    shape: Shape
    dtype: str
    trainable: bool
    shared_with: tuple[str, ...] = ()

    @property
    def numel(self) -> int:
        """Elements of the tensor."""
        return prod(self.shape)


class OpRecord(Record, frozen=True, gc=False):
    """One op of the forward, in execution order.

    ``function`` is the outermost public function that was called (``torch.nn.functional.relu``,
    ``Tensor.add`` …); ``aten`` the op below it where one is known; ``kind`` the canonical kind of
    ``profiler.tracing.ops``. ``module`` is the index in ``Trace.modules`` of the innermost module
    call it ran in; ``path`` that module's dotted path. ``parameters`` are the names of the
    parameters it reads.
    """

    function: str
    kind: str
    aten: str
    path: str
    module: int
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = {}
    in_place: bool = False


class ModuleCall(Record, frozen=True, gc=False):
    """One call of one module, in the order in which the calls begin.

    ``call_index`` counts the calls of the same module (0 for the first). ``parameters`` and
    ``buffers`` are the module's own, not its children's. ``shared_with`` are the other paths at
    which the same module stands in the model.
    """

    path: str
    class_name: str
    class_module: str
    call_index: int
    is_leaf: bool
    input_shapes: tuple[Shape, ...] = ()
    output_shapes: tuple[Shape, ...] = ()
    parameters: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()


class Trace(Record, frozen=True, gc=False):
    """One forward of one model: everything that is counted later, and nothing else.

    ``input_shapes`` maps input names ("0", "1" … for positional ones) to shapes.
    ``inputs`` and ``outputs`` are the model's own; ``state_storages`` those of its parameters and
    buffers that ops hand on. ``parameters`` are all of the model's, used or not. ``uncalled`` are
    leaf modules the forward never entered. ``versions`` are those of Python, torch and inprof.
    """

    arch: str
    variant: str
    input_shapes: dict[str, Shape]
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    state_storages: tuple[int, ...]
    dtype: str
    ops: tuple[OpRecord, ...]
    modules: tuple[ModuleCall, ...]
    parameters: tuple[Parameter, ...]
    uncalled: tuple[str, ...]
    versions: dict[str, str]

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input."""
        return next(iter(self.input_shapes.values()), ())


#: Stands in a shape for the size that the model's own configuration states.
OWN_SIZE = 0

#: Channels, height and width of what a model is given that says nothing: one RGB image.
USUAL_IMAGE: Shape = (3, 224, 224)

#: Numbers in the model's dtype, or whole ones that a table is looked up with.
InputKind = Literal["float", "tokens"]


class Input(Record, frozen=True, gc=False):
    """One tensor of a forward: its shape with the batch, what it holds, the argument it is.

    ``name`` is empty for a positional argument. A size of ``OWN_SIZE`` is the model's own.
    """

    shape: Shape
    kind: InputKind = "float"
    name: str = ""
