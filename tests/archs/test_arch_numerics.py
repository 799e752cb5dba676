"""Every family's numbers against a second, functional statement of it.

The reference below takes attributes from the layer tables and weights by position, and says only
how data flow between the rows. So it holds what no table shows: which tensor a shortcut takes, what
an average pool counts, by how much dropout scales, the epsilon of a batch norm.
"""

import pytest
import torch
from torch.nn import functional as F

import archs


class Reference:
    """Executes a table's rows one by one, taking weights by position."""

    def __init__(self, rows, state, *, eps=1e-5, dropout=(), counts_padding=True) -> None:
        self.rows = iter(rows)
        self.state = iter(state)
        self.eps = eps
        self.keep = iter([1 - p for p in dropout])
        self.counts_padding = counts_padding

    def next(self, op):
        row = next(self.rows)
        assert row.op == op
        return row

    def pair(self, cell):
        return tuple(int(size) for size in cell.split("x"))

    def conv(self, x):
        row = self.next("conv2d")
        return F.conv2d(
            x,
            next(self.state),
            stride=self.pair(row.stride),
            padding=self.pair(row.padding),
            dilation=self.pair(row.dilation),
            groups=int(row.groups),
        )

    def bn(self, x):
        self.next("batch_norm")
        scale, shift, mean, var, _ = (next(self.state)[..., None, None] for _ in range(5))
        return (x - mean) / torch.sqrt(var + self.eps) * scale + shift

    def relu(self, x):
        self.next("relu")
        return x.clamp(min=0)

    def unit(self, x, times=1):
        for _ in range(times):
            x = self.relu(self.bn(self.conv(x)))
        return x

    def max_pool(self, x):
        row = self.next("max_pool2d")
        padding = self.pair(row.padding)[0]
        x = F.pad(x, (padding,) * 4, value=float("-inf"))
        return F.max_pool2d(x, self.pair(row.kernel), self.pair(row.stride))

    def avg_pool(self, x):
        row = self.next("avg_pool2d")

        def average(x):
            padded = F.pad(x, (self.pair(row.padding)[0],) * 4)
            return F.avg_pool2d(padded, self.pair(row.kernel), self.pair(row.stride))

        return average(x) if self.counts_padding else average(x) / average(torch.ones_like(x))

    def global_pool(self, x):
        self.next("global_avg_pool2d")
        return x.mean((2, 3))

    def cat(self, *branches):
        self.next("concat")
        return torch.cat(branches, 1)

    def add(self, x, y):
        self.next("add")
        return x + y

    def dropout(self, x):
        self.next("dropout")
        return x * next(self.keep)

    def linear(self, x):
        self.next("linear")
        return x @ next(self.state).T + next(self.state)

    def finished(self):
        return not list(self.rows) and not list(self.state)


def googlenet(r, x):
    def block(x):
        branches = r.conv(x), r.conv(r.conv(x)), r.conv(r.conv(x)), r.conv(r.max_pool(x))
        return r.relu(r.cat(*branches))

    def head(x, relu):
        x = r.linear(r.conv(r.avg_pool(x)).flatten(1))
        return r.linear(r.dropout(relu(x)))

    x = r.max_pool(r.conv(x))
    x = r.max_pool(r.conv(r.conv(x)))
    x = r.max_pool(block(block(x)))
    after_4a = block(x)
    after_4d = block(block(block(after_4a)))
    x = r.max_pool(block(after_4d))
    x = r.global_pool(block(block(x)))
    main = r.linear(r.dropout(x))
    return main, head(after_4a, relu=r.relu), head(after_4d, relu=lambda x: x)


def inception_v3(r, x):
    def a(x):
        return r.cat(r.unit(x), r.unit(x, 2), r.unit(x, 3), r.unit(r.avg_pool(x)))

    def b(x):
        return r.cat(r.unit(x), r.unit(x, 3), r.unit(x, 5), r.unit(r.avg_pool(x)))

    def split(x):
        return r.cat(r.unit(x), r.unit(x))

    def c(x):
        return r.cat(r.unit(x), split(r.unit(x)), split(r.unit(x, 2)), r.unit(r.avg_pool(x)))

    x = r.max_pool(r.unit(r.max_pool(r.unit(x, 3)), 2))
    x = a(a(a(x)))
    x = r.cat(r.unit(x), r.unit(x, 3), r.max_pool(x))
    x = b(b(b(b(x))))
    x = r.cat(r.unit(x, 2), r.unit(x, 4), r.max_pool(x))
    return r.linear(r.dropout(r.global_pool(c(c(x)))))


def inception_v4(r, x):
    def block(x, third, fourth):
        return r.cat(r.unit(r.avg_pool(x)), r.unit(x), r.unit(x, third), r.unit(x, fourth))

    def c(x):
        branches = [r.unit(r.avg_pool(x)), r.unit(x)]
        for depth in (1, 3):
            reduced = r.unit(x, depth)
            branches += [r.unit(reduced), r.unit(reduced)]
        return r.cat(*branches)

    x = r.unit(x, 3)
    x = r.cat(r.max_pool(x), r.unit(x))
    x = r.cat(r.unit(x, 2), r.unit(x, 4))
    x = r.cat(r.unit(x), r.max_pool(x))
    for _ in range(4):
        x = block(x, 2, 3)
    x = r.cat(r.max_pool(x), r.unit(x), r.unit(x, 3))
    for _ in range(7):
        x = block(x, 3, 5)
    x = r.cat(r.max_pool(x), r.unit(x, 2), r.unit(x, 4))
    return r.linear(r.dropout(r.global_pool(c(c(c(x))))))


def xception(r, x, entry_blocks, middle_blocks):
    def separable(x):
        return r.bn(r.conv(r.bn(r.conv(x))))

    def pooling(x, first=False):
        shortcut = r.conv(x)
        x = separable(x if first else r.relu(x))
        return r.add(shortcut, r.max_pool(separable(r.relu(x))))

    x = pooling(r.unit(x, 2), first=True)
    for _ in range(entry_blocks - 1):
        x = pooling(x)
    for _ in range(middle_blocks):
        residual = x
        for _ in range(3):
            residual = separable(r.relu(residual))
        x = r.add(x, residual)
    x = pooling(x)
    x = r.relu(separable(r.relu(separable(x))))
    return r.linear(r.global_pool(x))


def xception_deeplab(r, x, middle_blocks):
    def three(x):
        for _ in range(3):
            x = r.bn(r.conv(r.bn(r.conv(r.relu(x)))))
        return x

    def strided(x):
        residual = three(x)
        return r.add(residual, r.bn(r.conv(x)))

    x = strided(strided(strided(r.unit(x, 2))))
    for _ in range(middle_blocks):
        x = r.add(three(x), x)
    x = r.dropout(r.unit(strided(x), 6))
    return r.linear(r.global_pool(x))


def resnet(r, x, depths, convolutions):
    x = r.max_pool(r.unit(x))
    for number, depth in enumerate(depths):
        for index in range(depth):
            residual = r.bn(r.conv(r.unit(x, convolutions - 1)))
            # All of a bottleneck's first shortcuts change the channels, a basic block's but one.
            projected = index == 0 and (number > 0 or convolutions == 3)
            x = r.relu(r.add(residual, r.bn(r.conv(x)) if projected else x))
    return r.linear(r.global_pool(x))


# (architecture, image height and width, data flow, its arguments, what the tables do not say)
CASES = [
    ("googlenet", (192, 208), googlenet, {}, {"dropout": (0.4, 0.7, 0.7)}),
    ("inceptionv3", (80, 96), inception_v3, {}, {"dropout": (0.2,), "counts_padding": True}),
    ("inceptionv4", (80, 96), inception_v4, {}, {"dropout": (0.2,), "counts_padding": False}),
    ("xception41", (33, 48), xception, {"entry_blocks": 3, "middle_blocks": 8}, {}),
    ("xception71", (33, 48), xception, {"entry_blocks": 5, "middle_blocks": 16}, {}),
    ("resnet18", (33, 48), resnet, {"depths": (2, 2, 2, 2), "convolutions": 2}, {}),
    ("resnet50", (33, 48), resnet, {"depths": (3, 4, 6, 3), "convolutions": 3}, {}),
    (
        "xception41_deeplab",
        (33, 48),
        xception_deeplab,
        {"middle_blocks": 8},
        {"dropout": (0.5,), "eps": 1e-3},
    ),
]


def lively(net):
    """Batch norms with statistics, and scores that are not all but zero."""
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            # Small enough for epsilon to count, and undone by the scale.
            torch.nn.init.uniform_(module.running_var, 0.01, 0.04)
            torch.nn.init.uniform_(module.weight, 0.05, 0.15)
            torch.nn.init.uniform_(module.bias, -0.1, 0.1)
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, std=module.in_features**-0.5)
            torch.nn.init.normal_(module.bias)
    return net.eval()


@pytest.mark.parametrize(
    ("name", "size", "flow", "arguments", "untold"), CASES, ids=[case[0] for case in CASES]
)
@torch.no_grad()
def test_outputs_equal_the_functional_reference(
    name, size, flow, arguments, untold, layer_table
) -> None:
    net = lively(archs.create(name, variant="train"))
    x = torch.randn(2, 3, *size)
    reference = Reference(layer_table(name, "train"), net.state_dict().values(), **untold)
    expected = flow(reference, x, **arguments)
    assert reference.finished()
    got = net(x)
    assert torch.stack([*got] if isinstance(got, tuple) else [got]).std() > 0.1
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_googlenet_heads_leave_the_main_output_alone() -> None:
    train = lively(archs.create("googlenet", variant="train"))
    deploy = archs.create("googlenet").eval()
    shared = {path: value for path, value in train.state_dict().items() if "head" not in path}
    deploy.load_state_dict(shared)
    x = torch.randn(1, 3, 224, 224)
    outputs = train(x)
    assert len(outputs) == 3
    torch.testing.assert_close(deploy(x), outputs[0])


@torch.no_grad()
@pytest.mark.parametrize("name", ["googlenet", "xception41_deeplab"])
def test_memory_layout_changes_no_number(name) -> None:
    net = lively(archs.create(name))
    x = torch.randn(2, 3, 64, 80)
    expected = net(x)
    got = net.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
