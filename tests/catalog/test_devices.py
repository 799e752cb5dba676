"""The device table against what holds of the hardware whatever a table says."""

import math

import pytest

from profiler.catalog import load_devices, slug_of
from profiler.catalog.data_files import is_safe_name
from profiler.catalog.devices import read_devices
from profiler.errors import CatalogError
from profiler.records import Device

DEVICES = load_devices()
TENSOR_16 = [d for d in DEVICES.values() if d.fp16_tflops is not None]
GEFORCE = [d for d in DEVICES.values() if "GeForce" in d.name]


def by_slug(device: Device) -> str:
    return device.slug


def test_every_gpu_is_there_with_its_source() -> None:
    assert set(DEVICES) == {
        "p4",
        "t4",
        "v100",
        "v100-sxm2",
        "v100-pcie",
        "a10",
        "l4",
        "a100-40gb-sxm",
        "a100-40gb-pcie",
        "a100-80gb-sxm",
        "a100-80gb-pcie",
        "rtx3090",
        "rtx4090",
        "l40s",
        "h100-pcie",
        "h100-sxm",
        "h200-sxm",
        "b200",
    }
    assert all(device.source and device.name for device in DEVICES.values())


@pytest.mark.parametrize("device", DEVICES.values(), ids=by_slug)
def test_peaks_double_as_precision_halves(device: Device) -> None:
    if device.tf32_tflops and device.bf16_tflops:
        # Tensor cores run TF32 at half the 16-bit rate; GeForce halves the 16-bit rate once more.
        factor = 35.6 / 71 if device in GEFORCE else 0.5
        assert math.isclose(device.tf32_tflops / device.bf16_tflops, factor, rel_tol=0.02)
    if device.bf16_tflops:
        assert device.bf16_tflops == device.fp16_tflops
    if device.int8_tops and device.fp16_tflops:
        factor = 4 if device in GEFORCE else 2
        assert math.isclose(device.int8_tops / device.fp16_tflops, factor, rel_tol=0.02)


@pytest.mark.parametrize("device", DEVICES.values(), ids=by_slug)
def test_no_precision_that_the_generation_lacks(device: Device) -> None:
    if float(device.compute_capability) < 8.0:
        assert device.bf16_tflops is None
        assert device.tf32_tflops is None
    if float(device.compute_capability) < 7.0:
        assert device.fp16_tflops is None


@pytest.mark.parametrize("device", TENSOR_16, ids=by_slug)
def test_dense_peaks_follow_from_the_tensor_cores(device: Device) -> None:
    """FP16 FLOP per SM and clock, dense, from the generations' tensor cores.

    8 cores x 64 FMA (Volta, Turing), 4 x 256 (GA100), 4 x 512 (Hopper), twice that (Blackwell),
    4 x 128 (GA10x, AD10x), half on GeForce with FP32 accumulation. At 1.1 to 2.6 GHz a sparse
    figure, twice the dense one, falls outside for every one of them.
    """
    fma = {"7.0": 512, "7.5": 512, "8.0": 1024, "8.6": 512, "8.9": 512, "9.0": 2048, "10.0": 4096}
    per_clock = fma[device.compute_capability] * 2 / (2 if device in GEFORCE else 1)
    assert device.multiprocessors is not None
    assert device.fp16_tflops is not None
    clock_ghz = device.fp16_tflops * 1000 / (device.multiprocessors * per_clock)
    assert 1.1 < clock_ghz < 2.6


@pytest.mark.parametrize(
    ("slug", "key", "dense", "mistaken"),
    [
        ("h100-sxm", "bf16_tflops", 989, 1979),  # with 2:4 sparsity
        ("h100-sxm", "tf32_tflops", 494.5, 156),  # the A100's
        ("l4", "fp16_tflops", 121, 242),
        ("l4", "bandwidth_gb_per_s", 300, 3350),  # the H100's
        ("rtx3090", "fp16_tflops", 71, 142),  # with FP16 accumulation
        ("rtx4090", "fp16_tflops", 165, 330),
    ],
)
def test_known_mistakes_of_other_tables(slug: str, key: str, dense: float, mistaken: float) -> None:
    assert getattr(DEVICES[slug], key) == dense != mistaken


def test_the_two_boards_of_the_published_tables() -> None:
    t4 = DEVICES["t4"]
    assert (t4.fp32_tflops, t4.fp16_tflops, t4.int8_tops) == (8.1, 65, 130)
    assert (t4.bandwidth_gb_per_s, t4.multiprocessors, t4.watts) == (320, 40, 70)
    assert DEVICES["v100-sxm2"].fp32_tflops == 15.7
    assert DEVICES["v100-pcie"].fp32_tflops == 14.0


def test_an_unstated_variant_states_only_what_both_variants_share() -> None:
    unstated, sxm2, pcie = (DEVICES[slug] for slug in ("v100", "v100-sxm2", "v100-pcie"))
    for field in set(Device.__struct_fields__) - {"slug", "name", "names", "source", "reported_as"}:
        shared = getattr(sxm2, field) if getattr(sxm2, field) == getattr(pcie, field) else None
        assert getattr(unstated, field) == shared, field


@pytest.mark.parametrize(
    ("slug", "key"),
    [
        ("v100-sxm2", "int8_tops"),
        ("v100-pcie", "int8_tops"),
        ("a10", "tf32_tflops"),
        ("a10", "int8_tops"),
        ("l40s", "l2_mb"),
        ("b200", "fp32_tflops"),
        ("b200", "tf32_tflops"),
    ],
)
def test_a_figure_without_a_source_is_not_stated(slug: str, key: str) -> None:
    assert getattr(DEVICES[slug], key) is None


def test_the_table_can_not_be_changed_by_its_reader() -> None:
    load_devices().clear()
    assert load_devices() == DEVICES


@pytest.mark.parametrize(
    ("reported", "slug"),
    [
        ("Tesla P4", "p4"),
        ("Tesla T4", "t4"),
        ("Tesla V100-SXM2-16GB", "v100-sxm2"),
        ("Tesla V100-SXM2-32GB", "v100-sxm2"),
        ("Tesla V100-PCIE-32GB", "v100-pcie"),
        ("NVIDIA A10", "a10"),
        ("NVIDIA L4", "l4"),
        ("NVIDIA A100-SXM4-40GB", "a100-40gb-sxm"),
        ("A100-SXM4-40GB", "a100-40gb-sxm"),
        ("NVIDIA A100-PCIE-40GB", "a100-40gb-pcie"),
        ("NVIDIA A100-SXM4-80GB", "a100-80gb-sxm"),
        ("NVIDIA A100 80GB PCIe", "a100-80gb-pcie"),
        ("GeForce RTX 3090", "rtx3090"),
        ("NVIDIA GeForce RTX 3090", "rtx3090"),
        ("NVIDIA GeForce RTX 4090", "rtx4090"),
        ("NVIDIA L40S", "l40s"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("NVIDIA H200", "h200-sxm"),
        ("NVIDIA B200", "b200"),
        (" NVIDIA B200\n", "b200"),
    ],
)
def test_a_reported_name_gives_its_entry(reported: str, slug: str) -> None:
    assert slug_of(reported) == slug


@pytest.mark.parametrize(
    ("reported", "slug"),
    [
        ("NVIDIA A10G", "a10g"),
        ("Tesla V100S-PCIE-32GB", "tesla-v100s-pcie-32gb"),
        ("Tesla V100-FHHL-16GB", "tesla-v100-fhhl-16gb"),
        ("NVIDIA H100 NVL", "h100-nvl"),
        ("NVIDIA H200 NVL", "h200-nvl"),
        ("NVIDIA L40", "l40"),
        ("NVIDIA GeForce RTX 3090 Ti", "geforce-rtx-3090-ti"),
        ("NVIDIA GeForce RTX 4090 D", "geforce-rtx-4090-d"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "geforce-rtx-4090-laptop-gpu"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "a100-sxm4-40gb-mig-1g-5gb"),
        ("nvidia a10", "gpu-a10"),  # resembles an entry, is not what a driver says
        ("NVIDIA V100", "gpu-v100"),  # the entry that stands for an unstated variant
        ("V100", "gpu-v100"),
        ("unstated", "gpu-unstated"),
        ("CPU-2000", "2000"),
        ("cpux", "cpux"),
        ("NVIDIA", "unknown"),
        ("", "unknown"),
        ("光", "unknown"),
    ],
)
def test_a_similar_name_is_another_device(reported: str, slug: str) -> None:
    assert slug_of(reported) == slug
    assert slug not in DEVICES


@pytest.mark.parametrize(
    ("reported", "slug"),
    [
        ("Intel(R) Xeon(R) Processor", "cpu-intel-xeon"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "cpu-intel-xeon-2-20ghz"),
        ("Intel(R) Core(TM) i7-13700K", "cpu-intel-core-i7-13700k"),
        ("AMD EPYC 7763 64-Core Processor", "cpu-amd-epyc-7763-64-core"),
        ("Apple M2", "cpu-apple-m2"),
        ("Tesla T4", "cpu-tesla-t4"),
        ("", "cpu-unknown"),
    ],
)
def test_a_cpu_is_never_taken_for_a_gpu(reported: str, slug: str) -> None:
    assert slug_of(reported, cpu=True) == slug


@pytest.mark.parametrize("cpu", [False, True])
@pytest.mark.parametrize("reported", ["x" * 500, "a-" * 300, "../../etc/passwd", "é ü", "-", "."])
def test_every_slug_can_be_part_of_a_file_name(reported: str, cpu: bool) -> None:
    slug = slug_of(reported, cpu=cpu)
    assert is_safe_name(slug)
    assert slug == slug.lower()
    assert "--" not in slug


def test_every_board_but_the_unstated_variant_can_be_recognised() -> None:
    assert {slug for slug, device in DEVICES.items() if not device.reported_as} == {"v100"}
    for device in DEVICES.values():
        assert all(slug_of(name) == device.slug for name in device.reported_as)


ENTRY = '[[devices]]\nslug = "{slug}"\nname = "x"\nsource = "x"\nreported_as = {names}\n'


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ('["A"]', '["B", "A"]', r"devices\[2\].reported_as: 'A' is there twice, first in devices"),
        ('["A", "A"]', "[]", r"devices\[1\].reported_as: 'A' is there twice"),
        ('[" A"]', "[]", r"' A' is no reported name \(copy it from nvidia-smi\)"),
        ('[""]', "[]", "'' is no reported name"),
        ('"A"', "[]", "'A' is no list of texts"),
        ("[1]", "[]", r"\[1\] is no list of texts"),
    ],
)
def test_reported_names_that_are_refused(tmp_path, first: str, second: str, said: str) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(
        ENTRY.format(slug="one", names=first) + ENTRY.format(slug="two", names=second),
        encoding="utf-8",
    )
    with pytest.raises(CatalogError, match=said):
        read_devices(path)


def test_case_tells_reported_names_apart(tmp_path) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(ENTRY.format(slug="one", names='["A", "a"]'), encoding="utf-8")
    assert read_devices(path)[0].reported_as == ("A", "a")
