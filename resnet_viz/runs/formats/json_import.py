"""Import of an exported run from untrusted JSON: every field is checked."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from resnet_viz.errors import DataError, SpecError
from resnet_viz.i18n import _
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.queue import LONGEST_NAME
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.training import recipe as recipes
from resnet_viz.training.environment import MAX_NAME_CHARS
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NODES_OF, Ending, NetEnded, NetStarted, Record, Step

MAX_BYTES: Final = 20_000_000
SUFFIXES: Final = (".json",)
MAX_RECORDS: Final = 600_000  # six nets of as many steps as a recipe may have
_LONGEST_TEXT: Final = 1_000
_LARGEST: Final = 2**62
_MOST_NODES: Final = 5_000  # ResNet-1202 has 1,201 convolutions
_LONGEST_NODE: Final = 120
_MOST_VERSIONS: Final = 20
_LATEST: Final = 4e9  # seconds since 1970: the year 2096
_SHARES: Final = ("accuracy", "test_accuracy")
_AMOUNTS: Final = ("lr", "images_per_s", "seconds")
_WORDS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

_TESTED: Final = ("test_loss", "test_accuracy")


class FieldError(ValueError):
    """Fault of a file; its text is the end of a message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedRun:
    """A run from a file.

    Attributes:
        origin: its id where it trained.
        name: given by its owner.
        note: text of its owner.
        state: its final state; a run that was exported before its end counts as stopped.
        recipe: nets, data and settings of the training.
        created: seconds since 1970; None where the file has no such field.
        started: likewise.
        ended: likewise.
        error: message about its failure.
        versions: versions and hardware of its training, by name.
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
    """Raises DataError where a file is too large to be imported; for callers that know its size before they read it."""
    if num_bytes > MAX_BYTES:
        raise DataError(_("A file of at most {mb} MB can be imported.").format(mb=MAX_BYTES // 1_000_000))


def parse(content: bytes) -> ImportedRun:
    """Returns the run in a file.

    Raises:
        DataError: the file is too large, damaged, or no exported run; the message names the field.
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
    state = _word(run, "state", RunState, RunState.DONE)
    nets = _nets(run.get("nets"), recipe)
    steps = _steps(records, nets, recipe)
    return ImportedRun(
        origin=_text(run, "id", 40) or "?",
        name=_text(run, "name", LONGEST_NAME),
        note=_text(run, "note", _LONGEST_TEXT),
        state=state if state.is_final else RunState.CANCELLED,
        recipe=recipe,
        created=_time(run, "created"),
        started=_time(run, "started"),
        ended=_time(run, "ended"),
        error=_text(run, "error", _LONGEST_TEXT),
        versions=_versions(run.get("versions", {})),
        records=(*(start for start, _ending in nets.values()), *steps, *(e for _start, e in nets.values() if e)),
    )


_Nets = Mapping[str, tuple[NetStarted, NetEnded | None]]


def _nets(found: Any, recipe: Recipe) -> _Nets:
    if not isinstance(found, list) or not all(isinstance(net, dict) for net in found):
        raise FieldError(_("`nets` is no list of objects"))
    labels = [_text(net, "label", _LONGEST_TEXT) for net in found]
    if labels != [label for label in recipe.labels if label in labels]:
        raise FieldError(_("its nets are not those of its recipe"))
    return {label: (_start(label, net), _end(label, net)) for label, net in zip(labels, found, strict=True)}


def _start(label: str, net: Mapping[str, Any]) -> NetStarted:
    return NetStarted(
        net=label,
        params=_whole(net, "params", _LARGEST),
        macs=_whole(net, "macs", _LARGEST),
        convs=_names(net, "convs"),
        blocks=_names(net, "blocks"),
        device=_text(net, "device", 40),
    )


def _end(label: str, net: Mapping[str, Any]) -> NetEnded | None:
    if net.get("ending") is None:
        return None
    return NetEnded(
        net=label,
        ending=_word(net, "ending", Ending, Ending.FINISHED),
        sentence=_text(net, "sentence", _LONGEST_TEXT),
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
    net = _text(record, "net", _LONGEST_TEXT)
    if net not in nets:
        raise FieldError(_("its net is none of the run's"))
    values: dict[str, Any] = {"net": net, "step": _whole(record, "step", recipe.steps - 1)}
    for name in ("loss", "accuracy", *_AMOUNTS):
        values[name] = _number(name, record.get(name))
    for name in _TESTED:
        values[name] = None if record.get(name) is None else _number(name, record[name])
    for name, nodes in NODES_OF.items():
        values[name] = _norms(name, record.get(name, {}), getattr(nets[net][0], nodes))
    return Step(**values)


def _no_constant(_word: str) -> NoReturn:
    raise ValueError("NaN and infinities are words in our files")


def _norms(name: str, found: Any, nodes: Sequence[str]) -> dict[str, float]:
    """Returns a norm for each of a net's nodes, or an empty mapping."""
    if not isinstance(found, dict) or (found and found.keys() != set(nodes)):
        raise FieldError(_("{name} has not exactly one value for each of the net's nodes").format(name=name))
    return {node: _number(name, found[node]) for node in nodes} if found else {}


def _number(name: str, value: Any) -> float:
    """Returns a number, or the value of "NaN" or "Infinity"; shares lie from 0 to 1, amounts are finite and >= 0."""
    if isinstance(value, str) and value in _WORDS:
        found = _WORDS[value]
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf:
        try:
            found = float(value)
        except OverflowError:
            raise FieldError(_("{name} is no number").format(name=name)) from None
    else:
        raise FieldError(_("{name} is no number").format(name=name))
    if name in _SHARES and not (math.isnan(found) or 0.0 <= found <= 1.0):
        raise FieldError(_("{name} is not from 0 to 1").format(name=name))
    if name in _AMOUNTS and not 0.0 <= found < math.inf:
        raise FieldError(_("{name} is not 0 or more").format(name=name))
    return found


def _whole(fields: Mapping[str, Any], name: str, most: int) -> int:
    """Returns a whole number from 0 to `most`."""
    try:
        return whole_in_range(name, fields.get(name), 0, most)
    except SpecError as error:
        raise FieldError(str(error).removesuffix(".")) from None


def _time(fields: Mapping[str, Any], name: str) -> float | None:
    """Returns seconds since 1970; None where the file has no such field."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise FieldError(_("{name} is no time").format(name=name))
    return float(value)


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """Returns a printable text of at most `longest` characters; an empty one where the file has no such field."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise FieldError(_("{name} is no text of at most {n} characters").format(name=name, n=longest))
    if not all(c.isprintable() or c in "\n\t" for c in value):
        raise FieldError(_("{name} holds characters that cannot be shown").format(name=name))
    return value


def _versions(found: Any) -> dict[str, str]:
    """Returns versions and hardware by name."""
    if not isinstance(found, dict) or len(found) > _MOST_VERSIONS:
        raise FieldError(_("`versions` is no object of at most {n} texts").format(n=_MOST_VERSIONS))
    if not all(0 < len(name) <= MAX_NAME_CHARS and name.isprintable() for name in found):
        raise FieldError(_("`versions` has a name that cannot be shown"))
    return {name: _text(found, name, MAX_NAME_CHARS) for name in found}


def _names(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Returns distinct names of nodes."""
    found = fields.get(name)
    is_list = isinstance(found, list) and len(found) <= _MOST_NODES
    if not is_list or not all(isinstance(node, str) and 0 < len(node) <= _LONGEST_NODE for node in found or ()):
        raise FieldError(_("{name} is no list of names").format(name=name))
    names = tuple(found or ())
    if len(set(names)) < len(names) or not all(node.isprintable() for node in names):
        raise FieldError(_("{name} has a name twice, or one that cannot be shown").format(name=name))
    return names


def _word(fields: Mapping[str, Any], name: str, words: Callable[[str], Any], default: Any) -> Any:
    """Returns the value of a word by `words`, which raises ValueError for an unknown one."""
    value = fields.get(name, default)
    try:
        return words(value)
    except ValueError:
        raise FieldError(_("{name} has an unknown value").format(name=name)) from None
