"""Two layers by hand."""

import pytest

from resnet_viz.theory.layers import INPUT, two_layers


def test_the_vectors_are_those_found_by_hand() -> None:
    found = two_layers(INPUT)  # THEORY I4
    assert (found.z1, found.a1, found.z2) == ((-1.0, 1.5), (0.0, 1.5), (0.0, 1.5))
    assert (found.plain, found.added, found.residual) == ((0.0, 1.5), (1.0, 3.5), (1.0, 3.5))


def test_with_weights_of_zero_the_residual_net_hands_on_what_is_not_negative() -> None:
    found = two_layers(INPUT, is_second_zero=True)
    assert (found.plain, found.residual) == ((0.0, 0.0), INPUT)
    cut = two_layers((-1.0, 2.0), is_second_zero=True)
    assert (cut.added, cut.residual) == ((-1.0, 2.0), (0.0, 2.0))


@pytest.mark.parametrize("a", [(0.0, 0.0), (-3.0, 3.0), (2.5, -0.5)])
def test_the_addition_lies_before_the_activation(a: tuple[float, float]) -> None:
    found = two_layers(a)
    assert found.added == (found.z2[0] + a[0], found.z2[1] + a[1])
    assert found.residual == tuple(max(value, 0.0) for value in found.added)
