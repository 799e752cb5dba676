"""The image a model says it takes, in the ways that networks say it."""

from types import SimpleNamespace

import pytest
import torch

from profiler.models.building import own_image, sized
from profiler.records import Input


def saying(**said):
    model = torch.nn.Identity()
    for name, value in said.items():
        setattr(model, name, value)
    return model


@pytest.mark.parametrize(
    ("said", "image"),
    [
        ({}, (3, 224, 224)),
        ({"default_cfg": {"input_size": (3, 299, 299)}}, (3, 299, 299)),
        ({"pretrained_cfg": SimpleNamespace(input_size=(1, 28, 30))}, (1, 28, 30)),
        ({"config": SimpleNamespace(image_size=384, num_channels=4)}, (4, 384, 384)),
        ({"config": SimpleNamespace(image_size=[32, 64])}, (3, 32, 64)),
        ({"image_size": 240}, (3, 240, 240)),
        # what makes no sense is not believed
        ({"default_cfg": {"input_size": None}, "image_size": 0}, (3, 224, 224)),
        ({"default_cfg": {"input_size": (3, -1, 299)}}, (3, 224, 224)),
        ({"config": {"image_size": True}}, (3, 224, 224)),
        ({"image_size": "large"}, (3, 224, 224)),
    ],
)
def test_where_a_model_says_it(said, image):
    assert own_image(saying(**said)) == image


def test_what_is_asked_for_goes_before_what_the_model_says():
    model = saying(default_cfg={"input_size": (1, 299, 288)})
    whole = Input(shape=(1, 7), kind="tokens")
    inputs = [Input(shape=(8, 0, 0, 0)), Input(shape=(8, 0, 96, 96)), whole]
    filled = sized(inputs, "a.py:net", model)
    assert [each.shape for each in filled] == [(8, 1, 299, 288), (8, 1, 96, 96), (1, 7)]
    assert filled[2] is whole
