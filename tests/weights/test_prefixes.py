"""Names in front of a net's own, of wrappers and of modules around it, are stripped in any order and number."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.namings import OURS
from tests.weights.renamed import CASES, Renaming, renamed

AROUND = (
    "module",
    "_orig_mod",
    "model",
    "net",
    "backbone",
    "encoder_q",
    "encoder",
    "visual",
    "student",
    "0",
    "ema_model",
)
INSIDE = ("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")


def shapes_of(case: tuple[Renaming, Any]) -> dict[str, tuple[int, ...]]:
    return renamed(state_shapes(layers_of(lower(case[1]))), case[0])


@settings(deadline=None, max_examples=60)
@given(case=st.sampled_from(CASES), prefixes=st.lists(st.sampled_from(AROUND), max_size=5))
def test_any_prefixes_in_any_order_leave_the_net_as_it_is(case: tuple[Renaming, Any], prefixes: list[str]) -> None:
    shapes, prefix = shapes_of(case), "".join(f"{name}." for name in prefixes)
    found = identify_weights({f"{prefix}{key}": shape for key, shape in shapes.items()})
    plain = identify_weights(shapes)
    assert (found.specs, found.naming) == (plain.specs, plain.naming)
    assert list(found.keys.values()) == list(plain.keys.values())


@settings(deadline=None, max_examples=30)
@given(case=st.sampled_from(CASES), wrapper=st.sampled_from(INSIDE), place=st.integers(0, 3))
def test_wrappers_inside_of_names_are_no_part_of_them(case: tuple[Renaming, Any], wrapper: str, place: int) -> None:
    shapes = shapes_of(case)
    parts = [key.split(".") for key in shapes]
    wrapped = (
        ".".join([*key[:place], wrapper, *key[place:]]) if len(key) > place + 1 else ".".join(key) for key in parts
    )
    found, plain = identify_weights(dict(zip(wrapped, shapes.values(), strict=True))), identify_weights(shapes)
    assert (found.specs, found.naming) == (plain.specs, plain.naming)


@settings(deadline=None, max_examples=20)
@given(prefixes=st.lists(st.sampled_from(AROUND), max_size=4), number=st.integers(0, 2))
def test_our_own_names_may_have_prefixes_too(prefixes: list[str], number: int) -> None:
    spec = CASES[number][1]
    prefix = "".join(f"{name}." for name in prefixes)
    found = identify_weights({f"{prefix}{key}": shape for key, shape in state_shapes(layers_of(lower(spec))).items()})
    assert found.naming == OURS.name
    assert spec in [one.replace(image_size=spec.image_size) for one in found.specs]


@pytest.mark.parametrize(
    ("first", "second", "main"),
    [
        ("encoder_q.", "encoder_k.", "encoder_q."),  # facebookresearch/moco
        ("encoder_k.", "encoder_q.", "encoder_q."),
        ("teacher.backbone.", "student.backbone.", "student.backbone."),  # facebookresearch/dino
        ("online_encoder.net.", "target_encoder.net.", "online_encoder.net."),  # lucidrains/byol-pytorch
        ("model.", "ema_model.", "model."),
        ("base_encoder.", "momentum_encoder.", "base_encoder."),  # facebookresearch/moco-v3
        ("models.0.", "models.1.", "models.0."),  # an ensemble
    ],
)
def test_of_several_nets_the_trained_one_is_taken_and_any_can_be(first: str, second: str, main: str) -> None:
    shapes = shapes_of(CASES[0])
    both = {f"{prefix}{key}": shape for prefix in (first, second) for key, shape in shapes.items()}
    found = identify_weights({**both, "queue": (128, 65536), "queue_ptr": (1,)})
    assert found.prefixes == (main, first if main == second else second)
    assert found.extra == ("queue", "queue_ptr")
    assert all(key.startswith(main) for key in found.keys)
    other = identify_weights(both, prefix=found.prefixes[1])
    assert all(key.startswith(found.prefixes[1]) for key in other.keys)
    assert other.specs == found.specs


@pytest.mark.parametrize("head", ["head.fc", "fc", "cls_head.fc", "backbone.fc", "classifier", "anything.at_all"])
def test_a_head_may_be_beside_the_prefix_of_the_rest(head: str) -> None:
    shapes = shapes_of(CASES[0])
    beside = {
        (f"{head}.{key[3:]}" if key.startswith("fc.") else f"backbone.{key}"): shape for key, shape in shapes.items()
    }
    found = identify_weights(beside)
    assert found.spec.num_classes == 7
    assert (found.prefix, found.missing, found.extra) == ("backbone.", (), ())
