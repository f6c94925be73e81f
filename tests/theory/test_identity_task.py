"""Losses of blocks that learn the identity: pieces joined to curves, and ratios of what is whole."""

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.theory.identity_task import LAST, STEPS, IdentityLosses, IdentityQuestion, join, ratios
from resnet_viz.training.lab_nets import NetType


def losses(kind: NetType, seed: int, *values: float, step: int = 0) -> IdentityLosses:
    return IdentityLosses(kind=kind, seed=seed, step=step, losses=values)


def test_pieces_become_one_curve_for_each_net() -> None:
    curves = join(
        [
            losses(NetType.RESIDUAL, 1, 4.0, 3.0),
            losses(NetType.PLAIN, 1, 2.0, 1.0),
            losses(NetType.RESIDUAL, 1, 0.5, step=2),
            losses(NetType.PLAIN, 0, 9.0),
        ]
    )
    assert [(curve.kind, curve.seed, curve.losses) for curve in curves] == [
        (NetType.PLAIN, 0, (9.0,)),
        (NetType.PLAIN, 1, (2.0, 1.0)),
        (NetType.RESIDUAL, 1, (4.0, 3.0, 0.5)),
    ]


def test_a_ratio_is_that_of_the_last_losses_of_whole_curves() -> None:
    late = (STEPS - LAST) * (7.0,)
    curves = join(
        [
            losses(NetType.PLAIN, 3, *late, *LAST * (2.0,)),
            losses(NetType.RESIDUAL, 3, *late, *LAST * (0.1,)),
            losses(NetType.PLAIN, 4, *late, *LAST * (2.0,)),
            losses(NetType.RESIDUAL, 4, 1.0),
        ]
    )
    assert ratios(curves) == {3: pytest.approx(20.0)}


@pytest.mark.parametrize("fields", [{"blocks": 0}, {"blocks": 28}, {"seeds": ()}, {"seeds": (-1,)}])
def test_a_question_out_of_range_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        IdentityQuestion(**fields)  # type: ignore[arg-type]
