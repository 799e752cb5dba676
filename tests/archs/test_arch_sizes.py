"""Image sizes, batch sizes and class counts that fit, and one clear line for those that do not."""

import pytest
import torch

import archs

MINIMUM = {
    "googlenet": 61,
    "inceptionv3": 75,
    "inceptionv4": 75,
    "resnet18": 1,
    "resnet34": 1,
    "resnet50": 1,
    "resnet101": 1,
    "resnet152": 1,
    "xception41": 1,
    "xception65": 1,
    "xception71": 1,
    "xception41_deeplab": 1,
    "xception65_deeplab": 1,
}
NEEDS_PIXELS = [name for name, size in MINIMUM.items() if size > 1]


def image(*shape: int, **kwargs) -> torch.Tensor:
    return torch.empty(shape, device="meta", **kwargs)


@pytest.mark.parametrize("name", archs.list_models())
def test_smallest_size_runs(name, meta) -> None:
    net = meta(name).eval()
    assert net.minimum_size == MINIMUM[name]
    assert net(image(1, 3, MINIMUM[name], MINIMUM[name] + 40)).shape == (1, 1000)


@pytest.mark.parametrize("name", NEEDS_PIXELS)
@pytest.mark.parametrize("shape", [(-1, 40), (40, -1)], ids=["height", "width"])
def test_a_smaller_size_is_one_clear_line(name, shape, meta, monkeypatch) -> None:
    net = meta(name).eval()
    height, width = (MINIMUM[name] + offset for offset in shape)
    smallest = MINIMUM[name]
    with pytest.raises(archs.InputSizeError) as caught:
        net(image(1, 3, height, width))
    assert str(caught.value) == (
        f"{name} takes an image of at least {smallest}x{smallest} pixels, not {height}x{width}"
    )
    assert (caught.value.size, caught.value.smallest) == ((height, width), smallest)
    # The refusal is not too strict: without it, the arithmetic fails.
    monkeypatch.setattr(type(net), "minimum_size", 1)
    with pytest.raises(RuntimeError):
        net(image(1, 3, height, width))


def test_inception_v3_at_32_pixels(meta) -> None:
    with pytest.raises(ValueError, match=r"inceptionv3 .* at least 75x75 pixels, not 32x32"):
        meta("inceptionv3")(image(1, 3, 32, 32))


@pytest.mark.parametrize("size", [(189, 236), (236, 189), (224, 224)])
def test_sizes_that_the_auxiliary_heads_fit(size, meta) -> None:
    outputs = meta("googlenet", variant="train").eval()(image(2, 3, *size))
    assert [output.shape for output in outputs] == [(2, 1000)] * 3


@pytest.mark.parametrize("size", [(188, 224), (224, 188), (237, 224), (224, 237), (299, 299)])
def test_sizes_that_the_auxiliary_heads_do_not_fit(size, meta, monkeypatch) -> None:
    net = meta("googlenet", variant="train").eval()
    with pytest.raises(archs.InputSizeError) as caught:
        net(image(1, 3, *size))
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(
        "googlenet with auxiliary heads takes an image of 189 to 236 pixels a side, "
        f"not {size[0]}x{size[1]}"
    )
    monkeypatch.setattr(type(net), "heads_minimum_size", 1)
    monkeypatch.setattr(type(net), "heads_maximum_size", 999)
    with pytest.raises(RuntimeError):
        net(image(1, 3, *size))


def test_the_deploy_graph_takes_what_the_heads_do_not(meta) -> None:
    assert meta("googlenet").eval()(image(1, 3, 299, 299)).shape == (1, 1000)


@pytest.mark.parametrize("name", archs.list_models())
@pytest.mark.parametrize("shape", [(3, 299, 299), (299, 299), (1, 3, 1, 299, 299)])
def test_what_is_no_batch_of_images(name, shape, meta) -> None:
    with pytest.raises(archs.ArchError, match=rf"{name} takes images of shape \(batch, channels"):
        meta(name)(image(*shape))


@pytest.mark.parametrize("name", archs.list_models())
def test_batch_classes_and_half_precision(name, meta) -> None:
    net = meta(name, num_classes=7).to(torch.float16).eval()
    scores = net(image(5, 3, 111, 128, dtype=torch.float16))
    assert (scores.shape, scores.dtype) == ((5, 7), torch.float16)


def test_auxiliary_heads_have_the_same_classes(meta) -> None:
    net = meta("googlenet", num_classes=7, variant="train")
    for training in (True, False):
        outputs = net.train(training)(image(2, 3, 224, 224))
        assert isinstance(outputs, tuple)
        assert [output.shape for output in outputs] == [(2, 7)] * 3


def test_linear_layers_of_googlenet(meta) -> None:
    def linear_paths(variant):
        net = meta("googlenet", variant=variant)
        return [path for path, m in net.named_modules() if isinstance(m, torch.nn.Linear)]

    assert linear_paths("deploy") == ["classifier"]
    assert linear_paths("train") == [
        "classifier",
        "head1.linear",
        "head1.classifier",
        "head2.linear",
        "head2.classifier",
    ]


@torch.no_grad()
def test_bfloat16_computes() -> None:
    net = archs.create("googlenet").to(torch.bfloat16).eval()
    scores = net(torch.randn(1, 3, 64, 64, dtype=torch.bfloat16))
    assert scores.isfinite().all()
