"""Every number in a recipe's text has a source: a run of this program, a computation, or a publication.

The runs are measured by `python -m tools.measure_recipes`; what is cheap of them is measured anew here.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from resnet_viz.present.training.results import LAST_STEPS
from resnet_viz.published import files
from resnet_viz.runs import shipped
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_files import KnownRecipe
from tests.golden.recipe_claims import (
    CLAIMS,
    MEASURED,
    ORDERS,
    Claim,
    Computed,
    Differences,
    Elsewhere,
    Measured,
    Published,
    Stored,
)
from tools.measure_recipes import RUNS, QuotedRun, measured, numbers

NUMBER: Final = r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
NAMES: Final = re.compile(r"(?:plain|ResNet)-\d+")
CITED: Final = re.compile(
    r"He et al\. 201[56]|(?:figures?|tables?|section) [\d.]*\d(?: and \d+)?|CIFAR-10\b|torch 2\.13"
)
SEEDS_AND_STEPS: Final = re.compile(r"[Ss]eeds? 0(?: (?:to|and) [12])?|step 0|exactly 0")


def text_of(known: KnownRecipe) -> str:
    return "\n".join((known.title, known.about, known.watch, known.measured, known.time, known.needs))


def tokens(text: str) -> list[str]:
    return [token.rstrip(",") for token in re.findall(NUMBER, NAMES.sub("", text))]


def is_rounding(token: str, value: float) -> bool:
    """Whether a printed number is a value rounded to its digits; zeros at the end of a whole number are none."""
    plain = token.replace(",", "")
    mantissa, _e, exponent = plain.partition("e")
    decimals = len(mantissa.partition(".")[2])
    step = 10.0 ** (int(exponent or 0) - decimals)
    if not decimals and not exponent:
        step = 10.0 ** (len(plain) - len(plain.rstrip("0"))) if plain.strip("0") else 1.0
    return abs(float(plain) - value) <= step * 0.5001


def values_of(claim: Measured | Differences) -> list[float]:
    if isinstance(claim, Differences):
        return [MEASURED[run][claim.net]["loss"] - MEASURED[run][claim.less]["loss"] for run in claim.runs]
    nets = (claim.net,) if isinstance(claim.net, str) else claim.net
    found = [MEASURED[run][net][claim.field] for run in claim.runs for net in nets]
    return [float(len(value) if isinstance(value, list) else value) for value in found]


def settings(recipe: Recipe) -> set[str]:
    """The numbers that a text may take from the recipe's own settings."""
    nets = recipe.nets
    found: set[float] = {recipe.steps, recipe.batch_size, recipe.lr, recipe.weight_decay, recipe.momentum, LAST_STEPS}
    found |= {recipe.warmup_steps, *(spec.depth for spec in nets), *(spec.square_side for spec in nets)}
    found |= {spec.widths[0] for spec in nets}
    return {f"{value:,g}" if value < 1 else f"{value:,.0f}" for value in found} | {
        f"{recipe.weight_decay:f}".rstrip("0")
    }


@pytest.mark.parametrize("known", recipe_files.known().values(), ids=lambda known: known.name)
def test_no_number_is_without_a_source(known: KnownRecipe) -> None:
    text = text_of(known)
    for claim in sorted(CLAIMS[known.name], key=lambda claim: -len(claim.text)):
        assert claim.text in text, "the text has changed: its claim must follow"
        text = text.replace(claim.text, "…")
    left = tokens(CITED.sub("…", SEEDS_AND_STEPS.sub("…", text)))
    assert [token for token in left if token not in settings(known.recipe)] == []


def each(kind: type[Claim]) -> Iterator[Any]:
    for recipe, claims in CLAIMS.items():
        yield from (pytest.param(claim, id=f"{recipe}: {claim.text}") for claim in claims if isinstance(claim, kind))


@pytest.mark.parametrize("claim", [*each(Measured), *each(Differences)])
def test_a_measured_number_is_a_rounding_of_its_run_s(claim: Measured | Differences) -> None:
    printed = tokens(re.sub(r"from seed 2|from seeds .*$|last 50", "", claim.text))
    values = values_of(claim)
    if " to " in claim.text and len(printed) == 2:
        values = [min(values), max(values)]
    elif len(printed) == 1:
        values = [min(values), max(values)]
        printed *= 2
    assert len(printed) == len(values)
    assert [token for token, value in zip(printed, values, strict=True) if not is_rounding(token, value)] == [], values


@pytest.mark.parametrize("claim", [*each(Stored)])
def test_a_stored_number_is_a_rounding_of_the_table_s(claim: Stored) -> None:
    printed, values = tokens(claim.text), claim.values()
    assert len(printed) == len(values)
    assert [token for token, value in zip(printed, values, strict=True) if not is_rounding(token, value)] == [], values


@pytest.mark.parametrize("claim", [*each(Published)])
def test_a_published_number_is_that_of_the_assets(claim: Published) -> None:
    (result,) = (one for one in files.find("d2l") if one.quantity == claim.quantity)
    assert tokens(claim.text) == [result.printed]


@pytest.mark.parametrize("claim", [*each(Computed)])
def test_a_computed_number_is_a_rounding_of_its_value(claim: Computed) -> None:
    assert is_rounding(tokens(claim.text)[-1], claim.value())


@pytest.mark.parametrize("claim", [*each(Elsewhere)])
def test_a_number_from_elsewhere_names_its_source(claim: Elsewhere) -> None:
    assert claim.source


def test_the_shipped_nets_accuracies_are_those_of_their_list() -> None:
    nets = json.loads((recipe_files.FOLDER.parent / "nets/nets.json").read_text("utf-8"))
    by_name = {net["name"]: net["test_accuracy"] for net in nets}
    for claim in CLAIMS["shipped_nets"]:
        if isinstance(claim, Elsewhere) and "nets.json" in claim.source:
            percent = re.findall(r"([\d.]+) %", claim.text)[0]
            assert is_rounding(percent, 100 * by_name[claim.source.rpartition(" ")[2]])


def test_a_rounding_is_told_from_what_is_none() -> None:
    assert is_rounding("3,300", 3287.0)
    assert is_rounding("1.7e7", 1.68e7)
    assert is_rounding("0.00", 0.0031)
    assert not is_rounding("0.60", 0.606)
    assert not is_rounding("4.7", 1.28)
    assert not is_rounding("100", 13_500.0)


def test_branches_die_with_the_relu_before_the_addition_alone() -> None:
    dead = {net for run in ORDERS for net, found in MEASURED[run].items() if found["silent"]}
    assert dead == {"ResNet-56, ReLU before addition"}


def test_every_run_that_is_quoted_is_measured_and_no_other() -> None:
    quoted = {
        run for claims in CLAIMS.values() for c in claims if isinstance(c, Measured | Differences) for run in c.runs
    }
    assert quoted <= set(MEASURED)
    assert set(MEASURED) == {run.command for run in RUNS}


@pytest.mark.parametrize("name", shipped.NAMES)
def test_the_shipped_records_are_the_measured_runs(name: str) -> None:
    command = f"train {name} --seed 0"
    if command not in MEASURED:
        command = f"train {name} --set steps=60 --seed 0"
    run = shipped.read(name)
    for label in run.recipe.labels:
        own = [step for step in run.steps if step.net == label]
        found, quoted = numbers(own), MEASURED[command][label]
        for field in ("first_loss", "weight_gradient_ratio", "block_gradient_ratio"):
            assert float(found[field]) == pytest.approx(float(quoted[field]), rel=2e-3), (label, field)
        if quoted["steps"] == run.recipe.steps:
            assert found["loss"] == pytest.approx(quoted["loss"], rel=2e-3), label


@pytest.mark.torch
@pytest.mark.parametrize(
    "run",
    [run for run in RUNS if run.recipe in ("no_norm_he", "degradation", "no_norm", "degradation_28") and run.seed == 0],
    ids=lambda run: run.command,
)
def test_the_first_step_is_measured_anew(run: QuotedRun) -> None:
    fresh = measured(QuotedRun(recipe=run.recipe, seed=run.seed, changes={**run.changes, "steps": "1"}))
    for net, quoted in MEASURED[run.command].items():
        for field in ("first_loss", "std_ratio", "weight_gradient_ratio", "block_gradient_ratio"):
            loose = 0.15 if field.endswith("gradient_ratio") else 1e-3  # rounding: see test_single_precision
            assert fresh[net][field] == pytest.approx(quoted[field], rel=loose), (net, field)
