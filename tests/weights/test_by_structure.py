"""Nets under names that no table has are read from the order and the shapes of their layers."""

import re

import pytest
import torch
from hypothesis import given, settings

from resnet_viz.errors import SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.weights.by_structure import BY_STRUCTURE
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.text import messages
from tests.fakes.spec_strategies import small_specs
from tests.weights.renamed import CIFAR, NAMINGS, PHOTOGRAPHS, PREACT, Renaming, renamed, small

BLOCKS = {
    "own words": lambda s, b: {
        **{f"conv{n}": f"group{s}.unit{b}.c{n}.op" for n in (1, 2, 3)},
        **{f"norm{n}": f"group{s}.unit{b}.c{n}.bn" for n in (1, 2, 3)},
        "shortcut.conv": f"group{s}.unit{b}.skip.op",
        "shortcut.norm": f"group{s}.unit{b}.skip.bn",
    },
    "one list": lambda s, b: {
        **{f"conv{n}": f"blocks.{10 * s + b}.main.{3 * n - 3}" for n in (1, 2, 3)},
        **{f"norm{n}": f"blocks.{10 * s + b}.main.{3 * n - 2}" for n in (1, 2, 3)},
        "shortcut.conv": f"blocks.{10 * s + b}.res.0",
        "shortcut.norm": f"blocks.{10 * s + b}.res.1",
    },
}


def naming(block: str) -> Renaming:
    ends = {"stem.conv": "first.op", "stem.norm": "first.bn", "head.norm": "last.bn", "head.fc": "answer"}
    return Renaming(name=BY_STRUCTURE.name, ends=ends, in_block=BLOCKS[block])


def shapes_of(spec: NetSpec, block: str) -> dict[str, tuple[int, ...]]:
    return renamed(state_shapes(layers_of(lower(spec))), naming(block))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("spec", [*PHOTOGRAPHS, *CIFAR, *PREACT, small(norm=Norm.NONE, conv_bias=True)])
def test_a_net_of_unknown_names_is_found_and_that_is_told(spec: NetSpec, block: str) -> None:
    found = identify_weights(shapes_of(spec, block))
    assert spec in [one.replace(image_size=spec.image_size) for one in found.specs]
    assert (found.missing, found.extra) == ((), ())
    assert "of no known table" in messages(found)[0]


@pytest.mark.torch
@pytest.mark.parametrize("spec", [PHOTOGRAPHS[1], CIFAR[2], PREACT[0]])
def test_its_weights_come_to_their_layers(spec: NetSpec) -> None:
    net, other = build(spec, seed=1), build(spec, seed=2)
    assert load(other, renamed(net.state_dict(), naming("own words"))) == ()
    assert all(torch.equal(tensor, net.state_dict()[key]) for key, tensor in other.state_dict().items())


OWN_WORDS = {  # in the place of torchvision's
    "stem in a sequence": ((r"^conv1\.", "layer0.0."), (r"^bn1\.", "layer0.1.")),
    "stem in a module": ((r"^conv1\.", "stem.conv."), (r"^bn1\.", "stem.norm.")),
    "norm of the stem": ((r"^bn1\.", "norm1."),),
    "shortcut": ((r"\.downsample\.", ".identity_downsample."),),
    "shortcut without a sequence": ((r"\.downsample\.0\.", ".proj_conv."), (r"\.downsample\.1\.", ".proj_bn.")),
    "norms": ((r"\.bn([123])\.", r".norm\1."),),
    "stages of blocks": ((r"^layer([1-4])\.", r"stages.\1.blocks."),),
}


@pytest.mark.torch
@pytest.mark.parametrize("words", OWN_WORDS.values(), ids=OWN_WORDS)
@pytest.mark.parametrize("prefix", ["", "module.net."])
@pytest.mark.parametrize("spec", [small(), small(block=BlockKind.BOTTLENECK)], ids=["basic", "bottleneck"])
def test_some_own_words_among_torchvisions_do_not_hide_a_net(
    spec: NetSpec, prefix: str, words: tuple[tuple[str, str], ...]
) -> None:
    net, other = build(spec, seed=1), build(spec, seed=2)
    state = {}
    for key, tensor in renamed(net.state_dict(), NAMINGS[0]).items():
        for pattern, word in words:
            key = re.sub(pattern, word, key)  # noqa: PLW2901 - one word after the other
        state[prefix + key] = tensor
    found = identify_weights({key: tuple(tensor.shape) for key, tensor in state.items()})
    assert spec in [one.replace(image_size=spec.image_size) for one in found.specs]
    assert "of no known table" in messages(found)[0]
    assert load(other, state) == ()
    assert all(torch.equal(tensor, net.state_dict()[key]) for key, tensor in other.state_dict().items())


def test_what_is_missing_among_torchvisions_names_is_still_named() -> None:
    shapes = renamed(state_shapes(layers_of(lower(small()))), NAMINGS[0])
    del shapes["conv1.weight"]
    with pytest.raises(SpecError, match=r"as in torchvision, but 'conv1\.weight' is missing"):
        identify_weights(shapes)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_projection_may_come_before_its_branch(is_first: bool) -> None:
    spec = small(block=BlockKind.BOTTLENECK)
    shapes = shapes_of(spec, "own words")
    blocks: dict[str, dict[str, tuple[int, ...]]] = {}
    for key, shape in shapes.items():
        blocks.setdefault(key.partition(".c")[0].partition(".skip")[0], {})[key] = shape
    turned = {
        key: shape
        for block in blocks.values()
        for key, shape in sorted(block.items(), key=lambda item: (".skip." in item[0]) is not is_first)
    }
    assert identify_weights(turned).specs == identify_weights(shapes).specs


def test_convolutions_and_norms_may_come_apart() -> None:
    shapes = shapes_of(small(), "own words")
    in_block = {key: shape for key, shape in shapes.items() if key.startswith("group")}
    blocks = dict.fromkeys(".".join(key.split(".")[:2]) for key in in_block)
    turned = {key: shape for key, shape in shapes.items() if key.startswith("first")}
    for block in blocks:
        own = {key: shape for key, shape in in_block.items() if key.startswith(f"{block}.")}
        turned |= dict(sorted(own.items(), key=lambda item: ".bn." in item[0]))
    turned |= {key: shape for key, shape in shapes.items() if key.startswith("answer")}
    assert identify_weights(turned).specs == identify_weights(shapes).specs


@pytest.mark.parametrize("spec", [*PHOTOGRAPHS, *CIFAR])
def test_files_sorted_by_key_are_read_where_numbers_give_the_order(spec: NetSpec) -> None:
    shapes = {f"enc.{key}": shape for key, shape in shapes_of(spec, "own words").items()}
    found = identify_weights(dict(sorted(shapes.items())))
    assert set(found.specs) == set(identify_weights(shapes).specs)
    assert dict(found.keys) == dict(identify_weights(shapes).keys)


def test_sorted_words_give_no_order() -> None:
    words, spec = {"c1": "start", "c2": "last"}, small(blocks=(2,), widths=(4,))  # whose convolutions are all alike
    shapes = {
        ".".join(words.get(part, part) for part in key.split(".")): shape
        for key, shape in shapes_of(spec, "own words").items()
    }
    assert identify_weights(shapes).spec.blocks == spec.blocks
    with pytest.raises(SpecError, match="of no known net"):
        identify_weights(dict(sorted(shapes.items())))


def test_what_is_in_no_such_order_is_not_read() -> None:
    shapes = shapes_of(small(), "own words")
    with pytest.raises(SpecError, match="of no known net"):
        identify_weights({**shapes, "group1.unit0.c4.op.weight": (8, 8, 3, 3)})
    with pytest.raises(SpecError, match="of no known net"):
        identify_weights({key: shape for key, shape in shapes.items() if "unit1.c1" not in key})


@settings(deadline=None, max_examples=60)
@given(small_specs())
def test_every_net_of_the_usual_orders_is_found_or_refused_but_never_another(spec: NetSpec) -> None:
    if spec.order not in (Order.ORIGINAL, Order.FULL_PREACT) or spec.shortcut.is_gated:
        return
    if spec.dim_match is DimMatch.PROJECTION_EVERYWHERE:
        return
    expected = state_shapes(layers_of(lower(spec)))
    try:
        found = identify_weights(renamed(expected, naming("own words")))
    except SpecError:
        return
    shapes = state_shapes(layers_of(lower(found.spec)))
    assert sorted(shapes.values()) == sorted(expected.values())
