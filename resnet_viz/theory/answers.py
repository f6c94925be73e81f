"""Answers of instruments as bytes and files: shipped ones, and those kept on this machine in a folder of bounded size.

An answer is the tuple of an instrument's records, as JSON.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from resnet_viz.attribution import bounded_folder, npz_codec
from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS
from resnet_viz.runs.paths import home
from resnet_viz.spec.validation import known_field
from resnet_viz.theory.instruments import Instrument, instrument, instrument_of
from resnet_viz.theory.question import Question
from resnet_viz.version import VERSION

LIMITS: Final = FolderLimits(num_bytes=64_000_000)
SHIPPED: Final = ASSETS / "theory"  # answers to the default questions: `python -m tools.record_theory`
_SUFFIX: Final = ".json.gz"
_ADDED: Final = (("channels", ""),)  # of a net's settings, by the value of nets without it
_FIELDS: Final = ("instrument", "question")
_MAX_BYTES: Final = 32_000_000

Records = tuple[Any, ...]


def to_fields(question: Question) -> dict[str, Any]:
    """Returns a question as JSON values, with the id of its instrument."""
    return {"instrument": instrument_of(question).id, "question": npz_codec.to_json(question)}


def from_fields(fields: Any) -> Question:
    """Returns the question that `to_fields` wrote.

    Raises:
        Refusal: fields that are missing, unknown or not allowed.
    """
    if not isinstance(fields, dict) or fields.keys() < set(_FIELDS):
        raise DataError(_("A question is an object with an instrument and its question."))
    for name in fields:
        known_field(_("A question"), name, _FIELDS)
    question: Question = npz_codec.from_json(instrument(fields["instrument"]).question, fields["question"])
    return question


def key_of(question: Question) -> str:
    """Returns the key of an answer: the same for the same question about the same weights.

    Raises:
        Refusal: a net of the question is not there.
    """
    version = [VERSION, instrument_of(question).version]
    fields = _as_before({**to_fields(question), "weights": question.weights(), "version": version})
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _as_before(value: Any) -> Any:
    """Returns fields without those that were added later and are not used: shipped answers keep their keys."""
    match value:
        case dict():
            return {name: _as_before(own) for name, own in value.items() if (name, own) not in _ADDED}
        case list():
            return [_as_before(own) for own in value]
        case _:
            return value


def piece_to_bytes(record: Any) -> bytes:
    """Returns one record as bytes."""
    return json.dumps(npz_codec.to_json(record), allow_nan=False).encode()


def piece_from_bytes(of: Instrument, content: bytes) -> Any:
    """Returns the record that `piece_to_bytes` wrote."""
    return npz_codec.from_json(of.record, json.loads(content))


def to_bytes(records: Iterable[Any]) -> bytes:
    """Returns an answer as compressed bytes, the same for the same records."""
    trees = [npz_codec.to_json(record) for record in records]
    return gzip.compress(json.dumps(trees, allow_nan=False, separators=(",", ":")).encode(), mtime=0)


def from_bytes(of: Instrument, content: bytes) -> Records:
    """Returns the records that `to_bytes` wrote.

    Raises:
        DataError: damaged bytes.
    """
    try:
        unpacked = zlib.decompressobj(wbits=31)
        text = unpacked.decompress(content, _MAX_BYTES)
        if not unpacked.eof:
            raise npz_codec.damaged()
        return tuple(npz_codec.from_json(of.record, tree) for tree in json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError, zlib.error) as error:  # a refusal is a ValueError
        raise npz_codec.damaged() from error


def folder() -> Path:
    """Returns the folder of kept answers, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "theory"


def load(of: Instrument, key: str) -> Records | None:
    """Returns the answer that is shipped or kept under a key; None where there is none. A damaged one is deleted."""
    return bounded_folder.read_kept(f"{key}{_SUFFIX}", SHIPPED, folder, partial(from_bytes, of))


def save(key: str, content: bytes, *, limits: FolderLimits = LIMITS) -> None:
    """Keeps an answer; those not used for longest are deleted. A full disk does no harm."""
    bounded_folder.keep(f"{key}{_SUFFIX}", content, folder, limits)


def ship(question: Question, records: Iterable[Any]) -> Path:
    """Writes an answer among the shipped ones and returns its file."""
    SHIPPED.mkdir(exist_ok=True)
    path = SHIPPED / f"{key_of(question)}{_SUFFIX}"
    path.write_bytes(to_bytes(records))
    return path
