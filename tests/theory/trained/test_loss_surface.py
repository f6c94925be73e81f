"""Grid of a loss surface: coarse places first, records into rows and columns."""

import numpy as np
import pytest

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from resnet_viz.theory.trained.loss_surface import (
    SurfacePoints,
    SurfaceQuestion,
    coarse_places,
    grid_of,
    share_below,
    steps,
)


@pytest.mark.parametrize("points", [5, 7, 15, 25, 51])
def test_coarse_places_are_symmetric_and_hold_the_corners_and_the_net(points: int) -> None:
    places = coarse_places(points)
    assert places[0] == 0
    assert places[-1] == points - 1
    assert points // 2 in places
    assert [points - 1 - place for place in reversed(places)] == list(places)
    assert len(places) == 5
    assert steps(points)[points // 2] == 0


def test_records_fill_rows_and_columns_of_their_net() -> None:
    records = [
        SurfacePoints(net=0, columns=(0, 4), rows=(1, 2), losses=(3.0, 4.0)),
        SurfacePoints(net=1, columns=(0,), rows=(0,), losses=(9.0,)),
    ]
    grid = grid_of(records, 0, 5)
    assert grid[1, 0] == 3.0
    assert grid[2, 4] == 4.0
    assert np.isnan(grid).sum() == 23
    assert share_below(grid, 3.5) == 0.5
    assert np.isnan(share_below(grid_of([], 0, 5), 1.0))


def test_a_grid_is_at_least_the_coarse_one() -> None:
    with pytest.raises(SpecError, match="points"):
        SurfaceQuestion(nets=(NetRef.parse("shipped:plain20"),), points=3)
