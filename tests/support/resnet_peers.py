"""Run by itself: holds our ResNets against torchvision's own and its metadata; prints JSON."""

import json
import sys

import torch
import torchvision_ops  # noqa: F401 - before torchvision
from torchvision import models

import archs


def compared(depth):
    with torch.device("meta"):
        ours = archs.create(f"resnet{depth}")
        theirs = models.get_model(f"resnet{depth}", weights=None)
    shapes = [[(n, list(x.shape)) for n, x in net.state_dict().items()] for net in (ours, theirs)]
    weights = getattr(models, f"ResNet{depth}_Weights").IMAGENET1K_V1
    metrics = weights.meta["_metrics"]["ImageNet-1K"]
    return {"same_shapes": shapes[0] == shapes[1], "same_scores": same_scores(depth),
            "crop_size": weights.transforms().crop_size[0], "top1": metrics["acc@1"],
            "top5": metrics["acc@5"], "ops": weights.meta["_ops"],
            "params": weights.meta["num_params"]}  # fmt: skip


@torch.no_grad()
def same_scores(depth):
    """Whether both give the same bits with the same weights."""
    torch.manual_seed(0)
    theirs = models.get_model(f"resnet{depth}", weights=None).eval()
    ours = archs.create(f"resnet{depth}").eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 75, 64)
    return torch.equal(ours(x), theirs(x))


if __name__ == "__main__":
    sys.stdout.write(json.dumps({f"ResNet{depth}": compared(int(depth)) for depth in sys.argv[1:]}))
