"""The two modes of a forward: every public torch function becomes an op record, and so does every
op of the dispatcher that none of these stands for.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import FrameType, MappingProxyType
from typing import Any, NamedTuple

import torch
from torch.autograd import forward_ad
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from profiler.records import Attribute, Cost, Shape
from profiler.tracing import own_rules
from profiler.tracing.attributes import weight_and_bias
from profiler.tracing.called_names import BEHIND, GOES_BY, LATEST, names_watched
from profiler.tracing.control_flow import in_python, is_higher_order
from profiler.tracing.devices import at_home, met_on_meta
from profiler.tracing.functions import (
    OPERATORS,
    Function,
    aten_function,
    bind,
    body,
    is_operator,
    lookup,
)
from profiler.tracing.inputs import SCALARS, tensors_in
from profiler.tracing.layouts import Made, made_new
from profiler.tracing.leaves import Leaf
from profiler.tracing.recording import Recording
from profiler.tracing.shape_rules import STAND_INS
from profiler.tracing.shape_rules.rule import NewTensor

_Tensor = torch.Tensor
_Parameter = torch.nn.Parameter
_TYPES = frozenset({torch.Tensor, torch.nn.Parameter})
_PLAIN = frozenset({torch.Tensor, torch.nn.Parameter, type(None)})
_empty_strided = torch.empty_strided  # takes half the time of torch.empty
_META = torch.device("meta")
#: What the ops of a scripted module are recorded under.
SCRIPTED = "torch.jit.ScriptModule"
_FLEX_ATTENTION = "torch.nn.attention.flex_attention.flex_attention"
_ATTENTION = lookup(F.scaled_dot_product_attention)
#: Bare names of what asks for a tensor's sizes: its property's getter, and methods.
_SIZES = frozenset({"get", "size", "numel", "nelement", "len"})
_grad_is_on = torch.is_grad_enabled
_set_grad_enabled = torch._C._set_grad_enabled
_peek_functorch = torch._C._functorch.peek_interpreter_stack
_stack_size = torch._C._len_torch_function_stack
_modes_on = torch._C._len_torch_dispatch_stack
_stack_at = getattr(torch._C, "_get_function_stack_at", None)  # some versions of torch have none
#: While one lives no dispatch mode is asked; a fraction of what leaving the mode would cost.
_NoDispatch = torch._C._DisableTorchDispatch


#: Queries that compute what they print.
_LOOKS = frozenset({"repr", "format"})
#: Plans are facts about shapes alone, so that traces in one process share them, up to this many.
_MOST_PLANS = 20_000
_plans: dict[Hashable, _Plan] = {}


class _Plan(NamedTuple):
    """The result of a call, known from the layouts of its tensors and its other arguments.

    ``made`` is the output where a shape rule gives a new tensor; ``is_input`` is true where the
    rule hands the first argument back; with neither, the op's own kernel has to run.
    """

    made: Made | None
    is_input: bool
    weight_shape: Shape | None
    bias_shape: Shape | None
    attributes: dict[str, Attribute]


def _keep(key: Hashable, plan: _Plan) -> _Plan:
    if len(_plans) >= _MOST_PLANS:
        _plans.clear()
    _plans[key] = plan
    return plan


def forget_plans() -> None:
    """Work everything out anew from here on, as the first trace of a process does."""
    _plans.clear()


class FunctionRecorder(TorchFunctionMode):
    """Makes op records of public torch functions, and of what runs below none.

    With ``shape_rules`` a hot op's output comes from its rule and the dispatcher is not entered.
    Networks repeat themselves: what a call gives is worked out once per layout of its arguments.

    Args:
        recording: receives the ops.
        shape_rules: whether outputs may come from rules.
        home: the one device on which everything is.
    """

    def __init__(self, recording: Recording, shape_rules: bool, home: torch.device = _META) -> None:
        super().__init__()
        self.recording = recording
        self._shape_rules = shape_rules
        self._home = home
        self._net = DispatchRecorder(recording)
        # whether no other dispatch mode has to see what runs
        self._is_lowest = _modes_on() == 0
        self._modes_on = 0
        # id of a context that switches autograd → whether the model had it off before
        self._grad_before: dict[int, bool] = {}
        self._einsums = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        function = lookup(func)
        if func in OPERATORS and is_operator(sys._getframe(1), func.__name__):
            function = OPERATORS[func]
        if function.is_query and function.base not in _LOOKS:
            if args and function.base in _SIZES:
                self.recording.looked_at.append(args[0])
            return func(*args, **kwargs)
        try:
            if function.is_query:
                return self._run(func, function, args, kwargs, [])
            if function.places or "device" in kwargs:
                func, args, kwargs = at_home(func, function.base, args, kwargs, self._home)
            if function.kind == "other" and is_higher_order(func):
                return self._higher_order(func, function, args, kwargs)
            is_transformed = self._is_transformed(types)
            if function.kind == "other" or is_transformed:
                if func is _set_grad_enabled:
                    self._switch_grad(sys._getframe(1), *args)
                return self._call_other(func, function, args, kwargs, is_transformed)
            return self._call(func, function, args, kwargs)
        except Exception as error:
            self.recording.failures.add_op(error, function.name, self.recording.path)
            raise

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Enter both modes, and let functions written in Python reach this one by the shortest way.

        They ask ``handle_torch_function``, whose general way costs as much as the rest of a call.
        Where this mode is the only one, and no subclass of tensors wants a say, it is called at
        once, with modes off as they would be.
        """
        general = vars(F).get("handle_torch_function")
        with self._net, self:
            self._modes_on = _modes_on()
            if general is None:
                yield  # another version of torch: the general way does
                return

            def handle(public_api: Any, relevant_args: Any, *args: Any, **kwargs: Any) -> Any:
                func = BEHIND.get(public_api, public_api)
                if (
                    not self._is_alone()
                    or lookup(func).is_seen_through
                    or not _PLAIN.issuperset(map(type, relevant_args))
                ):
                    return general(func, relevant_args, *args, **kwargs)
                with torch._C.DisableTorchFunction():
                    return self.__torch_function__(func, (), args, kwargs)

            vars(F)["handle_torch_function"] = handle
            try:
                with names_watched():
                    yield
            finally:
                vars(F)["handle_torch_function"] = general

    @contextlib.contextmanager
    def entered_by_thread(self, gradients: bool) -> Iterator[None]:
        """Enter both modes in a thread that the forward has started."""
        with torch.set_grad_enabled(gradients), self._net, self:
            self._modes_on = _modes_on()
            yield

    def beside(self) -> FunctionRecorder:
        """The same for another thread."""
        return FunctionRecorder(self.recording.beside(), self._shape_rules, self._home)

    def below(self, function: str) -> contextlib.AbstractContextManager[None]:
        """Name what the dispatcher does meanwhile after a function that is not seen itself."""
        return self._net.below(function)

    def layer(self, leaf: Leaf, module: torch.nn.Module, x: torch.Tensor) -> torch.Tensor | None:
        """Record what one of torch's own layers does and give its output, without running it.

        None, and nothing recorded, where the layer has to be run.
        """
        if not (
            self._shape_rules
            and self._is_alone()
            and not _grad_is_on()
            and not self._is_transformed()
            and leaf.runs_plainly(module)
        ):
            return None
        with torch._C.DisableTorchFunction():
            arguments = leaf.arguments(vars(module), x)
            if arguments is None:
                return None
            tensors, config = arguments
            recording = self.recording
            known, layout = recording.layouts, recording.layout
            function = leaf.function
            key = (
                function,
                "layer",
                *[known.get(id(t)) or layout(t) if t is not None else None for t in tensors],
                *config,
            )
            try:
                plan = _plans.get(key)
            except TypeError:  # somebody has set a stride to a list, say
                return None
            if plan is None:
                bound = dict(zip(leaf.names, (*tensors, *config), strict=True))
                plan = _keep(key, self._work_out(function, bound, may_rule=True))
            made = plan.made
            if made is None:
                return self._in_place(module, x, function, plan) if plan.is_input else None
            unseen = _NoDispatch()
            output = _empty_strided(made.shape, made.stride, dtype=made.dtype, device=_META)
            del unseen
            if not recording.add_layer(
                module,
                tensors,
                function,
                plan.weight_shape,
                plan.bias_shape,
                plan.attributes,
                output,
                made,
            ):
                return None
            return output

    def _in_place(
        self, module: torch.nn.Module, x: torch.Tensor, function: Function, plan: _Plan
    ) -> torch.Tensor:
        """Record a layer that writes into its input."""
        self.recording.enter(module, (x,))
        self.recording.add_op(
            function, plan.weight_shape, plan.bias_shape, plan.attributes, [x], [x], in_place=True
        )
        self.recording.leave((x,))
        return x

    def _is_transformed(self, types: Any = ()) -> bool:
        """Whether tensors are not what they seem, so that only the dispatcher sees what is done.

        Below vmap and its like, with tangents, below a mode of the forward's own, or where another
        class than one of tensors has a say.
        """
        return (
            _peek_functorch() is not None
            or forward_ad._current_level >= 0
            or _modes_on() > self._modes_on
            or (bool(types) and not all(issubclass(each, _Tensor) for each in types))
        )

    def _is_alone(self) -> bool:
        """Whether no other function mode is on."""
        return _stack_at is not None and _stack_size() == 1 and _stack_at(0) is self

    def _call_other(
        self,
        func: Callable[..., Any],
        function: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        is_transformed: bool,
    ) -> Any:
        """Call what the vocabulary has no name for, whose ops the dispatcher sees."""
        if function.is_seen_through and not is_transformed:
            with self:
                return body(func)(*args, **kwargs)
        facts = self._einsum(*args) if function.base == "einsum" else {}
        if is_transformed:
            facts["transformed"] = True
        with self._net.below(function.name, facts):
            output = func(*args, **kwargs)
        self.recording.forget(tensors_in([args, kwargs]))
        return output

    def _einsum(self, equation: str, *operands: Any) -> dict[str, Attribute]:
        """What tells the ops below one einsum from those of another, and what it was given."""
        self._einsums += 1
        shapes = ["x".join(map(str, tensor.shape)) for tensor in tensors_in(operands)]
        return {"equation": equation, "operands": " ".join(shapes), "einsum": self._einsums}

    def _switch_grad(self, caller: FrameType, is_on: bool) -> None:
        """Follow what the model does to autograd, which is off here all the time."""
        outer = caller.f_back
        if outer is not None and outer.f_code.co_filename == caller.f_code.co_filename:
            caller = outer  # no_grad calls set_grad_enabled in turn
        name, context = caller.f_code.co_name, id(caller.f_locals.get("self"))
        recording, before = self.recording, self._grad_before
        if name in {"__exit__", "__call__"}:
            recording.switch_grad(not before.pop(context, False))
        else:
            if name != "__enter__" or context not in before:
                before[context] = recording.no_grad
            recording.switch_grad(is_on)

    def _call(
        self,
        func: Callable[..., Any],
        function: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        reads: list[torch.Tensor] = []
        named = GOES_BY.get(func)
        alias = False
        if named is not None:
            alias = LATEST.function is not named
            LATEST.function = None
        plan = self._plan(function, args, kwargs, reads)
        made = plan.made
        if made is not None:
            unseen = _NoDispatch()
            output = _empty_strided(made.shape, made.stride, dtype=made.dtype, device=_META)
            del unseen
            self.recording.add_op(
                function, plan.weight_shape, plan.bias_shape, plan.attributes, reads, [output],
                made=made, alias=alias,
            )  # fmt: skip
            return output
        output = reads[0] if plan.is_input else self._computed(func, function, args, kwargs, reads)
        outputs = [output] if type(output) is _Tensor else tensors_in(output)
        in_place = function.in_place or bool(kwargs.get("inplace")) or kwargs.get("out") is not None
        if not outputs:
            if not in_place:
                return output
            outputs = reads[:1]  # __setitem__ returns nothing: what it wrote is its first argument
        elif function.kind == "activation" and outputs[0] is reads[0]:
            in_place = True  # inplace=True given by position
        self.recording.add_op(
            function, plan.weight_shape, plan.bias_shape, plan.attributes, reads, outputs,
            in_place=in_place, alias=alias,
        )  # fmt: skip
        return output

    def _higher_order(
        self, func: Any, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """An op that takes functions: what they call is recorded, not the op."""
        reads = tensors_in([args, kwargs])
        if func.name() == "flex_attention":  # one kernel, whatever its functions say of the scores
            output = self._run(func, function, args, kwargs, reads)
            attention = replace(_ATTENTION, name=_FLEX_ATTENTION, base="flex_attention")
            assert attention.describe is not None
            attributes = attention.describe("", bind(attention.signature, args[:3], kwargs))
            self.recording.add_op(
                attention, None, None, attributes, reads[:3], tensors_in(output)[:1]
            )
            return output
        guesses: list[str] = []
        run = in_python(func, guesses.append)
        if run is None:
            with self._net.below(function.name):
                return func(*args, **kwargs)
        with self:
            output = run(*args, **kwargs)
        for guess in guesses:
            # a branch is counted as if it were taken; how often a loop goes round is not known
            kind = "view" if func.name() == "cond" else "other"
            named = replace(function, name=f"torch.{func.name()} ({guess})", kind=kind)
            self.recording.add_op(named, None, None, {}, reads, tensors_in(output))
        return output

    def _computed(
        self,
        func: Callable[..., Any],
        function: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        reads: list[torch.Tensor],
    ) -> Any:
        """What the op's own kernel gives, or what stands in where that refuses."""
        try:
            return self._run(func, function, args, kwargs, reads)
        except Exception:
            stand_in = STAND_INS.get(function.base)
            ruled = stand_in and stand_in(bind(function.signature, args, kwargs))
            if not isinstance(ruled, NewTensor):
                raise
            return _empty_strided(
                ruled.shape, made_new(ruled).stride, dtype=ruled.dtype, device=reads[0].device
            )

    def _run(
        self,
        func: Callable[..., Any],
        function: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        reads: list[torch.Tensor],
    ) -> Any:
        """Run the op's own kernel, which is no op beside this one."""
        unseen = None
        if self._is_lowest and _TYPES.issuperset(map(type, reads)):
            unseen = _NoDispatch()
        outer = self._net.mute()
        try:
            return met_on_meta(func, args, kwargs, function.in_place or "out" in kwargs)
        finally:
            self._net.mute(outer)
            del unseen

    def _plan(
        self,
        function: Function,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        reads: list[torch.Tensor],
    ) -> _Plan:
        """The plan of a call; ``reads`` receives the tensors among the arguments."""
        recording = self.recording
        known, layout = recording.layouts, recording.layout
        key: list[Any] = [function, self._rules_apply()]
        is_plain = True
        if kwargs:
            key.append(tuple(kwargs))
            args = (*args, *kwargs.values())
        for value in args:
            cls = type(value)
            if cls is _Tensor or cls is _Parameter:
                reads.append(value)
                key.append(known.get(id(value)) or layout(value))
            elif cls is int:
                key.append(value)
            elif cls in SCALARS:
                key.append((cls, value))  # 1.0 and True equal 1, and may be refused where 1 is not
            elif cls is list or cls is tuple or cls is torch.Size:
                parts = tuple(map(type, value))
                if SCALARS.issuperset(parts):
                    key += parts, tuple(value)
                    continue
                found = tensors_in(value)
                reads.extend(found)
                if not found:
                    is_plain = False
                    continue
                key.append(tuple([known.get(id(one)) or layout(one) for one in found]))
            else:  # of the user's own making: no plan may hold on to it
                reads.extend(tensors_in(value))
                is_plain = False
        positional = args[: len(args) - len(kwargs)]
        if not is_plain:
            return self._work_out_call(function, positional, kwargs)
        fixed = tuple(key)
        try:
            plan = _plans.get(fixed)
        except TypeError:  # a list of lists, say, can't be a key
            return self._work_out_call(function, positional, kwargs)
        return plan or _keep(fixed, self._work_out_call(function, positional, kwargs))

    def _work_out_call(
        self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> _Plan:
        may_rule = len(args) <= len(function.signature) and function.keywords.issuperset(kwargs)
        return self._work_out(function, bind(function.signature, args, kwargs), may_rule)

    def _work_out(self, function: Function, bound: dict[str, Any], may_rule: bool) -> _Plan:
        outer = self._net.mute()  # what is asked of a tensor here is no op of the forward's
        try:
            return self._plan_of(function, bound, may_rule)
        finally:
            self._net.mute(outer)

    def _plan_of(self, function: Function, bound: dict[str, Any], may_rule: bool) -> _Plan:
        ruled = None
        if function.rule is not None and may_rule and self._rules_apply():
            ruled = function.rule(bound)
        weight, bias = weight_and_bias(function.kind, function.base, bound)
        return _Plan(
            made=made_new(ruled) if isinstance(ruled, NewTensor) else None,
            is_input=isinstance(ruled, torch.Tensor),
            weight_shape=weight,
            bias_shape=bias,
            attributes=function.describe(function.base, bound) if function.describe else {},
        )

    def _rules_apply(self) -> bool:
        """Not where a graph for autograd is wanted."""
        return self._shape_rules and not _grad_is_on()


class _Now(threading.local):
    """What the net knows of the call it is below; TorchScript runs its forks in threads of its own,
    which a mode goes along with.
    """

    function = ""
    facts: Mapping[str, Attribute] = MappingProxyType({})
    is_muted = False


class DispatchRecorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The net below everything: records each op of the dispatcher that no recorded op stands for.

    What a compiled function does, or autograd, or a function the vocabulary has no name for.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.recording = recording
        self._now = _Now()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first op under a dispatch mode imports torch._dynamo and sympy (seconds)
        return False

    @contextlib.contextmanager
    def below(self, function: str, facts: Mapping[str, Attribute] | None = None) -> Iterator[None]:
        """Ops are recorded under that function's name meanwhile.

        ``facts`` are attributes that each of them gets beside its own.
        """
        now = self._now
        outer = now.function, now.facts
        now.function, now.facts = function, facts or {}
        try:
            yield
        finally:
            now.function, now.facts = outer

    def mute(self, is_muted: bool = True) -> bool:
        """Record nothing from here on, or again; returns what was said before."""
        now = self._now
        before, now.is_muted = now.is_muted, is_muted
        return before

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        now = self._now
        if now.is_muted:
            return func(*args, **kwargs)
        library, _, op = func._schema.name.rpartition("::")
        public = f"torch.ops.{library}.{op}"
        function = aten_function(op if library == "aten" else public, now.function or public)
        cost = flops = None
        try:
            if function.kind == "other":
                output, cost, flops = self._ruled(func, args, kwargs)
            else:
                output = met_on_meta(func, args, kwargs, func._schema.is_mutable)
        except Exception as error:
            if now.function in ("", SCRIPTED):
                self.recording.failures.add_op(error, public, self.recording.path)
            raise
        outputs = tensors_in(output)
        if not outputs and func._schema.is_mutable:
            outputs = _written(func._schema, args, kwargs)
        if function.is_query or not outputs:
            return output
        bound = bind(function.signature, args, kwargs)
        weight, bias = weight_and_bias(function.kind, function.base, bound)
        self.recording.add_op(
            function,
            weight,
            bias,
            {
                **(function.describe(function.base, bound) if function.describe else {}),
                **now.facts,
            },
            tensors_in([args, kwargs]),
            outputs,
            in_place=function.in_place,
            cost=cost,
            torch_flops=flops,
        )
        return output

    def _ruled(
        self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, Cost | None, int | None]:
        """What an unknown op gives, and what rules of the user's own say of it."""
        rule = own_rules.rule_for_op(func)
        if rule is None:
            output = met_on_meta(func, args, kwargs, func._schema.is_mutable)
            flops = own_rules.torch_flops(func, args, kwargs, output)
            if flops is None or own_rules.is_torchs_own(func):
                return output, None, flops
            return output, Cost(flops // 2, flops, flops), flops
        call = own_rules.op_call(rule, func, args, kwargs, self.recording.path)
        if rule.output is None:
            output = met_on_meta(func, args, kwargs, func._schema.is_mutable)
        else:
            output = own_rules.made(rule, call, tensors_in([args, kwargs]))
        flops = own_rules.torch_flops(func, args, kwargs, output)
        return output, own_rules.cost_of(rule, call, tensors_in(output)), flops


def _written(schema: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[torch.Tensor]:
    """The arguments an op writes into, where it returns nothing."""
    named = {
        argument.name: value for argument, value in zip(schema.arguments, args, strict=False)
    } | dict(kwargs)
    return tensors_in(
        [
            named.get(argument.name)
            for argument in schema.arguments
            if argument.alias_info is not None and argument.alias_info.is_write
        ]
    )
