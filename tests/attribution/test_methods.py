"""The table of attribution methods: what can be asked, and what is refused."""

import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings

from resnet_viz.attribution.methods import MAX_FORWARDS, METHODS, checked_params, map_layers
from resnet_viz.errors import BudgetError, Refusal, SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.vgg import VGG, VggSpec
from tests.fakes.spec_strategies import small_specs

ALL = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
SIZES = (1, 8, 14, 28, 32, 64, 224, 1024)


def test_the_methods_are_those_of_the_page_in_its_order() -> None:
    assert " ".join(METHODS) == (
        "saliency input_x_gradient integrated_gradients gradient_shap deep_lift guided_backprop smooth_grad occlusion "
        "feature_ablation grad_cam guided_grad_cam layer_conductance internal_influence layer_activation"
    )


def test_the_table_loads_neither_torch_nor_captum() -> None:
    code = "import resnet_viz.attribution.methods, sys; sys.exit(bool({'torch', 'captum', 'numpy'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@ALL
def test_a_row_says_what_the_method_cannot_do_and_where_it_comes_from(method: Any) -> None:
    assert method.limits.endswith(".")
    assert any(character.isdigit() for character in method.paper)
    assert "arXiv:" in method.paper


@ALL
@pytest.mark.parametrize("size", SIZES)
def test_defaults_are_allowed_and_affordable_at_every_size(method: Any, size: int) -> None:
    filled = checked_params(method.name, {}, image_size=size)
    assert list(filled) == [parameter.name for parameter in method.parameters]
    assert checked_params(method.name, filled, image_size=size) == filled
    assert 1 <= method.passes(filled, size) <= 2 * MAX_FORWARDS


@ALL
def test_defaults_at_28_px_are_those_of_the_table(method: Any) -> None:
    assert list(checked_params(method.name, {}).values()) == [parameter.default for parameter in method.parameters]


def test_whole_numbers_come_back_as_such() -> None:
    assert [type(value) for value in checked_params("gradient_shap", {"samples": 7.0, "noise": 0}).values()] == [
        int,
        float,
    ]


@pytest.mark.parametrize("bad", [1, 501, 7.5, math.nan, math.inf, -math.inf, 10**400, True, None, "7", [7], {}])
def test_a_value_that_is_no_whole_number_in_range_is_refused(bad: object) -> None:
    with pytest.raises(SpecError, match="steps is a whole number from 2 to 500; got "):
        checked_params("integrated_gradients", {"steps": bad})


@pytest.mark.parametrize("bad", [-0.1, 0.6, math.nan, math.inf, False, None, "0.1" * 100])
def test_a_value_that_is_no_number_in_range_is_refused(bad: object) -> None:
    with pytest.raises(SpecError, match=r"noise is a number from 0 to 0\.5; got ") as refused:
        checked_params("gradient_shap", {"noise": bad})
    assert len(str(refused.value)) < 150


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SpecError, match="'lime'; there are saliency, input_x_gradient, "):
        checked_params("lime", {})


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(SpecError, match="no parameter 'n_steps'; it has steps"):
        checked_params("integrated_gradients", {"n_steps": 5})
    with pytest.raises(SpecError, match="Saliency has nothing to set; got 'abs'"):
        checked_params("saliency", {"abs": 1})


def test_a_window_is_no_larger_than_the_image() -> None:
    with pytest.raises(SpecError, match="window is a whole number from 1 to 14; got 15"):
        checked_params("occlusion", {"window": 15, "stride": 1}, image_size=14)


def test_a_step_that_misses_pixels_is_refused() -> None:
    with pytest.raises(SpecError, match="steps of 6 px would miss pixels; a step is at most the window's 5 px"):
        checked_params("occlusion", {"window": 5, "stride": 6})


def test_more_windows_than_can_be_waited_for_are_refused() -> None:
    assert checked_params("occlusion", {"window": 1, "stride": 1}, image_size=28)
    with pytest.raises(BudgetError, match=r"50,177 forward passes on an image of 224 px; up to 4,096"):
        checked_params("occlusion", {"window": 1, "stride": 1}, image_size=224)
    with pytest.raises(BudgetError, match=r"12,545 forward passes"):
        checked_params("feature_ablation", {"square": 2}, image_size=224)


def test_a_cost_counts_forward_and_backward_passes() -> None:
    assert METHODS["saliency"].passes({}) == 2
    assert METHODS["integrated_gradients"].passes({"steps": 50}) == 50 + 2 + 50
    assert METHODS["occlusion"].passes({"window": 4, "stride": 4}, 28) == 1 + 7 * 7
    assert METHODS["feature_ablation"].passes({"square": 5}, 28) == 1 + 6 * 6


@pytest.mark.parametrize(
    "spec", [residual_preset("cifar_resnet20"), residual_preset("resnet50"), VggSpec(**VGG["vgg16"])]
)
def test_places_with_a_map_come_in_running_order_blocks_behind_their_nodes(spec: Any) -> None:
    plan = lower(spec)
    names = map_layers(plan)
    assert len(set(names)) == len(names)
    assert [name for name in names if name in {block.name for block in plan.blocks}] == [b.name for b in plan.blocks]
    for block in plan.blocks:
        last = plan.nodes[block.stop - 1].name
        assert names[names.index(last) + 1] == block.name
    assert not any(name.endswith((".fc", ".flatten")) for name in names)


@settings(max_examples=20)
@given(small_specs())
def test_a_place_with_a_map_is_a_node_or_a_block(spec: Any) -> None:
    plan = lower(spec)
    assert set(map_layers(plan)) <= {node.name for node in plan.nodes} | {block.name for block in plan.blocks}


def test_refusals_are_sentences() -> None:
    for asked in (("x", {}), ("saliency", {"a": 1}), ("occlusion", {"window": 0}), ("smooth_grad", {"noise": 9})):
        with pytest.raises(Refusal) as refused:
            checked_params(*asked)
        assert str(refused.value).endswith(".") or "; " in str(refused.value)
