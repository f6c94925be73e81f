"""Questions about grown nets: whose blocks can be made to do nothing."""

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.spec.presets import preset
from resnet_viz.theory.trained.growth import GrowthQuestion, grown_spec


def test_a_grown_net_has_as_many_blocks_in_each_stage() -> None:
    spec = grown_spec(preset("cifar_plain20"), 5)
    assert (spec.blocks, spec.depth, spec.is_plain) == ((5, 5, 5), 32, True)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("vgg16", {}),
        ("cifar_resnet20", {"shortcut": "conv1x1"}),
        ("cifar_resnet20", {"shortcut": "exclusive_gating"}),
        ("cifar_resnet20", {"order": "bn_after_add"}),
        ("cifar_resnet56", {}),  # more blocks than asked for
    ],
)
def test_a_net_that_cannot_grow_is_refused(name: str, fields: dict[str, str]) -> None:
    with pytest.raises(SpecError):
        grown_spec(preset(name, **fields), 4)


@pytest.mark.parametrize("fields", [{"counts": ()}, {"counts": (0,)}, {"counts": (10,)}, {"images": 5}, {"seed": -1}])
def test_a_question_out_of_range_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        GrowthQuestion(nets=(), **fields)  # type: ignore[arg-type]
