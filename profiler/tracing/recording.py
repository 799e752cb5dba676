"""The record of a forward while it runs: ops, module calls, and the storage of each tensor."""

from __future__ import annotations

import copy
import itertools
import weakref
from collections import deque
from collections.abc import Mapping, MutableSequence, Sequence
from typing import Any

import msgspec
import torch
from msgspec.structs import replace
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from profiler.errors import TraceError
from profiler.models.state import shared_paths
from profiler.records import (
    Attribute,
    Cost,
    ModuleCall,
    OpRecord,
    Parameter,
    Shape,
    TensorRef,
    Trace,
    ValuesUsed,
)
from profiler.tracing.failures import Failures
from profiler.tracing.functions import Function
from profiler.tracing.layouts import Layout, Made, dtype_name, layout_of
from profiler.tracing.module_options import options_of


class _OpenCall(msgspec.Struct):
    """A module call that has begun; frozen into a ModuleCall at the end."""

    module: torch.nn.Module
    path: str
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...] = ()


class Recording:
    """Ops and module calls of one forward, in order.

    Args:
        walked: paths and modules of the model, as ``state.walk`` gives them.
        kept: id of a module → what ``kept_weights`` says of it.
        keeps: whether every tensor stays to the end, which costs nothing on the meta device.
    """

    def __init__(
        self,
        walked: Sequence[tuple[str, torch.nn.Module]],
        kept: Mapping[int, dict[str, Attribute]],
        *,
        keeps: bool = True,
    ) -> None:
        self._keeps = keeps
        self._walked = walked
        self._kept = kept
        self._paths = {id(module): path for path, module in walked}
        self._ops: list[OpRecord] = []
        # calls and storages have numbers, so that threads can record beside each other
        self._calls: dict[int, _OpenCall] = {}
        self._call_numbers = itertools.count()
        self._stack: list[int] = []
        self._inputs: tuple[TensorRef, ...] = ()
        # storage address → number; the tensors are kept alive, so that no address (nor the id of a
        # tensor) is used twice: on the meta device that costs nothing
        self._storages: dict[int, int] = {}
        self._refs: dict[int, TensorRef] = {}
        self._alive: list[Any] = []
        self._users: dict[int, int] = {}
        # tensors on storages of their own, whose addresses are asked for when a view may be met
        self._fresh: list[tuple[torch.Tensor, int]] = []
        self._storage_numbers = itertools.count()
        self.layouts: dict[int, Layout] = {}
        # id of a parameter or buffer → its name; and, once an op may have made a view of it, its
        # storage → that name
        self._own: dict[int, str] = {}
        self._state: dict[int, str] = {}
        self._parameters: set[str] = set()
        self.failures = Failures()
        #: Name of the torch.autograd.Function that runs.
        self.autograd_function = ""
        self._functions: list[str] = []
        #: Tensors whose sizes the model has asked for.
        self.looked_at: MutableSequence[torch.Tensor] = [] if keeps else deque(maxlen=0)
        #: Whether the model has switched autograd off.
        self.no_grad = False
        self._is_off = False
        self._index_state()

    def _index_state(self) -> None:
        """Name every parameter and buffer, and describe those that have a shape."""
        own, refs, layouts = self._own, self._refs, self.layouts
        keep, numbers = self._alive.append, self._storage_numbers
        for path, module in self._walked:
            prefix = f"{path}." if path else ""
            for group in (module._parameters, module._buffers):
                for name, tensor in group.items():
                    at = id(tensor)
                    if tensor is None or at in own:
                        continue
                    own[at] = full = prefix + name
                    keep(tensor)
                    # counters of batches and the like are met by few ops
                    if type(tensor) not in _SHAPELESS and tensor.dim():
                        # as _state_ref does, without a call for each of a thousand
                        layout = layouts[at] = layout_of(tensor)
                        refs[at] = TensorRef(layout.shape, layout.dtype, next(numbers), full)
            if module._parameters:
                self._parameters.update([prefix + name for name, _ in module._parameters.items()])

    def beside(self) -> Recording:
        """The same recording for another thread, which begins in the module call that is open."""
        other = copy.copy(self)
        other._stack = self._stack.copy()
        return other

    def has(self, module: torch.nn.Module) -> bool:
        """Whether the module is part of the model."""
        return id(module) in self._paths

    # --- tensors ------------------------------------------------------------------------------

    def layout(self, tensor: torch.Tensor) -> Layout:
        """The layout of a tensor that is not in ``layouts`` yet, where it then is."""
        layout = self.layouts[id(tensor)] = layout_of(tensor)
        if self._keeps:
            self._alive.append(tensor)
        else:
            self._watch(tensor, None)
        return layout

    def _ref(self, tensor: torch.Tensor) -> TensorRef:
        return self._refs.get(id(tensor)) or self._new_ref(tensor)

    def _known(self, tensors: Sequence[torch.Tensor]) -> tuple[TensorRef, ...]:
        refs = self._refs
        if len(tensors) == 1:
            (tensor,) = tensors
            return (refs.get(id(tensor)) or self._new_ref(tensor),)
        return tuple([refs.get(id(tensor)) or self._new_ref(tensor) for tensor in tensors])

    def _new_ref(self, tensor: torch.Tensor) -> TensorRef:
        """Describe a tensor that may be a parameter, or a view of one that is known."""
        name = self._own.get(id(tensor))
        if name is not None:
            return self._state_ref(tensor, name)
        with torch._C.DisableTorchFunction():
            while self._fresh:
                known, number = self._fresh.pop()
                self._storages[known.untyped_storage()._cdata] = number
            try:
                storage = tensor.untyped_storage()
                address = storage._cdata
            except (NotImplementedError, RuntimeError):  # sparse and nested tensors have none
                storage, address = None, id(tensor)
            number = self._storages.get(address, -1)
            if number < 0:
                number = self._storages[address] = next(self._storage_numbers)
            if tensor.is_nested:
                raise TraceError(
                    "a nested tensor is made here, which has rows of several lengths and no one "
                    "shape to count at"
                )
            ref = TensorRef(
                tuple(tensor.shape), dtype_name(tensor.dtype), number, self._state.get(number, "")
            )
        self._refs[id(tensor)] = ref
        self.layouts.pop(id(tensor), None)
        if self._keeps:
            self._alive.append((tensor, storage))
        else:
            self._watch(tensor, address)
        return ref

    def _watch(self, tensor: torch.Tensor, address: int | None) -> None:
        """Forget a tensor when it goes, and its storage with the last one on it."""
        if address is not None:
            self._users[address] = self._users.get(address, 0) + 1
        key = id(tensor)

        def forget(_: object) -> None:
            self._refs.pop(key, None)
            self.layouts.pop(key, None)
            if address is not None:
                self._users[address] -= 1
                if not self._users[address]:
                    self._storages.pop(address, None)

        self._alive.append(weakref.ref(tensor, forget))

    def _state_ref(self, tensor: torch.Tensor, name: str) -> TensorRef:
        """Describe a parameter or buffer; its address is asked for once a view may be met."""
        at = id(tensor)
        known = self._refs.get(at)
        # an op may have changed its shape
        number = next(self._storage_numbers) if known is None else known.storage
        if type(tensor) in _SHAPELESS:  # described anew when it has a shape
            return TensorRef(*_facts(tensor), number, name)
        layout = self.layouts[at] = layout_of(tensor)
        ref = self._refs[at] = TensorRef(layout.shape, layout.dtype, number, name)
        return ref

    def _fresh_ref(self, tensor: torch.Tensor, made: Made) -> TensorRef:
        """Describe a tensor that was made just now, on a storage of its own."""
        number = next(self._storage_numbers)
        ref = TensorRef(made.shape, made.dtype_name, number)
        self._fresh.append((tensor, number))
        self._refs[id(tensor)] = ref
        self.layouts[id(tensor)] = made.layout
        self._alive.append(tensor)
        return ref

    def _first_read(self, tensor: torch.Tensor) -> TensorRef:
        """A tensor no op has returned; it may be a parameter that a lazy module has just made."""
        if id(tensor) not in self._own and isinstance(tensor, torch.nn.Parameter):
            self._index_state()
        return self._new_ref(tensor)

    def _track(self, tensor: torch.Tensor) -> None:
        """Remember the storage of a parameter or buffer that an op may hand on as a view."""
        name = self._own.get(id(tensor))
        if name is None:
            return
        number = (self._refs.get(id(tensor)) or self._state_ref(tensor, name)).storage
        if number not in self._state:
            self._state[number] = name
            with torch._C.DisableTorchFunction():
                try:
                    self._storages[tensor.untyped_storage()._cdata] = number
                except (NotImplementedError, RuntimeError):  # a sparse one has none
                    self._storages[id(tensor)] = number

    def forget(self, tensors: Sequence[torch.Tensor]) -> None:
        """Look at these tensors anew: what ran may have given them other data (``set_`` …)."""
        for tensor in tensors:
            self._refs.pop(id(tensor), None)
            self.layouts.pop(id(tensor), None)

    # --- module calls -------------------------------------------------------------------------

    def path_of(self, module: torch.nn.Module) -> str:
        """A module's path; one that was made during the forward goes by where it is called."""
        path = self._paths.get(id(module))
        return f"{self.path}.{type(module).__name__}".lstrip(".") if path is None else path

    def enter(self, module: torch.nn.Module, inputs: Sequence[torch.Tensor]) -> None:
        """Begin a module call."""
        self._is_off = self.no_grad or _is_inference()
        number = next(self._call_numbers)
        self._calls[number] = _OpenCall(module, self.path_of(module), self._known(inputs))
        self._stack.append(number)

    def leave(self, outputs: Sequence[torch.Tensor]) -> None:
        """End the innermost module call."""
        self._is_off = self.no_grad or _is_inference()
        self._calls[self._stack.pop()].outputs = self._known(outputs)

    def abandon(self, error: BaseException) -> None:
        """The innermost module call raised."""
        self.failures.add_call(error, self.path)
        self._stack.pop()

    def switch_grad(self, is_on: bool) -> None:
        """The model switches autograd on or off."""
        self.no_grad = not is_on
        self._is_off = self.no_grad or _is_inference()

    def enter_function(self, name: str) -> None:
        """Begin the forward of a torch.autograd.Function; the outermost one counts."""
        self._functions.append(self.autograd_function)
        self.autograd_function = self.autograd_function or name

    def leave_function(self) -> None:
        """End it."""
        self.autograd_function = self._functions.pop()

    @property
    def path(self) -> str:
        """That of the innermost module call."""
        return self._calls[self._stack[-1]].path if self._stack else ""

    # --- ops ----------------------------------------------------------------------------------

    def add_inputs(self, tensors: list[torch.Tensor]) -> None:
        """Take note of the model's inputs."""
        self._inputs = tuple([self._ref(tensor) for tensor in tensors])

    def add_op(
        self,
        function: Function,
        weight_shape: Shape | None,
        bias_shape: Shape | None,
        attributes: dict[str, Attribute],
        reads: Sequence[torch.Tensor],
        outputs: Sequence[torch.Tensor],
        *,
        in_place: bool = False,
        made: Made | None = None,
        cost: Cost | None = None,
        torch_flops: int | None = None,
        alias: bool = False,
    ) -> None:
        """Record one op; parameters and buffers among ``reads`` are told from activations.

        ``made`` describes an output that was made just now, on a storage of its own. ``cost`` and
        ``torch_flops`` are what rules of the user's own say.
        """
        refs, known = self._refs, self._parameters
        inputs: list[TensorRef] = []
        parameters: list[str] = []
        kind = function.kind
        if in_place or kind in _MAY_ALIAS:
            for tensor in reads:
                self._track(tensor)
        for tensor in reads:
            ref = refs.get(id(tensor)) or self._first_read(tensor)
            inputs.append(ref)
            if ref.state in known and ref.state not in parameters:
                parameters.append(ref.state)
        if made is not None:
            results = [self._fresh_ref(outputs[0], made)]
        elif in_place:  # squeeze_ and its like change the shape of a tensor that is known already
            results = [self._new_ref(tensor) for tensor in outputs]
        else:
            results = [refs.get(id(tensor)) or self._new_ref(tensor) for tensor in outputs]
            if kind in _MOVEMENT:
                # a reshape may copy and a clone-like call hand its input back: storage decides
                sources = {self._ref(tensor).storage for tensor in reads}
                kind = "view" if all(ref.storage in sources for ref in results) else "copy"
        if len(self._ops) == _MOST_OPS:
            raise TraceError(f"it has run {_MOST_OPS:,} ops: on these values it may never end")
        index = self._stack[-1] if self._stack else 0
        call = self._calls[index]
        if kind == "mul":
            # a module may say what its multiply means: a downscaling dropout is a dropout
            kind = getattr(type(call.module), "op_kind", kind)
        self._ops.append(
            OpRecord(
                function.name,
                kind,
                function.base,
                call.path,
                index,
                tuple(inputs),
                tuple(results),
                weight_shape,
                bias_shape,
                tuple(parameters),
                attributes,
                in_place,
                cost,
                torch_flops,
                alias,
                self.autograd_function,
                self._is_off,
            )
        )

    @property
    def op_count(self) -> int:
        """How many ops there are so far."""
        return len(self._ops)

    def set_cost(self, first: int, path: str, cost: Cost) -> bool:
        """Give the ops from ``first`` on that cost together: one of them has it, the others none.

        It is one of the module at ``path`` itself where there is one. False where there are no ops.
        """
        ops = self._ops[first:]
        working = [at for at, op in enumerate(ops) if op.kind != "view"]  # views have no row
        carrier = next((at for at in working if ops[at].path == path), *working[:1] or [0])
        self._ops[first:] = [
            replace(op, cost=cost if at == carrier else Cost(0, 0, 0)) for at, op in enumerate(ops)
        ]
        return bool(ops)

    def add_layer(
        self,
        module: torch.nn.Module,
        tensors: Sequence[torch.Tensor | None],
        function: Function,
        weight_shape: Shape | None,
        bias_shape: Shape | None,
        attributes: dict[str, Attribute],
        output: torch.Tensor,
        made: Made,
    ) -> bool:
        """Record the call of a layer and its one op at once; as enter, add_op and leave would.

        ``tensors`` are the layer's input and its parameters and buffers. False, and nothing
        recorded, where one of these is not what it seems.
        """
        path, refs, known = self._paths.get(id(module)), self._refs, self._parameters
        if path is None:
            return False
        inputs: list[TensorRef] = []
        parameters: list[str] = []
        for tensor in tensors:
            if tensor is not None:
                ref = refs.get(id(tensor)) or self._new_ref(tensor)
                inputs.append(ref)
                name = ref.state
                if name in known and name not in parameters:
                    parameters.append(name)
        outputs = (self._fresh_ref(output, made),)
        number = next(self._call_numbers)
        self._calls[number] = _OpenCall(module, path, (inputs[0],), outputs)
        self._ops.append(
            OpRecord(
                function.name,
                function.kind,
                function.base,
                path,
                number,
                tuple(inputs),
                outputs,
                weight_shape,
                bias_shape,
                tuple(parameters),
                attributes,
                autograd_function=self.autograd_function,
                no_grad=self._is_off,
            )
        )
        return True

    # --- the end ------------------------------------------------------------------------------

    def _unread_sizes(self, returned: Sequence[TensorRef]) -> tuple[int, ...]:
        refs = [self._refs.get(id(tensor)) for tensor in self.looked_at]
        asked = {ref.storage for ref in refs if ref is not None}
        asked.difference_update([tensor.storage for tensor in returned])
        if asked:
            asked.difference_update(tensor.storage for tensor in self._inputs)
            for op in self._ops:
                asked.difference_update([tensor.storage for tensor in op.inputs])
        return tuple(sorted(asked))

    def finish(
        self,
        *,
        arch: str,
        variant: str,
        input_shapes: dict[str, Shape],
        outputs: list[torch.Tensor],
        dtype: str,
        versions: dict[str, str],
        values: ValuesUsed = "",
        until: str = "",
    ) -> Trace:
        """Freeze everything; ``until`` a module where the forward went no further."""
        calls = list(self._calls.values())
        modules = _freeze(calls, shared_paths(self._walked), self._kept, self._paths)
        called = {call.path for call in calls}
        returned = tuple([self._ref(tensor) for tensor in outputs])
        return Trace(
            arch=arch,
            variant=variant,
            input_shapes=input_shapes,
            inputs=self._inputs,
            outputs=returned,
            dtype=dtype,
            ops=tuple(self._ops),
            modules=modules,
            parameters=_parameters(
                [each for each in self._walked if each[0] in called] if until else self._walked,
                self._refs,
            ),
            values=values,
            until=until,
            uncalled=tuple(
                [
                    path
                    for path, module in self._walked
                    if not until and path not in called and not module._modules
                ]
            ),
            versions=versions,
            sizes_asked=self._unread_sizes(returned),
        )


#: More than any forward has; one that waits for a value may never see it.
_MOST_OPS = 500_000
_is_inference = torch.is_inference_mode_enabled
#: Kinds that may hand a parameter on, as a view or as it is.
_MAY_ALIAS = frozenset({"view", "copy", "dropout", "other"})
_MOVEMENT = frozenset({"view", "copy"})
_SHAPELESS: frozenset[type] = frozenset({UninitializedParameter, UninitializedBuffer})


def _freeze(
    calls: Sequence[_OpenCall],
    shared: Mapping[str, tuple[str, ...]],
    kept: Mapping[int, dict[str, Attribute]],
    paths: Mapping[int, str],
) -> tuple[ModuleCall, ...]:
    frozen: list[ModuleCall] = []
    counts: dict[str, int] = {}
    for call in calls:
        module, path = call.module, call.path
        cls = type(module)
        index = counts.get(path, 0)
        counts[path] = index + 1
        parameters, buffers = module._parameters, module._buffers
        options = options_of(module, call.inputs)
        if kept and id(module) in kept:
            options = options | kept[id(module)]
        if id(module) not in paths:  # made during the forward
            options = options | {"is_made": True}
        frozen.append(
            ModuleCall(
                path,
                cls.__name__,
                cls.__module__,
                index,
                not module._modules,
                _shapes(call.inputs),
                _shapes(call.outputs),
                _names(parameters) if parameters else (),
                _names(buffers) if buffers else (),
                shared.get(path, ()),
                options,
            )
        )
    return tuple(frozen)


def _facts(tensor: torch.Tensor) -> tuple[Shape, str]:
    shape = () if type(tensor) in _SHAPELESS else tuple(tensor.shape)
    return shape, dtype_name(tensor.dtype)


def _shapes(refs: tuple[TensorRef, ...]) -> tuple[Shape, ...]:
    return (refs[0].shape,) if len(refs) == 1 else tuple([ref.shape for ref in refs])


def _names(own: Mapping[str, torch.Tensor | None]) -> tuple[str, ...]:
    return tuple([name for name, tensor in own.items() if tensor is not None])


def _parameters(
    walked: Sequence[tuple[str, torch.nn.Module]], refs: Mapping[int, TensorRef]
) -> tuple[Parameter, ...]:
    """Every parameter once, under its first name, with the other names it goes by."""
    names: dict[int, list[str]] = {}
    found: list[tuple[torch.nn.Parameter, list[str]]] = []
    for path, module in walked:
        prefix = f"{path}." if path else ""
        for name, parameter in module._parameters.items():
            if parameter is not None:
                known = names.get(id(parameter))
                if known is None:
                    known = names[id(parameter)] = []
                    found.append((parameter, known))
                known.append(prefix + name)
    made: list[Parameter] = []
    for parameter, (first, *others) in found:
        ref = refs.get(id(parameter))  # none of one that was looked at anew, or has no shape
        shape, dtype = _facts(parameter) if ref is None else (ref.shape, ref.dtype)
        made.append(Parameter(first, shape, dtype, parameter.requires_grad, tuple(others)))
    return tuple(made)
