"""One forward of one model: ops and module calls, exact integers, no tensor."""

from __future__ import annotations

from math import prod
from typing import Literal

from profiler.records.base import Attribute, Record, Shape

#: Which runs of a forward may be tried: on shapes alone, or one kind of run with values.
Values = Literal["never", "fake", "real"]

#: Whether a forward was run on shapes alone (empty), on fake tensors that know their constants, or
#: with real values, on which its figures depend.
ValuesUsed = Literal["", "fake", "real"]

#: The graph that is deployed, whose cost is the true one.
DEPLOY = "deploy"


class TensorRef(Record, frozen=True, gc=False, array_like=True):
    """A tensor at one op: its shape, dtype and which storage of the trace it stands on.

    Views and in-place results share the storage number of what they alias; that is what the
    peak of live activations is computed from.
    """

    shape: Shape
    dtype: str
    #: Number of the storage it stands on; views and in-place results share it.
    storage: int
    #: Dotted name of the parameter or buffer that it is, or is a view of; empty for an activation.
    state: str = ""

    @property
    def numel(self) -> int:
        """Elements, the product of the shape (1 for a scalar)."""
        return prod(self.shape)


class Parameter(Record, frozen=True, gc=False):
    """One parameter tensor, its elements counted once however many names it has."""

    #: The first of its dotted names.
    name: str
    shape: Shape
    dtype: str
    trainable: bool
    #: Its other names (weight tying).
    shared_with: tuple[str, ...] = ()

    @property
    def numel(self) -> int:
        """Elements of the tensor."""
        return prod(self.shape)


class Cost(Record, frozen=True, gc=False):
    """What a rule of the user's own says that an op or a module call costs."""

    #: Multiply-accumulates, under ``macs``.
    macs: int
    #: Under ``flops``; two for each multiply-accumulate unless given.
    flops: int | None = None
    #: Under ``flops_all``, elementwise work included; the same as ``flops`` unless given.
    flops_all: int | None = None


class OpRecord(Record, frozen=True, gc=False):
    """One op of the forward, in execution order."""

    #: The outermost public function that was called: ``torch.nn.functional.relu``, ``Tensor.add``.
    function: str
    #: The canonical kind, as ``tracing.ops`` lists them: ``conv``, ``linear``, ``matmul`` …
    kind: str
    #: The op below the function, where one is known.
    aten: str
    #: Dotted path of the innermost module call it ran in.
    path: str
    #: Index of that call in ``Trace.modules``.
    module: int
    #: Every operand in the order of the call: activations, parameters and buffers.
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    #: Names of the parameters it reads.
    parameters: tuple[str, ...] = ()
    #: What formulas need of its arguments: kernel, stride, padding, dilation, groups …
    attributes: dict[str, Attribute] = {}
    in_place: bool = False
    #: What a rule of the user's own says, which our conventions take instead of theirs: of an op;
    #: of a module at one of the ops that ran in it, the others being 0.
    cost: Cost | None = None
    #: What a formula says that the user registered for torch's own counter.
    torch_flops: int | None = None
    #: Called by another name than the one that tools replace: ``torch.conv2d``, which is
    #: ``torch.nn.functional``'s, or a name that was bound before.
    alias: bool = False
    #: Name of the ``torch.autograd.Function`` whose forward ran it.
    autograd_function: str = ""
    #: The model itself has switched autograd off here.
    no_grad: bool = False

    @property
    def input_shape(self) -> Shape:
        """Shape of what it is given: the first activation, else the first operand."""
        for operand in self.inputs:
            if not operand.state:
                return operand.shape
        return self.inputs[0].shape if self.inputs else ()


class ModuleCall(Record, frozen=True, gc=False):
    """One call of one module, in the order in which the calls begin."""

    path: str
    class_name: str
    class_module: str
    #: 0 for the first call of this module.
    call_index: int
    #: Whether it has no children.
    is_leaf: bool
    input_shapes: tuple[Shape, ...] = ()
    output_shapes: tuple[Shape, ...] = ()
    #: Names of its own parameters, not of its children's.
    parameters: tuple[str, ...] = ()
    #: Names of its own buffers.
    buffers: tuple[str, ...] = ()
    #: Other paths at which the same module stands in the model.
    shared_with: tuple[str, ...] = ()
    #: Options that shapes and ops do not tell, of classes whose rules ask for them.
    options: dict[str, Attribute] = {}


# counts remember a trace weakly, which msgspec has for what the collector knows
class Trace(Record, frozen=True, gc=True, weakref=True):
    """One forward of one model: everything that is counted later, and nothing else."""

    #: The name the model goes by.
    arch: str
    #: Which graph of it was run: ``deploy`` or ``train``.
    variant: str
    #: Name of an input ("0", "1" … for positional ones) → its shape.
    input_shapes: dict[str, Shape]
    #: The tensors that the model was given.
    inputs: tuple[TensorRef, ...]
    #: The tensors that it gave back.
    outputs: tuple[TensorRef, ...]
    dtype: str
    ops: tuple[OpRecord, ...]
    modules: tuple[ModuleCall, ...]
    #: All parameters of the model, used or not.
    parameters: tuple[Parameter, ...]
    #: Paths of leaf modules that the forward never entered.
    uncalled: tuple[str, ...]
    #: Versions of Python, torch (or onnx) and inprof.
    versions: dict[str, str]
    #: What the forward was run on.
    values: ValuesUsed = ""
    #: Path of the module after which the forward was stopped; empty for a whole one.
    until: str = ""
    #: Storages that no op reads and the model does not return, but whose sizes it asked for.
    sizes_asked: tuple[int, ...] = ()

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
    """One tensor of a forward."""

    #: Sizes with the batch first; ``OWN_SIZE`` is left to the model.
    shape: Shape
    #: Numbers in the model's dtype, or whole ones.
    kind: InputKind = "float"
    #: The argument it is; empty for a positional one.
    name: str = ""
