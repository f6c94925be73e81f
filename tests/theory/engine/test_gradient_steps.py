"""Gradients over the first steps of training: the loop of the lab, in rounds, with the picture that turns."""

import pytest

from resnet_viz.nets.build import build
from resnet_viz.theory.engine.gradient_steps import curves_by_step
from resnet_viz.theory.gradients import GradientCurves, StepsQuestion, bench_net, first_to_last
from resnet_viz.training import recipe_files
from resnet_viz.training.engine.images import load_images
from resnet_viz.training.engine.loop import train
from resnet_viz.training.records import Step

pytestmark = pytest.mark.torch

PLAIN, ORIGINAL = bench_net("plain", depth=8), bench_net("a_original", depth=8)


def test_the_gradient_of_a_plain_net_explodes_at_birth_and_is_gone_after_twenty_steps() -> None:
    nets = (bench_net("plain"), bench_net("a_original"))
    found = {(each.place, each.step): each for each in curves_by_step(StepsQuestion(nets=nets, steps=(0, 20)))}
    ratios = {key: first_to_last(each.grad) for key, each in found.items()}
    assert ratios[0, 0] > 100  # seeds 0 to 2: 3.3e3, 1.8e3, 870
    assert ratios[0, 20] < 2  # 0.41, 0.18, 0.065
    assert 1 < ratios[1, 0] < 20  # 5.5, 4.1, 3.0
    assert 0.02 < ratios[1, 20] < 20  # 0.39, 0.16, 2.2


def test_records_are_those_of_a_run_with_the_recipe() -> None:
    recipe = recipe_files.find("degradation").recipe.replace(nets=(ORIGINAL,), seed=3, probe_every=1)
    net = build(ORIGINAL, seed=3)
    data = load_images(recipe.data, image_size=14)
    run = train(net, data, recipe, label=recipe.labels[0])
    steps = [record for record, _n in zip((r for r in run if isinstance(r, Step)), range(4), strict=False)]
    for each in curves_by_step(StepsQuestion(nets=(ORIGINAL,), seeds=(3,), steps=(0, 1, 3))):
        step = steps[each.step]
        assert each.loss == step.loss
        assert dict(zip(each.convs, each.grad, strict=True)).items() <= step.grad_norm.items()
        assert dict(zip(each.blocks, each.block_grad, strict=True)) == step.block_grad_norm
        assert dict(zip(each.blocks, each.activation_std, strict=True)) == step.activation_std
        assert dict(zip(each.blocks, each.branch_share, strict=True)) == step.branch_share


def test_curves_come_in_rounds_of_steps_while_training_goes_on() -> None:
    shares: list[float] = []
    question = StepsQuestion(nets=(PLAIN, ORIGINAL), seeds=(0, 1), steps=(0, 2))
    found = curves_by_step(question, shares.append)
    first = next(found)
    assert (first.place, first.seed, first.step) == (0, 0, 0)
    assert shares[-1] < 0.1
    rest = [(each.step, each.seed, each.place) for each in found]
    assert rest == [(0, 0, 1), (0, 1, 0), (0, 1, 1), (2, 0, 0), (2, 0, 1), (2, 1, 0), (2, 1, 1)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_only_the_steps_that_are_asked_for_are_measured() -> None:
    every = {each.step: each for each in curves_by_step(StepsQuestion(nets=(PLAIN,), steps=(0, 1, 2, 3, 4)))}
    thinned = list(curves_by_step(StepsQuestion(nets=(PLAIN,), steps=(0, 4))))
    assert [repr(each) for each in thinned] == [repr(every[0]), repr(every[4])]
    assert [each.step for each in curves_by_step(StepsQuestion(nets=(PLAIN,), steps=(0,)))] == [0]


def test_nets_that_differ_in_everything_are_trained_in_turn() -> None:
    nets = (PLAIN, PLAIN, bench_net("e_full_preact", depth=14, width=6, image_size=8))
    found = list(curves_by_step(StepsQuestion(nets=nets, steps=(1,))))
    assert [each.place for each in found] == [0, 1, 2]
    assert found[0].grad == found[1].grad
    assert len(found[2].blocks) == 6


def test_a_net_that_diverges_gives_no_more_curves() -> None:
    wild = bench_net("a_original", depth=110, norm="none")  # type: ignore[arg-type]
    found: list[GradientCurves] = list(curves_by_step(StepsQuestion(nets=(wild, PLAIN), steps=(0, 1, 2, 3))))
    last = {place: max(each.step for each in found if each.place == place) for place in (0, 1)}
    assert last[0] < last[1] == 3
