"""train: a run by the name of its recipe, watched until it ends. The same store and queue as the browser's."""

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
from resnet_viz.present.training.recipe import cost_text, recipe_time
from resnet_viz.runs import machine
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.training import budget, recipe_files, recipe_text
from resnet_viz.training.recipe import MAX_SEED, MAX_SEEDS, DeviceName, Recipe

OWNER: Final = "shell"  # one owner for all of them: the limit of runs at a time is meant for people


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "train",
        _("train the nets of a recipe side by side, outside this process"),
        examples=(
            "train degradation",
            "train degradation --set depth=20,110 --set steps=800 --seed 1",
            "train plain --set norm=none --set lr=0.05 --device cpu",
            "train degradation --seeds 3",
            "train quick --detach",
            "train degradation --set c.net=cifar_resnet20 --set d.net=cifar_resnet20 --set d.shortcut=conv1x1",
            "train my_own.toml",
            "train --list",
        ),
    )
    parser.add_argument(
        "recipe", nargs="?", help=_("a name that --list prints, or a recipe file of your own, ending in .toml")
    )
    parser.add_argument(
        "--list", action="store_true", help=_("print the recipes, what they are called and how long they take")
    )
    parser.add_argument(
        "--set",
        dest="recipe_changes",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=_(
            "change a field: {fields}; or name the nets, from a. to f.: a.net=cifar_plain20; may be given several times"
        ).format(fields=", ".join(recipe_text.FIELDS)),
    )
    parser.add_argument("--device", choices=[name.value for name in DeviceName])
    parser.add_argument(
        "--seed",
        type=whole_number("--seed", 0, MAX_SEED),
        metavar="N",
        help=_("of the initial weights and of the order of the images; the recipe's, which is 0, where not given"),
    )
    parser.add_argument(
        "--seeds",
        type=whole_number("--seeds", 1, MAX_SEEDS),
        default=1,
        metavar="N",
        help=_("runs of the same recipe, for this seed and those that follow it; 1 where not given"),
    )
    parser.add_argument("--detach", action="store_true", help=_("print the run's id and return; it goes on"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    if chosen.list:
        print(_list())
        return 0
    if chosen.recipe is None:
        raise Refusal(_("train takes the name of a recipe or a recipe file; `train --list` prints the names."))
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
    return watch.watch_runs(ids)


def _list() -> str:
    rows = [(name, known.title, recipe_time(known)) for name, known in recipe_files.known().items()]
    names, titles, _times = zip(*rows, strict=True)
    widths = max(map(len, names)), max(map(len, titles))
    return "\n".join(f"{name:<{widths[0]}}  {title:<{widths[1]}}  {time}" for name, title, time in rows)


def _check_data(name: DataName) -> None:
    if name is DataName.FASHION_MNIST_SUBSET:  # shipped; to look for the others loads numpy
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
    return sentence.format(ids=", ".join(ids), id=ids[0], n=len(ids), nets=", ".join(recipe.labels), cost=cost)
