"""Templates of layer names with places for the numbers of stage, block and convolution.

"layer{stage}.{block-1}.conv{conv}" means that the file counts stages and convolutions from 1 as we do, blocks from 0.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_PLACE: Final = re.compile(r"\{(stage|block|conv)([+-][1-9])?\}")


class _Compiled(NamedTuple):
    pattern: re.Pattern[str]
    offsets: dict[str, int]


def read_numbers(template: str, name: str) -> dict[str, int] | None:
    """Returns our numbers of stage, block and convolution in a layer's name, None where it does not fit."""
    pattern, offsets = _compiled(template)
    match = pattern.fullmatch(name)
    if match is None:
        return None
    numbers = {place: int(match[place]) - offset for place, offset in offsets.items()}
    return numbers if all(number > 0 for number in numbers.values()) else None


def fill_numbers(template: str, numbers: Mapping[str, int]) -> str | None:
    """Returns the layer's name of these numbers, None where one is wanting."""
    if any(place not in numbers for place in _compiled(template).offsets):
        return None
    return _PLACE.sub(lambda match: str(numbers[match[1]] + int(match[2] or 0)), template)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Compiled:
    parts, offsets, end = [], dict[str, int](), 0
    for match in _PLACE.finditer(template):
        parts.append(re.escape(template[end : match.start()]))
        parts.append(f"(?P={match[1]})" if match[1] in offsets else f"(?P<{match[1]}>0|[1-9][0-9]{{0,3}})")
        offsets[match[1]] = int(match[2] or 0)
        end = match.end()
    return _Compiled(re.compile("".join([*parts, re.escape(template[end:])]), re.ASCII), offsets)
