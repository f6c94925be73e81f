"""A run in texts: a grid of nets or named ones, what the data decides, and what is refused."""

import subprocess
import sys

import pytest

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Norm, Order, Shortcut
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import recipe_files, recipe_text
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import DeviceName, Schedule

FREE = {"a.net": "cifar_plain20", "b.net": "cifar_resnet20"}


def test_nothing_said_is_the_lecture_run() -> None:
    recipe = recipe_text.recipe_of({})
    assert recipe.labels == ("plain-20", "plain-56", "ResNet-20, full pre-activation", "ResNet-56, full pre-activation")
    assert recipe == Recipe(nets=recipe.nets)
    assert recipe_text.recipe_of(recipe_text.DEFAULTS) == recipe


def test_what_is_filled_in_says_the_same() -> None:
    for texts in ({}, {"steps": "30"}, {"data": "gratings", "image_size": "12"}, FREE):
        assert recipe_text.recipe_of(recipe_text.filled(texts)) == recipe_text.recipe_of(texts)
    assert recipe_text.filled({"steps": "30"})["warmup_steps"] == "7"
    assert recipe_text.filled({"data": "gratings"})["num_classes"] == "8"
    assert recipe_text.filled({"data": "cifar10"})["in_channels"] == "3"


def test_named_nets_keep_their_own_shortcuts_and_share_size_and_width() -> None:
    texts = {**FREE, "b.order": "full_preact", "c.net": "cifar_resnet20", "c.shortcut": "conv1x1", "width": "6"}
    plain, residual_net, convolved = recipe_text.recipe_of(texts).nets
    assert plain.shortcut is Shortcut.NONE
    assert (residual_net.order, convolved.order) == (Order.FULL_PREACT, Order.ORIGINAL)
    assert convolved.shortcut is Shortcut.CONV1X1
    assert {net.widths for net in (plain, residual_net, convolved)} == {(6, 12, 24)}
    assert {(net.image_size, net.in_channels, net.num_classes) for net in (plain, residual_net)} == {(14, 1, 10)}


def test_a_net_may_have_widths_of_its_own() -> None:
    texts = {"a.net": "cifar_resnet20", "a.widths": "8,16,16", "b.net": "resnet18", "b.blocks": "1,1,1,1,1"}
    one, other = recipe_text.recipe_of({**texts, "image_size": "64"}).nets
    assert one.widths == (8, 16, 16)
    assert other.widths == (4, 8, 16, 32, 64)


def test_what_is_said_for_all_holds_for_nets_that_do_not_say_it_themselves() -> None:
    plain, residual_net = recipe_text.recipe_of({**FREE, "norm": "none", "b.norm": "batch"}).nets
    assert (plain.norm, residual_net.norm) == (Norm.NONE, Norm.BATCH)


def test_letters_may_be_left_out() -> None:
    assert recipe_text.recipe_of({"b.net": "cifar_plain20", "f.net": "cifar_plain8"}).labels == ("plain-20", "plain-8")


def test_a_preset_is_taken_as_it_is_but_for_what_the_run_shares() -> None:
    (net,) = recipe_text.recipe_of({"a.net": "d2l_resnet18", "width": "64", "image_size": "96"}).nets
    assert net == residual_preset("d2l_resnet18", image_size=96)


def test_links_with_older_names_are_read() -> None:
    assert recipe_text.recipe_of({"batch": "32", "size": "28"}) == recipe_text.recipe_of(
        {"batch_size": "32", "image_size": "28"}
    )


def test_seed_and_device_are_texts_too() -> None:
    recipe = recipe_text.recipe_of({"seed": "7", "device": "cpu"})
    assert (recipe.seed, recipe.device) == (7, DeviceName.CPU)


def test_nets_that_are_named_end_a_grid_and_a_net_that_is_named_anew_forgets_the_old_one() -> None:
    assert recipe_text.merged({"depth": "8", "steps": "9"}, FREE) == {"steps": "9", **FREE}
    before = {**FREE, "b.order": "full_preact", "b.norm": "none"}
    assert recipe_text.merged(before, {"b.net": "cifar_resnet8"}) == {**FREE, "b.net": "cifar_resnet8"}
    assert recipe_text.merged(before, {"b.norm": "batch"}) == {**before, "b.norm": "batch"}


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"stepz": "3"}, r"A recipe has no field 'stepz'; its fields are depth, .* Near to it: steps, "),
        ({"net": "cifar_plain20"}, "A recipe has no field 'net'"),
        ({"g.net": "cifar_plain20"}, "A recipe has no field 'g.net'"),
        ({"a.colour": "red"}, "A net of a run has no field 'colour'; its fields are net, stem"),
        ({"a.hidden_features": "3"}, "A net of a run has no field 'hidden_features'"),
        ({**FREE, "b.image_size": "28"}, "b.image_size: all nets of a run share image_size"),
        ({**FREE, "depth": "20"}, "depth describes the nets all at once, and a.net names them one by one"),
        ({"b.order": "original"}, r"Net b: it has no name; b\.net is a preset"),
        ({"b.net": "cifar_resnet21"}, r"Net b: CIFAR depths of this family are 6n \+ 2"),
        ({"b.net": "vgg16"}, "Net b: vgg16 is a VGG net"),
        ({"b.net": "cifar_resnet20", "b.order": "last"}, "Net b: order is one of original"),
        ({"batch": "32", "batch_size": "64"}, "batch and batch_size are two names of one field"),
        ({"depth": "8,14,20,32"}, "A run trains 1 to 6 nets; got 8"),
        ({"depth": "8," * 100_000}, "A run trains 1 to 6 nets"),
        ({"depth": ""}, "depth is a whole number; got ''"),
        ({"a.net": "cifar_resnet20", "b.net": "cifar_resnet20"}, "same name, ResNet-20"),
        ({"data": "svhn"}, "data is one of fashion_mnist_subset, fashion_mnist, gratings, cifar10, mnist; got 'svhn'"),
        ({"steps": "many"}, "steps is a whole number; got 'many'"),
        ({"steps": "-5"}, "steps is a whole number from 1 to 100,000; got -5"),
        ({"init": "orthogonal"}, "init is one of he, torch_default, xavier_uniform"),
        ({"augment": "mixup"}, "augment is one of none, pad_crop_flip"),
        ({"schedule": "linear"}, "schedule is one of cosine, constant, steps"),
        ({"a.net": "cifar_resnet20", "a.blocks": "1,1,1,1,1,1,1"}, "Net a: blocks is at most 6 numbers"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(texts: dict[str, str], says: str) -> None:
    with pytest.raises(SpecError, match=says) as refusal:
        recipe_text.recipe_of(texts)
    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize("name", recipe_files.names())
def test_texts_of_a_recipe_give_it_back(name: str) -> None:
    recipe = recipe_files.make(name, {}, seed=3)
    assert recipe_text.recipe_of(recipe_text.texts_of(recipe)) == recipe


def test_texts_of_a_recipe_are_as_short_as_they_can_be() -> None:
    assert recipe_text.texts_of(recipe_text.recipe_of({})) == {}
    assert recipe_text.texts_of(recipe_text.recipe_of({"depth": "8", "steps": "40"})) == {"depth": "8", "steps": "40"}
    texts = {**FREE, "b.shortcut": "conv1x1", "data": "gratings", "image_size": "12", "lr": "0.05"}
    assert recipe_text.texts_of(recipe_text.recipe_of(texts)) == texts


def test_words_are_those_that_are_taken() -> None:
    assert recipe_text.words_of("data") == tuple(DataName)
    assert recipe_text.words_of("b.order") == tuple(Order)
    assert recipe_text.words_of("b.conv_bias") == ("true", "false")
    assert recipe_text.words_of("steps") == recipe_text.words_of("g.net") == ()
    for net in recipe_text.words_of("a.net"):
        assert len(recipe_text.recipe_of({"a.net": net, "width": "64", "image_size": "224"}).nets) == 1


def test_reading_texts_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import sys; from resnet_viz.training import recipe_files as recipes\n"
        "[known.recipe for known in recipes.known().values()]\n"
        "sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_optimiser_begins_with_torchs_rate_and_decay_and_keeps_what_is_given() -> None:
    def of(**texts: str) -> tuple[float, float]:
        recipe = recipe_text.recipe_of(texts)
        return recipe.lr, recipe.weight_decay

    assert of() == of(optimizer="sgd") == (0.1, 1e-4)
    assert of(optimizer="adam") == (1e-3, 0.0)  # torch.optim.Adam
    assert of(optimizer="adamw") == (1e-3, 1e-2)  # torch.optim.AdamW
    assert of(optimizer="adam", lr="0.01", weight_decay="0.1") == (0.01, 0.1)
    assert of(optimizer="adam", learning_rate="0.01") == (0.01, 0.0)
    assert recipe_text.recipe_of({"optimiser": "adam"}) == recipe_text.recipe_of({"optimizer": "adam"})


@pytest.mark.parametrize(
    "texts",
    [
        {"optimizer": "adam"},
        {"optimizer": "adam", "lr": "0.0003", "betas": "0.8,0.99", "eps": "1e-06"},
        {"optimizer": "adamw", "weight_decay": "0.05"},
        {"nesterov": "true", "momentum": "0.8"},
        {"schedule": "steps", "drops": "200,300"},
        {"schedule": "steps", "drop_factor": "0.5"},
        {"optimizer": "adam", "schedule": "constant", "steps": "30", "data": "mnist"},
    ],
    ids=str,
)
def test_texts_of_the_newer_fields_are_given_back_as_short_as_they_can_be(texts: dict[str, str]) -> None:
    recipe = recipe_text.recipe_of(texts)
    assert recipe_text.texts_of(recipe) == texts
    assert recipe_text.recipe_of(recipe_text.filled(texts)) == recipe


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("True", True), ("1", True), ("0", False)])
def test_a_flag_is_read_as_those_of_nets_are(text: str, *, expected: bool) -> None:
    assert recipe_text.recipe_of({"nesterov": text}).nesterov is expected


def test_drops_mean_the_schedule_with_drops() -> None:
    recipe = recipe_text.recipe_of({"drops": "100, 200", "drop_factor": "0.5"})
    assert (recipe.schedule, recipe.drops, recipe.drop_factor) == (Schedule.STEPS, (100, 200), 0.5)
    assert recipe_text.recipe_of({"drops": "[100, 200]", "drop_factor": "5E-1"}) == recipe
    assert recipe_text.recipe_of({"schedule": "steps", "drops": ""}).drops == ()


def test_lengths_in_epochs_are_the_steps_after_which_every_image_was_seen_as_often() -> None:
    recipe = recipe_text.recipe_of({"epochs": "10", "drop_epochs": "5,7.5", "warmup_epochs": "0.5"})
    assert (recipe.steps, recipe.drops, recipe.warmup_steps) == (1_563, (782, 1_172), 79)  # 156.25 steps each
    paper = {"data": "cifar10", "batch_size": "128", "image_size": "32", "epochs": "164", "drop_epochs": "82,123"}
    assert (recipe_text.recipe_of(paper).steps, recipe_text.recipe_of(paper).drops) == (64_063, (32_032, 48_047))
    assert recipe_text.recipe_of({"epochs": "0.001"}).steps == 1
    assert recipe_text.recipe_of({"epochs": "1", "warmup_epochs": "0"}).warmup_steps == 0


@pytest.mark.parametrize(
    ("texts", "changes", "left"),
    [
        ({"lr": "0.05", "momentum": "0.5"}, {"optimizer": "adam"}, {"optimizer": "adam"}),
        ({"lr": "0.05"}, {"optimizer": "sgd"}, {"lr": "0.05", "optimizer": "sgd"}),
        ({"lr": "0.05"}, {"optimizer": "adam", "lr": "0.01"}, {"optimizer": "adam", "lr": "0.01"}),
        ({"optimizer": "adam", "eps": "0.1"}, {"optimizer": "adam"}, {"optimizer": "adam", "eps": "0.1"}),
        ({"optimizer": "adam", "eps": "0.1"}, {"optimizer": "sgd"}, {"optimizer": "sgd"}),
        ({"steps": "40"}, {"epochs": "2"}, {"epochs": "2"}),
        ({"epochs": "2"}, {"steps": "40"}, {"steps": "40"}),
        ({"drops": "3", "warmup_steps": "2"}, {"drop_epochs": "2"}, {"drop_epochs": "2", "warmup_steps": "2"}),
        ({"warmup_steps": "2"}, {"warmup_epochs": "1"}, {"warmup_epochs": "1"}),
        ({"schedule": "constant"}, {"drops": "3"}, {"drops": "3"}),
        ({"drop_epochs": "3", "drop_factor": "0.5"}, {"schedule": "cosine"}, {"schedule": "cosine"}),
        ({"drops": "3"}, {"schedule": "steps"}, {"drops": "3", "schedule": "steps"}),
    ],
)
def test_a_change_drops_what_it_supersedes(
    texts: dict[str, str], changes: dict[str, str], left: dict[str, str]
) -> None:
    assert recipe_text.merged(texts, changes) == left


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"optimizer": "rmsprop"}, "^optimizer is one of sgd, adam, adamw; got 'rmsprop'.$"),
        ({"optimizer": "adam", "momentum": "0.9"}, "^momentum belongs to sgd, and optimizer is adam, whose own fields"),
        ({"betas": "0.9,0.99"}, "^betas belongs to adam and adamw, and optimizer is sgd"),
        ({"optimizer": "adam", "betas": "0.9"}, "^betas is two numbers from 0 up to but not including 1"),
        ({"optimizer": "adam", "betas": "0.9,x"}, "^betas is two numbers .* such as 0.9,0.999; got '0.9,x'"),
        ({"optimizer": "adam", "betas": ""}, "^betas is two numbers"),
        ({"nesterov": "maybe"}, "^nesterov is one of true, false; got 'maybe'"),
        ({"nesterov": "true", "momentum": "0"}, "^nesterov=true needs a momentum above 0"),
        ({"drops": "x"}, "^drops is up to 10 ascending steps from 1 to 100,000 with commas between, .*; got 'x'"),
        ({"drops": "9,3"}, "^drops is up to 10 ascending steps .*, such as 200,300; got '9,3'"),
        ({"drops": "3", "schedule": "cosine"}, "^drops belongs to schedule=steps, and schedule is cosine"),
        ({"drops": "3", "schedule": "linear"}, "^schedule is one of cosine"),
        ({"drop_factor": "10"}, "^drop_factor is a number above 0 and up to 1; got 10"),
        ({"steps": "9", "epochs": "1"}, "^epochs and steps say the same in epochs and in steps; give one of them.$"),
        ({"drops": "9", "drop_epochs": "1"}, "^drop_epochs and drops say the same"),
        ({"epochs": "many"}, "^epochs is a number such as 10 or 2.5; got 'many'"),
        ({"epochs": "-1"}, "^epochs is a number such as 10 or 2.5; got '-1'"),
        ({"epochs": "1e999999"}, "^epochs is a number such as 10"),
        ({"epochs": "0"}, "^epochs=0 is 0 steps with 10,000 images in batches of 64; a run has 1 to 100,000.$"),
        ({"epochs": "200", "data": "mnist"}, "^epochs=200 is 187,500 steps with 60,000 images in batches of 64"),
        ({"drop_epochs": "1,"}, "^drop_epochs is a number such as 10 or 2.5; got ''"),
        ({"drop_epochs": "1," * 5_000}, "^drop_epochs is up to 10 numbers"),
        ({"epochs": "1", "batch_size": "x"}, "^batch_size is a whole number; got 'x'"),
        ({"epochs": "1", "batch_size": "0"}, "^batch_size is a whole number from 2 to 1,024; got 0"),
        ({"optimizer": "adam", "optimiser": "adam"}, "^optimiser and optimizer are two names of one field"),
    ],
)
def test_newer_fields_that_cannot_be_are_refused_in_a_sentence(texts: dict[str, str], says: str) -> None:
    with pytest.raises(SpecError, match=says) as refusal:
        recipe_text.recipe_of(texts)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ({"steps": "1,000"}, {"steps": "1000"}),
        ({"depth": "[20, 56]"}, {"depth": "20,56"}),
        ({"depth": "20 56"}, {"depth": "20,56"}),
        ({"schedule": "steps", "drops": "[20, 30]"}, {"schedule": "steps", "drops": "20,30"}),
        ({"schedule": "steps", "drops": "20 30"}, {"schedule": "steps", "drops": "20,30"}),
        ({"schedule": "steps", "epochs": "9", "drop_epochs": "1 2"},
         {"schedule": "steps", "epochs": "9", "drop_epochs": "1,2"}),
        ({"a.net": "cifar_resnet20", "a.blocks": "2 2 3"}, {"a.net": "cifar_resnet20", "a.blocks": "2,2,3"}),
    ],
)  # fmt: skip
def test_lists_and_numbers_are_read_as_people_write_them(written: dict[str, str], short: dict[str, str]) -> None:
    assert recipe_text.recipe_of(written) == recipe_text.recipe_of(short)
