"""The schemas of torchvision's own ops, without which it can't be imported beside a CPU torch.

Its wheel is built for the CUDA torch; beside another one its compiled ops do not load. For
architectures the schemas are enough. Import this before torchvision or timm.
"""

import importlib

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

#: Kept alive, or the ops would go with it.
library = torch.library.Library("torchvision", "DEF")
for _schema in _SCHEMAS:
    library.define(_schema)


def give_values() -> None:
    """Kernels for the CPU that detectors get along with; what they keep is as good as any."""
    library.define(
        "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, "
        "SymInt pooled_width, int sampling_ratio, bool aligned) -> Tensor"
    )
    extension = importlib.import_module("torchvision.extension")
    extension._has_ops = lambda: True
    library.impl("nms", lambda boxes, scores, threshold: scores.argsort(descending=True), "CPU")
    library.impl(
        "roi_align",
        lambda x, rois, scale, height, width, ratio, aligned: x.new_zeros(
            len(rois), x.shape[1], height, width
        ),
        "CPU",
    )
