"""The ResNet series: the figures of torchvision's weight metadata, and nothing beside them."""

import pytest

import archs
from profiler.catalog import LANGUAGES, built_in_series, load_series
from profiler.records import Series

# torchvision 0.28.0, torchvision/models/resnet.py, meta of the IMAGENET1K_V1 weights: acc@1 and
# acc@5 in percent, _ops, num_params. tests/test_real_zoos.py asks torchvision itself.
PUBLISHED = {
    "ResNet18": ("69.758", "89.078", "1.814", 11689512),
    "ResNet34": ("73.314", "91.42", "3.664", 21797672),
    "ResNet50": ("76.13", "92.862", "4.089", 25557032),
    "ResNet101": ("77.374", "93.546", "7.801", 44549160),
    "ResNet152": ("78.312", "94.046", "11.514", 60192808),
}


@pytest.fixture(scope="module")
def resnet() -> Series:
    return load_series("resnet")


def test_both_series_come_with_the_project() -> None:
    assert built_in_series() == ("inception", "resnet")


def test_published_figures_keep_their_digits(resnet: Series) -> None:
    assert [row.model for row in resnet.counts] == list(PUBLISHED)
    for row in resnet.counts:
        top1, top5, ops, params = PUBLISHED[row.model]
        # 69.758 % is 0.69758, digit by digit
        assert (row.top1.text, row.top5.text) == (
            f"0.{top1.replace('.', '')}",
            f"0.{top5.replace('.', '')}",
        )
        assert row.flops_g.text == ops
        assert int(row.params_m.text.replace(".", "")) == params
        assert len(row.params_m.text.partition(".")[2]) == 6
        assert (row.reference_top1, row.reference_top5) == (None, None)


def test_every_figure_says_where_it_stands(resnet: Series) -> None:
    for row in resnet.counts:
        assert row.top1.source.page == "torchvision"
        assert row.top1.source.row == f"{row.model}_Weights.IMAGENET1K_V1"
    assert "0.28.0" in resnet.page_titles["torchvision"]["en"]
    assert resnet.page_urls["torchvision"].endswith("/torchvision/models/resnet.py")


def test_nothing_is_said_of_latencies(resnet: Series) -> None:
    assert resnet.latencies == ()
    assert resnet.devices == ()


def test_models_are_the_built_in_architectures(resnet: Series) -> None:
    for model in resnet.models:
        side = model.crop_size
        assert archs.default_input_shape(model.address) == (1, 3, side, side)
        assert archs.architecture(model.address).title == model.label
        assert model.published_variant == "deploy"


def test_both_languages_say_the_same_amount(resnet: Series) -> None:
    assert set(resnet.titles) == set(resnet.summaries) == set(LANGUAGES)
    assert len(resnet.notes["en"]) == len(resnet.notes["zh_CN"]) > 0
    assert resnet.summaries["en"] != resnet.summaries["zh_CN"]
