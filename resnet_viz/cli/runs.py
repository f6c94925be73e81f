"""runs: lists, shows, exports, imports, pauses, stops and deletes training runs."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from resnet_viz.cli.parser import add_command
from resnet_viz.cli.train import OWNER
from resnet_viz.errors import DataError, QueueError, Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.runs.downloads import RunFormat, make_file
from resnet_viz.runs import shipped
from resnet_viz.runs.formats.json_import import check_size
from resnet_viz.runs.library import RunLibrary
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.run import RunSummary, checked_id
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.store import RunStore

_NEWEST: Final = 1_000
_AN_ID: Final = "4c1b704945e8"


def add_to(commands: Any) -> None:
    """Adds the command and its own commands to the parser's."""
    parser = add_command(
        commands,
        "runs",
        _("list, show, export, import, pause, stop or delete runs of this machine"),
        examples=(
            "runs list",
            "runs list --json",
            f"runs show {_AN_ID}",
            f"runs export {_AN_ID} > run.json",
            f"runs export {_AN_ID} --format html > run.html",
            "runs import run.json",
        ),
    )
    actions = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    listing = add_command(
        actions, "list", _("all runs, newest first"), examples=("runs list", "runs list --json | head -c 300")
    )
    listing.add_argument("--json", action="store_true", help=_("print one JSON list"))
    listing.set_defaults(run=_list)
    show = add_command(
        actions,
        "show",
        _("one run with its recipe and nets, without its records"),
        examples=(f"runs show {_AN_ID}",),
    )
    show.set_defaults(run=_show)
    export = add_command(
        actions,
        "export",
        _("one run with all its records"),
        examples=(
            f"runs export {_AN_ID} > run.json",
            f"runs export {_AN_ID} --format html > run.html",
            f"runs export {shipped.NAMES[0]} --format csv | head -3",
        ),
    )
    export.add_argument("--format", choices=[form.value for form in RunFormat], default=RunFormat.JSON.value)
    export.set_defaults(run=_export)
    add = add_command(
        actions,
        "import",
        _("import a run that was exported as JSON; print its new ID"),
        examples=("runs import run.json",),
    )
    add.add_argument("file", type=Path, help=_("file that `runs export ID` wrote"))
    add.set_defaults(run=_import)
    stop = add_command(
        actions, "stop", _("stop a queued or running run; its steps are kept"), examples=(f"runs stop {_AN_ID}",)
    )
    stop.set_defaults(run=_stop)
    pause = add_command(
        actions,
        "pause",
        _("pause a queued or running run; a checkpoint is kept"),
        examples=(f"runs pause {_AN_ID}",),
    )
    pause.set_defaults(run=_post_command, verb=Verb.PAUSE)
    go_on = add_command(
        actions, "continue", _("continue a paused or interrupted run"), examples=(f"runs continue {_AN_ID}",)
    )
    go_on.set_defaults(run=_post_command, verb=Verb.CONTINUE)
    delete = add_command(
        actions,
        "delete",
        _("delete a run that has ended"),
        examples=(f"runs delete {_AN_ID}", f"runs delete {_AN_ID} --yes"),
    )
    delete.add_argument("--yes", action="store_true", help=_("delete without confirmation; needed without a terminal"))
    delete.set_defaults(run=_delete)
    for action in (show, export, stop, pause, go_on, delete):
        action.add_argument("id", help=_("run ID: 12 digits, as `runs list` shows them"))
    export.epilog = f"{export.epilog}\n\n" + _("example runs have a name: {names}").format(
        names=", ".join(shipped.NAMES)
    )


def _store() -> RunStore:
    return RunStore(store_path())


def _list(chosen: argparse.Namespace) -> None:
    runs = _store().list(_NEWEST)
    if chosen.json:
        print(json.dumps([_summary(run) for run in runs]))
        return
    for run in runs:
        print(f"{run.id}  {run.hold or run.state:<11}  {', '.join(run.net_titles)}")


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
    exported = RunLibrary(_store()).export(run_id)
    if exported is None:
        raise _unknown(run_id)
    return exported


def _show(chosen: argparse.Namespace) -> None:
    print(json.dumps(_exported(chosen.id)["run"], indent=2))


def _export(chosen: argparse.Namespace) -> None:
    file = make_file(_exported(chosen.id), RunFormat(chosen.format))
    if file.is_binary and sys.stdout.isatty():
        raise Refusal(_("This format is binary: redirect it with `> {name}`.").format(name=file.name))
    sys.stdout.flush()
    sys.stdout.buffer.write(file.content)


def _import(chosen: argparse.Namespace) -> None:
    try:
        check_size(chosen.file.stat().st_size)
        content = chosen.file.read_bytes()
    except OSError as error:
        raise DataError(
            _("{file} cannot be read: {why}.").format(file=str(chosen.file)[:200], why=error.strerror or error)
        ) from error
    print(_store().import_run(content, owner=OWNER))


def _stop(chosen: argparse.Namespace) -> None:
    _known(chosen.id)
    _store().cancel(chosen.id)


def _post_command(chosen: argparse.Namespace) -> None:
    """Posts the command of a button in the browser; the daemon carries it out."""
    if _known(chosen.id).state.is_final:
        raise QueueError(
            _("Run {id} has finished; only queued, running or paused runs take commands.").format(id=chosen.id)
        )
    client.post_command(chosen.id, chosen.verb, options=client.LASTING)


def _delete(chosen: argparse.Namespace) -> None:
    summary = _known(chosen.id)
    if not summary.state.is_final:  # before the question
        raise QueueError(_("A queued or running run cannot be deleted; `runs stop {id}` ends it.").format(id=chosen.id))
    if not chosen.yes and not _is_sure(summary):
        return
    _store().delete(chosen.id)


def _known(run_id: str) -> RunSummary:
    """Returns the summary of a run, even of one whose recipe this version refuses."""
    checked_id(run_id)
    for summary in _store().list(_NEWEST):
        if summary.id == run_id:
            return summary
    raise _unknown(run_id)


def _is_sure(run: RunSummary) -> bool:
    if not sys.stdin.isatty():
        raise Refusal(_("Without a terminal, deleting needs --yes."))
    prompt = _("Delete the {state} run {id} ({nets}) permanently? [y/N] ")
    print(prompt.format(state=run.state.value, id=run.id, nets=", ".join(run.net_titles)), end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _unknown(run_id: str) -> QueueError:
    return QueueError(_("There is no run {id} on this machine; `runs list` shows all.").format(id=run_id))
