"""The mapping of tensors in a saved file, whatever its key is called and however deep it lies.

Of several mappings one is the main one if these rules, in this order, leave one alone: what belongs to an optimiser is
left out; if any has a key that ends in "weight", those without are left out; so are those with less than a hundredth of
the numbers of the largest; averages of other weights (ema, swa, avg) are left out unless there is nothing else.

Mappings side by side, of which three or more hold the tensors of one layer each, are one net; their keys are joined.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.weights.files.kept_step import nets_of_kept_step
from resnet_viz.weights.files.numpy_array import is_made_empty, is_made_of_bytes
from resnet_viz.weights.files.pickled import Inert, Name, children, shown
from resnet_viz.weights.files.stored_tensor import StoredTensor

MAX_DEPTH: Final = 64
OPTION: Final = "--entry"  # of the command line

_OPTIMISER: Final = re.compile(r"optim|(^|\.)(momentum_buffer|exp_avg|amp|scaler|scheduler)s?(\.|$)", re.IGNORECASE)
_OF_OPTIMISER: Final = frozenset(
    ("exp_avg", "exp_avg_sq", "momentum_buffer", "square_avg", "acc_delta", "param_groups")
)
_AVERAGE: Final = re.compile(r"(^|[._-]|model|net|dict)(ema|swa|avg|averaged?)([._-]|\d|model|net|$)", re.IGNORECASE)
_PARTS: Final = frozenset(("_modules", "_parameters"))  # attributes of a module of torch
_LAYER: Final = frozenset(("weight", "bias", "running_mean", "running_var", "num_batches_tracked"))
_FEWEST_LAYERS: Final = 3  # saved one by one, by which a net is known
_SMALL: Final = 100  # times smaller than the largest
_NUM_SHOWN: Final = 6  # entries or keys in a refusal


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Mapping of tensors in a file.

    Attributes:
        place: its keys from the top of the file, with dots between; "" at the top.
        tensors: by name.
        metadata: what torch keeps beside a state dict, by module.
        odd: name and kind of a weight that is no plain tensor: sparse, quantised, on no device, ...
        parent: place of what holds the mapping.
    """

    place: str
    tensors: Mapping[str, StoredTensor]
    metadata: Mapping[Any, Any]
    odd: tuple[str, str] | None = None
    parent: str = ""

    @property
    def num_elements(self) -> int:
        """Numbers in all its tensors."""
        return sum(tensor.num_elements for tensor in self.tensors.values())


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Mappings of tensors in a file.

    Attributes:
        every: all of them, from the top down.
        real: those that hold the weights of a net.
        main: the main one; None where the rules leave several.
    """

    every: tuple[Entry, ...]
    real: tuple[Entry, ...]
    main: Entry | None


class SeveralEntriesError(DataError):
    """A file holds several sets of weights, of which one has to be chosen.

    Attributes:
        places: of all of them.
    """

    def __init__(self, message: str, places: tuple[str, ...]) -> None:
        super().__init__(message)
        self.places = places


def choose_entry(content: Any, place: str | None = None) -> tuple[Entry, tuple[Entry, ...]]:
    """Returns a mapping of tensors in the content of a file, and all that hold the weights of a net.

    Args:
        content: of the file, as `weights.files.pickled` reads it.
        place: of the mapping; the main one where None.

    Raises:
        SeveralEntriesError: there are several of which none is the main one.
        DataError: there is none, or none there.
    """
    found = find_entries(content)
    if place is None and found.main is None:
        raise _several(found.real) if found.real else _none_in(content, has_optimiser=bool(found.every))
    entry = found.main if place is None else next((one for one in found.every if one.place == place), None)
    if entry is None:
        raise _not_there(place or "", found.every)
    if entry.odd is not None:
        raise _no_plain_tensor(*entry.odd)
    return entry, found.real


def find_entries(content: Any) -> Found:
    """Returns the mappings of tensors in the content of a file."""
    kept = tuple(Entry(*net) for net in nets_of_kept_step(content))
    if kept:
        return Found(kept, kept, kept[0] if len(kept) == 1 else None)
    every = tuple(_walk(content))
    real = [entry for entry in every if not _is_of_optimiser(entry)]
    named = [entry for entry in real if any(key.endswith("weight") for key in entry.tensors)]
    real = named or real
    largest = max((entry.num_elements for entry in real), default=0)
    real = [entry for entry in real if entry.num_elements * _SMALL >= largest]
    own = [entry for entry in real if not _AVERAGE.search(entry.place)] or real
    whole = _joined(every) if len(own) > 1 else None
    if whole is not None:
        return Found((whole, *every), (whole,), whole)
    return Found(every, tuple(real), own[0] if len(own) == 1 else None)


def _joined(every: tuple[Entry, ...]) -> Entry | None:
    """Returns the net whose layers were saved one by one; None if they were not."""
    layers = [entry for entry in every if not _is_of_optimiser(entry) and entry.odd is None]
    if len({entry.parent for entry in layers}) != 1 or any(entry.place == "" for entry in layers):
        return None
    if sum(_LAYER.issuperset(entry.tensors) for entry in layers) < _FEWEST_LAYERS:
        return None
    parent = layers[0].parent
    tensors = {
        f"{entry.place.removeprefix(parent).removeprefix('.')}.{key}": tensor
        for entry in layers
        for key, tensor in entry.tensors.items()
    }
    return Entry(parent, tensors, {})


def _is_of_optimiser(entry: Entry) -> bool:
    return bool(_OPTIMISER.search(entry.place)) or not _OF_OPTIMISER.isdisjoint(entry.tensors)


def _walk(content: Any) -> Iterator[Entry]:
    """Yields mappings that hold a tensor, each once, those further up first; without recursion, in any circle."""
    waiting: deque[tuple[str, str, Any, int]] = deque([("", "", content, 0)])
    seen = set()
    while waiting:
        place, parent, value, depth = waiting.popleft()
        if id(value) in seen or depth > MAX_DEPTH:
            continue
        seen.add(id(value))
        items = children(value)
        entry = _entry(place, parent, value, items)
        if entry is not None:
            yield entry
        waiting.extend(
            (f"{place}.{key}" if place else str(key), place, child, depth + 1)
            for key, child in items.items()
            if isinstance(child, dict | list | tuple | Inert)
        )


def _entry(place: str, parent: str, value: Any, items: Mapping[str | int, Any]) -> Entry | None:
    if isinstance(value, list | tuple):
        return None
    tensors = {
        key: tensor for key, child in items.items() if isinstance(key, str) and (tensor := _tensor(child)) is not None
    }
    odd = next(
        (
            (str(key), kind)
            for key, child in items.items()
            if (not tensors or str(key).endswith("weight")) and (kind := _odd_kind(key, child))
        ),
        None,
    )
    if not tensors and not odd:
        return None
    return Entry(place, tensors, _metadata(value), odd, parent)


def _tensor(child: Any) -> StoredTensor | None:
    """Returns the tensor that a value is, or that an array of numpy was found to be."""
    if isinstance(child, Inert) and is_made_empty(child.name):
        child = child.state
    return child if isinstance(child, StoredTensor) else None


def _odd_kind(key: str | int, child: Any) -> str:
    """Returns what a tensor is that cannot be read; "" of a plain one under a name, and of all else."""
    match child:
        case StoredTensor() if isinstance(key, int):
            return _("a tensor under a number")
        case Inert(name="torch._utils._rebuild_sparse_tensor"):
            return _("a sparse tensor")
        case Inert(name="torch._utils._rebuild_qtensor"):
            return _("a quantised tensor; save the net before it is quantised")
        case Inert(name="torch._utils._rebuild_meta_tensor_no_storage"):
            return _("a tensor without numbers, of the device meta")
        case Inert(arguments=(Inert(name="torch.storage._load_from_bytes"), *_rest)):
            return _("a tensor that pickle.dump wrote; write it with torch.save")
        case Inert(name=name) if (is_made_empty(name) or is_made_of_bytes(name)) and _tensor(child) is None:
            return _(
                "an array of numpy that is not read here: its type is unusual, or torch.save wrote it; make it a "
                "tensor with torch.from_numpy"
            )
        case Inert(name=name) if name.startswith(("torch._utils._rebuild", "torch._tensor._rebuild")):
            return _("a tensor of an unusual kind")
        case _:
            return ""


def _metadata(value: Any) -> Mapping[Any, Any]:
    state = value.state if isinstance(value, Inert) else None
    return children(children(state).get("_metadata")) if state is not None else {}


# ---------------------------------------------------------------------------------------------------------- refusals


def _several(entries: tuple[Entry, ...]) -> SeveralEntriesError:
    return SeveralEntriesError(
        _(
            "This file holds {count} sets of weights, and which one is meant cannot be told: {places}. Choose one, on "
            "the command line with {option} {first}."
        ).format(count=len(entries), places=_places(entries), option=OPTION, first=shown(entries[0].place) or '""'),
        tuple(entry.place for entry in entries),
    )


def _not_there(place: str, entries: tuple[Entry, ...]) -> DataError:
    if not entries:
        return DataError(_("This file holds no tensors by name."))
    return DataError(
        _("This file holds no tensors by name at {place!r}; there are some at {places}.").format(
            place=shown(place), places=_places(entries)
        )
    )


def _places(entries: tuple[Entry, ...]) -> str:
    texts = [
        _("{place} (tensors: {count})").format(place=shown(entry.place) or _("the top"), count=len(entry.tensors))
        for entry in entries[:_NUM_SHOWN]
    ]
    return ", ".join(texts) + (", …" if len(entries) > _NUM_SHOWN else "")


def _no_plain_tensor(key: str, kind: str) -> DataError:
    return DataError(
        _("This file holds no flat state dict: {key!r} is no plain tensor under a name, but {kind}.").format(
            key=shown(key), kind=kind
        )
    )


def _none_in(content: Any, *, has_optimiser: bool) -> DataError:
    if has_optimiser:
        return DataError(
            _(
                "This file holds the state of an optimiser and no tensors by name of a net. The weights are usually in "
                "another file beside it; torch.save(net.state_dict(), path) writes them."
            )
        )
    module = _module_in(content)
    if module:
        return DataError(
            _(
                "This file holds a whole object of the class {name}, whose code is never run; save the weights alone "
                "with torch.save(net.state_dict(), path)."
            ).format(name=shown(module))
        )
    return DataError(
        _(
            "This file holds no tensors by name, but {content}. Save the weights with "
            "torch.save(net.state_dict(), path)."
        ).format(content=_description(content))
    )


def _module_in(content: Any) -> str:
    """Returns the class of the first pickled net; "" where there is none."""
    waiting, seen = deque([content]), set[int]()
    while waiting:
        value = waiting.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Inert) and not _PARTS.isdisjoint(children(value.state)):
            return value.name
        waiting.extend(child for child in children(value).values() if isinstance(child, dict | list | tuple | Inert))
    return ""


def _description(content: Any) -> str:
    match content:
        case StoredTensor(shape=shape):
            return _("one tensor alone, of shape {shape}").format(shape=shown(str(shape)))
        case list() | tuple() if content and all(isinstance(value, StoredTensor) for value in content):
            return _("{count} tensors without names").format(count=len(content))
        case list() | tuple():
            return _("a list of {count} values").format(count=len(content))
        case dict() if content:
            keys = ", ".join(repr(shown(str(key))) for key in list(content)[:_NUM_SHOWN])
            return _("other values under {keys}, down to {depth} levels").format(
                keys=keys + (", …" if len(content) > _NUM_SHOWN else ""), depth=MAX_DEPTH
            )
        case dict():
            return _("an empty dict")
        case Inert(name=name, items=items):
            return _description(items) if items or "Dict" in name else _("a {name}").format(name=shown(name))
        case Name():
            return _("the name of a class or function, {name}").format(name=shown(str(content)))
        case _:
            return _("a single value")
