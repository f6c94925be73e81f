"""Files of published results: `assets/published/*.toml`, read and checked once per process.

A file has `title`, `place`, `defaults` and `results`, one row for each result. A row's fields are those of
`PublishedResult` and `Protocol`; what it leaves out has its default. `millions` or `billions` replaces `value` where a
source prints a count so. Digits are kept as they are written: 6.50 is printed as "6.50".
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.published.result import Protocol, PublishedQuantity, PublishedResult, ResultGroup, Source
from resnet_viz.resources import ASSETS
from resnet_viz.spec import codec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.validation import did_you_mean, known_field, number, one_of, refused, shown, whole_in_range

FOLDER: Final = ASSETS / "published"
SOURCES: Final = "sources"
_SCALES: Final = {"millions": (10**6, "M"), "billions": (10**9, "G")}
_RELATIONS: Final = ("", "<", ">")
_TEXTS: Final = ("data", "runs", "crops", "augmentation", "note")  # of a protocol
_OF_SOURCE: Final = ("citation", "title", "url")
_REQUIRED: Final = ("net", "quantity", "source", "where")
_FIELDS: Final = (
    *("net", "case", "quantity", "value", *_SCALES, "printed", "relation", "mean", "std", "source", "where"),
    *(*_TEXTS, "depth", "preset", "changes"),
)


@lru_cache(maxsize=1)
def groups() -> Mapping[str, ResultGroup]:
    """Returns the groups of results by name, in their order.

    Raises:
        SpecError: a file is damaged; the message names it.
    """
    found = [read(path, sources()) for path in FOLDER.glob("*.toml") if path.stem != SOURCES]
    return MappingProxyType({group.name: group for group in sorted(found, key=lambda group: (group.place, group.name))})


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Source]:
    """Returns the sources by name.

    Raises:
        SpecError: the file is damaged.
    """
    return read_sources(FOLDER / f"{SOURCES}.toml")


def results() -> tuple[PublishedResult, ...]:
    """Returns all results, group by group."""
    return tuple(result for group in groups().values() for result in group.results)


def names() -> tuple[str, ...]:
    """Returns the names that `find` takes beside presets: of groups, then of sources."""
    return tuple(dict.fromkeys((*groups(), *sources())))


def find(name: str) -> tuple[PublishedResult, ...]:
    """Returns the results of a group, of a source, or of a net given by its preset.

    Raises:
        SpecError: it is none of them, or nothing is known of this net; the message lists what there is.
    """
    if name in groups():
        return groups()[name].results
    if name in sources():
        return tuple(result for result in results() if result.source.name == name)
    try:
        spec = preset(name)
    except SpecError as error:
        raise SpecError(
            _("No published results are called {name!r}; there are {names}, and those of a preset.").format(
                name=shown(name), names=", ".join(names())
            )
            + did_you_mean(name, names())
        ) from error
    found = tuple(result for result in results() if result.spec == spec)
    if not found:
        raise SpecError(
            _("No published results of {name} are known here; there are {names}.").format(
                name=name, names=", ".join(names())
            )
        )
    return found


def read_sources(path: Path) -> Mapping[str, Source]:
    """Returns the sources in a file, a table each.

    Raises:
        SpecError: it is not TOML, or a source has unknown or wrong fields; the message names file and source.
    """
    found = {}
    for name, table in _load(path).items():
        try:
            found[name] = Source(name=name, **_source_texts(table))
        except SpecError as error:
            raise SpecError(_("{path}, source {name}: {error}").format(path=path, name=name, error=error)) from error
    return MappingProxyType(found)


def read(path: Path, known_sources: Mapping[str, Source]) -> ResultGroup:
    """Returns the results in a file.

    Raises:
        SpecError: it is not TOML, or a row has unknown or wrong fields; the message names file and row.
    """
    content = _load(path)
    for key in content:
        known_field(str(path), key, ("title", "place", "defaults", "results"))
    defaults = content.get("defaults", {})
    rows = content.get("results")
    if not isinstance(rows, list) or not rows:
        raise SpecError(_("{path} has no results.").format(path=path))
    found = []
    for place, row in enumerate(rows, start=1):
        try:
            found.append(_result(path.stem, {**defaults, **row}, known_sources))
        except SpecError as error:
            raise SpecError(_("{path}, result {n}: {error}").format(path=path, n=place, error=error)) from error
    return ResultGroup(
        name=path.stem,
        title=_text("title", content.get("title", path.stem)),
        place=whole_in_range("place", content.get("place", 0), 0, 1_000),
        results=tuple(found),
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        raise SpecError(
            _("{path} cannot be read: {error}.").format(path=path, error=error.strerror or type(error).__name__)
        ) from error
    except ValueError as error:  # tomllib's errors and those of decoding
        raise SpecError(_("{path} is not TOML: {error}.").format(path=path, error=str(error)[:200])) from error


def _source_texts(table: Any) -> dict[str, str]:
    if not isinstance(table, Mapping):
        raise refused("a source", _("a table of fields"), table)
    for name in table:
        known_field(_("a source"), name, _OF_SOURCE)
    for name in _OF_SOURCE:
        if not table.get(name):
            raise SpecError(_("it has no {name}.").format(name=name))
    return {name: _text(name, table[name]) for name in _OF_SOURCE}


def _result(group: str, fields: Mapping[str, Any], known_sources: Mapping[str, Source]) -> PublishedResult:
    for name in fields:
        known_field(_("a published result"), name, _FIELDS)
    for name in _REQUIRED:
        if not fields.get(name):
            raise SpecError(_("it has no {name}.").format(name=name))
    value, printed = _value(fields)
    changes = _changes(fields.get("changes", {}))
    net = _text("preset", fields.get("preset", ""))
    return PublishedResult(
        group=group,
        net=_text("net", fields["net"]),
        case=_text("case", fields.get("case", "")),
        quantity=PublishedQuantity(one_of("quantity", fields["quantity"], list(PublishedQuantity))),
        value=value,
        printed=_text("printed", fields.get("printed", printed)),
        relation=one_of("relation", fields.get("relation", ""), _RELATIONS),
        mean=_number("mean", fields.get("mean")),
        std=_number("std", fields.get("std")),
        protocol=_protocol(fields),
        source=known_sources[one_of("source", fields["source"], list(known_sources))],
        where=_text("where", fields["where"]),
        preset=net,
        changes=MappingProxyType(changes),
        spec=codec.from_query({codec.NET: net, **changes}, default=net) if net else None,
    )


def _value(fields: Mapping[str, Any]) -> tuple[float, str]:
    given = [name for name in ("value", *_SCALES) if name in fields]
    if len(given) != 1:
        raise SpecError(_("it has one of {names}.").format(names=", ".join(("value", *_SCALES))))
    (name,) = given
    plain = fields[name]
    value = _number(name, plain)
    assert value is not None
    if name in _SCALES:
        scale, letter = _SCALES[name]
        return float(plain * scale), f"{plain} {letter}"
    return value, f"{plain:,}" if isinstance(plain, int) else str(plain)


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return float(number(name, float(value) if isinstance(value, Decimal) else value))


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise refused(name, _("a text"), value)
    return value


def _protocol(fields: Mapping[str, Any]) -> Protocol:
    depth = fields.get("depth")
    texts = {name: _text(name, fields[name]) for name in _TEXTS if name in fields}
    return Protocol(depth=None if depth is None else whole_in_range("depth", depth, 1, 10_000), **texts)


def _changes(table: Any) -> dict[str, str]:
    if not isinstance(table, Mapping):
        raise refused("changes", _("a table of fields"), table)
    texts = {name: codec.format_field(value) for name, value in table.items()}
    for name, text in texts.items():
        codec.parse_field(name, text)  # unknown fields are refused here, but ignored in an address
    return texts
