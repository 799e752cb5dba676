"""A series folder of any size, with published counts and latencies for each of its models."""

import csv
from pathlib import Path

NETS = '''\
"""One small net; its models differ in their input."""

from torch import nn


def net():
    """Two convolutions and a classifier."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 8, 3, stride=2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10),
    )
'''
FAMILIES = 20
_CONDITIONS = (("fp32", 1), ("fp32", 4), ("fp16", 1), ("fp16", 4))


def crop_size(index: int) -> int:
    """The input side of a model of the series."""
    return 32 + 8 * (index % 4)


def macs(crop: int) -> int:
    """What the net costs at an input side."""
    first = (crop - 3) // 2 + 1
    second = (first - 3) // 2 + 1
    return first**2 * 8 * 27 + second**2 * 8 * 72 + 80


def write_series(folder: Path, models: int) -> Path:
    """Write a series of so many models, in families, and return its folder, named as given.

    Every seventh model has no published counts, every fifth no latency, and every tenth a count
    that no rule gives.
    """
    folder.mkdir(parents=True)
    names = [f"net{index:04}" for index in range(models)]
    lines = ["[titles]", 'en = "Many nets"', "", "[pages]", 'paper = "The paper"']
    for family in range(min(FAMILIES, models)):
        lines += ["", "[[families]]", f'slug = "f{family}"', f'name = "Family {family}"']
    for index, name in enumerate(names):
        lines += [
            "", "[[models]]", f'name = "{name}"', f'label = "Net {index}"',
            'address = "nets.py:net"', f'family = "f{index % FAMILIES}"',
            f"crop_size = {crop_size(index)}",
        ]  # fmt: skip
    (folder / "series.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "nets.py").write_text(NETS, encoding="utf-8")
    with (folder / "counts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("page", "model", "top1", "top5", "flops_g", "params_m"))
        for index, name in enumerate(names):
            if index % 7:
                top1 = 0.5 + (index * 37 % 400) / 1000
                flops_g = f"{2 * macs(crop_size(index)) / 1e9:.6f}" if index % 10 else "0.000777"
                accuracies = f"{top1:.3f}", f"{top1 + 0.09:.3f}"
                rows.writerow(("paper", name, *accuracies, flops_g, ""))
    with (folder / "latency.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(
            ("page", "model", "hw", "precision", "batch_size", "crop_size", "resize_short_size",
             "latency_ms")
        )  # fmt: skip
        for index, name in enumerate(names):
            crop = crop_size(index)
            for precision, batch_size in _CONDITIONS if index % 5 else ():
                latency = (1 + (index * 53 % 900) / 100) * batch_size
                rows.writerow(
                    ("paper", name, "t4", precision, batch_size, crop, crop + 4, f"{latency:.3f}")
                )
    return folder
