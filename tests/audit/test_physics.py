"""Latencies against the peaks of devices; the arithmetic of the made-up network in conftest."""

import pytest
from msgspec.structs import replace

from profiler.audit.physics import fewest_flops, winograd_flops
from profiler.catalog import load_devices
from profiler.catalog.devices import peak
from profiler.records import Device
from profiler.tracing.addressed import trace_address


# The board's FP32 peak is 1e9 FLOP/s, so 147,616 FLOPs take 0.147616 ms at it. The first
# convolution, 110,592 of them, can be done with 16 of 36 multiplications:
# 147,616 - 110,592 * 20 / 36 = 86,176.
@pytest.mark.parametrize(
    ("milliseconds", "severity"),
    [
        ("0.147616", None),  # exactly at the peak
        ("0.147615", "warning"),
        ("0.086176", "warning"),  # what the short way leaves is exactly at the peak
        ("0.086175", "error"),
    ],
)
def test_the_peak_of_the_stated_device(audited, milliseconds, severity):
    findings = audited(latency=(f"blog,speed,small,board,fp32,1,16,18,{milliseconds}",))
    assert [(x.rule, x.severity) for x in findings] == (
        [("above-peak", severity)] if severity else []
    )
    for finding in findings:
        assert finding.evidence["peak_flops_per_s"] == 1e9
        assert finding.evidence["winograd_explains"] == (severity == "warning")
        assert [cell.hw for cell in finding.cells] == ["board"]


def test_batch_crop_and_precision_count(audited):
    # FP16 at 2e9 FLOP/s; at 32 pixels an image takes 589,984 FLOPs, four take 1.179968 ms
    row = "blog,speed,small,board,fp16,4,32,36,{}"
    assert audited(latency=(row.format("1.179968"),)) == ()
    assert [x.rule for x in audited(latency=(row.format("1.179967"),))] == ["above-peak"]


def test_a_precision_without_a_peak_is_not_judged(audited):
    assert audited(latency=("blog,speed,small,board,int8,1,16,18,0.000001",)) == ()


def test_hardware_that_nobody_names(audited):
    # 147,616 FLOPs in 1e-8 s are 14.76e12 a second, 8.62e12 the short way: above the 8.1 of a T4
    # and the 5.5 of a P4; above a V100 PCIe's 14.0 only the direct way, and below an SXM2's 15.7
    row = "blog,speed,small,unstated,fp32,{},16,18,{}"
    rows = (row.format(1, "0.00001"), row.format(4, "1"))
    (finding,) = (x for x in audited(latency=rows) if x.rule == "device-ruled-out")
    assert finding.severity == "info"
    assert finding.evidence["devices"] == ("p4", "t4", "board")
    assert finding.evidence["unless_winograd"] == ("v100-pcie",)
    assert [cell.batch_size for cell in finding.cells] == [1]
    slow = ("blog,speed,small,unstated,fp32,1,16,18,1.5",)  # below the board's peak even
    assert audited(latency=slow) == ()


def test_tf32_may_pass_for_fp32(audited):
    # 147,616 FLOPs in 5e-9 s: 29.5e12 the direct way, 17.2e12 the short one; an L4 has 30.3 in FP32
    # and 60 in TF32, an A100 19.5 and 156
    rows = ("blog,speed,small,unstated,fp32,1,16,18,0.000005",)
    (finding,) = audited(latency=rows)
    both = (*finding.evidence["devices"], *finding.evidence["unless_winograd"])
    assert "a100-40gb-sxm" not in both
    assert {"v100-sxm2", "v100"} <= set(finding.evidence["devices"])


def test_an_entry_without_a_peak_is_bounded_by_its_variants():
    devices = load_devices()
    # devices.toml: SXM2 15.7, PCIe 14.0
    assert peak(devices["v100"], devices, "fp32") == 15_700_000_000_000
    assert peak(devices["v100-pcie"], devices, "fp32") == 14 * 10**12
    assert peak(devices["p4"], devices, "fp16") is None
    lone = Device(slug="v", name="", source="")
    assert peak(lone, devices | {"v": lone}, "fp32") is None


def test_only_plain_3x3_convolutions_have_a_short_way():
    trace = trace_address("googlenet", crop_size=64)
    convolutions = [op for op in trace.ops if op.kind == "conv"]
    op = next(op for op in convolutions if op.attributes["kernel"] == (3, 3))
    alone = replace(trace, ops=(op,))
    assert winograd_flops(alone) > 0
    for change in (
        {"stride": (2, 2)}, {"dilation": (2, 2)}, {"groups": 2}, {"transposed": True},
        {"kernel": (1, 1)}, {"kernel": (3,)},
    ):  # fmt: skip
        other = replace(op, attributes=op.attributes | change)
        assert winograd_flops(replace(trace, ops=(other,))) == 0
    flops = winograd_flops(alone)
    assert fewest_flops(alone, flops) * 9 == flops * 4  # 16 of 36
