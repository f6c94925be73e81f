"""Inception 3a: published counts, and the sum as a concatenation."""

import pytest
import torch

from resnet_viz.blocks.inception import IN_SHAPE, PATHS, chosen_paths
from resnet_viz.present.blocks.inception import comparison_text, path_rows


def test_the_counts_of_each_path_and_of_all() -> None:
    # Szegedy et al. 2015, table 1: 159K parameters and 128M multiply-adds; exactly, with biases, by the table's sizes
    assert [path.params for path in PATHS] == [12_352, 129_248, 15_920, 6_176]
    assert path_rows(PATHS)[-1] == {"path": "concatenated", "channels": 256, "params": 163_696, "MACs": 128_049_152}
    biases = sum(conv.out_channels for path in PATHS for conv in path.convs)
    assert 163_696 - biases == 163_328


def test_residual_blocks_of_as_many_channels() -> None:
    text = comparison_text(PATHS)
    assert all(number in text for number in ("163,696", "256 channels", "1,179,648", "69,632"))


def test_counts_follow_the_paths() -> None:
    paths = chosen_paths(["pool", "1x1"])
    assert [path.id for path in paths] == ["1x1", "pool"]
    assert path_rows(paths)[-1]["params"] == 12_352 + 6_176
    assert "96 channels" in comparison_text(paths)
    assert path_rows([]) == [{"path": "concatenated", "channels": 0, "params": 0, "MACs": 0}]


@pytest.mark.torch
def test_the_sum_is_a_concatenation_and_a_fixed_convolution() -> None:
    draw = torch.Generator().manual_seed(0)
    f, x = (torch.randn(2, *IN_SHAPE, generator=draw) for _path in range(2))
    identity = torch.eye(IN_SHAPE[0])
    weight = torch.cat([identity, identity], dim=1)[:, :, None, None]
    both = torch.nn.functional.conv2d(torch.cat([f, x], dim=1).double(), weight.double())
    assert torch.equal(both, f.double() + x.double())
