"""The mapping of tensors in a file: found under any word, at any depth, and chosen by stated rules only."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.errors import DataError
from resnet_viz.weights.files.entries import MAX_DEPTH, choose_entry, find_entries
from resnet_viz.weights.files.pickled import Inert, Name
from tests.weights.files.stored import tensor, weights

WORDS = (
    "state_dict",
    "net",
    "model",
    "model_state_dict",
    "weights",
    "ema",
    "module",
    "params",
    "network",
    "generator",
    "backbone",
    "net_g",
    "model_ema",
    "state",
    "teacher.state_dict",
    "0",
    "é",
)


@pytest.mark.parametrize("word", WORDS)
def test_the_word_around_the_tensors_does_not_matter(word: str) -> None:
    entry, real = choose_entry({word: weights(), "epoch": 3, "acc": 91.7, "args": Inert("argparse.Namespace")})
    assert (entry.place, [one.place for one in real]) == (word, [word])
    assert list(entry.tensors) == list(weights())


CONTAINERS = st.lists(
    st.one_of(
        st.sampled_from(("model", "state_dict", "x", "")).map(lambda word: lambda inner: {word: inner, "epoch": 3}),
        st.just(lambda inner: [inner, 7]),
        st.just(lambda inner: (None, inner)),
        st.just(lambda inner: Inert("collections.OrderedDict", items={"n": inner})),
        st.just(lambda inner: Inert("mine.List", values=[inner])),
        st.just(lambda inner: {3: inner, "optimizer": {"state": {0: {"exp_avg": tensor(8, 3, 3, 3)}}}}),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(CONTAINERS)
def test_tensors_are_found_at_any_depth(containers: list[Any]) -> None:
    content: Any = weights()
    for contain in containers:
        content = contain(content)
    entry, _real = choose_entry(content)
    assert list(entry.tensors) == list(weights())
    assert choose_entry(content, entry.place)[0].tensors == entry.tensors


def test_values_beside_the_tensors_are_left_out() -> None:
    beside = {"epoch": 3, "lr": 0.1, "name": "x", "optimizer": {"state": {0: {"exp_avg": tensor(8, 3, 3, 3)}}}}
    assert list(choose_entry(weights() | beside)[0].tensors) == list(weights())


@pytest.mark.parametrize(
    "content",
    [
        {"optimizer": {"state": {0: {"exp_avg": tensor(9, 9)}}, "param_groups": []}, "model": weights()},
        {"opt_state": {"fc.weight": tensor(9, 9), "exp_avg": tensor(1)}, "model": weights()},
        {"optimizer_states": [{"fc.weight": tensor(10, 8)}], "model": weights()},
        {"rng": {"cuda": tensor(16, dtype="uint8")}, "model": weights()},
        {"mean": tensor(3), "std": tensor(3), "model": weights()},
        {"queue": tensor(99, 99), "model": weights()},
        {"criterion": {"weight": tensor(2)}, "model": weights(64)},
    ],
)
def test_what_is_no_net_is_not_taken_for_weights(content: Any) -> None:
    entry, real = choose_entry(content)
    assert entry.place == "model"
    assert len(real) == 1


@pytest.mark.parametrize(
    "word", ["ema", "model_ema", "state_dict_ema", "ema_model", "ema_state_dict", "swa_model", "averaged_model", "avg"]
)
def test_an_average_is_not_the_main_one_but_can_be_chosen(word: str) -> None:
    content = {word: weights(), "model": weights()}
    entry, real = choose_entry(content)
    assert (entry.place, {one.place for one in real}) == ("model", {"model", word})
    assert choose_entry(content, word)[0].place == word
    assert choose_entry({word: weights()})[0].place == word


@pytest.mark.parametrize("words", [("generator", "discriminator"), ("student", "teacher"), ("model", "best_model")])
def test_of_two_nets_one_has_to_be_chosen(words: tuple[str, str]) -> None:
    content = {word: weights() for word in words}
    with pytest.raises(
        DataError, match=rf"2 sets of weights.*{words[0]} \(tensors: 3\), {words[1]}.*--entry {words[0]}"
    ):
        choose_entry(content)
    assert choose_entry(content, words[1])[0].place == words[1]


@pytest.mark.parametrize("place", ["", "state_dict"])
def test_layers_that_were_saved_one_by_one_are_one_net(place: str) -> None:
    norm = {"weight": tensor(8), "bias": tensor(8), "running_mean": tensor(8)}
    layers = {
        "conv1": {"weight": tensor(8, 3, 3, 3)},
        "layer1.0.bn1": norm,
        "layer1": weights(),
        "fc": {"weight": tensor(9, 8)},
    }
    entry, real = choose_entry({place: layers, "epoch": 3} if place else layers)
    assert (entry.place, [one.place for one in real]) == (place, [place])
    assert set(entry.tensors) == {
        "conv1.weight",
        *(f"layer1.0.bn1.{name}" for name in norm),
        *(f"layer1.{name}" for name in weights()),
        "fc.weight",
    }
    with pytest.raises(DataError, match="2 sets of weights"):
        choose_entry({"backbone": weights(), "fc": {"weight": tensor(10, 64)}})


def test_a_part_of_a_tenth_is_no_trifle() -> None:
    with pytest.raises(DataError, match="2 sets of weights"):
        choose_entry({"backbone": weights(64), "head": weights(16)})
    assert choose_entry({"backbone": weights(6_400), "head": weights(16)})[0].place == "backbone"


def test_the_same_mapping_twice_is_one() -> None:
    same = weights()
    assert [one.place for one in find_entries({"model": same, "net": same}).every] == ["model"]


def test_a_place_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match=r"at 'ema'; there are some at model \(tensors: 3\)"):
        choose_entry({"model": weights()}, "ema")


def test_a_circle_ends() -> None:
    circle: dict[str, Any] = {"model": weights()}
    circle["self"] = circle["model"]["back"] = circle
    assert choose_entry(circle)[0].place == "model"


def test_a_list_of_lists_that_doubles_ends() -> None:
    content: Any = []
    for _level in range(200):
        content = [content, content]
    with pytest.raises(DataError, match="no tensors by name, but a list of 2 values"):
        choose_entry(content)


def test_depth_is_bounded() -> None:
    content: Any = weights()
    for _level in range(MAX_DEPTH + 1):
        content = {"n": content}
    assert choose_entry(content["n"])[0].tensors
    with pytest.raises(DataError, match=rf"down to {MAX_DEPTH} levels"):
        choose_entry(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "an empty dict"),
        (Inert("collections.OrderedDict"), "an empty dict"),
        ([], "a list of 0 values"),
        ([tensor(2), tensor(3)], "2 tensors without names"),
        (tensor(2, 3), r"one tensor alone, of shape \(2, 3\)"),
        (7, "a single value"),
        ({"epoch": 3, "acc": 1.0}, "other values under 'epoch', 'acc'"),
        (Name("torchvision.models", "resnet18"), "class or function, torchvision.models.resnet18"),
        (Inert("argparse.Namespace"), "a argparse.Namespace"),
        ({"net": Inert("my.Net", state={"_modules": {}})}, "whole object of the class my.Net.*save the weights alone"),
        ({"optimizer": {"state": {0: {"exp_avg": tensor(9, 9)}}}}, "state of an optimiser"),
        ({"state": {0: {"exp_avg": tensor(9, 9)}}, "param_groups": []}, "state of an optimiser"),
    ],
)
def test_what_is_there_instead_is_named(content: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        choose_entry(content)


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        (Inert("torch._utils._rebuild_qtensor"), "quantised"),
        (Inert("torch._utils._rebuild_sparse_tensor"), "sparse"),
        (Inert("torch._utils._rebuild_meta_tensor_no_storage"), "device meta"),
        (Inert("numpy._core.multiarray._reconstruct", state=()), "numpy"),
        (Inert("torch._utils._rebuild_tensor_v2", (Inert("torch.storage._load_from_bytes"),)), "pickle.dump"),
        (Inert("torch._utils._rebuild_nested_tensor"), "unusual kind"),
    ],
)
def test_a_weight_that_is_no_plain_tensor_is_refused_and_elsewhere_ignored(odd: Inert, kind: str) -> None:
    for content in ({"fc.weight": odd}, weights() | {"conv2.weight": odd}, {"model": {"a": odd}}):
        with pytest.raises(DataError, match=f"no plain tensor under a name, but .*{kind}"):
            choose_entry(content)
    assert list(choose_entry(weights() | {"mean": odd})[0].tensors) == list(weights())


def test_keys_are_shown_on_one_line_and_shortened() -> None:
    key = "<script>alert(1)</script>\n\x1b[31m" * 9
    with pytest.raises(DataError) as refusal:
        choose_entry({"fc.weight" + key: weights(), "b" + key: weights()})
    assert "\n" not in str(refusal.value)
    assert "\x1b" not in str(refusal.value)
    assert len(str(refusal.value)) < 400
