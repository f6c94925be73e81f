"""A run out of a file that `export` wrote, here or elsewhere. The file comes from anyone: every field is checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from resnet_viz.errors import DataError, SpecError
from resnet_viz.i18n import _
from resnet_viz.runs.formats import fields
from resnet_viz.runs.formats.fields import FieldError
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.queue import LONGEST_NAME
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NODES_OF, Ending, NetEnded, NetStarted, Record, Step

MAX_BYTES: Final = 20_000_000
MAX_RECORDS: Final = 600_000  # six nets of as many steps as a recipe may have
_LONGEST_TEXT: Final = 1_000
_LARGEST: Final = 2**62

_TESTED: Final = ("test_loss", "test_accuracy")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedRun:
    """A run that trained elsewhere.

    Attributes:
        origin: its id there.
        name: what its owner called it.
        note: what was noted about it.
        state: how it ended; one that had not ended there counts as stopped here.
        recipe: what was trained and how.
        created: seconds since 1970; None where the file does not say.
        started: likewise.
        ended: likewise.
        error: why it failed.
        versions: what it was made with, by name.
        records: of its newest attempt, each net's start first.
    """

    origin: str
    name: str
    note: str
    state: RunState
    recipe: Recipe
    created: float | None
    started: float | None
    ended: float | None
    error: str
    versions: Mapping[str, str]
    records: tuple[Record, ...]


def check_size(num_bytes: int) -> None:
    """Raises DataError where a file is too large; whoever can ask before it is read does."""
    if num_bytes > MAX_BYTES:
        raise DataError(_("A file of at most {mb} MB can be imported.").format(mb=MAX_BYTES // 1_000_000))


def parse(content: bytes) -> ImportedRun:
    """Returns the run that a file holds.

    Raises:
        DataError: the file is too large, damaged, or none of ours; the sentence says where.
    """
    check_size(len(content))
    try:
        whole = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DataError(_("This file is damaged or no exported run: it is not whole JSON.")) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("run"), dict):
        raise DataError(_("This JSON file holds no exported run: it has no object `run`."))
    try:
        return _imported(whole["run"], whole.get("records"))
    except FieldError as wrong:
        raise DataError(_("This file cannot be imported: {why}.").format(why=wrong)) from wrong
    except SpecError as error:
        raise DataError(_("This file cannot be imported: {why}").format(why=error)) from error


def _imported(run: Mapping[str, Any], records: Any) -> ImportedRun:
    recipe = recipes.from_json(run.get("recipe", {}))
    state = fields.word(run, "state", RunState, RunState.DONE)
    nets = _nets(run.get("nets"), recipe)
    steps = _steps(records, nets, recipe)
    return ImportedRun(
        origin=fields.text(run, "id", 40) or "?",
        name=fields.text(run, "name", LONGEST_NAME),
        note=fields.text(run, "note", _LONGEST_TEXT),
        state=state if state.is_final else RunState.CANCELLED,
        recipe=recipe,
        created=fields.time(run, "created"),
        started=fields.time(run, "started"),
        ended=fields.time(run, "ended"),
        error=fields.text(run, "error", _LONGEST_TEXT),
        versions=fields.versions(run.get("versions", {})),
        records=(*(start for start, _ending in nets.values()), *steps, *(e for _start, e in nets.values() if e)),
    )


_Nets = Mapping[str, tuple[NetStarted, NetEnded | None]]


def _nets(found: Any, recipe: Recipe) -> _Nets:
    if not isinstance(found, list) or not all(isinstance(net, dict) for net in found):
        raise FieldError(_("`nets` is no list of objects"))
    labels = [fields.text(net, "label", _LONGEST_TEXT) for net in found]
    if labels != [label for label in recipe.labels if label in labels]:
        raise FieldError(_("its nets are not those of its recipe"))
    return {label: (_start(label, net), _end(label, net)) for label, net in zip(labels, found, strict=True)}


def _start(label: str, net: Mapping[str, Any]) -> NetStarted:
    return NetStarted(
        net=label,
        params=fields.whole(net, "params", _LARGEST),
        macs=fields.whole(net, "macs", _LARGEST),
        convs=fields.names(net, "convs"),
        blocks=fields.names(net, "blocks"),
        device=fields.text(net, "device", 40),
    )


def _end(label: str, net: Mapping[str, Any]) -> NetEnded | None:
    if net.get("ending") is None:
        return None
    return NetEnded(
        net=label,
        ending=fields.word(net, "ending", Ending, Ending.FINISHED),
        sentence=fields.text(net, "sentence", _LONGEST_TEXT),
    )


def _steps(records: Any, nets: _Nets, recipe: Recipe) -> list[Step]:
    if not isinstance(records, list) or len(records) > MAX_RECORDS:
        raise FieldError(_("`records` is no list of at most {most:,} records").format(most=MAX_RECORDS))
    steps: list[Step] = []
    seen: set[tuple[str, int]] = set()
    for place, record in enumerate(records):
        try:
            step = _step(record, nets, recipe)
        except FieldError as wrong:
            raise FieldError(_("record {n}: {why}").format(n=place, why=wrong)) from wrong
        if (step.net, step.step) in seen:
            raise FieldError(_("record {n} repeats a step").format(n=place))
        seen.add((step.net, step.step))
        steps.append(step)
    return steps


def _step(record: Any, nets: _Nets, recipe: Recipe) -> Step:
    if not isinstance(record, dict):
        raise FieldError(_("it is no object"))
    unknown = sorted(record.keys() - Step.__dataclass_fields__.keys())
    if unknown:
        raise FieldError(_("field {name!r} is unknown to this version").format(name=unknown[0][:60]))
    net = fields.text(record, "net", _LONGEST_TEXT)
    if net not in nets:
        raise FieldError(_("its net is none of the run's"))
    values: dict[str, Any] = {"net": net, "step": fields.whole(record, "step", recipe.steps - 1)}
    for name in ("loss", "accuracy", *fields.AMOUNTS):
        values[name] = fields.number(name, record.get(name))
    for name in _TESTED:
        values[name] = None if record.get(name) is None else fields.number(name, record[name])
    for name, nodes in NODES_OF.items():
        values[name] = fields.norms(name, record.get(name, {}), getattr(nets[net][0], nodes))
    return Step(**values)


def _no_constant(_word: str) -> NoReturn:
    raise ValueError("NaN and infinities are words in our files")
