"""What an image is compared with."""

import pytest
import torch

from resnet_viz.attribution.engine.maps import baseline
from resnet_viz.attribution.methods import BASELINES
from resnet_viz.errors import SpecError

pytestmark = pytest.mark.torch

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet: torchvision's documentation


def normalised(pixels_1CHW: torch.Tensor) -> torch.Tensor:
    return (pixels_1CHW - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


PIXELS = torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("name", "pixel"), [("black", 0.0), ("white", 1.0)])
def test_black_and_white_are_pixels_before_normalisation(name: str, pixel: float) -> None:
    found = baseline(name, normalised(PIXELS), MEAN, STD)
    torch.testing.assert_close(found, normalised(torch.full_like(PIXELS, pixel)))


def test_the_mean_is_zero_after_normalisation() -> None:
    assert not baseline("mean", normalised(PIXELS), MEAN, STD).any()


def test_a_blur_keeps_the_mean_colour_and_little_else() -> None:
    x_1CHW = normalised(PIXELS)
    found = baseline("blur", x_1CHW, MEAN, STD)
    torch.testing.assert_close(found.mean((2, 3)), x_1CHW.mean((2, 3)), rtol=0, atol=0.2)
    assert (found.std((2, 3)) < 0.25 * x_1CHW.std((2, 3))).all()


def test_a_blur_leaves_one_colour_alone() -> None:
    x_1CHW = torch.full((1, 1, 9, 9), 0.7)
    torch.testing.assert_close(baseline("blur", x_1CHW, 0.5, 0.25), x_1CHW)


def test_noise_stays_between_black_and_white_and_comes_from_its_seed() -> None:
    x_1CHW = normalised(PIXELS)
    before = torch.get_rng_state()
    first, again, other = (baseline("noise", x_1CHW, MEAN, STD, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    black, white = (baseline(name, x_1CHW, MEAN, STD) for name in ("black", "white"))
    assert ((first >= black - 1e-5) & (first <= white + 1e-5)).all()


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("size", [1, 8, 28])
def test_every_baseline_is_a_image_of_its_own_like_the_image(name: str, size: int) -> None:
    x_1CHW = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    before = x_1CHW.clone()
    found = baseline(name, x_1CHW, 0.28, 0.35)
    assert (found.shape, found.dtype) == (x_1CHW.shape, x_1CHW.dtype)
    found.add_(1)
    assert torch.equal(x_1CHW, before)


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(SpecError, match="black, white, mean, blur, noise"):
        baseline("grey" * 100, PIXELS, MEAN, STD)
