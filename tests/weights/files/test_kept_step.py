"""Nets in files of kept steps, as far as they are none: other files and damaged ones."""

from typing import Any

import pytest

from resnet_viz.weights.files.entries import choose_entry
from resnet_viz.weights.files.kept_step import nets_of_kept_step
from tests.weights.files.stored import tensor, weights


def step(**net: Any) -> dict[str, Any]:
    flat = {"shapes": [["fc.weight", [2, 3]], ["fc.bias", [2]]], "flat": tensor(8)}
    return {"format": 1, "step": 3, "nets": [{"label": "a", "weights": flat, **net}]}


def test_tensors_lie_one_behind_the_other() -> None:
    ((label, tensors, _kept),) = nets_of_kept_step(step())
    assert label == "a"
    assert {name: (one.offset, one.shape, one.strides) for name, one in tensors.items()} == {
        "fc.weight": (0, (2, 3), (3, 1)),
        "fc.bias": (6, (2,), (1,)),
    }
    assert all(one.is_sound for one in tensors.values())


def test_equal_labels_are_told_apart_by_number() -> None:
    content = step()
    content["nets"] *= 2
    assert [label for label, _tensors, _kept in nets_of_kept_step(content)] == ["nets.0", "nets.1"]


@pytest.mark.parametrize(
    "flat",
    [
        {"shapes": [["fc.weight", [9]]], "flat": tensor(8)},
        {"shapes": [["fc.weight", [-2, -3]]], "flat": tensor(8)},
        {"shapes": [["fc.weight", ["x"]]], "flat": tensor(8)},
        {"shapes": [["fc.weight", [1 << 60]]], "flat": tensor(8)},
    ],
)
def test_a_tensor_beyond_its_row_is_unsound(flat: Any) -> None:
    ((_label, tensors, _kept),) = nets_of_kept_step(step(weights=flat))
    assert not tensors["fc.weight"].is_sound


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        [],
        weights(),
        {"step": 3, "nets": []},
        {"step": 3, "nets": [7]},
        {"step": 3, "nets": {"a": weights()}},
        {"step": 3, "nets": [{"weights": weights()}]},
        step(weights={"shapes": [], "flat": tensor(8)}),
        step(weights={"shapes": [["a"]], "flat": tensor(8)}),
        step(weights={"shapes": [["a", [2]]], "flat": 7}),
    ],
)
def test_other_files_are_none(content: Any) -> None:
    assert nets_of_kept_step(content) == ()


def test_a_net_beside_a_step_is_found_all_the_same() -> None:
    assert choose_entry({"step": 3, "nets": [{"weights": weights()}]})[0].place == "nets.0.weights"
