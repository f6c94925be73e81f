"""Figures and words about attribution, from arrays: colours, scales, the split over depth, what is exported."""

import io
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.net_result import SanityVerdict
from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import (
    DepthResult,
    MapsResult,
    PatchesResult,
    PredictionResult,
    QueryResult,
    SanityResult,
    TrainingResult,
)
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
from resnet_viz.present.attribution.convergence import split_error_text
from resnet_viz.present.attribution.features_figure import quiet_channel_text
from resnet_viz.present.attribution.maps_figure import maps_figure, most_likely
from resnet_viz.present.attribution.scrubber import scrubber_figure
from resnet_viz.present.attribution.small_multiples import Tile, TileRow, TileStyle, tile_figure
from resnet_viz.present.attribution.text import (
    map_notes,
    net_notes,
    percent,
    prediction_text,
    truth_text,
    verdict_text,
)
from resnet_viz.present.theme import PALETTES, Mode
from tests.fakes.attribution_results import STEPS, fake_result, query_of

GREY = np.full((1, 4, 4), 0.5, np.float32)

Kind = TypeVar("Kind", bound=QueryResult)


def found(kind: type[Kind], topic: Topic, method: str = "") -> Kind:
    result = fake_result(query_of(topic, method))
    assert isinstance(result, kind)
    return result


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


def test_where_nothing_is_attributed_the_image_alone_is_seen() -> None:
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


def test_a_prediction_names_the_true_class_where_it_is_another() -> None:
    result = found(PredictionResult, Topic.PREDICT)
    plain, residual = result.nets
    assert truth_text(result.image, result.nets) == "True class: Ankle boot"
    assert prediction_text(plain, result.image) == "predicted Sneaker (91.0 %), true class Ankle boot"
    assert prediction_text(residual, result.image) == "predicted Ankle boot (91.0 %)"
    uploaded = replace(result.image, label=None, class_name="")
    assert prediction_text(plain, uploaded) == "predicted Sneaker (91.0 %)"
    assert "True class" not in truth_text(uploaded, result.nets)


def test_a_net_of_unknown_or_other_classes_is_neither_right_nor_wrong() -> None:
    result = found(PredictionResult, Topic.PREDICT)
    nets = tuple(replace(net, label=None, class_names=()) for net in result.nets)
    assert truth_text(result.image, nets) == "Label in Fashion-MNIST: Ankle boot"
    assert [prediction_text(net, result.image) for net in nets] == [
        "predicted class 7 (91.0 %)",
        "predicted class 9 (91.0 %)",
    ]


def test_names_from_outside_are_no_markup_in_a_figure_and_bars_keep_apart() -> None:
    result = found(MapsResult, Topic.MAPS)
    evil = ("<b>bold</b>", "3", *(f"soft-coated wheaten terrier {n}" for n in range(8)))
    nets = tuple(replace(net, label=None, class_names=evil, predicted=0, target=0) for net in result.nets)
    figure = maps_figure(
        replace(result, nets=nets), "saliency", [1.0, 1.0], Mode.LIGHT, is_signed=True, is_narrow=False
    )
    texts = [str(note.text) for note in figure.layout.annotations]
    assert any("&lt;b&gt;bold&lt;/b&gt;" in text for text in texts)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert all(len(set(bar.y)) == len(bar.y) for bar in bars)
    assert not any("<" in label for bar in bars for label in bar.y)


def test_the_explained_class_has_a_bar_whatever_its_probability() -> None:
    plain, residual = found(PredictionResult, Topic.PREDICT).nets
    assert plain.target == 9
    assert most_likely(plain)[0] == 7
    assert 9 in most_likely(plain)
    assert most_likely(residual)[0] == 9


def test_guessed_preprocessing_and_an_inverted_image_are_noted_for_the_net_that_has_them() -> None:
    result = found(PredictionResult, Topic.PREDICT)
    assert net_notes(result) == []
    plain, residual = result.nets
    nets = (replace(plain, is_guess=True), replace(residual, is_inverted=True))
    guess, inversion = net_notes(replace(result, nets=nets))
    assert plain.title in guess
    assert "guessed" in guess
    assert "0.286" in guess  # the mean
    assert residual.title in inversion
    assert "inverted" in inversion


@pytest.mark.parametrize("is_narrow", [False, True])
def test_both_maps_lie_on_one_scale_and_the_slider_fades_both_and_nothing_else(*, is_narrow: bool) -> None:
    result = found(MapsResult, Topic.MAPS, "saliency")
    figure = maps_figure(result, "saliency", [2.0, 2.0], Mode.LIGHT, is_signed=True, is_narrow=is_narrow)
    scales = {trace.coloraxis for trace in figure.data if trace.type == "heatmap"}
    assert [(figure.layout[scale].cmin, figure.layout[scale].cmax) for scale in sorted(scales)] == [(-2.0, 2.0)] * 2
    faded = figure.layout.sliders[0].steps[0].args[1]
    assert [figure.data[place].type for place in faded] == ["heatmap", "heatmap"]


def test_a_coarse_map_covers_the_whole_image_and_is_smoothed() -> None:
    result = found(MapsResult, Topic.MAPS, "grad_cam")
    figure = maps_figure(result, "grad_cam", [1.0, 1.0], Mode.DARK, is_signed=True, is_narrow=False)
    trace = next(trace for trace in figure.data if trace.type == "heatmap")
    assert (trace.dx, trace.x0, trace.zsmooth) == (4.0, 2.0, "best")  # 7 cells of 4 px


@pytest.mark.parametrize("is_narrow", [False, True])
def test_tiles_of_a_sheet_do_not_overlap_and_stay_on_it(*, is_narrow: bool) -> None:
    strips = [TileRow(name="a", tiles=tuple(Tile(title=str(i), image_CHW=GREY, values=GREY[0]) for i in range(27)))] * 2
    figure = tile_figure(strips, TileStyle(end=1.0, is_signed=True, mode=Mode.LIGHT, is_narrow=is_narrow))
    places = [(image.x, image.y) for image in figure.layout.images]
    assert len(set(places)) == 54
    assert all(abs(x - u) >= 1 or abs(y - v) >= 1 for i, (x, y) in enumerate(places) for u, v in places[:i])
    assert max(x for x, _y in places) + 1 <= figure.layout.xaxis.range[1] + 1e-9
    assert max(y for _x, y in places) + 1 <= figure.layout.yaxis.range[0] + 1e-9


def test_the_split_has_the_colours_of_shortcut_and_branch() -> None:
    figure = depth_figure.profile_figure(found(DepthResult, Topic.DEPTH), Mode.LIGHT, is_narrow=False)
    colors = {trace.name: trace.marker.color for trace in figure.data if trace.showlegend and trace.type == "bar"}
    palette = PALETTES[Mode.LIGHT]
    assert colors == {"shortcut": palette[Role.SHORTCUT].line, "branch": palette[Role.BRANCH].line}


@pytest.mark.parametrize("is_narrow", [False, True])
def test_all_splits_have_one_axis_from_the_lowest_bar_to_the_highest_and_probabilities_another(
    *, is_narrow: bool
) -> None:
    figure = depth_figure.profile_figure(found(DepthResult, Topic.DEPTH), Mode.LIGHT, is_narrow=is_narrow)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    axes = {trace.yaxis: figure.layout[trace.yaxis.replace("y", "yaxis")] for trace in bars}
    splits = {name for name, axis in axes.items() if axis.tickformat != ".0%"}
    assert len(splits) == len(axes) - len(splits) == 2
    for name, axis in axes.items():
        if name in splits:  # bars reach from -3 to 11, with a margin of 6 % of that
            assert axis.range == pytest.approx((-3 - 0.06 * 14, 11 + 0.06 * 14))
        else:
            assert axis.range == (0, 1.05)


def test_the_parts_of_a_bar_make_the_whole() -> None:
    plain, residual = found(DepthResult, Topic.DEPTH).depths
    for block in residual.blocks:
        assert block.split is not None
        assert block.split.branch + block.split.shortcut == block.whole
    assert [block.whole for block in plain.blocks] == [block.conductance for block in plain.blocks]


def test_the_strongest_and_the_weakest_branch_are_those_that_contribute_most_and_least() -> None:
    plain, residual = found(DepthResult, Topic.DEPTH).depths
    assert (plain.strongest_branch, plain.weakest_branch) == (None, None)
    strongest, weakest = residual.strongest_branch, residual.weakest_branch
    assert strongest is not None
    assert weakest is not None
    assert (strongest.block, weakest.block) == ("stage3.block3", "stage2.block1")  # branches -3, -2, ... 5
    first = replace(residual, blocks=residual.blocks[:3])  # branches -3, -2, -1
    assert first.strongest_branch is first.blocks[0]
    assert first.weakest_branch is first.blocks[2]


def test_the_error_of_the_split_is_shown_for_a_net_with_shortcuts() -> None:
    result = found(DepthResult, Topic.DEPTH)
    plain, residual = (split_error_text(net, depth) for net, depth in zip(result.nets, result.depths, strict=True))
    assert plain == ""
    assert "+8.00" in residual  # the logit's change
    assert "0.25 logits" in residual  # share_delta


def test_a_block_that_cannot_be_removed_is_named_with_its_shapes() -> None:
    result = found(DepthResult, Topic.DEPTH)
    rows = blocks.lesion_rows(result.nets, result.depths)
    assert len(rows) == 18
    fixed = [str(row["prediction without the block"]) for row in rows if row["probability without the block"] is None]
    assert [text.partition(" ")[0] for text in fixed] == ["stage2.block1", "stage3.block1"]
    assert all("16×28×28 → 32×14×14" in text for text in fixed)


def test_every_verdict_has_its_own_text_with_the_correlations_it_rests_on() -> None:
    check = found(SanityResult, Topic.SANITY).checks[0]
    texts = {verdict: verdict_text("Saliency", replace(check, verdict=verdict)) for verdict in SanityVerdict}
    assert len(set(texts.values())) == len(SanityVerdict)
    assert all("Saliency" in text for text in texts.values())
    undefined = texts.pop(SanityVerdict.UNDEFINED)
    assert all("0.04" in text for text in texts.values())  # signed
    assert "0.04" not in undefined  # a flat map has no rank correlation


def test_the_scrubber_has_a_frame_for_every_kept_step() -> None:
    result = found(TrainingResult, Topic.OVER_TRAINING)
    figure = scrubber_figure(result, Mode.LIGHT, is_signed=False, is_narrow=False)
    assert [frame.name for frame in figure.frames] == [str(step) for step in STEPS]
    assert len({frame.layout.annotations[0].text for frame in figure.frames}) == len(STEPS)


def test_nets_of_runs_with_other_kept_steps_show_their_last_map_before_each() -> None:
    result = found(TrainingResult, Topic.OVER_TRAINING)
    first, second = result.steps
    figure = scrubber_figure(replace(result, steps=(first, second[:2])), Mode.LIGHT, is_signed=False, is_narrow=False)
    assert [frame.name for frame in figure.frames] == [str(step) for step in STEPS]
    titles = [frame.layout.annotations[1].text for frame in figure.frames]
    assert [title.rpartition(" ")[2] for title in titles] == ["0", "50", "50", "50"]
    assert (np.asarray(figure.frames[3].data[1].z) == channel_sum(second[1].values)).all()


def test_what_a_delta_means_is_said_where_a_method_has_one() -> None:
    for name in ("integrated_gradients", "saliency"):
        notes = " ".join(map_notes(found(MapsResult, Topic.MAPS, name), METHODS[name], {}))
        assert ("Convergence delta" in notes) is METHODS[name].has_delta
        assert "0.42" in notes  # signed
        assert "0.61" in notes  # without signs


def test_the_numbers_are_those_of_the_map() -> None:
    values = found(MapsResult, Topic.MAPS, "saliency").maps[0].of("saliency").values
    assert np.array_equal(np.load(io.BytesIO(downloads.npy_bytes(values)), allow_pickle=False), values)


def test_the_png_holds_the_image_and_a_map_for_each_net() -> None:
    result = found(MapsResult, Topic.MAPS, "saliency")
    image = Image.open(io.BytesIO(downloads.composite_png(result, "saliency", [1.0, 1.0])))
    assert image.size == (3 * 672 + 2 * 16, 672)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((2.0, 1.0, 0.0), ""),
        ((2.0, 1.0, -1.0), ""),
        ((0.0, 0.0, 0.0), "no image excites channel 3; its largest value is 0.00."),
        ((-0.5, -0.5, -0.7), "no image excites channel 3; its largest value is -0.50."),
        ((1.5, 1.5, 1.5), "channel 3 has the same largest value, 1.50, in all of these images."),
        ((), ""),
    ],
)
def test_a_channel_that_nothing_excites_is_said_to_be_one(values: tuple[float, ...], words: str) -> None:
    result = found(PatchesResult, Topic.PATCHES)
    patches = [replace(result.patches[0][0], value=value) for value in values]
    assert quiet_channel_text(result.nets[0], patches, 3).endswith(words)
    assert bool(quiet_channel_text(result.nets[0], patches, 3)) is bool(words)
