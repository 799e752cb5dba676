"""A small series of a user's own, as files."""

from collections.abc import Callable
from pathlib import Path

import pytest

SERIES = """\
file_stem = "Mine"

[titles]
en = "My nets"

[pages]
blog = "A post of ours"

[[families]]
slug = "net"
name = "Net"

[[models]]
name = "small"
label = "Small net"
address = "my_nets.py:small"
family = "net"
crop_size = 32

[[models]]
name = "large"
address = "googlenet"
family = "net"
crop_size = 224
"""

COUNTS = """\
page,model,top1,top5,flops_g,params_m
blog,small,0.5,0.75,1.50,
blog,large,0.6,,,
"""

LATENCY = """\
page,model,hw,precision,batch_size,crop_size,resize_short_size,latency_ms
blog,small,t4,fp16,1,32,36,1.250
blog,small,t4,fp32,1,32,36,2.5
blog,large,mine,int8,4,224,256,10
"""

DEVICES = """\
[[devices]]
slug = "mine"
name = "Our board"
source = "its sheet"
int8_tops = 4
"""

FILES = {
    "series.toml": SERIES,
    "counts.csv": COUNTS,
    "latency.csv": LATENCY,
    "devices.toml": DEVICES,
    "my_nets.py": "",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the series "mine" and return its folder; files can be replaced, or dropped by None."""

    def write_series(**replaced: str | bytes | None) -> Path:
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        changed = {name.replace("__", "."): content for name, content in replaced.items()}
        for name, content in (FILES | changed).items():
            if content is None:
                (folder / name).unlink(missing_ok=True)
            else:
                raw = content if isinstance(content, bytes) else content.encode()
                (folder / name).write_bytes(raw)
        return folder

    return write_series
