"""Pickles read as data: every class and function in one is a name, and nothing of it is imported or run.

The operations (`pickle_operations`) build dicts, lists and tuples of plain values, descriptions of tensors and of
arrays of numpy (`StoredTensor`), and an `Inert` for everything else.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.weights.files.formats import damaged
from resnet_viz.weights.files.hostile import is_hostile
from resnet_viz.weights.files.numpy_array import TYPE, Arrays, dtype_of, is_made_empty, is_made_of_bytes
from resnet_viz.weights.files.pickle_operations import Row, TooMuchRead, operations
from resnet_viz.weights.files.stored_tensor import DTYPE_OF_STORAGE, ITEM_BYTES, Storage, StoredTensor

MAX_BYTES: Final = 64 << 20  # of a pickle without its tensors; some programs keep the history of the losses in it
MAX_OPERATIONS: Final = 1_000_000  # a tensor takes 40; ResNet-1202 with the state of Adam 700,000
SHOWN: Final = 60  # characters of a name out of a file that are repeated


@dataclass(frozen=True, slots=True)
class Pickled:
    """Content of a pickle.

    Attributes:
        content: its dict, list or other value.
        storages: rows of numbers that its tensors name, by key.
        rows: those of its arrays of numpy, which lie in the pickle itself, by key.
    """

    content: Any
    storages: Mapping[str, Storage]
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Name:
    """Class or function that a pickle names."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Inert:
    """Object of a pickle: its class or function by name, and what the file gives to it.

    Attributes:
        name: of its class, or of the function that would make it.
        arguments: of the call.
        items: what is set under keys, where it is a kind of dict.
        values: what is appended, where it is a kind of list.
        state: of its attributes.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    items: dict[str | int, Any] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    state: Any = None


def children(value: Any) -> Mapping[str | int, Any]:
    """Returns the values in a dict, list or tuple of a pickle by key or number; of other objects none."""
    match value:
        case Inert(items=items) if items:
            return items
        case Inert(values=list() as values) | (list() as values):
            return dict(enumerate(values))
        case tuple():
            return dict(enumerate(value))
        case dict():
            return value
        case _:
            return {}


def too_long() -> DataError:
    """Returns the refusal of a file with more besides its tensors than nets have."""
    return DataError(
        _(
            "This file has too many entries, or too much besides tensors, such as arrays of numpy that torch.save "
            "wrote: {bytes:,} bytes or {operations:,} operations are read, more than ResNet-1202 needs. Save the "
            "weights alone with torch.save(net.state_dict(), path)."
        ).format(bytes=MAX_BYTES, operations=MAX_OPERATIONS)
    )


def read_pickle(source: IO[bytes]) -> Pickled:
    """Returns the pickle at the beginning of a file, which is left behind it.

    Raises:
        DataError: it is damaged or too long, or calls what no weights need.
    """
    machine = _Machine()
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd escapes in texts
            for number, (operation, argument) in enumerate(operations(source, MAX_BYTES, machine.arrays.short_rows)):
                if number > MAX_OPERATIONS:
                    raise too_long()
                machine.do(operation, argument)
        return Pickled(machine.stack.pop(), machine.storages, machine.arrays.rows)
    except TooMuchRead as error:
        raise too_long() from error
    except DataError:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise damaged() from error


_MARK: Final = object()
_CONSTANTS: Final[Mapping[str, Any]] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_EMPTY: Final[Mapping[str, Callable[[], Any]]] = {
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": lambda: Inert("builtins.set"),
}
_VALUE_NAMES: Final = """
    INT LONG LONG1 LONG4 BININT BININT1 BININT2 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE
    SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
"""
_VALUES: Final = frozenset(_VALUE_NAMES.split())
_TUPLES: Final = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Machine:
    """Stack and memory of a pickle that is being read."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.storages: dict[str, Storage] = {}
        self.arrays = Arrays()
        self._memory: dict[int, Any] = {}

    def do(self, operation: str, argument: Any) -> None:
        """Carries out one operation."""
        if operation in _VALUES:
            self.stack.append(argument)
        elif operation in _CONSTANTS:
            self.stack.append(_CONSTANTS[operation])
        elif operation in _EMPTY:
            self.stack.append(_EMPTY[operation]())
        elif operation in _TUPLES:
            self._replace(_TUPLES[operation], tuple)
        else:
            self._do_rest(operation, argument)

    def _do_rest(self, operation: str, argument: Any) -> None:
        match operation:
            case "PROTO" | "FRAME" | "STOP":
                pass
            case "MARK":
                self.stack.append(_MARK)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self._memory[argument] = self.stack[-1]
            case "MEMOIZE":
                self._memory[len(self._memory)] = self.stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                self.stack.append(self._memory[argument])
            case "POP":
                self.stack.pop()
            case "DUP":
                self.stack.append(self.stack[-1])
            case "POP_MARK":
                self._to_mark()
            case _:
                self._build(operation, argument)

    def _build(self, operation: str, argument: Any) -> None:
        match operation:
            case "TUPLE" | "LIST":
                made = self._to_mark()
                self.stack.append(tuple(made) if operation == "TUPLE" else made)
            case "FROZENSET":
                self.stack.append(Inert("builtins.frozenset", (self._to_mark(),)))
            case "DICT":
                pairs = self._to_mark()
                self.stack.append({})
                _set_items(self.stack[-1], pairs)
            case "SETITEM":
                *_rest, key, value = self._pop(2)
                _set_items(self.stack[-1], [key, value])
            case "SETITEMS":
                pairs = self._to_mark()
                _set_items(self.stack[-1], pairs)
            case "APPEND":
                (value,) = self._pop(1)
                _append(self.stack[-1], [value])
            case "APPENDS" | "ADDITEMS":
                values = self._to_mark()
                _append(self.stack[-1], values)
            case _:
                self._call(operation, argument)

    def _call(self, operation: str, argument: Any) -> None:
        match operation:
            case "GLOBAL":
                self.stack.append(Name(*argument.split(" ", 1)))
            case "STACK_GLOBAL":
                self._replace(2, lambda pair: Name(str(pair[0]), str(pair[1])))
            case "REDUCE" | "NEWOBJ":
                self._replace(2, lambda pair: self._of_bytes(_called(pair[0], pair[1])))
            case "NEWOBJ_EX":
                self._replace(3, lambda parts: _called(parts[0], parts[1]))
            case "INST":
                self.stack.append(_called(Name(*argument.split(" ", 1)), tuple(self._to_mark())))
            case "OBJ":
                made, *arguments = self._to_mark()
                self.stack.append(_called(made, tuple(arguments)))
            case "BUILD":
                (state,) = self._pop(1)
                if isinstance(self.stack[-1], Inert):
                    self.stack[-1].state = self._state(self.stack[-1], state)
            case "BINPERSID":
                self._replace(1, lambda one: self._referred(one[0]))
            case _:  # extensions, buffers out of band, and storages of torch before 0.1.2
                raise damaged()

    def _state(self, made: Inert, state: Any) -> Any:
        """Returns the state of an object: of an array of numpy the tensor that it is, of its type torch's name."""
        if made.name == TYPE:
            return dtype_of(made.arguments, state)
        match state:
            case (_version, shape, Inert() as dtype, is_columns_first, content) if is_made_empty(made.name):
                return self.arrays.find(dtype.state, shape, content, is_columns_first=bool(is_columns_first)) or state
            case _:
                return state

    def _of_bytes(self, made: Any) -> Any:
        """Returns what was called for: in place of an array of numpy the tensor that it is, if it is one."""
        match made:
            case Inert(name=name, arguments=(content, Inert() as dtype, shape, order)) if is_made_of_bytes(name):
                return self.arrays.find(dtype.state, shape, content, is_columns_first=order == "F") or made
            case _:
                return made

    def _referred(self, reference: Any) -> Any:
        """Returns what lies outside of the pickle."""
        match reference:
            case ("module", Name() as module, *_source):  # torch before 1.6 kept the source of a class beside it
                return module
            case ("storage", Name() as kind, str() as key, _place, int() as count, *view) if view in ([], [None]):
                dtype = DTYPE_OF_STORAGE.get(kind.name, "")
                return self.storages.setdefault(key, Storage(key, count * ITEM_BYTES.get(dtype, 1), dtype))
            case _:
                raise damaged()

    def _pop(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise damaged()
        popped = self.stack[-count:]
        del self.stack[-count:]
        return popped

    def _replace(self, count: int, make: Callable[[list[Any]], Any]) -> None:
        self.stack.append(make(self._pop(count)))

    def _to_mark(self) -> list[Any]:
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise damaged()
        popped = self.stack[place + 1 :]
        del self.stack[place:]
        return popped


def _set_items(target: Any, pairs: list[Any]) -> None:
    items = target.items if isinstance(target, Inert) else target
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if type(key) in (str, int):  # others name no weights, and to hash a nested one may take forever
            items[key] = value


def _append(target: Any, values: list[Any]) -> None:
    (target.values if isinstance(target, Inert) else target).extend(values)


def _called(made: Any, arguments: Any) -> Any:
    """Returns what stands for the result of a call that is not made."""
    if isinstance(made, Inert):
        raise _hostile(made.name)  # such as a method that builtins.getattr looked up
    if not isinstance(made, Name) or not isinstance(arguments, tuple):
        raise damaged()
    if is_hostile(made.module, made.name):
        raise _hostile(str(made))
    if made.module.startswith("torch"):
        return _of_torch(made, arguments)
    if made.name in ("_reconstructor", "__newobj__") and arguments and isinstance(arguments[0], Name):  # of copyreg
        made = arguments[0]
    result = Inert(str(made), arguments)
    if made.name == "OrderedDict" and arguments and isinstance(arguments[0], list):  # as Python 2 wrote it
        for pair in arguments[0]:
            _set_items(result, list(pair))
    return result


def _of_torch(made: Name, arguments: tuple[Any, ...]) -> Any:
    match made.name, arguments:
        case "_rebuild_tensor" | "_rebuild_tensor_v2", (Storage() as storage, offset, shape, strides, *rest):
            metadata = rest[2] if len(rest) > 2 else None  # noqa: PLR2004 - requires_grad, hooks, metadata
            return _tensor(made, storage, storage.dtype, offset, shape, strides, metadata)
        case "_rebuild_tensor_v3", (
            Storage() as storage,
            offset,
            shape,
            strides,
            _grad,
            _hooks,
            Name() as dtype,
            *rest,
        ):
            return _tensor(made, storage, dtype.name, offset, shape, strides, rest[0] if rest else None)
        case "_rebuild_parameter" | "_rebuild_parameter_with_state", (data, *_rest):
            return data
        case "_rebuild_from_type_v2", (Name() as function, _type, tuple() as inner, _state):
            return _called(function, inner)
        case "Parameter" | "Buffer" | "Variable", (StoredTensor() as data, *_rest):
            return data
        case _:
            return Inert(str(made), arguments)


def _tensor(made: Name, storage: Storage, dtype: str, offset: Any, shape: Any, strides: Any, metadata: Any) -> Any:
    shape, strides = (side.arguments[0] if isinstance(side, Inert) else side for side in (shape, strides))  # torch.Size
    if dtype not in ITEM_BYTES or metadata:  # of numbers with a scale, or marks such as "conjugate"
        return Inert(str(made), (storage,))
    return StoredTensor(storage, dtype, offset, tuple(shape), tuple(strides))


def _hostile(name: str) -> DataError:
    return DataError(
        _(
            "This file holds code: it calls {name}, which weights have no use for and which is never run here. Ask for "
            "the weights alone, saved with torch.save(net.state_dict(), path), and do not open the file elsewhere."
        ).format(name=shown(name))
    )


def shown(text: str) -> str:
    """Returns a name out of a file as it may be shown: on one line, without control characters, shortened."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: SHOWN + 1])
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
