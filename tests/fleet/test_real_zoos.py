"""timm, torchvision and transformers themselves, in an environment of their own.

They are no part of the tests' environment: torchvision's wheel breaks other packages beside a CPU
torch.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import torch

from profiler.catalog import load_series

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
#: torchvision's minor version is 15 ahead of torch's.
MINOR = int(torch.__version__.split(".")[1]) + 15

MODELS = [
    *("timm:resnetrs152", "timm:convnext_atto_rms", "timm:maxvit_rmlp_pico_rw_256",
      "timm:swinv2_cr_small_ns_224", "timm:dm_nfnet_f0", "timm:vit_base_patch16_siglip_gap_384",
      "timm:sam2_hiera_small", "timm:vitamin_large2_224", "timm:efficientvit_b2",
      "timm:mobilevitv2_150", "timm:crossvit_tiny_240", "timm:naflexvit_base_patch16_parfac_gap",
      "timm:tnt_s_legacy_patch16_224", "timm:botnet50ts_256", "timm:davit_huge_fl",
      "timm:gmlp_s16_224", "timm:levit_128", "timm:volo_d1_224", "timm:xcit_nano_12_p8_224",
      "timm:beit_base_patch16_224", "timm:coat_tiny", "timm:pvt_v2_b0", "timm:edgenext_base"),
    *("torchvision:resnet50", "torchvision:vit_b_16", "torchvision:swin_v2_t",
      "torchvision:maxvit_t", "torchvision:googlenet", "torchvision:fcn_resnet50",
      "torchvision:shufflenet_v2_x1_0", "torchvision:efficientnet_b0"),
]  # fmt: skip


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Run the interpreter of an environment with both zoos and everything that is here."""
    folder = tmp_path_factory.mktemp("zoos")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    # torchvision and timm would bring a torch of their own; transformers brings none
    wanted = (["--no-deps", f"torchvision==0.{MINOR}.*", "timm"], ["transformers>=5"])
    for packages in wanted:
        installed = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", str(site), *packages],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if installed.returncode:
            said = installed.stderr.strip().splitlines()[-1]
            pytest.skip(f"the zoos can't be installed: {said}")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "here.pth").write_text(f"{ours}\n")
    search = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'support'}"

    def run(*arguments):
        return subprocess.run(
            [folder / "bin" / "python", *arguments], cwd=folder, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": search}, check=False,
        )  # fmt: skip

    return run


def test_totals_are_those_of_torchs_own_counter(python):
    result = python("-m", "zoo_counts", *MODELS)
    assert result.returncode == 0, result.stderr[-2000:]
    counted = json.loads(result.stdout)
    assert counted.keys() == set(MODELS)
    held = [name for name, found in counted.items() if found["theirs"] is not None]
    assert len(held) > len(MODELS) * 3 / 4
    assert [name for name in held if counted[name]["ours"] != counted[name]["theirs"]] == []
    assert [name for name, found in counted.items() if found["uncounted"]] == []
    # as torchvision publishes it with the weights
    assert counted["torchvision:resnet50"]["params"] == 25_557_032
    assert counted["timm:naflexvit_base_patch16_parfac_gap"]["shape"][0] == 1


def test_the_resnets_are_torchvisions(python):
    result = python("-m", "resnet_peers", "18", "34", "50", "101", "152")
    assert result.returncode == 0, result.stderr[-2000:]
    found = json.loads(result.stdout)
    series = load_series("resnet")
    assert list(found) == [row.model for row in series.counts]
    for row in series.counts:
        theirs = found[row.model]
        assert (theirs["same_shapes"], theirs["same_scores"]) == (True, True), row.model
        assert theirs["crop_size"] == series.model(row.model).crop_size
        assert float(row.top1.text) == pytest.approx(theirs["top1"] / 100, abs=1e-12)
        assert float(row.top5.text) == pytest.approx(theirs["top5"] / 100, abs=1e-12)
        assert row.flops_g.text == str(theirs["ops"])
        assert row.params_m.text == f"{theirs['params'] / 1e6:.6f}"


def test_the_command_takes_a_zoos_model(python):
    start = (
        "import sys, torchvision_ops; from profiler.cli import main; sys.argv[0] = 'inprof'; main()"
    )

    def inprof(*arguments):
        result = python("-c", start, *arguments)
        assert result.returncode == 0, result.stderr[-2000:]
        return result.stdout

    found = json.loads(inprof("count", "--model", "timm:xception41", "--format", "json"))
    # timm's xception41 is the one with the changes for DeepLab: expected_counts.csv
    assert (found["input_shape"], found["totals"]["flops"]) == ([1, 3, 299, 299], 18_408_268_624)
    assert "timm:xception41" in inprof("models", "timm:xception*").split()
    assert "torchvision:googlenet" in inprof("models", "torchvision:*").split()


def test_forwards_that_look_at_values_are_counted_as_they_ran(python):
    result = python("-m", "valued_counts")
    assert result.returncode == 0, result.stderr[-2000:]
    counted = json.loads(result.stdout)
    assert [name for name, found in counted.items() if found["ours"] != found["theirs"]] == []
    assert [name for name, found in counted.items() if found["uncounted"]] == []
    # detectors keep the boxes above a score
    assert {name for name, found in counted.items() if found["values"] == "real"} >= {
        "ssdlite", "fasterrcnn", "fcos",
    }  # fmt: skip
