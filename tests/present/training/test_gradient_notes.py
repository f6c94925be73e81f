"""Messages about gradients: their ratio, its precision, and branches that put out nothing."""

import math

import pytest

from resnet_viz.present.training.gradient_notes import (
    block_gradient_ratio,
    gradient_notes,
    ratio_message,
    ratio_text,
    silent_branches,
)
from resnet_viz.runs import shipped
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.records import Step

BN = residual_preset("cifar_resnet56")
NO_NORM = residual_preset("cifar_resnet56", norm=Norm.NONE)
TITLES = {"net": "its title"}


def probe(
    grad: dict[str, float],
    *,
    share: dict[str, float] | None = None,
    blocks: dict[str, float] | None = None,
    step: int = 0,
) -> Step:
    return Step(
        net="net",
        step=step,
        loss=1,
        accuracy=0,
        lr=0.1,
        images_per_s=1,
        seconds=0,
        grad_norm=grad,
        branch_share=share or {},
        block_grad_norm=blocks or {},
    )


def ends(first: float, last: float, blocks: tuple[float, ...] = ()) -> Step:
    grad = {"stage1.block1.branch.conv1": first, "stage3.block9.branch.conv2": last}
    return probe(grad, blocks={f"stage1.block{n}": norm for n, norm in enumerate(blocks, start=1)})


@pytest.mark.parametrize(
    ("first", "last", "cell"),
    [
        (3.0, 2.0, "1.5"),
        (0.0, 2.0, "0"),
        (12.345, 1.0, "12.3"),
        (3287.0, 1.0, "3.3e+03"),
        (1.68e7, 1.0, "2e+07"),
        (3.0, 0.0, "none: last is 0"),
        (0.0, 0.0, "none: last is 0"),
        (math.nan, 1.0, "not a number"),
        (1.0, math.nan, "not a number"),
    ],
)
def test_a_table_never_says_inf(first: float, last: float, cell: str) -> None:
    assert ratio_text(ends(first, last)) == cell
    assert ratio_text(None) == ""


@pytest.mark.parametrize(
    ("ratio", "remark"),
    [(1.0, ""), (99.0, ""), (870.0, "some percent off"), (2.9e4, "some percent off"), (1.7e7, "is noise")],
)
def test_a_ratio_beyond_what_single_precision_resolves_says_so(ratio: float, remark: str) -> None:
    message = ratio_message("net", BN, [ends(ratio, 1.0)], [])
    assert remark in message
    assert ("Norms amplify rounding" in message) is bool(remark)
    assert "rounding" not in ratio_message("net", NO_NORM, [ends(ratio, 1.0)], [])  # no norm, no amplification


def test_without_norms_the_gradient_of_the_blocks_comes_first() -> None:
    message = ratio_message("net", NO_NORM, [ends(0.36, 1.0, (3e-22, 0.5, 1.0))], [])
    assert message.index("first block over last: 3e-22 at step 0") < message.index("0.36 at step 0")
    assert "activation times that gradient" in message
    assert "0.36" in ratio_message("net", NO_NORM, [ends(0.36, 1.0)], [])  # an older run, without them


def test_no_ratio_gives_no_message() -> None:
    assert ratio_message("net", BN, [ends(1.0, 0.0)], [ends(1.0, math.nan)]) == ""
    assert ratio_message("other", BN, [ends(1.0, 1.0)], []) == ""


ALIVE = {"stage1.block1.branch.conv1": 0.3, "stage1.block1.branch.conv2": 0.2}
DEAD = {"stage1.block2.branch.conv1": 0.0, "stage1.block2.branch.conv2": 0.0}


def test_a_branch_that_puts_out_nothing_is_named() -> None:
    found = probe(ALIVE | DEAD, share={"stage1.block1": 0.2, "stage1.block2": 0.0}, step=30)
    assert silent_branches(found) == ("stage1.block2",)
    (note,) = gradient_notes(TITLES, [found])
    assert note.startswith("its title: at step 30 the branch of stage1.block2 puts out exactly 0")


def test_a_branch_is_not_silent_while_its_weights_have_a_gradient_or_it_was_not_measured() -> None:
    learning = probe(ALIVE, share={"stage1.block1": 0.0})  # a last norm of scale 0, as zero-init residual begins
    tiny = probe(ALIVE | DEAD, share={"stage1.block1": 0.2, "stage1.block2": 1e-30})
    assert silent_branches(learning) == silent_branches(tiny) == silent_branches(probe(ALIVE | DEAD)) == ()
    assert gradient_notes(TITLES, [learning, tiny, probe({})]) == []


def test_many_silent_branches_are_counted() -> None:
    grad = {f"stage1.block{n}.branch.conv1": 0.0 for n in range(1, 10)} | {"stem.conv": 1.0}
    (note,) = gradient_notes(TITLES, [probe(grad, share={f"stage1.block{n}": 0.0 for n in range(1, 10)})])
    assert "stage1.block6 and 3 more put out exactly 0" in note


def test_gradients_of_zero_everywhere_are_one_message() -> None:
    (note,) = gradient_notes(TITLES, [probe(DEAD, share={"stage1.block2": 0.0})])
    assert note.startswith("its title: all gradient norms are 0")


def test_the_shipped_run_without_norm_tells_what_vanishes() -> None:
    run = shipped.read("no_norm")
    plain = next(step for step in run.first if step.net == "plain-56, no norm")
    assert block_gradient_ratio(plain) < 1e-20  # it vanishes by 0.4 per convolution
    message = ratio_message(plain.net, run.recipe.nets[1], run.first, run.last)
    assert message.startswith("Block-output gradient norm, first block over last: 3.1e-22 at step 0")


def test_the_shipped_very_deep_run_is_not_told_to_more_digits_than_it_has() -> None:
    run = shipped.read("very_deep")
    assert "is noise" in ratio_message("plain-110", run.recipe.nets[1], run.first, run.last)
    assert "rounding" not in ratio_message(run.recipe.labels[3], run.recipe.nets[3], run.first, run.last)
