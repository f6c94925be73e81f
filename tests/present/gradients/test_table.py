"""Tables of ratios, and every value as rows."""

from dataclasses import replace
from math import inf

from resnet_viz.present.gradients.curves import View, curves_of
from resnet_viz.present.gradients.steps import steps_of
from resnet_viz.present.gradients.table import place_table, ratio_table, seed_table, step_table
from resnet_viz.spec.enums import Norm
from tests.present.gradients.made import net, record, with_ratios


def test_a_row_has_both_ratios_over_the_seeds_and_the_loss() -> None:
    nets = [net(), net(norm=Norm.NONE)]
    records = [*with_ratios(nets[0], 100.0, 400.0), *with_ratios(nets[1], 0.0, place=1)]
    with_norm, without = ratio_table(nets, records)
    assert with_norm["block gradient, first / last"] == "200 (100 to 400 over 2 seeds)"
    assert (with_norm["norm"], with_norm["seeds"]) == ("batch norm", 2)
    assert without["block gradient, first / last"] == "0"
    assert without["norm"] == "no norm"


def test_the_file_has_a_row_per_seed_with_whole_numbers() -> None:
    nets = [net()]
    first, second = seed_table(nets, with_ratios(nets[0], 1 / 3, 400.0))
    assert (first["seed"], first["block gradient, first / last"]) == (0, 1 / 3)
    assert (second["seed"], second["weight gradient, first / last"]) == (1, 400.0)
    assert (first["depth"], first["width"], first["step"]) == (20, 4, 0)


def test_the_other_file_has_every_block_and_every_convolution() -> None:
    of = net("a_original", depth=8)
    one = replace(
        record(of), block_grad=(1.0, 2.0, 3.0), grad=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), branch_share=(0.5, 1.0, 0.2)
    )
    rows = place_table([of], [one])
    assert len(rows) == 3 + 6
    assert [row["block"] for row in rows[:3]] == [1.0, 2.0, 3.0]
    assert rows[0]["share"] == 1.0
    assert rows[1]["share"] == inf
    assert [row["weight"] for row in rows[3:]] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert len({tuple(row) for row in rows}) == 1  # one head


def test_steps_are_rows_and_nets_are_columns() -> None:
    nets = [net(), net("a_original")]
    records = [
        *with_ratios(nets[0], 100.0), *with_ratios(nets[0], 50.0, step=3), *with_ratios(nets[0], 0.5, step=20),
        *with_ratios(nets[1], 2.0, place=1),
    ]  # fmt: skip
    first, last = step_table(steps_of(nets, records, View.BLOCK))
    assert first == {"step": 0, "plain, batch norm": "100", "(a) original, batch norm": "2"}
    assert last == {"step": 20, "plain, batch norm": "0.5"}
    assert curves_of(nets, [], View.BLOCK) == ()
