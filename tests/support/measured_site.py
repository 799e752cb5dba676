"""The site of one small network whose modules have hostile names, with made-up times by layer."""

from pathlib import Path

import msgspec
from click.testing import CliRunner
from made_layers import made_layer_times
from made_measurements import made, spread

from profiler.cli import main
from profiler.tracing.addressed import trace_address

HOSTILE = ["<script>alert(1)<b>", 'a"b', "שלום", "🦜"]
_NETS = f"""
from torch import nn

def net():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    for name in {HOSTILE!r}:
        net.add_module(name, nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU()))
    return net
"""
_SERIES = """
[titles]
en = "Mine"
[[families]]
slug = "f"
name = "F"
[[models]]
name = "net"
label = "Net"
address = "nets.py:net"
family = "f"
crop_size = 32
"""


def build_measured_site(folder: Path) -> Path:
    """Build it below an empty folder and return its own: batches of 1 and 4, the latter by layer.

    A second device and a second precision were measured by layer as well, at batch size 4.
    """
    series = folder / "series" / "mine"
    series.mkdir(parents=True)
    (series / "series.toml").write_text(_SERIES, encoding="utf-8")
    (series / "nets.py").write_text(_NETS, encoding="utf-8")
    trace = trace_address(f"{series / 'nets.py'}:net", crop_size=32, batch_size=4)
    records = [
        made(model="net", device=device, precision=precision, batch_size=size,
             input_shape=(size, 3, 32, 32), samples=spread(2.0 * size),
             layers=made_layer_times(trace) if size == 4 else None)
        for device, precision in (("t4", "fp32"), ("t4", "fp16"), ("h100-sxm", "fp32"))
        for size in (1, 4)
    ]  # fmt: skip
    (folder / "measurements").mkdir()
    (folder / "measurements" / "made.jsonl").write_bytes(
        b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    )
    options = ["--series", "mine", "--series-path", str(folder / "series"), "--measurements",
               str(folder / "measurements"), "-o", str(folder / "site")]  # fmt: skip
    done = CliRunner().invoke(main, ["site", *options])
    assert done.exit_code == 0, done.output
    return folder / "site"
