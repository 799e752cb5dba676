"""Number formats: switched on explicitly, then measured, because a flag is only a wish.

PyTorch's defaults on an Ampere or newer GPU are a mixture (convolutions in TF32, matrix products in
FP32), an environment variable overrides every flag, and an "fp16" on hardware without it runs in
something else. So a label is given only to what a probe has shown.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F

from profiler.errors import MeasurementError, UnknownNameError, one_line
from profiler.records import PRECISIONS, Fact
from profiler.timing.devices.cpu import processor_features

#: What tensors of each hold; TF32 is a way to multiply fp32 tensors.
DTYPES = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}

#: 1 + 2⁻¹² needs 12 bits of mantissa: FP32 has 23, TF32 and FP16 10, BF16 7.
_PROBED = 1 + 2**-12

#: CPU features, any of which computes in the format, by their cpuinfo names (x86, then Arm).
_CPU_FEATURES = {
    "fp16": ("avx512_fp16", "amx_fp16", "asimdhp"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
}
#: The least compute capability whose arithmetic has the format. Older boards imitate it in FP32.
#: Below 7.0 fp16 is genuine but has no tensor cores: a 6.1 (P4) runs it at 1/64 of the FP32 rate.
_COMPUTE_CAPABILITIES = {"tf32": (8, 0), "bf16": (8, 0), "fp16": (5, 3)}


def available_precisions(device: str) -> tuple[str, ...]:
    """The precisions whose arithmetic the device has."""
    return tuple(name for name in PRECISIONS if not _lack(name, device))


def require_precision(name: str, device: str) -> None:
    """Refuse a precision that the device would only imitate.

    Raises:
        UnknownNameError: no such precision.
        MeasurementError: says what the device lacks and which precisions it has.
    """
    if name not in PRECISIONS:
        raise UnknownNameError("precision", name, PRECISIONS)
    if lack := _lack(name, device):
        has = ", ".join(available_precisions(device))
        raise MeasurementError(f"no {name} on this device: {lack}; it has {has}")


@contextmanager
def set_precision(name: str, device: str) -> Iterator[None]:
    """Say to every library how fp32 tensors are multiplied, and restore what was said before.

    Also for fp16 and bf16, whose networks may keep some layers in fp32.

    Raises:
        MeasurementError: as ``require_precision``.
    """
    require_precision(name, device)
    tf32 = name == "tf32"
    before = _said()
    _say("high" if tf32 else "highest", tf32)
    try:
        yield
    finally:
        _say(*before)


def verify_precision(name: str, device: str) -> None:
    """Measure that matrix products and convolutions run in the precision, as flags are now.

    Raises:
        MeasurementError: they run in another one; says which of them, and what may be the cause.
    """
    require_precision(name, device)
    try:
        kept = _probe(DTYPES[name], device)
    except (RuntimeError, NotImplementedError) as error:
        raise MeasurementError(f"{name} can't be probed: {one_line(error)}") from error
    wanted = name == "fp32"
    wrong = " and ".join(op for op, survives in kept.items() if survives != wanted)
    if wrong:
        found = "more bits than TF32 has" if name == "tf32" else "fewer bits than FP32 has"
        raise MeasurementError(f"{name} was asked for, but {wrong} ran with {found}{_override()}")


def fp32_flags() -> dict[str, Fact]:
    """How PyTorch is told to multiply fp32 tensors now, for the record."""
    backends: Any = torch.backends
    if hasattr(backends.cuda.matmul, "fp32_precision"):  # from 2.9
        operations = {
            "cuda_matmul": backends.cuda.matmul,
            "cudnn_conv": backends.cudnn.conv,
            "mkldnn_matmul": backends.mkldnn.matmul,
            "mkldnn_conv": backends.mkldnn.conv,
        }
        return {f"fp32_{name}": flag.fp32_precision for name, flag in operations.items()}
    matmul, conv_in_tf32 = _said()
    return {"fp32_matmul": matmul, "fp32_cudnn_conv": "tf32" if conv_in_tf32 else "ieee"}


def _said() -> tuple[str, bool]:
    """The settings of matrix products and cuDNN now.

    In the words of 2.6: from 2.9 on PyTorch keeps its newer flags in step with these, while one who
    sets the newer ones alone breaks torch.compile (pytorch#166387).
    """
    with _without_deprecations():
        try:
            return torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
        except RuntimeError:
            raise MeasurementError(
                "PyTorch's fp32_precision flags contradict its older ones; set neither, inprof does"
            ) from None


def _say(matmul: str, conv_in_tf32: bool) -> None:
    with _without_deprecations():
        torch.set_float32_matmul_precision(matmul)
        torch.backends.cudnn.allow_tf32 = conv_in_tf32


@contextmanager
def _without_deprecations() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Please use the new API", UserWarning)
        yield


def _lack(name: str, device: str) -> str:
    """The device's lack for the precision in words, empty where it lacks nothing."""
    if name == "fp32":
        return ""
    if device == "cuda":
        least, found = _COMPUTE_CAPABILITIES[name], _capability()
        if found >= least:
            return ""
        return f"compute capability {_dotted(found)} is below {_dotted(least)}"
    if name == "tf32":
        return "TF32 is a format of NVIDIA's tensor cores"
    features = processor_features()
    if not features:
        return "the system does not tell which instruction sets the CPU has"
    wanted = _CPU_FEATURES[name]
    return "" if features & set(wanted) else f"the CPU has none of {', '.join(wanted)}"


def _probe(dtype: torch.dtype, device: str) -> dict[str, bool]:
    """Whether 1 + 2⁻¹² comes through a product with ones and zeros, by operation.

    Shapes are large enough for the kernels that networks get.
    """
    channels, side, batch = (256, 28, 16) if device == "cuda" else (64, 14, 1)
    with torch.inference_mode():
        square = torch.full((512, 512), _PROBED, dtype=dtype, device=device)
        images = torch.full((batch, channels, side, side), _PROBED, dtype=dtype, device=device)
        identity = torch.eye(512, dtype=dtype, device=device)
        kernel = torch.eye(channels, dtype=dtype, device=device).reshape(channels, channels, 1, 1)
        results = {"matmul": square @ identity, "convolution": F.conv2d(images, kernel)}
        return {name: _survives(result, dtype) for name, result in results.items()}


def _survives(result: torch.Tensor, dtype: torch.dtype) -> bool:
    if result.dtype != dtype:
        raise RuntimeError(f"{dtype} tensors gave a result in {result.dtype}")
    # Halfway between what is kept and what is rounded: sums of products may be off by a little.
    excess = result.double() - 1
    kept = (excess - 2**-12).abs() < 2**-13
    lost = excess.abs() < 2**-13
    if not bool((kept | lost).all()):
        raise RuntimeError("a product with the identity gave wrong numbers")
    return bool(kept.all())


def _override() -> str:
    value = os.environ.get("NVIDIA_TF32_OVERRIDE")
    return f" (NVIDIA_TF32_OVERRIDE={value} is set)" if value in ("0", "1") else ""


def _capability() -> tuple[int, int]:
    return torch.cuda.get_device_capability()


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
