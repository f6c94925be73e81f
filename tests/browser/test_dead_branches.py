"""Branches that put out exactly 0 in the lab: a colour of their own in the map, a message below it, a column."""

import pytest

from resnet_viz.training import recipe_files
from resnet_viz.training.records import Step
from tests.browser.conftest import Visit
from tests.browser.drawn import heat, pick, race
from tests.browser.made_runs import adopt
from tests.browser.reading_charts import color, read_cells, read_chart
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

RECIPE = recipe_files.make("degradation", {"steps": "40", "depth": "8", "nets": "residual", "order": "relu_before_add"})
(NET,) = RECIPE.labels
CONVS = tuple(f"stage{stage}.block1.branch.conv{number}" for stage in (1, 2, 3) for number in (1, 2))
BLOCKS = tuple(f"stage{stage}.block1" for stage in (1, 2, 3))
DEAD_FROM = 20
ORANGE = color("#D55E00")


def step(when: int) -> Step:
    """Records in which the branch of stage 2 dies and that of stage 3 begins at 0, as with zero_init_residual.

    The first convolution has a gradient of 0 once, by underflow.
    """
    is_dead = when >= DEAD_FROM
    norms = {name: 10.0 ** -(place + when / 20) for place, name in enumerate(CONVS)}
    silent = [BLOCKS[1]] * is_dead + [BLOCKS[2]] * (when == 0)
    if when == 0:
        norms |= dict.fromkeys(CONVS[4:6], 0.0)
    if is_dead:
        norms |= dict.fromkeys(CONVS[2:4], 0.0)
    if when == 10:
        norms[CONVS[0]] = 0.0
    return Step(
        net=NET, step=when, loss=1.0, accuracy=0.5, lr=0.1, images_per_s=100.0, seconds=when / 10,
        grad_norm=norms if when % 10 == 0 else {},
        branch_share={name: 0.0 if name in silent else 0.4 for name in BLOCKS} if when % 10 == 0 else {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def run_id(server: Server) -> str:
    return adopt(server, RECIPE, [step(when) for when in range(40)], CONVS, BLOCKS)


def test_cells_of_a_dead_branch_are_orange_and_named(run_id: str, server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/training?run={run_id}")
    shown = race(page)
    pick(shown, quantity="grad_norm", range="all")
    figure = heat(shown, NET)
    axes = read_chart(figure)
    painted = {
        (when, place): read_cells(figure, [(axes.x.px(when + 4), axes.y.px(place))])[0]
        for when in (0, 10, 20, 30)
        for place in range(1, 7)
    }
    assert {cell for cell, ink in painted.items() if ink == ORANGE} == {(20, 3), (20, 4), (30, 3), (30, 4)}
    tails = shown.locator(".key .tails").text_content() or ""
    assert "4 in orange are exactly 0, from step 20 on" in tails
    assert "stage2.block1.branch.conv1" in tails
    assert "this branch puts out nothing any more" in tails
    assert "3 below it, down to 0 " in tails  # that of another reason, and two of the branch that began at 0
