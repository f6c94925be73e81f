"""Parameters of a block worked out factor by factor: 73,728 and 69,632."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.graph.roles import Role
from resnet_viz.present.architecture.formulas import block_count, katex_number
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.enums import BlockKind


def test_a_basic_block_is_worked_out_to_73_728() -> None:
    count = block_count(BlockKind.BASIC, 64, has_norm=False, has_bias=False, has_projection=False, mode=Mode.LIGHT)
    assert (count.params, count.channels, count.width) == (73_728, 64, 64)  # He et al. 2015, fig. 5 left
    assert count.katex.count(r"3 \cdot 3 \cdot 64 \cdot 64") == 2
    assert count.katex.count("36{,}864") == 2
    assert r"\text{sum} & & = & \mathbf{73{,}728}" in count.katex


def test_a_bottleneck_is_worked_out_to_69_632() -> None:
    count = block_count(BlockKind.BOTTLENECK, 64, has_norm=False, has_bias=False, has_projection=False, mode=Mode.LIGHT)
    assert (count.params, count.channels, count.width) == (69_632, 256, 64)  # He et al. 2015, fig. 5 right
    assert re.findall(r"(\d) \\cdot \d \\cdot (\d+) \\cdot (\d+)", count.katex) == [
        ("1", "256", "64"), ("3", "64", "64"), ("1", "64", "256"),
    ]  # fmt: skip
    assert r"\mathbf{69{,}632}" in count.katex


@given(
    st.sampled_from(BlockKind),
    st.integers(1, 4_096),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Mode),
)
@settings(deadline=None)
def test_the_lines_of_a_formula_add_up_to_its_sum_line(
    block: BlockKind, width: int, has_norm: bool, has_bias: bool, has_projection: bool, mode: Mode
) -> None:
    count = block_count(block, width, has_norm=has_norm, has_bias=has_bias, has_projection=has_projection, mode=mode)
    body, _, total = count.katex.partition(r"\hline")
    results, product_sums = [], []
    for line in body.removesuffix(r"\\ ").split(r"\\"):
        _name, factors, _equals, result = line.split("&")
        results.append(int(result.replace("{,}", "")))
        terms = factors.replace(r"\cdot", "*").split("+")
        product_sums.append(sum(_product(term) for term in terms))
    assert results == product_sums
    assert sum(results) == count.params
    assert f"{count.params:,}".replace(",", "{,}") in total
    assert count.katex.count("{") == count.katex.count("}")


def _product(term: str) -> int:
    value = 1
    for factor in term.split("*"):
        value *= int(factor)
    return value


def test_a_projection_is_coloured_as_a_shortcut() -> None:
    count = block_count(BlockKind.BOTTLENECK, 64, has_norm=False, has_bias=False, has_projection=True, mode=Mode.LIGHT)
    assert count.params == 135_168  # 69,632 + 256*256: "doubled", He et al. 2015, section 4.1
    assert count.katex.count(PALETTES[Mode.LIGHT][Role.SHORTCUT].text) == 1


def test_commas_in_katex_have_no_space_behind_them() -> None:
    assert katex_number(1_179_648) == "1{,}179{,}648"
