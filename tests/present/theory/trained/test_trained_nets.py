"""Messages about lesions, exits, surfaces and paths against constructed numbers, and what their figures show."""

from math import nan

import numpy as np
import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.trained import early_exits, lesions, loss_surface, paths
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.presets import residual_preset
from resnet_viz.theory.trained.early_exits import Exit, ExitAccuracy
from resnet_viz.theory.trained.lesions import Damage, DeletedBlock, RandomDamage, RewiredAccuracy
from resnet_viz.theory.trained.paths import PathGradient

NET = residual_preset("cifar_resnet8", in_channels=1, image_size=28)
NAMES = ("stage1.block1", "stage2.block1", "stage3.block1")


def lost(*accuracies: float, whole: float = 0.9) -> list[DeletedBlock]:
    blocks = zip(("", *NAMES), (whole, *accuracies), strict=True)
    return [
        DeletedBlock(net=0, block=name, accuracy=share, refusal="no path" if share != share else "")  # noqa: PLR0124
        for name, share in blocks
    ]


def exits(kind: Exit, *accuracies: float, refusal: str = "") -> list[ExitAccuracy]:
    return [
        ExitAccuracy(net=0, kind=kind, block=name, depth=depth, accuracy=share, refusal=refusal)
        for depth, (name, share) in enumerate(zip(("", *NAMES), accuracies, strict=False))
    ]


def test_blocks_that_can_go_are_counted_with_the_worst() -> None:
    text = lesions.lesion_text("R", lost(0.5, 0.88, 0.87))
    assert "2 of 3 blocks" in text  # 0.87 is 3 points below, which is slight
    assert "stage1.block1: 50.0 % instead of 90.0 %" in text


def test_a_net_that_guesses_without_any_block_gets_its_best_case() -> None:
    text = lesions.lesion_text("P", lost(0.1, nan, 0.2))
    assert "at most 20.0 % are left of 90.0 %, without stage1.block1 10.0 %" in text
    assert "1 block changes the shape" in text
    assert "no block can be deleted" in lesions.lesion_text("P", lost(nan, nan, nan))


def test_medians_of_two_nets_are_compared() -> None:
    text = lesions.comparison_text(("P", "R"), (lost(0.1, nan, 0.2), lost(0.88, 0.8, 0.9)))
    assert "costs P 75 points of accuracy, R 2" in text
    assert lesions.comparison_text(("P", "R"), (lost(nan, nan, nan), lost(0.88, 0.8, 0.9))) == ""


def test_damage_is_named_with_its_accuracy() -> None:
    found = RewiredAccuracy(accuracy=0.7, whole=0.93, tau=0.6)
    text = lesions.rewired_text(found, num_deleted=1, num_moved=2)
    assert text == "1 block deleted, 2 blocks moved (Kendall τ 0.60): accuracy 70.0 % instead of 93.0 %."
    assert lesions.rewired_text(found, num_deleted=0, num_moved=0) == "Nothing is damaged: 70.0 %."


@pytest.mark.parametrize("shortcut", [Shortcut.IDENTITY, Shortcut.NONE])
def test_the_drawn_net_has_a_square_and_a_bar_per_block_and_an_arc_per_shortcut(shortcut: Shortcut) -> None:
    spec = NET.replace(shortcut=shortcut)
    figure = lesions.net_figure(spec, lost(0.5, nan, 0.8), deleted=(NAMES[1],), mode=Mode.LIGHT)
    squares = next(trace for trace in figure.data if trace.mode == "markers")
    bars = next(trace for trace in figure.data if trace.type == "bar")
    assert list(squares.customdata) == list(bars.customdata) == list(NAMES)
    assert [color == "rgba(0,0,0,0)" for color in squares.marker.color] == [False, True, False]
    assert list(bars.text) == ["50", "–", "80"]
    arcs = [shape for shape in figure.layout.shapes if shape.type == "path"]
    assert len(arcs) == (3 if shortcut is Shortcut.IDENTITY else 0)


def test_a_moved_block_is_marked_and_carries_its_own_name() -> None:
    order = (NAMES[2], NAMES[1], NAMES[0])
    squares = next(t for t in lesions.net_figure(NET, [], order=order, mode=Mode.DARK).data if t.mode == "markers")
    assert list(squares.customdata) == list(order)
    assert squares.marker.color[0] == squares.marker.color[2] != squares.marker.color[1]


def test_random_damage_is_told_from_least_to_most() -> None:
    records = [
        RandomDamage(kind=Damage.DELETE, number=1, accuracies=(0.9, 0.8), tau=1.0),
        RandomDamage(kind=Damage.DELETE, number=8, accuracies=(0.2, 0.4), tau=1.0),
        RandomDamage(kind=Damage.SWAP, number=1, accuracies=(0.9,), tau=0.9),
    ]
    assert lesions.damage_text(records) == "Deleting 1 at random leaves 85 %, 8 leave 30 %."
    figure = lesions.damage_figure(records, Damage.SWAP, Mode.LIGHT)
    assert list(figure.data[1].x) == [0.9]
    assert len(lesions.damage_rows(records)) == 3


def test_an_exit_tells_both_accuracies_and_where_the_head_passes_half() -> None:
    records = exits(Exit.HEAD, 0.1, 0.1, 0.5, 0.9) + exits(Exit.RIDGE, 0.4, 0.6, 0.8, 0.91)
    text = early_exits.exit_text("R", records, 1)
    assert "behind 1 of 3 blocks a linear classifier reads 60.0 %" in text
    assert "reads 10.0 % there; it passes half of its accuracy behind block 2" in text
    assert "behind 3 of 3 blocks" in early_exits.exit_text("R", records, 7)


def test_a_net_without_early_heads_gives_the_reason() -> None:
    records = exits(Exit.HEAD, nan, refusal="no shortcuts.") + exits(Exit.RIDGE, 0.4, 0.6, 0.8, 0.91)
    text = early_exits.exit_text("P", records, 2)
    assert text.endswith("no shortcuts.")
    assert "own head" not in text


def test_linear_classifiers_are_compared_block_by_block() -> None:
    one = exits(Exit.RIDGE, 0.4, 0.60, 0.80, 0.91)
    near, far = exits(Exit.RIDGE, 0.1, 0.62, 0.81, 0.91), exits(Exit.RIDGE, 0.4, 0.60, 0.60, 0.91)
    assert "at most 2.0 points: depth makes" in early_exits.agreement_text(("P", "R"), (one, near))
    assert early_exits.agreement_text(("P", "R"), (one, far)).endswith("by up to 20.0 points.")
    assert early_exits.agreement_text(("P", "R"), (one, one[:2])) == ""


def test_a_surface_tells_its_middle_its_rim_and_its_valley() -> None:
    grid = np.full((5, 5), 4.0)
    grid[1:4, 1:4] = 0.5
    grid[2, 2] = 0.1
    text = loss_surface.surface_text("R", grid)
    assert "loss 0.10 at the net, up to 4.0 on the plane; on 36 % of it at most 1 nat." in text
    grid[0, 0] = nan
    assert "At 1 points the loss is not finite" in loss_surface.surface_text("R", grid)
    flat = np.full((5, 5), 0.2)
    assert "S has the wider valley: 100 % of the plane" in loss_surface.comparison_text(("R", "S"), (grid, flat))
    assert "equally wide" in loss_surface.comparison_text(("R", "S"), (flat, flat))


def test_both_maps_have_one_scale() -> None:
    figures = [loss_surface.surface_figure(np.full((5, 5), loss), Mode.LIGHT) for loss in (0.01, 300.0)]
    assert len({(figure.data[0].zmin, figure.data[0].zmax) for figure in figures}) == 1
    assert figures[0].data[0].z[0][0] == pytest.approx(-1)  # cut at a tenth, and at ten
    assert figures[1].data[0].z[0][0] == pytest.approx(1)


def test_published_errors_of_the_surfaces_are_quoted() -> None:
    text = loss_surface.published_text()  # Li et al. 2018, figure 5
    for part in ("7.37 / 8.18", "5.89 / 13.31", "5.79 / 16.44"):
        assert part in text


def test_paths_are_counted_and_their_gradient_told() -> None:
    assert "54 blocks are 1.8 · 10¹⁶ paths" in paths.count_text(54)
    assert "98.0 % between 19 and 35 branches, only 0.45 % between 5 and 17" in paths.count_text(54)
    assert "3 blocks are 8 paths" in paths.count_text(3)
    records = [PathGradient(blocks=9, length=k, norm=0.5**k, spread=0.0) for k in range(10)]
    text = paths.gradient_text(records)
    assert "paths of 3 of 9 branches" in text  # Binomial(9, 1/3)
    assert "by about 0.50" in text
    assert sum(paths.total_shares(records)) == pytest.approx(1)
    zero = [PathGradient(blocks=9, length=k, norm=0.0, spread=0.0) for k in range(3)]
    assert "Every gradient is zero" in paths.gradient_text(zero)
    assert paths.gradient_rows(zero)[0]["total (log10)"] is None
