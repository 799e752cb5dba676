"""A label of a number format is given to what a probe has shown, not to what a flag says."""

from collections.abc import Iterator

import pytest
import torch

from profiler.errors import MeasurementError, UnknownNameError
from profiler.records import PRECISIONS
from profiler.timing.devices.cpu import processor_features
from profiler.timing.loop import precision
from profiler.timing.loop.precision import (
    available_precisions,
    fp32_flags,
    require_precision,
    set_precision,
    verify_precision,
)

HAS_BF16 = bool(processor_features() & {"avx512_bf16", "amx_bf16", "bf16"})
HAS_FP16 = bool(processor_features() & {"avx512_fp16", "amx_fp16", "asimdhp"})
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")

#: The tests read the older flags, which some releases warn about.
pytestmark = pytest.mark.filterwarnings("ignore:Please use the new API:UserWarning")

V100, P4, OLDEST, H100 = (7, 0), (6, 1), (5, 2), (9, 0)


@pytest.fixture(autouse=True)
def _flags_as_they_were() -> Iterator[None]:
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    yield
    torch.set_float32_matmul_precision(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]


def capability(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: version)


def test_fp32_on_the_cpu_is_ieee():
    with set_precision("fp32", "cpu"):
        verify_precision("fp32", "cpu")


@pytest.mark.skipif(not HAS_BF16, reason="the CPU has no bf16 arithmetic")
def test_fp32_that_runs_as_bf16_inside_is_refused():
    torch.set_float32_matmul_precision("medium")
    if (torch.full((512, 512), 1 + 2**-12) @ torch.eye(512))[0, 0] != 1:
        pytest.skip("this PyTorch does not round there")
    with pytest.raises(MeasurementError, match=r"^fp32 was asked for, but matmul .*fewer bits"):
        verify_precision("fp32", "cpu")
    with set_precision("fp32", "cpu"):
        verify_precision("fp32", "cpu")
    assert torch.get_float32_matmul_precision() == "medium"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("fp16", marks=pytest.mark.skipif(not HAS_FP16, reason="no fp16 arithmetic")),
        pytest.param("bf16", marks=pytest.mark.skipif(not HAS_BF16, reason="no bf16 arithmetic")),
    ],
)
def test_sixteen_bits_where_the_cpu_has_them(name):
    assert name in available_precisions("cpu")
    with set_precision(name, "cpu"):
        verify_precision(name, "cpu")


def test_tf32_is_not_a_format_of_cpus():
    with (
        pytest.raises(MeasurementError, match=r"no tf32 on this device: .* it has fp32"),
        set_precision("tf32", "cpu"),
    ):
        pass


@pytest.mark.parametrize("name", ["fp16", "bf16"])
@pytest.mark.parametrize(
    ("features", "lack"),
    [
        (frozenset({"avx2", "avx512f"}), "the CPU has none of avx512_{name}, amx_{name}"),
        (frozenset(), "the system does not tell which instruction sets the CPU has"),
    ],
)
def test_a_cpu_without_the_format_or_without_news_of_it(monkeypatch, name, features, lack):
    monkeypatch.setattr(precision, "processor_features", lambda: features)
    with pytest.raises(MeasurementError) as caught:
        verify_precision(name, "cpu")
    assert lack.format(name=name) in str(caught.value)
    assert str(caught.value).endswith("; it has fp32")


@pytest.mark.parametrize(
    ("features", "available"),
    [
        ({"fp", "asimd", "asimdhp"}, ("fp32", "fp16")),
        ({"fp", "asimd", "asimdhp", "bf16"}, ("fp32", "fp16", "bf16")),
        ({"avx512_bf16"}, ("fp32", "bf16")),
        ({"amx_fp16", "amx_bf16"}, ("fp32", "fp16", "bf16")),
        ({"f16c"}, ("fp32",)),  # converts, does not compute
    ],
)
def test_formats_by_cpu_features(monkeypatch, features, available):
    monkeypatch.setattr(precision, "processor_features", lambda: frozenset(features))
    assert available_precisions("cpu") == available


@pytest.mark.parametrize(
    ("version", "available"),
    [
        (OLDEST, ("fp32",)),
        (P4, ("fp32", "fp16")),
        (V100, ("fp32", "fp16")),
        ((7, 5), ("fp32", "fp16")),
        ((8, 0), PRECISIONS),
        ((10, 0), PRECISIONS),
    ],
)
def test_formats_by_compute_capability(monkeypatch, version, available):
    capability(monkeypatch, version)
    assert available_precisions("cuda") == available


def test_the_refusal_says_what_is_missing_and_what_there_is(monkeypatch):
    capability(monkeypatch, V100)
    with pytest.raises(MeasurementError) as caught:
        require_precision("bf16", "cuda")
    assert str(caught.value) == (
        "no bf16 on this device: compute capability 7.0 is below 8.0; it has fp32, fp16"
    )


def test_an_unknown_precision_names_the_known_ones():
    with pytest.raises(UnknownNameError, match="unknown precision 'fp31': did you mean fp32"):
        require_precision("fp31", "cpu")


@pytest.mark.parametrize(("name", "kept"), [("fp32", False), ("tf32", True)])
@pytest.mark.parametrize("override", [None, "0", "1"])
def test_the_probe_decides_and_the_message_names_the_override(monkeypatch, name, kept, override):
    """PyTorch's default: convolutions in TF32, matrix products in FP32, neither label fits."""
    capability(monkeypatch, H100)
    probed = {"matmul": True, "convolution": False}
    monkeypatch.setattr(precision, "_probe", lambda dtype, device: probed)
    monkeypatch.delenv("NVIDIA_TF32_OVERRIDE", raising=False)
    if override:
        monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", override)
    with pytest.raises(MeasurementError) as caught:
        verify_precision(name, "cuda")
    assert ("matmul" if kept else "convolution") in str(caught.value)
    assert ("convolution" if kept else "matmul") not in str(caught.value)
    said = f"(NVIDIA_TF32_OVERRIDE={override} is set)"
    assert str(caught.value).endswith(said) == bool(override)


def test_a_device_that_fails_the_probe(monkeypatch):
    def fails(dtype: torch.dtype, device: str) -> dict[str, bool]:
        raise RuntimeError("addmm is not implemented for Half\nat line 1")

    capability(monkeypatch, P4)
    monkeypatch.setattr(precision, "_probe", fails)
    with pytest.raises(MeasurementError) as caught:
        verify_precision("fp16", "cuda")
    assert str(caught.value) == "fp16 can't be probed: addmm is not implemented for Half"


@pytest.mark.parametrize("shift", [0.01, float("nan")])
def test_a_probe_with_wrong_numbers_verifies_nothing(monkeypatch, shift):
    monkeypatch.setattr(precision.F, "conv2d", lambda images, kernel: images + shift)
    with pytest.raises(MeasurementError, match="wrong numbers"):
        verify_precision("fp32", "cpu")


@pytest.mark.parametrize("before", [("medium", True), ("highest", False)])
@pytest.mark.parametrize("fails", [False, True])
def test_flags_are_set_and_restored(monkeypatch, before, fails):
    capability(monkeypatch, H100)
    torch.set_float32_matmul_precision(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]
    for name in PRECISIONS:
        tf32 = name == "tf32"
        try:
            with set_precision(name, "cuda"):
                assert torch.backends.cuda.matmul.allow_tf32 == tf32
                assert torch.backends.cudnn.allow_tf32 == tf32
                assert ("tf32" in fp32_flags().values() or "high" in fp32_flags().values()) == tf32
                if fails:
                    raise ValueError
        except ValueError:
            assert fails
        assert torch.get_float32_matmul_precision() == before[0]
        assert torch.backends.cudnn.allow_tf32 == before[1]


@pytest.mark.parametrize("tf32", [False, True])
def test_the_flags_of_older_releases(monkeypatch, tf32):
    monkeypatch.setattr(precision, "hasattr", lambda owner, name: False, raising=False)
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    torch.backends.cudnn.allow_tf32 = tf32
    assert fp32_flags() == {
        "fp32_matmul": "high" if tf32 else "highest",
        "fp32_cudnn_conv": "tf32" if tf32 else "ieee",
    }


@pytest.mark.skipif(
    not hasattr(torch.backends.cuda.matmul, "fp32_precision"), reason="needs PyTorch 2.9"
)
def test_flags_that_contradict_each_other_are_refused_in_one_line():
    newer = torch.backends.cuda.matmul
    before = newer.fp32_precision
    newer.fp32_precision = "tf32"
    try:
        with (
            pytest.raises(MeasurementError, match="contradict its older ones"),
            set_precision("fp32", "cpu"),
        ):
            pass
    finally:
        newer.fp32_precision = before


@GPU
@pytest.mark.parametrize("name", PRECISIONS)
def test_every_precision_of_the_gpu_is_what_it_says(name):
    if name not in available_precisions("cuda"):
        pytest.skip(f"the GPU has no {name}")
    with set_precision(name, "cuda"):
        verify_precision(name, "cuda")


@GPU
def test_the_default_mixture_is_neither_fp32_nor_tf32():
    if "tf32" not in available_precisions("cuda"):
        pytest.skip("the GPU has no TF32")
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = True
    with pytest.raises(MeasurementError, match="but convolution ran with fewer bits"):
        verify_precision("fp32", "cuda")
    with pytest.raises(MeasurementError, match="but matmul ran with more bits"):
        verify_precision("tf32", "cuda")
