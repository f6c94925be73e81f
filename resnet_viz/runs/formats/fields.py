"""Fields of a file that anyone may have written: each is taken as what it has to be, or said to be wrong.

Every function raises Wrong, whose text is the end of a sentence.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from resnet_viz.i18n import _
from resnet_viz.training.environment import MAX_NAME_CHARS

_MOST_NODES: Final = 5_000  # ResNet-1202 has 1,201 convolutions
_LONGEST_NODE: Final = 120
_MOST_VERSIONS: Final = 20
_LATEST: Final = 4e9  # seconds since 1970: the year 2096
_SHARES: Final = ("accuracy", "test_accuracy")
AMOUNTS: Final = ("lr", "images_per_s", "seconds")
_WORDS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class FieldError(ValueError):
    """What is wrong with a file, as the end of a sentence."""


def norms(name: str, found: Any, nodes: Sequence[str]) -> dict[str, float]:
    """Returns a norm for each of a net's nodes, or none at all."""
    if not isinstance(found, dict) or (found and found.keys() != set(nodes)):
        raise FieldError(_("{name} has not exactly one value for each of the net's nodes").format(name=name))
    return {node: number(name, found[node]) for node in nodes} if found else {}


def number(name: str, value: Any) -> float:
    """Returns a number, or the one that a word stands for; shares lie from 0 to 1, amounts are finite and 0 or more."""
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
    if name in AMOUNTS and not 0.0 <= found < math.inf:
        raise FieldError(_("{name} is not 0 or more").format(name=name))
    return found


def whole(fields: Mapping[str, Any], name: str, most: int) -> int:
    """Returns a whole number from 0 to `most`."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise FieldError(_("{name} is no whole number from 0 to {most:,}").format(name=name, most=most))
    return value


def time(fields: Mapping[str, Any], name: str) -> float | None:
    """Returns seconds since 1970; None where the file does not say."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise FieldError(_("{name} is no time").format(name=name))
    return float(value)


def text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """Returns a text that can be shown, of at most `longest` characters; an empty one where the file has none."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise FieldError(_("{name} is no text of at most {n} characters").format(name=name, n=longest))
    if not all(c.isprintable() or c in "\n\t" for c in value):
        raise FieldError(_("{name} holds characters that cannot be shown").format(name=name))
    return value


def versions(found: Any) -> dict[str, str]:
    """Returns what something was made with, by name."""
    if not isinstance(found, dict) or len(found) > _MOST_VERSIONS:
        raise FieldError(_("`versions` is no object of at most {n} texts").format(n=_MOST_VERSIONS))
    if not all(0 < len(name) <= MAX_NAME_CHARS and name.isprintable() for name in found):
        raise FieldError(_("`versions` has a name that cannot be shown"))
    return {name: text(found, name, MAX_NAME_CHARS) for name in found}


def names(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Returns the names of nodes, each once."""
    found = fields.get(name)
    is_list = isinstance(found, list) and len(found) <= _MOST_NODES
    if not is_list or not all(isinstance(node, str) and 0 < len(node) <= _LONGEST_NODE for node in found or ()):
        raise FieldError(_("{name} is no list of names").format(name=name))
    names = tuple(found or ())
    if len(set(names)) < len(names) or not all(node.isprintable() for node in names):
        raise FieldError(_("{name} has a name twice, or one that cannot be shown").format(name=name))
    return names


def word(fields: Mapping[str, Any], name: str, words: Callable[[str], Any], default: Any) -> Any:
    """Returns what a word means, by `words`, which raises ValueError for one that it does not know."""
    value = fields.get(name, default)
    try:
        return words(value)
    except ValueError:
        raise FieldError(_("{name} has an unknown value").format(name=name)) from None
