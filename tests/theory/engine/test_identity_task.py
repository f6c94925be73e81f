"""Plain and residual blocks that learn to do nothing, with other seeds than the page opens with."""

import pytest

from resnet_viz.theory.engine.identity_task import identity_losses
from resnet_viz.theory.identity_task import CHUNK, STEPS, IdentityQuestion, join, ratios
from resnet_viz.training.lab_nets import NetType

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("blocks", "seeds", "least"),
    [(1, (0, 4), 10.0), (3, (0, 5), 4.0)],  # on seeds 0 to 12 the least were 16.5 and 6.1
)
def test_residual_blocks_come_nearer_to_the_identity(blocks: int, seeds: tuple[int, ...], least: float) -> None:
    found = ratios(join(identity_losses(IdentityQuestion(blocks=blocks, seeds=seeds))))
    assert list(found) == list(seeds)
    assert min(found.values()) > least


@pytest.mark.slow
def test_nine_residual_blocks_start_worse_and_end_better() -> None:
    """Seeds 0 to 5: plain / residual 1.98 to 4.2 in the end, 1.4 against 6.1 to 6.8 at step 0."""
    curves = join(identity_losses(IdentityQuestion(blocks=9, seeds=(6,))))
    plain, residual = (next(curve for curve in curves if curve.kind is kind) for kind in NetType)
    assert residual.losses[0] > 3 * plain.losses[0]
    assert plain.final / residual.final > 1.4


def test_losses_come_in_pieces_of_both_nets_in_turn() -> None:
    shares: list[float] = []
    records = identity_losses(IdentityQuestion(blocks=1, seeds=(9,)), shares.append)
    pieces = [next(records) for _piece in range(4)]
    assert [(piece.kind, piece.step, len(piece.losses)) for piece in pieces] == [
        (NetType.PLAIN, 0, CHUNK),
        (NetType.RESIDUAL, 0, CHUNK),
        (NetType.PLAIN, CHUNK, CHUNK),
        (NetType.RESIDUAL, CHUNK, CHUNK),
    ]
    assert len(shares) == 4 * CHUNK
    assert shares == sorted(shares)
    assert shares[-1] < 4 * CHUNK / STEPS
