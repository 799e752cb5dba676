"""Inputs as people give them (shapes, tensors, what holds these) → what a forward is called with.

Two steps: ``arguments`` reads shapes, and ``map_tensors`` copies all that is given with other
tensors in the place of those in it, on the meta device for a trace on shapes alone.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from numbers import Integral
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from profiler.errors import TraceError, UsageError
from profiler.models.given import Arguments
from profiler.records import Input, Shape

Inputs = Any

#: Types of arguments that hold no tensor.
SCALARS = frozenset({int, float, bool, str, type(None), slice, torch.dtype, torch.device})


def arguments(inputs: Inputs, dtype: torch.dtype) -> Arguments:
    """Positional and keyword arguments for the forward, tensors on the meta device for shapes.

    All that is no shape is in them as it was given, so that ``map_tensors`` is to follow.

    Args:
        inputs: a shape; a tensor; a tuple or list of shapes, tensors, ``Input`` records and other
            values; a mapping from argument names to these; an object that holds tensors, which is
            the one argument; or ``Arguments``, in which nothing is read as a shape.
        dtype: dtype of tensors that are given as shapes.

    Raises:
        UsageError: a size that is not positive, or something that is neither shape nor tensor.
    """
    if isinstance(inputs, Arguments):
        return inputs
    if isinstance(inputs, Mapping):
        return Arguments((), {str(name): _tensor(value, dtype) for name, value in inputs.items()})
    if isinstance(inputs, (torch.Tensor, Input, PackedSequence)) or _is_shape(inputs):
        return arguments([inputs], dtype)
    if isinstance(inputs, (tuple, list)):
        named = {each.name: each for each in inputs if isinstance(each, Input) and each.name}
        positional = [each for each in inputs if not (isinstance(each, Input) and each.name)]
        return Arguments(
            tuple(_tensor(value, dtype) for value in positional),
            {name: _tensor(value, dtype) for name, value in named.items()},
        )
    if all_tensors_in(inputs):
        return Arguments((inputs,))
    raise UsageError(f"inputs must be a shape, tensors or a mapping of these, not {inputs!r}")


def map_tensors(
    value: Any, move: Callable[[torch.Tensor], Any], kept: Iterable[object] = ()
) -> Any:
    """A copy of ``value`` with ``move(tensor)`` in the place of each tensor in it.

    Containers and objects of any class are copied as ``copy.deepcopy`` would: what stands in
    several places, or holds itself, does so in the copy, and ``move`` is called once for each
    tensor, in order. What has no copy (functions, classes, locks, open files) stays as it is.

    Args:
        value: anything; it is left as it was.
        move: a tensor → what stands for it.
        kept: objects that stay themselves wherever they are met, the modules of a model say.

    Raises:
        UsageError: it is nested more deeply than Python can follow.
    """
    try:
        return _Copier(move, kept).copy(value)
    except RecursionError as error:
        raise UsageError("the inputs hold each other too deeply to be followed") from error


#: Types whose instances can't be changed and hold nothing that can; an object() is a mark, which
#: stands for something by being itself.
_ATOMS = SCALARS | {
    object, complex, bytes, range, type(...), type(NotImplemented), torch.Size, torch.layout,
    torch.memory_format, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type,
}  # fmt: skip


class _Copier:
    """Copies values with other tensors in them."""

    def __init__(self, move: Callable[[torch.Tensor], Any], kept: Iterable[object]) -> None:
        self._move = move
        #: Id of an original → it, which keeps the id from being used twice, and its copy.
        self._copies: dict[int, tuple[Any, Any]] = {id(each): (each, each) for each in kept}

    def copy(self, value: Any) -> Any:
        """The copy of a value, the same whenever it is asked for."""
        cls = type(value)
        if cls in _ATOMS:
            return value
        if id(value) in self._copies:
            return self._copies[id(value)][1]
        if isinstance(value, torch.Tensor):
            return self._keep(value, self._move(value))
        if cls is list:
            copied: Any = self._keep(value, [])
            copied.extend(map(self.copy, value))
            return copied
        if cls is dict:
            copied = self._keep(value, {})
            copied.update((self._key(key), self.copy(item)) for key, item in value.items())
            return copied
        if cls is tuple:
            copied = tuple(map(self.copy, value))
            if id(value) in self._copies:  # it is in itself, behind a list
                return self._copies[id(value)][1]
            return self._keep(value, copied)
        if cls is types.MappingProxyType:
            return types.MappingProxyType(self.copy(dict(value)))
        if cls is PackedSequence:
            # how many rows each step has is told by values, which kernels look up on the CPU
            self._keep(value.batch_sizes, value.batch_sizes)
        if cls is weakref.ref:  # an item's way back to what holds it
            target = value()
            return weakref.ref(self.copy(target)) if id(target) in self._copies else value
        return self._object(value)

    def _keep(self, value: Any, copied: Any) -> Any:
        self._copies[id(value)] = value, copied
        return copied

    def _key(self, key: Any) -> Any:
        """A key stays the object that others look it up by, unless it is a tensor."""
        return self.copy(key) if isinstance(key, (torch.Tensor, tuple)) else key

    def _object(self, value: Any) -> Any:
        """The copy of an object, made from what it says it can be made again from."""
        try:
            made = value.__reduce_ex__(4)
            return value if isinstance(made, str) else self._made_again(value, *made)
        except RecursionError:
            raise
        except Exception:  # it says no, or what it says is not so
            return self._by_attributes(value)

    def _made_again(
        self,
        value: Any,
        make: Callable[..., Any],
        args: tuple[Any, ...],
        state: Any = None,
        items: Iterable[Any] | None = None,
        pairs: Iterable[tuple[Any, Any]] | None = None,
        set_state: Callable[[Any, Any], object] | None = None,
    ) -> Any:
        """Follow the protocol of ``__reduce_ex__``."""
        copied = make(*map(self.copy, args))
        if id(value) in self._copies:
            return self._copies[id(value)][1]
        self._keep(value, copied)
        if state is not None:
            state = self.copy(state)
            if set_state is not None:
                set_state(copied, state)
            elif hasattr(copied, "__setstate__"):
                copied.__setstate__(state)
            else:
                own, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, {})
                if own:
                    vars(copied).update(own)
                for name, item in (slots or {}).items():
                    object.__setattr__(copied, name, item)
        for item in items or ():
            copied.append(self.copy(item))
        for key, item in pairs or ():
            copied[self._key(key)] = self.copy(item)
        return copied

    def _by_attributes(self, value: Any) -> Any:
        """The copy of an object that says no way to make it, with copies of its attributes."""
        self._copies.pop(id(value), None)
        try:
            attributes, copied = vars(value), object.__new__(type(value))
        except TypeError:
            return value
        self._keep(value, copied)
        vars(copied).update({name: self.copy(item) for name, item in attributes.items()})
        return copied


def stated(given: Arguments) -> tuple[Input, ...]:
    """The tensors among what a forward is given, as ``--input`` would state them, in order.

    Those with no size, or one of zero, are left out.
    """
    names = {id(value): name for name, value in given.kwargs.items()}
    return tuple(
        Input(
            shape=tuple(tensor.shape),
            kind="float" if tensor.is_floating_point() or tensor.is_complex() else "tokens",
            name=names.get(id(tensor), ""),
        )
        for tensor in all_tensors_in((given.args, dict(given.kwargs)))
        if tensor.dim() and tensor.numel()
    )


def floating_dtype(model: torch.nn.Module) -> torch.dtype:
    """The dtype of the model's first floating-point parameter, torch's default without one."""
    for parameter in model.parameters():
        if parameter.is_floating_point():
            return parameter.dtype
    return torch.get_default_dtype()


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Every tensor in nested tuples, lists, mappings and dataclass instances, in order.

    What ops and modules are called with a thousand times a trace; ``all_tensors_in`` sees more.
    """
    found: list[torch.Tensor] = []
    _collect(value, found)
    return found


def _collect(value: Any, found: list[torch.Tensor]) -> None:
    cls = type(value)
    if cls is torch.Tensor or cls is torch.nn.Parameter:
        found.append(value)
    elif cls is tuple or cls is list:
        for item in value:
            _collect(item, found)
    elif cls in SCALARS:
        pass
    elif isinstance(value, torch.Tensor):
        found.append(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _collect(item, found)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _collect(getattr(value, field.name), found)


def all_tensors_in(value: Any) -> list[torch.Tensor]:
    """Every tensor in a value, also in objects of other classes; each once, in order."""
    found: list[torch.Tensor] = []

    def see(tensor: torch.Tensor) -> torch.Tensor:
        found.append(tensor)
        return tensor

    map_tensors(value, see)
    return found


def _is_shape(value: Any) -> bool:
    """Whether it is whole numbers alone; an empty tuple says nothing."""
    return isinstance(value, (tuple, list)) and bool(value) and all(map(_is_whole, value))


def _is_whole(size: Any) -> bool:
    """Whether it is a whole number, of numpy's too; True is none."""
    return isinstance(size, Integral) and not isinstance(size, bool)


def _tensor(value: Any, dtype: torch.dtype) -> Any:
    """The meta tensor of a shape; any other value as it is."""
    if isinstance(value, Input):
        return _of_shape(value.shape, torch.int64 if value.kind == "tokens" else dtype)
    return _of_shape(tuple(map(int, value)), dtype) if _is_shape(value) else value


def _of_shape(shape: Shape, dtype: torch.dtype) -> torch.Tensor:
    if any(size < 1 for size in shape):
        raise UsageError(f"input shape {shape} has a size below 1")
    try:
        return torch.empty(shape, dtype=dtype, device="meta")
    except RuntimeError as error:
        raise TraceError(f"input shape {shape} is too large for a tensor") from error
