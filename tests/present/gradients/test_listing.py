"""Measured gradients as text and JSON of the shell: from constructed numbers."""

import json
import math

import pytest

from resnet_viz.present.gradients.listing import NamedCurves, messages, table, to_json
from resnet_viz.theory.gradients import SinglePrecision
from tests.fakes.record_curves import curves

GROWS = NamedCurves("plain", curves(block_grad=(600.0, 0.1), seed=0))
GROWS_MORE = NamedCurves("plain", curves(block_grad=(2_400.0, 0.1), seed=1))


def test_json_has_every_place_in_running_order_and_null_for_what_is_not_finite() -> None:
    named = NamedCurves("net", curves(grad=(math.inf, 1.0), seed=4))
    told = json.loads(json.dumps(to_json(named), allow_nan=False))
    assert list(told) == ["net", "seed", "grad", "block_grad", "activation_std", "branch_share"]
    assert (told["net"], told["seed"]) == ("net", 4)
    assert list(told["grad"].items()) == [("stage1.block1.branch.conv1", None), ("stage1.block1.branch.conv2", 1.0)]
    assert told["block_grad"] == {"stage1.block1": 3.0, "stage1.block2": 0.5}
    assert told["activation_std"] == {"stage1.block1": 1.0, "stage1.block2": 1.5}
    assert told["branch_share"] == {"stage1.block1": None, "stage1.block2": 0.25}


def test_the_table_has_both_ends_of_both_gradients_and_their_ratios() -> None:
    head, row = table([GROWS]).splitlines()
    assert head.split()[:2] == ["net", "seed"]
    assert row.split()[:8] == ["plain", "0", "600", "0.1", "6e+03", "4", "1", "4"]


@pytest.mark.parametrize(
    ("norms", "course"),
    [
        ((6.0, 1.0), "grows towards the input (first block / last block 6)"),
        ((1e-22, 1.0), "shrinks towards the input (first block / last block 1e-22)"),
        ((1.5, 1.0), "is about the same at both ends (first block / last block 1.5)"),
    ],
)
def test_the_message_is_about_the_course_of_the_block_gradient(norms: tuple[float, ...], course: str) -> None:
    assert messages([NamedCurves("net", curves(block_grad=norms))]) == [f"net: the gradient {course}."]


def test_seeds_are_one_message_with_their_mean_and_range() -> None:
    (message,) = messages([GROWS, GROWS_MORE])
    assert "(first block / last block 1.2e+04 in the geometric mean of 2 seeds, 6e+03 to 2.4e+04)" in message


@pytest.mark.parametrize("norms", [(math.nan, 1.0), (1.0, 0.0), (0.0, 1.0), (math.inf, math.inf)])
def test_what_has_no_ratio_is_named_with_its_seed(norms: tuple[float, ...]) -> None:
    (message,) = messages([GROWS, NamedCurves("plain", curves(block_grad=norms, seed=7))])
    assert message == "plain: with seed 7 the block gradients overflow or vanish even in double precision."
    assert "not finite" in table([NamedCurves("plain", curves(block_grad=norms))]) or norms == (0.0, 1.0)


@pytest.mark.parametrize(
    ("single", "said", "cell"),
    [
        (SinglePrecision.SAME, "", "4 % off, cosine 0.9980"),
        (SinglePrecision.NOISE, "this gradient is rounding noise.", "4 % off, cosine 0.9980"),
        (SinglePrecision.NOT_FINITE, "it is not finite.", "not finite"),
        (SinglePrecision.NOT_MEASURED, "", "not measured"),
    ],
)
def test_single_precision_is_said_where_it_fails(single: SinglePrecision, said: str, cell: str) -> None:
    named = NamedCurves("net", curves(single=single, single_error=0.04, single_cosine=0.998))
    (message,) = messages([named])
    assert ("single precision" in message) is bool(said)
    assert message.endswith(said or ").")
    assert cell in table([named])
