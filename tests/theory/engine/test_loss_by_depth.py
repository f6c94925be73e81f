"""A net of the measured grid trained again has the loss that is stored."""

import pytest

from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth
from resnet_viz.training.lab_nets import NetType
from tools.measure_loss_by_depth import final_loss

pytestmark = [pytest.mark.torch, pytest.mark.slow]


@pytest.mark.parametrize("kind", list(NetType))
def test_the_shallowest_nets_reach_their_stored_loss(kind: NetType) -> None:
    """Another processor rounds otherwise: within a fifth of what seeds differ by."""
    (row,) = (row for row in loss_by_depth().of(kind) if row.depth == 8)
    assert final_loss(Protocol.USUAL, kind, 8, 1) == pytest.approx(row.losses[1], abs=0.01)
