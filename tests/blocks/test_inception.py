"""Inception 3a: published counts, and the sum as a concatenation."""

import numpy as np
import pytest
import torch

from resnet_viz.blocks.inception import (
    BRANCH,
    FIXED_CONV,
    IN_SHAPE,
    PATHS,
    Join,
    chosen_paths,
    joined_by_fixed_conv,
)
from resnet_viz.present.blocks.inception import comparison_text, path_rows, residual_rows, sameness_text
from resnet_viz.present.blocks.inception_drawing import draw_inception
from resnet_viz.present.theme import Mode
from tests.fakes.blocks import drawn_blocks


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


def test_the_fixed_convolution_in_numpy_gives_the_sum_to_the_last_bit() -> None:
    draw = np.random.default_rng(0)
    f_NCHW, x_NCHW = draw.normal(size=(2, 4, 3, 6, 6))
    assert (joined_by_fixed_conv(f_NCHW, x_NCHW) == f_NCHW + x_NCHW).all()
    assert "differ by 0 at most" in sameness_text()


def test_what_is_left_of_the_block_is_a_residual_block() -> None:
    assert BRANCH.params == 2 * (9 * 192 * 192 + 192)
    assert FIXED_CONV.in_channels == 2 * FIXED_CONV.out_channels == 384
    assert [row["channels"] for row in residual_rows(Join.FIXED)] == [192, 192, 384, 192]
    assert residual_rows(Join.FIXED)[-1]["MACs"] == 384 * 192 * 28 * 28
    assert residual_rows(Join.SUM)[-1] == {"path": "sum", "channels": 192, "params": 0, "MACs": 0}


@pytest.mark.parametrize(
    ("ids", "join", "expected"),
    [
        (
            ["1x1", "3x3", "5x5", "pool"],
            Join.CONCAT,
            ["1×1, 64", "1×1, 96", "3×3, 128", "1×1, 16", "5×5, 32", "max pool 3×3", "1×1, 32", "concatenation"],
        ),
        (["pool"], Join.CONCAT, ["max pool 3×3", "1×1, 32", "concatenation"]),
        ([], Join.FIXED, ["3×3, 192", "3×3, 192", "concatenation, 384 channels", "1×1, 192, fixed: [I I]"]),
        ([], Join.SUM, ["3×3, 192", "3×3, 192", "+"]),
    ],
)
def test_paths_and_their_join_are_drawn(ids: list[str], join: Join, expected: list[str]) -> None:
    paths = chosen_paths(ids)
    (layers,) = drawn_blocks(draw_inception(paths, join, Mode.LIGHT).svg)
    words = [layer.words for layer in layers]
    channels = sum(path.channels for path in paths) if join is Join.CONCAT else 192
    assert words[-1] == f"output {channels}×28×28"
    assert sorted(words) == sorted([*expected, "x 192×28×28", words[-1]])
