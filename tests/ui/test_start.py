"""The start page claims nothing that its own shipped run does not show."""

from math import log
from statistics import fmean
from urllib.parse import parse_qs

from resnet_viz.present.training.results import DEGRADED, final_loss
from resnet_viz.runs import shipped
from resnet_viz.scenes import files
from tests.fakes.visiting import prose, visit, warnings
from tests.golden.recipe_claims import DEGRADATION, MEASURED


def ratio(deep: str, shallow: str, losses: dict[str, float]) -> float:
    return losses[deep] / losses[shallow]


def test_without_shortcuts_the_deeper_net_of_the_shipped_run_trains_worse_and_more_so_than_with_them() -> None:
    run = shipped.read("degradation")
    losses = {curve.net: final_loss(curve) for curve in run.curves}
    plain_20, plain_56, residual_20, residual_56 = run.recipe.labels
    assert ratio(plain_56, plain_20, losses) > DEGRADED
    assert ratio(residual_56, residual_20, losses) < DEGRADED
    assert losses[plain_56] < log(10)  # it has learned something: the comparison is none of two guesses


def test_what_the_start_page_asks_holds_for_the_mean_over_the_seeds() -> None:
    means = {
        net: fmean(MEASURED[run][net]["loss"] for run in DEGRADATION)
        for net in shipped.read("degradation").recipe.labels
    }
    plain_20, plain_56, residual_20, residual_56 = means
    assert ratio(plain_56, plain_20, means) > 2
    assert 1 < ratio(residual_56, residual_20, means) < DEGRADED  # "deeper is better" would be false here


def test_both_results_of_the_run_are_told_on_the_start_page() -> None:
    at = visit("start")
    assert warnings(at) == []
    text = prose(at)
    assert "Why do deeper networks train worse without shortcuts?" in text
    assert "plain-56 has 2.42 times the training loss of plain-20 (1.456 against 0.601): degradation." in text
    assert "1.14 times the training loss of ResNet-20" in text
    assert "a difference that one seed cannot settle" in text


def test_the_path_of_a_lecture_is_on_the_start_page() -> None:
    links = [(link.proto.page, parse_qs(link.proto.query_string)) for link in visit("start").get("page_link")]
    named = [query["name"] for page, query in links if page == "scene" and query]
    assert named == [[scene.name] for scene in files.path()]
