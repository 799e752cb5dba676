"""Rules of one's own: what an op of another library, or a class of modules, costs.

``profiler.rule`` registers them, in a file that ``--rules`` names or anywhere before the trace.
They are asked while a trace is made, and what they say stands in its records. Formulas that
``torch.utils.flop_counter.register_flop_formula`` registered are asked like them.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from profiler.errors import InprofError, TraceError, UsageError, one_line
from profiler.records import Cost, Shape
from profiler.tracing.ops import KINDS

if TYPE_CHECKING:
    import torch

#: Names the file of rules, also to the processes that a command starts.
VARIABLE = "INPROF_RULES"


class Operand(tuple[int, ...]):
    """A tensor as a rule sees it: its shape, which knows the dtype."""

    #: ``float32``, ``bfloat16``, ``int64`` …
    dtype: str

    def __new__(cls, shape: Iterable[int], dtype: str) -> Self:
        """Make one of sizes and a dtype's bare name."""
        self = super().__new__(cls, shape)
        self.dtype = dtype
        return self

    @property
    def shape(self) -> Shape:
        """The shape by itself."""
        return tuple(self)

    @property
    def numel(self) -> int:
        """Elements, the product of the shape."""
        return prod(self)


@dataclass(frozen=True)
class RuledCall:
    """One call of an op or a module, as a rule sees it: shapes, and no tensor."""

    #: What the rule is for: ``library::op``, or the dotted name of the class.
    name: str
    #: Dotted path of the module, or of the one that the op is called in.
    path: str
    #: Shapes of the tensors among the arguments, in order, parameters included.
    inputs: tuple[Operand, ...]
    #: Shapes of the tensors that come out; empty while the rule itself is asked for them.
    outputs: tuple[Operand, ...] = ()
    #: Of an op: its other arguments, defaults included, under the names of its schema. Of a module:
    #: its public attributes that are neither tensors nor modules.
    attributes: Mapping[str, Any] = field(default_factory=dict)
    #: Of a module: dotted name below it → shape, of its parameters and its children's.
    parameters: Mapping[str, Operand] = field(default_factory=dict)


#: MACs; MACs and FLOPs; or all three figures.
Said = int | tuple[int, int] | Cost
_Rule = TypeVar("_Rule", bound=Callable[[RuledCall], Said])
#: Gives the shape of what comes out, or several.
Output = Callable[[RuledCall], Sequence[int] | Sequence[Sequence[int]]]


@dataclass(frozen=True)
class OwnRule:
    """A rule, and what it is for: ``library::op``, or the dotted name of a class of modules."""

    target: str
    function: Callable[[RuledCall], Said]
    output: Output | None

    @property
    def place(self) -> str:
        """Where it is written: ``file.py:12``."""
        code = getattr(self.function, "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(self.function)


_rules: dict[str, OwnRule] = {}


def rule(target: object, *, output: Output | None = None) -> Callable[[_Rule], _Rule]:
    """Register a function that says what an op or a module costs.

    Args:
        target: ``"library::op"`` or the op itself; a class of modules, or its dotted name. A rule
            for a class is for no subclass of it.
        output: gives the shape of what comes out, or a list of shapes; then neither the op's kernel
            nor the module's forward is run, which may need what shapes alone do not have.

    Raises:
        UsageError: something else, an op that is counted already, or one that has a rule.
    """
    name = _named(target)
    library, _, op = name.rpartition("::")
    if library == "aten" and op in KINDS:
        raise UsageError(f"rule for {name}: inprof counts this op itself")

    def register(function: _Rule) -> _Rule:
        if not callable(function):
            raise UsageError(f"rule for {name}: {function!r} is no function")
        new = OwnRule(name, function, output)
        known = _rules.get(name)
        if known is not None and known.place != new.place:  # a file that is run again is no other
            raise UsageError(f"{name} has two rules: {known.place} and {new.place}")
        _rules[name] = new
        return function

    return register


def _named(target: object) -> str:
    """``library::op``, or ``package.module.Class``."""
    if isinstance(target, type):
        if any(f"{base.__module__}.{base.__name__}" == _MODULE for base in target.__mro__):
            return _class_name(target)
        raise UsageError(f"rule for {target.__qualname__}: it is no class of torch.nn.Module")
    # an op, an overload of it, or what torch.library.custom_op made
    for attribute in ("_qualified_op_name", "_name", "_qualname"):
        stated = getattr(target, attribute, None)
        if isinstance(stated, str) and "::" in stated:
            return stated.partition(".")[0]
    if isinstance(target, str):
        library, separator, op = target.partition("::")
        if separator and library.isidentifier() and op.isidentifier():
            return target
        parts = target.split(".")
        if not separator and len(parts) > 1 and all(part.isidentifier() for part in parts):
            return target
    raise UsageError(
        f"rule for {target!r}: name an op as library::op, or give a class of modules or its dotted "
        "name"
    )


_MODULE = "torch.nn.modules.module.Module"


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


# --- the file that --rules names --------------------------------------------------------------


def rules_file() -> Path | None:
    """The file that ``--rules`` names, if any."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def any_registered() -> bool:
    """Whether a rule is registered in this process, by whom a cached trace can't say."""
    return bool(_rules)


@contextmanager
def scope() -> Iterator[Sequence[ModuleType]]:
    """Load the file of rules, and forget all rules registered meanwhile; yields what was loaded.

    Those of a builder's own module are among them, and its formulas for torch's counter.

    Raises:
        InprofError: the file can't be imported, or registers no rule.
    """
    rules, formulas = _rules.copy(), _torch_formulas().copy()
    path = rules_file()
    try:
        if path is None:
            yield ()
        else:
            from profiler.models.builders import imported_file

            before = set(sys.modules)
            with imported_file(path) as module:
                if _rules.keys() == rules.keys():
                    raise UsageError(
                        f"{path} registers no rule: decorate a function with @profiler.rule(…)"
                    )
                yield [module, *[sys.modules[name] for name in set(sys.modules) - before]]
    finally:
        for registry, kept in ((_rules, rules), (_torch_formulas(), formulas)):
            for name in registry.keys() - kept.keys():
                del registry[name]


# --- while a trace is made --------------------------------------------------------------------


def rule_for_class(cls: type) -> OwnRule | None:
    """The rule for a class of modules."""
    return _rules.get(_class_name(cls)) if _rules else None


def rule_for_op(op: Any) -> OwnRule | None:
    """The rule for an op, which is an overload as the dispatcher knows it."""
    return _rules.get(op._schema.name) if _rules else None


def op_call(
    rule: OwnRule, op: Any, args: Sequence[Any], kwargs: Mapping[str, Any], path: str
) -> RuledCall:
    """The call of an op, its arguments named."""
    from profiler.tracing.inputs import tensors_in  # which imports torch

    given = {
        argument.name: argument.default_value
        for argument in op._schema.arguments
        if argument.has_default_value()
    }
    names = [argument.name for argument in op._schema.arguments]
    given |= dict(zip(names, args, strict=False)) | dict(kwargs)
    tensors = tensors_in([args, dict(kwargs)])
    others = {name: value for name, value in given.items() if not tensors_in(value)}
    return RuledCall(rule.target, path, _operands(tensors), attributes=others)


def module_call(
    rule: OwnRule, module: torch.nn.Module, tensors: Sequence[torch.Tensor], path: str
) -> RuledCall:
    """The call of a module."""
    import torch

    hidden = (torch.Tensor, torch.nn.Module)
    return RuledCall(
        rule.target,
        path,
        _operands(tensors),
        attributes={
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_") and not isinstance(value, hidden)
        },
        parameters={name: _operand(tensor) for name, tensor in module.named_parameters()},
    )


def cost_of(rule: OwnRule, call: RuledCall, outputs: Sequence[torch.Tensor]) -> Cost:
    """What the rule says of a call that gave these tensors.

    Raises:
        TraceError: it raises, or says something else than numbers.
    """
    said = _asked(rule, rule.function, replace(call, outputs=_operands(outputs)))
    try:
        parts = said if isinstance(said, tuple) else (said,)
        cost = said if isinstance(said, Cost) else Cost(*parts)
        macs = operator.index(cost.macs)
        flops = 2 * macs if cost.flops is None else operator.index(cost.flops)
        flops_all = flops if cost.flops_all is None else operator.index(cost.flops_all)
    except TypeError:
        macs = flops = flops_all = -1
    if min(macs, flops, flops_all) < 0:
        raise TraceError(
            f"the rule for {rule.target} ({rule.place}) returned {said!r}: return MACs, a whole "
            "number, or (MACs, FLOPs), or profiler.Cost(macs=…, flops=…, flops_all=…)"
        )
    return Cost(macs, flops, flops_all)


def made(rule: OwnRule, call: RuledCall, given: Sequence[torch.Tensor]) -> Any:
    """What comes out as the rule gives its shape: a tensor, or several, of the first one's dtype.

    Raises:
        TraceError: it raises, or gives something else.
    """
    import torch

    assert rule.output is not None
    said = _asked(rule, rule.output, call)
    try:
        values: list[Any] = list(said)
        is_one = all(isinstance(size, int) for size in values)
        shapes = [tuple(map(operator.index, each)) for each in ([values] if is_one else values)]
    except TypeError:
        shapes = []
    if not shapes or any(size < 0 for shape in shapes for size in shape):
        raise TraceError(
            f"the rule for {rule.target} ({rule.place}) gave the output {said!r}: give a shape, or "
            "a list of shapes"
        )
    like = next((tensor for tensor in given if tensor.is_floating_point()), *given[:1])
    tensors = [torch.empty(shape, dtype=like.dtype, device=like.device) for shape in shapes]
    return tensors[0] if is_one else tuple(tensors)


def _asked(rule: OwnRule, function: Callable[[RuledCall], Any], call: RuledCall) -> Any:
    try:
        return function(call)
    except InprofError:
        raise
    except Exception as error:
        raise TraceError(
            f"the rule for {rule.target} ({rule.place}) failed: {type(error).__name__}: "
            f"{one_line(error)}"
        ) from error


def torch_flops(op: Any, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any) -> int | None:
    """FLOPs by a formula that is registered for torch's own counter, if there is one.

    Those of torch's own ops are not held against the forward: some take one layout for another.
    """
    if is_torchs_own(op):  # whose formulas are registered by this import
        import torch.utils.flop_counter  # noqa: F401
    formula = _torch_formulas().get(op._overloadpacket)
    if formula is None:
        return None
    try:
        return operator.index(formula(*args, **kwargs, out_val=output))
    except Exception as error:
        if is_torchs_own(op):
            return None
        raise TraceError(
            f"the formula that register_flop_formula has for {op._schema.name} failed: "
            f"{type(error).__name__}: {one_line(error)}"
        ) from error


def is_torchs_own(op: Any) -> bool:
    """Whether an op is one of torch's, and not of a library that somebody has added."""
    return bool(op.namespace == "aten")


def _torch_formulas() -> dict[Any, Callable[..., Any]]:
    """Those of torch's counter, where somebody has imported it."""
    counter = sys.modules.get("torch.utils.flop_counter")
    found: dict[Any, Callable[..., Any]] = getattr(counter, "flop_registry", {})
    return found


def _operands(tensors: Sequence[torch.Tensor]) -> tuple[Operand, ...]:
    return tuple([_operand(tensor) for tensor in tensors])


def _operand(tensor: torch.Tensor) -> Operand:
    return Operand(tensor.shape, str(tensor.dtype).removeprefix("torch."))
