"""A recipe in words says what is unusual of it."""

import pytest

from resnet_viz.data.datasets import DataName
from resnet_viz.present.training.recipe import (
    augment_name,
    data_title,
    describe_recipe,
    init_name,
    recipe_summary,
    recipe_time,
)
from resnet_viz.spec.enums import Init
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import to_json
from resnet_viz.training.recipe_values import Augment


def test_the_lecture_run_in_a_sentence() -> None:
    assert describe_recipe(recipe_files.make("degradation", {})) == (
        "4 nets of width 4, seed 0, same batches of 64: Fashion-MNIST, 10,000 + 2,000 images at 14 × 14 px; "
        "SGD, learning rate 0.1 (20 warm-up steps, then cosine decay), momentum 0.9, weight decay 0.0001, 400 steps "
        "(2.56 epochs)."
    )


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            {"nesterov": "true"},
            "; SGD, learning rate 0.1 (20 warm-up steps, then cosine decay), Nesterov momentum 0.9, ",
        ),
        (
            {"optimizer": "adam", "warmup_steps": "0", "weight_decay": "0.01"},
            "; Adam, learning rate 0.001 (cosine decay), β1 0.9, β2 0.999, ε 1e-08, weight decay 0.01 in the gradient "
            "(L2), 400 steps",
        ),
        ({"optimizer": "adamw", "eps": "0.1"}, "; AdamW, learning rate 0.001 (20 warm-up steps, then cosine decay), "),
        ({"optimizer": "adam"}, "ε 1e-08, weight decay 0, 400 steps (2.56 epochs)."),
        ({"optimizer": "adamw"}, "ε 1e-08, decoupled weight decay 0.01, 400 steps (2.56 epochs)."),
        ({"drops": "200,3000"}, "then step decay (÷10 at steps 200, 3,000), 1 of 2 behind the end of the run), "),
        ({"drops": "200", "drop_factor": "0.3"}, "then step decay (×0.3 at step 200)), "),
        ({"schedule": "steps", "drop_factor": "0.5"}, "then step decay (÷2 at 50 % and 75 %)), "),
        ({"epochs": "16"}, "2,500 steps (16 epochs)."),
        ({"warmup_steps": "1"}, "(1 warm-up step, then cosine decay)"),
        ({"steps": "20", "drops": "10,19"}, "step decay (÷10 at steps 10, 19))"),
        ({"steps": "20", "drops": "10,20"}, "step decay (÷10 at steps 10, 20), 1 of 2 behind the end of the run)"),
        ({"steps": "1", "batch_size": "100"}, "1 step (0.01 epochs)."),
        ({"steps": "100", "batch_size": "100"}, "100 steps (1 epoch)."),
    ],
    ids=str,
)
def test_optimiser_drops_and_epochs_are_told(texts: dict[str, str], told: str) -> None:
    assert told in describe_recipe(recipe_files.make("degradation", texts))


def test_an_optimiser_other_than_sgd_is_in_the_line_of_a_list() -> None:
    assert " · lr 0.1 · " in recipe_summary(to_json(recipe_files.make("quick", {})))
    assert " · Adam · lr 0.001 · " in recipe_summary(to_json(recipe_files.make("quick", {"optimizer": "adam"})))
    assert " · lion · " in recipe_summary({"optimizer": "lion"})  # of a later version


def test_the_papers_run_is_told_with_its_drops_and_its_crops() -> None:
    sentence = describe_recipe(recipe_files.make("cifar10", {}))
    assert "of width 16, seed 0, same batches of 128: CIFAR-10, 50,000 + 10,000 images at 32 × 32 px" in sentence
    assert "(400 warm-up steps, then step decay (÷10 at 50 % and 75 %))" in sentence
    assert sentence.endswith("Data augmentation: 4 px padding, random crop, horizontal flip.")


def test_other_initial_weights_are_told() -> None:
    sentence = describe_recipe(recipe_files.make("no_norm", {}))
    assert "learning rate 0.05 (constant)" in sentence
    assert sentence.endswith("Initialisation: PyTorch default.")


def test_widths_that_differ_are_all_told() -> None:
    texts = {"a.net": "cifar_plain20", "b.net": "cifar_resnet20", "b.widths": "8,16,32"}
    assert " of width 4, 8, " in describe_recipe(recipe_files.make("quick", texts))


@pytest.mark.parametrize("name", DataName)
def test_every_data_set_has_a_title(name: DataName) -> None:
    assert data_title(name.value) != name.value


def test_every_word_has_a_name() -> None:
    assert len({init_name(init) for init in Init}) == len(Init)
    assert len({augment_name(augment) for augment in Augment}) == len(Augment)


def test_times_are_said_in_seconds_or_in_a_sentence() -> None:
    known = recipe_files.known()
    assert recipe_time(known["degradation"]) == "20 s"
    assert recipe_time(known["cifar10"]).startswith("For a GPU")
