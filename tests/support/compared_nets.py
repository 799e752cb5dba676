"""A pair of small nets whose figures are worked out by hand in the tests that use them."""

from torch import nn

#: The input that the figures are for.
SHAPE = (1, 3, 8, 8)


def plain() -> nn.Module:
    """Regular and pointwise: MACs 2256, parameters 170."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 8, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 2),
    )


def separable() -> nn.Module:
    """Depthwise, pointwise and grouped: MACs 1408, parameters 238."""
    return nn.Sequential(
        nn.Conv2d(3, 3, 3, stride=2, padding=1, groups=3),
        nn.BatchNorm2d(3),
        nn.Conv2d(3, 8, 1),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1, groups=4),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 2),
    )
