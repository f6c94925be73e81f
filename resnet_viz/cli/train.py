"""train: trains a recipe in the same queue as the browser, and shows its progress until it ends."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from resnet_viz.cli import watch
from resnet_viz.cli.parser import add_command, changes_of, whole_number
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError, Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.training import client
from resnet_viz.present.training.recipe import cost_text, describe_recipe, recipe_time
from resnet_viz.runs import machine
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.training import budget, recipe_files, recipe_text
from resnet_viz.training.recipe import MAX_SEEDS, Recipe
from resnet_viz.training.recipe_values import MAX_SEED, DeviceName

OWNER: Final = "shell"  # one owner for the whole machine: the limit of runs per owner is for visitors


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "train",
        _("train the networks of a recipe in lockstep, in a background process"),
        examples=(
            "train degradation",
            "train degradation --set depth=20,110 --set steps=800 --seed 1",
            "train plain --set norm=none --set lr=0.05 --device cpu",
            "train degradation --seeds 3",
            "train quick --set optimizer=adam --set lr=0.001",
            "train degradation --set epochs=4 --set drop_epochs=2,3",
            "train quick --detach",
            "train degradation --set c.net=cifar_resnet20 --set d.net=cifar_resnet20 --set d.shortcut=conv1x1",
            "train my_own.toml",
            "train --list",
        ),
    )
    parser.add_argument("recipe", nargs="?", help=_("name from --list, or the path of a recipe file ending in .toml"))
    parser.add_argument("--list", action="store_true", help=_("print the names, titles and times of the recipes"))
    parser.add_argument(
        "--set",
        dest="recipe_changes",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=_(
            "change a field: {fields}; or name the networks, from a. to f.: a.net=cifar_plain20; may be repeated"
        ).format(fields=", ".join(recipe_text.FIELDS)),
    )
    parser.add_argument("--device", choices=[name.value for name in DeviceName])
    parser.add_argument(
        "--seed",
        type=whole_number("--seed", 0, MAX_SEED),
        metavar="N",
        help=_("seed of the initial weights and of the order of the images; default: that of the recipe, 0"),
    )
    parser.add_argument(
        "--seeds",
        type=whole_number("--seeds", 1, MAX_SEEDS),
        default=1,
        metavar="N",
        help=_("number of runs with consecutive seeds; default: 1"),
    )
    parser.add_argument("--detach", action="store_true", help=_("print the run's ID and return while it trains"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    if chosen.list:
        print(_list())
        return 0
    if chosen.recipe is None:
        raise Refusal(_("train needs the name of a recipe or a recipe file; `train --list` prints the names."))
    recipe = recipe_files.make(
        chosen.recipe,
        changes_of(chosen.recipe_changes),
        seed=chosen.seed,
        device=None if chosen.device is None else DeviceName(chosen.device),
    )
    budget.check(recipe)
    _check_data(recipe.data)
    name = Path(chosen.recipe).stem
    ids = client.submit_all(seed_series(recipe, chosen.seeds), owner=OWNER, name=name, options=client.LASTING)
    if chosen.detach:
        print("\n".join(ids))
        return 0
    watch.print_message(_announcement(ids, recipe))
    watch.print_message(describe_recipe(recipe))
    return watch.watch_runs(ids)


def _list() -> str:
    rows = [(name, known.title, recipe_time(known)) for name, known in recipe_files.known().items()]
    names, titles, _times = zip(*rows, strict=True)
    widths = max(map(len, names)), max(map(len, titles))
    return "\n".join(f"{name:<{widths[0]}}  {title:<{widths[1]}}  {time}" for name, title, time in rows)


def _check_data(name: DataName) -> None:
    if name is DataName.FASHION_MNIST_SUBSET:  # shipped; the check of other data sets imports numpy
        return
    source = next(source for source in datasets.available() if source.name is name)
    if not source.is_available:
        raise DataError(source.reason)


def _announcement(ids: Sequence[str], recipe: Recipe) -> str:
    cost = cost_text(recipe, machine.known(), num_seeds=len(ids))
    sentence = ngettext(
        "run {ids}: {nets}; {cost}. In the browser: /training?run={id}",
        "runs {ids}: {nets}, each for {n} seeds; {cost}. In the browser: /training?run={id}",
        len(ids),
    )
    nets = ", ".join(recipe.titles.values())
    return sentence.format(ids=", ".join(ids), id=ids[0], n=len(ids), nets=nets, cost=cost)
