"""Padded, cropped and mirrored images: the same for all nets of a run, and each of them one of the crops."""

import pytest
import torch

from resnet_viz.training.engine.augment import PADDING, pad_crop_flip

pytestmark = pytest.mark.torch


def images(count: int = 64, channels: int = 3, side: int = 6) -> torch.Tensor:
    return torch.rand(count, channels, side, side + 1, generator=torch.Generator().manual_seed(1))


def test_each_image_is_a_crop_of_the_padded_image_or_of_its_mirror() -> None:
    x_BCHW = images()
    changed = pad_crop_flip(x_BCHW, seed=0, step=3)
    height, width = x_BCHW.shape[2:]
    places = set()
    for image, own in zip(changed, x_BCHW, strict=True):
        padded = torch.nn.functional.pad(own, (PADDING,) * 4)
        crops = {
            (top, left, is_mirrored): padded[:, top : top + height, left : left + width].flip(
                [2] if is_mirrored else []
            )
            for top in range(2 * PADDING + 1)
            for left in range(2 * PADDING + 1)
            for is_mirrored in (False, True)
        }
        found = [place for place, crop in crops.items() if torch.equal(crop, image)]
        assert found
        places.add(found[0])
    assert {top for top, _left, _mirrored in places} == set(range(2 * PADDING + 1))
    assert {is_mirrored for _top, _left, is_mirrored in places} == {False, True}


def test_what_is_drawn_depends_on_seed_and_step_alone() -> None:
    x_BCHW = images()
    torch.manual_seed(1)
    first = pad_crop_flip(x_BCHW, seed=5, step=7)
    torch.manual_seed(2)
    assert torch.equal(pad_crop_flip(x_BCHW, seed=5, step=7), first)
    assert not torch.equal(pad_crop_flip(x_BCHW, seed=6, step=7), first)
    assert not torch.equal(pad_crop_flip(x_BCHW, seed=5, step=8), first)
    assert not torch.equal(pad_crop_flip(x_BCHW, seed=5 + 2**31 - 6, step=7), first)


def test_all_channels_of_an_image_move_together() -> None:
    grey = images(channels=1).expand(-1, 3, -1, -1)
    changed = pad_crop_flip(grey, seed=0, step=0)
    assert torch.equal(changed[:, 0], changed[:, 2])


def test_the_images_themselves_stay_as_they_are() -> None:
    x_BCHW = images()
    before = x_BCHW.clone()
    pad_crop_flip(x_BCHW, seed=0, step=0)
    assert torch.equal(x_BCHW, before)
