"""Figures and words about attribution, from arrays: colours, scales, the split over depth, what is exported."""

import io

import numpy as np
import pytest
from PIL import Image

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.graph.roles import Role
from resnet_viz.present.attribution import blocks, depth_figure, downloads
from resnet_viz.present.attribution.colors import (
    AGAINST,
    FOR,
    channel_sum,
    composite,
    dimmed,
    enlarged,
    scale_limit,
    to_bytes,
)
from resnet_viz.present.attribution.maps_figure import ShownMap, maps_figure, most_likely
from resnet_viz.present.attribution.results import NetPrediction, net_predictions, percent, prediction_text, true_class
from resnet_viz.present.attribution.scrubber import scrubber_figure
from resnet_viz.present.attribution.small_multiples import Tile, TileRow, TileStyle, tile_figure
from resnet_viz.present.attribution.text import map_notes
from resnet_viz.present.theme import PALETTES, Mode
from tests.fakes.attribution_results import STEPS, fake_result

NETS = (NetRef.parse("shipped:plain20"), NetRef.parse("shipped:resnet20"))
PICTURE = ImageRef.parse("data:fashion_mnist_subset/9")
GREY = np.full((1, 4, 4), 0.5, np.float32)


def answered(topic: Topic, method: str = "") -> tuple[AttributionResult, tuple[NetPrediction, ...]]:
    meta, arrays = fake_result(AttributionQuery(topic=topic, nets=NETS, picture=PICTURE, method=method))
    found = AttributionResult(meta=meta, arrays=arrays)
    return found, net_predictions(found)


def test_no_colour_of_a_map_is_one_that_means_shortcut_or_branch() -> None:
    hues = {f"#{r:02X}{g:02X}{b:02X}" for r, g, b in (FOR, AGAINST)}
    assert not hues & {PALETTES[mode][role].line for mode in Mode for role in (Role.SHORTCUT, Role.BRANCH)}


def test_one_bright_pixel_does_not_darken_all_others() -> None:
    values = np.ones((20, 20), np.float32)
    values[0, 0] = 1_000
    assert scale_limit([values]) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.zeros((0, 0))])
def test_a_map_of_nothing_has_a_scale_too(values: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    assert scale_limit([values.astype(np.float32)]) == 1.0


def test_one_pixel_alone_is_seen() -> None:
    values = np.zeros((40, 40), np.float32)
    values[3, 3] = -2
    assert scale_limit([values]) == 2.0


def test_where_nothing_is_attributed_the_picture_alone_is_seen() -> None:
    bare = np.asarray(composite(GREY, np.zeros((4, 4), np.float32), 1.0, side_px=8))
    assert np.array_equal(bare[..., 0], np.asarray(enlarged(to_bytes(dimmed(GREY)), 8)))
    strong = np.asarray(
        composite(GREY, np.array([[1, -1], [0, 0]], np.float32).repeat(2, 0).repeat(2, 1), 1.0, side_px=8)
    )
    assert strong[0, 0, 1] > 150 > strong[0, 0, 0]  # green speaks for the class
    assert strong[0, -1, 0] > 150 > strong[0, -1, 1]  # magenta against it


def test_channels_are_added_up() -> None:
    assert channel_sum(np.array([[[1.0]], [[2.0]], [[-5.0]]], np.float32)).tolist() == [[-2.0]]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.982, "98.2 %"),
        (1.0, "100.0 %"),
        (0.99999, "> 99.9 %"),
        (0.0, "0.0 %"),
        (1e-9, "< 0.1 %"),
        (float("nan"), "–"),
    ],
)
def test_no_probability_is_rounded_to_certainty(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_wrong_prediction_is_called_wrong() -> None:
    found, (plain, residual) = answered(Topic.PREDICT)
    assert true_class(found) == "Ankle boot"
    assert prediction_text(plain, "Ankle boot") == "Sneaker, 91.0 %, wrong: it is Ankle boot"
    assert prediction_text(residual, "Ankle boot") == "Ankle boot, 91.0 %"
    assert prediction_text(plain, "") == "Sneaker, 91.0 %"


def test_the_explained_class_has_a_bar_whatever_its_probability() -> None:
    _found, (plain, residual) = answered(Topic.PREDICT)
    assert plain.target == 9
    assert most_likely(plain)[0] == 7
    assert 9 in most_likely(plain)
    assert most_likely(residual)[0] == 9


@pytest.mark.parametrize("is_narrow", [False, True])
def test_both_maps_lie_on_one_scale_and_the_slider_fades_both_and_nothing_else(*, is_narrow: bool) -> None:
    found, seen = answered(Topic.MAPS, "saliency")
    shown = [ShownMap(net=net, values=channel_sum(found.arrays[f"{net.place}.map.saliency"]), end=2.0) for net in seen]
    figure = maps_figure(shown, Mode.LIGHT, truth="Ankle boot", is_signed=True, is_narrow=is_narrow)
    scales = {trace.coloraxis for trace in figure.data if trace.type == "heatmap"}
    assert [(figure.layout[scale].cmin, figure.layout[scale].cmax) for scale in sorted(scales)] == [(-2.0, 2.0)] * 2
    faded = figure.layout.sliders[0].steps[0].args[1]
    assert [figure.data[place].type for place in faded] == ["heatmap", "heatmap"]


def test_a_coarse_map_covers_the_whole_picture_and_is_smoothed() -> None:
    found, seen = answered(Topic.MAPS, "grad_cam")
    shown = [ShownMap(net=net, values=channel_sum(found.arrays[f"{net.place}.map.grad_cam"]), end=1.0) for net in seen]
    figure = maps_figure(shown, Mode.DARK, truth="", is_signed=True, is_narrow=False)
    trace = next(trace for trace in figure.data if trace.type == "heatmap")
    assert (trace.dx, trace.x0, trace.zsmooth) == (4.0, 2.0, "best")  # 7 cells of 4 px


@pytest.mark.parametrize("is_narrow", [False, True])
def test_tiles_of_a_sheet_do_not_overlap_and_stay_on_it(*, is_narrow: bool) -> None:
    strips = [
        TileRow(name="a", tiles=tuple(Tile(title=str(i), picture_CHW=GREY, values=GREY[0]) for i in range(27)))
    ] * 2
    figure = tile_figure(strips, TileStyle(end=1.0, is_signed=True, mode=Mode.LIGHT, is_narrow=is_narrow))
    places = [(image.x, image.y) for image in figure.layout.images]
    assert len(set(places)) == 54
    assert all(abs(x - u) >= 1 or abs(y - v) >= 1 for i, (x, y) in enumerate(places) for u, v in places[:i])
    assert max(x for x, _y in places) + 1 <= figure.layout.xaxis.range[1] + 1e-9
    assert max(y for _x, y in places) + 1 <= figure.layout.yaxis.range[0] + 1e-9


def test_the_split_has_the_colours_of_shortcut_and_branch() -> None:
    _found, seen = answered(Topic.DEPTH)
    figure = depth_figure.profile_figure(seen, Mode.LIGHT, is_narrow=False)
    colors = {trace.name: trace.marker.color for trace in figure.data if trace.showlegend and trace.type == "bar"}
    palette = PALETTES[Mode.LIGHT]
    assert colors == {"by the shortcut": palette[Role.SHORTCUT].line, "by the branch": palette[Role.BRANCH].line}


def test_the_parts_of_a_bar_make_the_whole() -> None:
    _found, (_plain, residual) = answered(Topic.DEPTH)
    for block in blocks.block_profiles(residual):
        assert block.branch is not None
        assert block.shortcut is not None
        assert block.branch + block.shortcut == block.whole


def test_a_block_that_cannot_be_removed_is_said_to_be_so() -> None:
    _found, seen = answered(Topic.DEPTH)
    rows = blocks.lesion_rows(seen)
    stays = [row for row in rows if row["without the block"] is None]
    assert [row["then says"] for row in stays] == ["stage2.block1 stays.", "stage3.block1 stays."]
    assert len(rows) == 18


def test_the_scrubber_has_a_frame_for_every_kept_step() -> None:
    found, seen = answered(Topic.OVER_TRAINING, "saliency")
    figure = scrubber_figure(found, seen, Mode.LIGHT, is_signed=False, is_narrow=False)
    assert [frame.name for frame in figure.frames] == [str(step) for step in STEPS]
    assert len({frame.layout.annotations[0].text for frame in figure.frames}) == len(STEPS)


def test_what_a_delta_means_is_said_where_a_method_has_one() -> None:
    for name in ("integrated_gradients", "saliency"):
        found, seen = answered(Topic.MAPS, name)
        said = " ".join(map_notes(found, seen, METHODS[name]))
        assert ("Convergence delta" in said) is METHODS[name].has_delta
        assert "rank correlation 0.42 with sign, 0.61 of the sizes alone" in said


def test_the_numbers_are_those_of_the_map() -> None:
    found, _seen = answered(Topic.MAPS, "saliency")
    values = found.arrays["0.map.saliency"]
    assert np.array_equal(np.load(io.BytesIO(downloads.npy_bytes(values)), allow_pickle=False), values)


def test_the_png_holds_the_picture_and_a_map_for_each_net() -> None:
    found, seen = answered(Topic.MAPS, "saliency")
    image = Image.open(io.BytesIO(downloads.composite_png(found, seen, "saliency", [1.0, 1.0])))
    assert image.size == (3 * 672 + 2 * 16, 672)
