"""Every experiment has its row in docs/EXPERIMENTS.md; cheap ones are run again and lie in their bands."""

import pytest

from resnet_viz.resources import ROOT
from resnet_viz.theory.engine.experiments import all_experiments
from resnet_viz.theory.experiment import Experiment, run
from resnet_viz.theory.experiment_table import written_values
from resnet_viz.ui.theory.contents import GROUPS

pytestmark = pytest.mark.torch

ROWS = all_experiments()
WRITTEN = written_values((ROOT / "docs" / "EXPERIMENTS.md").read_text(encoding="utf-8"))
DIGITS = 1e-3  # the page has four
NOTHING = 1e-9  # differences below are rounding, which may be another on another machine
MEASURED = (
    *("eq_checks", "stochastic_depth", "erf", "singularities", "fixup", "hanin", "veit_binomial"),
    *("path_gradient_decay", "lesion", "shattered_gates", "shattered_acf", "bn_explosion", "residual_variance"),
    *("lambda_product", "filter_norm", "relu_monotone"),
)
LITERATURE = (
    *("veit2016", "huang2016", "balduzzi2017", "yang2019", "de_smith2020", "fixup2019", "orhan_pitkow2018"),
    *("li2018", "hanin2018", "araujo2019", "luo2016", "resnext2017", "wrn2016", "v15"),
)


def test_ids_are_unique() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_the_page_has_a_row_for_each_experiment() -> None:
    assert set(WRITTEN) == {row.id for row in ROWS}  # python -m tools.write_experiments


def test_all_written_values_lie_in_their_bands() -> None:
    for row in ROWS:
        low, high = (bound + side * DIGITS * abs(bound) for bound, side in ((row.low, -1), (row.high, 1)))
        assert all(low <= value <= high for value in WRITTEN[row.id]), row.id


@pytest.mark.parametrize("name", MEASURED + LITERATURE)
def test_each_published_experiment_and_paper_appears(name: str) -> None:
    assert any(row.id.startswith(name) for row in ROWS)


def test_instruments_are_those_of_the_pages() -> None:
    known = {"", "gradients", *(name for _heading, ids in GROUPS for name in ids)}
    assert {row.instrument for row in ROWS} <= known


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_cheap], ids=lambda row: row.id)
def test_a_cheap_experiment_holds_and_is_as_written(row: Experiment) -> None:
    outcome = run(row)
    assert outcome.holds, outcome.values
    assert outcome.values == pytest.approx(WRITTEN[row.id], rel=0.02, abs=NOTHING)
