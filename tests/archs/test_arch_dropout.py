"""DownscaleDropout: what is multiplied, when."""

import pytest
import torch

from archs.dropout import DownscaleDropout


def test_eval_multiplies_by_one_minus_p() -> None:
    x = torch.tensor([1.0, -2.0, 0.0, 10.0])
    got = DownscaleDropout(0.7).eval()(x)
    torch.testing.assert_close(got, torch.tensor([0.3, -0.6, 0.0, 3.0]))


def test_training_zeroes_without_rescaling() -> None:
    x = torch.full((200, 500), 3.0)
    got = DownscaleDropout(0.7).train()(x)
    assert set(got.unique().tolist()) == {0.0, 3.0}
    # 100 000 draws: the standard deviation of the share is 0.0014.
    assert (got == 0).float().mean().item() == pytest.approx(0.7, abs=0.01)


def test_gradient_flows_through_what_is_kept() -> None:
    x = torch.ones(1000, requires_grad=True)
    got = DownscaleDropout(0.5).train()(x)
    got.sum().backward()
    assert torch.equal(x.grad, got.detach())


@pytest.mark.parametrize(("p", "kept"), [(0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("training", [True, False])
def test_extremes(p, kept, training) -> None:
    got = DownscaleDropout(p).train(training)(torch.ones(10))
    assert torch.equal(got, torch.full((10,), kept))


@pytest.mark.parametrize("training", [True, False])
def test_keeps_precision_and_device(training) -> None:
    x = torch.empty(2, 3, dtype=torch.float16, device="meta")
    got = DownscaleDropout(0.2).train(training)(x)
    assert (got.dtype, got.device.type, got.shape) == (torch.float16, "meta", (2, 3))


def test_leaves_its_input_alone() -> None:
    x = torch.ones(100)
    DownscaleDropout(0.5).train()(x)
    assert torch.equal(x, torch.ones(100))


def test_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        DownscaleDropout(1.5)


def test_says_what_it_is() -> None:
    assert DownscaleDropout.op_kind == "dropout"
    assert repr(DownscaleDropout(0.4)) == "DownscaleDropout(p=0.4)"
