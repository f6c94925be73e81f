"""The drawing of two layers has every vector, its sentence what comes out."""

import xml.etree.ElementTree as ET

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.layers import draw_layers, layers_text, number_text, vector_rows, vector_text
from resnet_viz.theory.layers import INPUT, TwoLayers, two_layers


def units(svg: str) -> list[tuple[str, str]]:
    """Vector and number of each circle."""
    groups = [one for one in ET.fromstring(svg).iter() if one.get("class") == "unit"]
    return [(str(one.get("data-vector")), str(one[1].text)) for one in groups]


@pytest.mark.parametrize("mode", Mode)
def test_every_number_is_in_the_drawing(mode: Mode) -> None:
    found = two_layers(INPUT)
    shown = units(draw_layers(found, mode, is_second_zero=False))
    expected = {"a": found.a, "z1": found.z1, "a1": found.a1, "z2": found.z2, "added": found.added}
    for name, vector in expected.items():
        assert [text for of, text in shown if of == name] == [number_text(value) for value in vector]
    assert [text for of, text in shown if of == "out"] == ["1", "3.5", "0", "1.5"]


def test_weights_of_zero_are_drawn_as_zero() -> None:
    svg = draw_layers(two_layers(INPUT, is_second_zero=True), Mode.LIGHT, is_second_zero=True)
    assert [text for of, text in units(svg) if of == "z2"] == ["0", "0"]


def test_the_sentence_has_both_outputs() -> None:
    text = layers_text(two_layers(INPUT), is_second_zero=False)
    assert text == "F(a) = (0, 1.5). The plain net puts out g(F) = (0, 1.5), the residual one g(F + a) = (1, 3.5)."


def made(a: tuple[float, float], residual: tuple[float, float]) -> TwoLayers:
    zero = (0.0, 0.0)
    return TwoLayers(a=a, z1=zero, a1=zero, z2=zero, plain=zero, added=a, residual=residual)


def test_doing_nothing_is_told_apart_from_cutting() -> None:
    assert layers_text(made((1.0, 2.0), (1.0, 2.0)), is_second_zero=True).endswith(
        "(1, 2) = a: it does nothing, without having learnt anything."
    )
    assert "g(a), not a = (−1, 2)" in layers_text(made((-1.0, 2.0), (0.0, 2.0)), is_second_zero=True)


def test_numbers_have_a_real_minus_and_no_zeros() -> None:
    assert (number_text(-2.5), number_text(3.0), vector_text((-1.0, 0.0))) == ("−2.5", "3", "(−1, 0)")


def test_the_table_has_a_row_per_vector() -> None:
    rows = vector_rows(two_layers(INPUT))
    assert [(row["first"], row["second"]) for row in rows][-1] == (1.0, 3.5)
    assert len(rows) == 7
