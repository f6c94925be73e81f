"""The spec that files state about themselves: what is read back, and what of a stranger's text is ignored."""

import json
from typing import Any

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.spec import codec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.weights.files import stated_spec
from resnet_viz.weights.files.entries import choose_entry
from resnet_viz.weights.files.pickled import Inert
from tests.weights.files.stored import weights

PLAIN = preset("cifar_plain20")


def stated(**by_module: Any) -> Inert:
    metadata = Inert("collections.OrderedDict", items=dict[Any, Any](by_module))
    return Inert("collections.OrderedDict", items=dict[Any, Any](weights()), state={"_metadata": metadata})


def spec_of(content: Any) -> Any:
    return stated_spec.of_entry(choose_entry(content)[0])


@pytest.mark.parametrize("name", preset_names())
def test_a_text_states_every_preset(name: str) -> None:
    assert stated_spec.from_text(stated_spec.to_text(preset(name))) == preset(name)


@pytest.mark.parametrize("module", ["", "module", "_orig_mod", "model.net"])
def test_the_spec_of_a_net_inside_of_another_module_is_found(module: str) -> None:
    text = stated_spec.to_text(PLAIN)
    kept = {"": {"version": 1}, module: {"version": 1, stated_spec.KEY: text}}
    assert spec_of({"state_dict": stated(**kept), "epoch": 3}) == PLAIN


def test_two_nets_state_no_one_spec() -> None:
    nets = {"a": PLAIN, "b": preset("resnet18")}
    both = {name: {stated_spec.KEY: stated_spec.to_text(spec)} for name, spec in nets.items()}
    assert spec_of(stated(**both)) is None
    assert spec_of(stated(a=both["a"], b=both["a"])) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        '{"blocks": [2]}',
        '{"blocks": "x", "widths": {}}',
        "[" * 15_000,
        json.dumps({**codec.to_json(PLAIN), "norm": "nonsense"}),
        json.dumps({**codec.to_json(PLAIN), "colour": "red"}),
        json.dumps({**codec.to_json(PLAIN), "blocks": [10**9, 1, 1]}),
        json.dumps({**codec.to_json(PLAIN), "blocks": [[[]]]}),
        json.dumps(codec.to_json(PLAIN)) + " " * 30_000,
        b"{}",
        7,
        None,
        Inert("x"),
    ],
)
def test_a_text_that_states_no_net_is_ignored(text: Any) -> None:
    assert stated_spec.from_text(text) is None
    assert spec_of(stated(**{"": {stated_spec.KEY: text}})) is None


def test_another_net_with_the_same_tensors_is_refused() -> None:
    residual = preset("cifar_resnet20", num_classes=7)
    for spec in (residual, residual.replace(image_size=64), residual.replace(zero_init_residual=True)):
        stated_spec.check_same_net(spec, residual)
    stated_spec.check_same_net(None, residual)
    with pytest.raises(SpecError, match=r"of plain-20\. Choose that one: cifar_plain20 --set num_classes=7\."):
        stated_spec.check_same_net(PLAIN.replace(num_classes=7), residual)
    with pytest.raises(SpecError, match="Choose that one: resnet50_v1"):
        stated_spec.check_same_net(preset("resnet50_v1"), preset("resnet50"))


@pytest.mark.parametrize("metadata", [None, 3, [], {"": 3}, {"": None}, {3: {}}, {"": []}])
def test_other_metadata_is_ignored(metadata: Any) -> None:
    assert (
        spec_of(Inert("collections.OrderedDict", items=dict[Any, Any](weights()), state={"_metadata": metadata}))
        is None
    )
    assert spec_of(Inert("collections.OrderedDict", items=dict[Any, Any](weights()), state=metadata)) is None
