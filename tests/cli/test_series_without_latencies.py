"""The ResNet series through the commands: its page has no latencies, and says so."""

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--layout", "full"], "No latencies are published for this series."),
        (["--layout", "classic"], "No latencies are published for this series."),
        (["--lang", "zh_CN"], "该系列没有公布过耗时数据。"),
    ],
)
def test_its_page(options, said, inprof, folder):
    page = inprof("page", "--series", "resnet", *options).stdout
    assert said in page
    # torchvision 0.28.0: acc@1 76.13, acc@5 92.862; 2 * 4,089,184,256 FLOPs, 25,557,032 parameters
    row = next(line for line in page.splitlines() if line.startswith("| [ResNet50]"))
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    assert cells == ["224x224", "*0.7613*", "*0.92862*", "8.178", "25.557"]
    assert " ms" not in page


def test_its_plots(inprof, folder):
    inprof("page", "--series", "resnet", "-o", "resnet.md")
    assert sorted(path.name for path in Path("images").iterdir()) == [
        "ResNet.flops.png",
        "ResNet.params.png",
    ]


def test_a_plot_of_latencies_is_refused(refuses, folder):
    line = refuses(
        2, "plot", "--series", "resnet", "--hw", "t4", "--precision", "fp32", "--bs", "4"
    )
    assert "no latency is published for this series" in line


def test_its_findings(inprof, folder):
    printed = inprof("audit", "--series", "resnet", "--format", "markdown").stdout
    assert "Findings: 5 (errors 0, warnings 5, for information 0)" in printed
    assert "The convention macs gives that, 4,089,184,256 on the deploy graph" in printed


def test_plots_of_counts_alone(inprof, refuses, folder):
    result = inprof("plot", "--series", "resnet", "--out", "out")
    assert result.stdout.split() == ["out/ResNet.flops.png", "out/ResNet.params.png"]
    both = inprof("plot", "--series", "resnet", "--combined", "--format", "svg", "--out", "out")
    assert both.stdout.split() == ["out/ResNet.svg"]
    line = refuses(2, "plot", "--series", "resnet", "--hw", "t4")
    assert "all of --hw, --precision and --bs" in line
