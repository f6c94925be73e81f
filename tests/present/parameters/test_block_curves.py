"""The charts of both blocks: what their curves and marks hold."""

import pytest
from plotly.graph_objects import Figure

from resnet_viz.analysis.block_forms import BlockParts, Variable
from resnet_viz.present.architecture.formulas import block_count
from resnet_viz.present.parameters.block_curves import Scale, params_chart, ratio_chart
from resnet_viz.present.theme import Mode
from resnet_viz.spec.enums import BlockKind

NORM = BlockParts(has_norm=True)


def marks(figure: Figure) -> set[tuple[int, float]]:
    """Places of the points that are marked."""
    return {(trace.x[0], trace.y[0]) for trace in figure.data if "markers" in trace.mode}


def bold(figure: Figure) -> set[tuple[int, float]]:
    return {(trace.x[0], trace.y[0]) for trace in figure.data if "markers" in trace.mode and trace.marker.size > 10}


@pytest.mark.parametrize("scale", Scale)
def test_both_curves_hold_the_exact_counts_of_the_plan(scale: Scale) -> None:
    basic, bottleneck = params_chart(NORM, Variable.WIDTH, scale, Mode.LIGHT).data[:2]
    for curve, kind in ((basic, BlockKind.BASIC), (bottleneck, BlockKind.BOTTLENECK)):
        for width, count in list(zip(curve.x, curve.y, strict=True))[::9]:
            own = block_count(kind, width, has_norm=True, has_bias=False, has_projection=False, mode=Mode.LIGHT)
            assert count == own.params


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        (NORM, {(8, 1_184)}),
        (BlockParts(has_bias=True), {(4, 296)}),
        (BlockParts(has_norm=True, has_bias=True), {(12, 2_664)}),
        (BlockParts(), set()),
        (BlockParts(has_norm=True, has_projection=True), set()),
    ],
)
def test_the_size_of_equal_counts_is_marked(parts: BlockParts, place: set[tuple[int, float]]) -> None:
    for scale in Scale:
        assert marks(params_chart(parts, Variable.WIDTH, scale, Mode.LIGHT)) == place
        assert bold(ratio_chart(parts, Variable.WIDTH, scale, Mode.DARK)) == {(width, 1) for width, _count in place}


def test_the_ratios_mark_all_three_crossovers_and_the_chosen_one_boldly() -> None:
    figure = ratio_chart(NORM, Variable.WIDTH, Scale.LOG, Mode.LIGHT)
    assert marks(figure) == {(4, 1), (8, 1), (12, 1)}
    assert bold(figure) == {(8, 1)}
    (constant,) = [trace for trace in figure.data if trace.name == "weights alone"]
    assert set(constant.y) == {17 / 18}


@pytest.mark.parametrize("variable", Variable)
def test_nothing_is_marked_where_nothing_crosses(variable: Variable) -> None:
    parts = BlockParts(has_projection=True)
    assert marks(ratio_chart(parts, variable, Scale.LOG, Mode.LIGHT)) == set()
    assert marks(ratio_chart(BlockParts(), Variable.CHANNELS, Scale.LINEAR, Mode.LIGHT)) == set()
