"""Shape rules held against the meta kernels: the same output, or nothing."""

import torch

from profiler.tracing.functions import bind, lookup
from profiler.tracing.layouts import made_new
from profiler.tracing.shape_rules.rule import NewTensor


def meta(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


def outcome(call):
    """What a call gives, or the fact that it raises."""
    try:
        return call()
    except (RuntimeError, ValueError, IndexError, TypeError):
        return "raises"


def assert_agrees(func, *args, **kwargs):
    """The rule says nothing, or just what the kernel does; where the kernel raises, nothing."""
    function = lookup(func)
    assert function.rule is not None, f"{function.name} has no rule"
    with torch.no_grad():
        if not function.keywords.issuperset(kwargs) or len(args) > len(function.signature):
            return None
        ruled = function.rule(bind(function.signature, args, kwargs))
        if ruled is None:
            return None
        if isinstance(ruled, NewTensor):
            made = made_new(ruled)
            ruled = torch.empty_strided(made.shape, made.stride, dtype=made.dtype, device="meta")
        expected = outcome(lambda: func(*args, **kwargs))
    assert not isinstance(expected, str), f"the rule gave {tuple(ruled.shape)}, the kernel raises"
    assert ruled.shape == expected.shape
    assert ruled.dtype == expected.dtype
    assert ruled.is_meta
    # the stride of a side of length 1 is never used, and PyTorch writes it as it comes
    used = [at for at, size in enumerate(ruled.shape) if size > 1 and 0 not in ruled.shape]
    assert [ruled.stride(at) for at in used] == [expected.stride(at) for at in used]
    assert ruled.is_contiguous() == expected.is_contiguous()
    aliases = [arg for arg in args if isinstance(arg, torch.Tensor)]
    assert [ruled is arg for arg in aliases] == [expected is arg for arg in aliases]
    return ruled
