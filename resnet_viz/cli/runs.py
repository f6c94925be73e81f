"""runs: what was trained on this machine, listed, shown, exported and deleted."""

import argparse
import json
from typing import Any

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.runs.home import store_path
from resnet_viz.runs.run import RunSummary
from resnet_viz.runs.store import RunStore

_NEWEST = 1_000


def add_to(commands: Any) -> None:
    """Adds the command and its own commands to the parser's."""
    parser: argparse.ArgumentParser = commands.add_parser("runs", help=_("list, show, export or delete runs"))
    actions = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    listing = actions.add_parser("list", help=_("all runs, newest first"))
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    show = actions.add_parser("show", help=_("one run with its recipe and nets, without its records"))
    show.add_argument("id")
    show.set_defaults(run=_show)
    export = actions.add_parser("export", help=_("one run with all its records"))
    export.add_argument("id")
    export.add_argument("--format", choices=("json",), default="json")
    export.set_defaults(run=_export)
    delete = actions.add_parser("delete", help=_("delete a run that has ended"))
    delete.add_argument("id")
    delete.set_defaults(run=_delete)


def _store() -> RunStore:
    return RunStore(store_path())


def _list(chosen: argparse.Namespace) -> None:
    runs = _store().list(_NEWEST)
    if chosen.json:
        print(json.dumps([_summary(run) for run in runs]))
        return
    for run in runs:
        print(f"{run.id}  {run.state.value:<9}  {', '.join(run.labels)}")


def _summary(run: RunSummary) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "state": run.state.value,
        "recipe": dict(run.recipe_fields),
        "started": run.started,
        "nets": list(run.labels),
    }


def _exported(run_id: str) -> dict[str, Any]:
    exported = _store().export(run_id)
    if exported is None:
        raise QueueError(_("There is no run {id} on this machine; `runs list` shows all.").format(id=run_id))
    return exported


def _show(chosen: argparse.Namespace) -> None:
    print(json.dumps(_exported(chosen.id)["run"], indent=2))


def _export(chosen: argparse.Namespace) -> None:
    print(json.dumps(_exported(chosen.id), allow_nan=False))


def _delete(chosen: argparse.Namespace) -> None:
    _exported(chosen.id)  # an id that is none is refused
    _store().delete(chosen.id)
