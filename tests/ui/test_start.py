"""The start page claims nothing that its own shipped run does not show."""

from math import log
from statistics import fmean
from urllib.parse import parse_qs

import pytest

from resnet_viz.present.training.results import DEGRADED, final_loss
from resnet_viz.runs import shipped
from resnet_viz.scenes import files
from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth
from tests.fakes.visiting import prose, visit, warnings
from tests.golden.recipe_claims import DEGRADATION, MEASURED


def ratio(deep: str, shallow: str, losses: dict[str, float]) -> float:
    return losses[deep] / losses[shallow]


def test_the_shipped_run_s_seed_is_one_of_those_that_the_start_page_s_headline_speaks_of() -> None:
    run = shipped.read("deeper_is_better")
    losses = {curve.net: final_loss(curve) for curve in run.curves}
    _plain_8, plain_20, plain_56, _residual_8, residual_20, residual_56 = run.recipe.labels
    assert ratio(plain_56, plain_20, losses) > DEGRADED
    assert ratio(residual_56, residual_20, losses) < 1
    assert losses[plain_56] < log(10)  # it has learned something: the comparison is none of two guesses
    measured = loss_by_depth(Protocol.IDENTITY)
    for row, loss in zip(measured.rows, losses.values(), strict=True):
        assert loss == pytest.approx(row.losses[0], rel=2e-3)


def test_in_the_run_of_degradation_deeper_is_better_would_be_false_with_shortcuts_too() -> None:
    means = {
        net: fmean(MEASURED[run][net]["loss"] for run in DEGRADATION)
        for net in shipped.read("degradation").recipe.labels
    }
    plain_20, plain_56, residual_20, residual_56 = means
    assert ratio(plain_56, plain_20, means) > 2
    assert 1 < ratio(residual_56, residual_20, means) < DEGRADED


def test_the_start_page_claims_what_was_measured_over_fresh_seeds() -> None:
    at = visit("start")
    assert warnings(at) == []
    text = prose(at)
    assert (
        "#### With shortcuts, and blocks that begin as the identity, 56 layers train better than 20 in 10 of 12 seeds; "
        "plain, they train worse in 12 of 12."
    ) in text
    assert "Mean training loss of 12 seeds at 8, 20, 56 layers: Residual nets 0.43 → 0.35 → 0.33, " in text


def test_the_path_of_a_lecture_is_on_the_start_page() -> None:
    links = [(link.proto.page, parse_qs(link.proto.query_string)) for link in visit("start").get("page_link")]
    named = [query["name"] for page, query in links if page == "scene" and query]
    assert named == [[scene.name] for scene in files.path()]
