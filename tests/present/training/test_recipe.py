"""A recipe in words says what is unusual of it."""

import pytest

from resnet_viz.data.datasets import DataName
from resnet_viz.present.training.recipe import augment_name, data_title, describe_recipe, init_name, recipe_time
from resnet_viz.spec.enums import Init
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import Augment


def test_the_lecture_run_in_a_sentence() -> None:
    assert describe_recipe(recipe_files.make("degradation", {})) == (
        "4 nets of width 4, seed 0, same batches of 64: Fashion-MNIST, 10,000 + 2,000 images at 14 × 14 px; "
        "SGD, learning rate 0.1 (20 warm-up steps, then cosine decay), momentum 0.9, weight decay 0.0001, 400 steps."
    )


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
