"""The schemas of torchvision's own ops, without which it can't be imported beside a CPU torch.

Its wheel is built for the CUDA torch; beside another one its compiled ops do not load. For
architectures the schemas are enough. Import this before torchvision or timm.
"""

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

#: Kept alive, or the ops would go with it.
library = torch.library.Library("torchvision", "DEF")
for _schema in _SCHEMAS:
    library.define(_schema)
