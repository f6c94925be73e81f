"""Of changes that make no net together, as many as possible are kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.presets import preset
from resnet_viz.spec.valid_part import valid_part
from tests.fakes.spec_strategies import small_fields


@pytest.mark.parametrize(
    ("base", "changes", "left_out"),
    [
        ("resnet18", {"in_channels": 1, "num_classes": 10}, ()),
        ("resnet18", {"in_channels": 1, "image_size": 0, "num_classes": 10}, ("image_size",)),
        ("vgg16", {"in_channels": 1, "image_size": 31}, ("image_size",)),
        ("resnet18", {"blocks": (1, 1), "widths": (8, 8), "in_channels": 99}, ("in_channels",)),
        ("resnet18", {"blocks": (2, 2, 2), "num_classes": 7}, ("blocks",)),
        ("resnet18", {"cardinality": 32, "block": "basic", "num_classes": 7}, ("cardinality",)),
        ("resnet50", {"in_channels": 0, "num_classes": 0, "norm": "none"}, ("in_channels", "num_classes")),
        (
            "resnet50",
            {"in_channels": 0, "num_classes": 0, "blocks": (), "norm": "none"},
            ("in_channels", "num_classes", "blocks"),
        ),
    ],
)
def test_the_least_is_left_out(base: str, changes: dict[str, Any], left_out: tuple[str, ...]) -> None:
    spec, found = valid_part(base, changes)
    assert sorted(found) == sorted(left_out)
    assert spec == preset(base, **{name: value for name, value in changes.items() if name not in left_out})


@given(small_fields(), st.data())
@settings(deadline=None, max_examples=100)
def test_what_is_kept_makes_the_net_and_nothing_is_left_out_without_need(fields: dict[str, Any], data: Any) -> None:
    names = data.draw(st.lists(st.sampled_from(list(fields)), unique=True))
    changes = {name: fields[name] for name in names}
    spec, left_out = valid_part("resnet50", changes)
    assert spec == preset("resnet50", **{name: value for name, value in changes.items() if name not in left_out})
    try:
        preset("resnet50", **changes)
    except SpecError:
        assert left_out
    else:
        assert left_out == ()
