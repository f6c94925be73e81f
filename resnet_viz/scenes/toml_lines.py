"""Line numbers of the keys of a TOML text, which Python's reader gives for syntax errors alone."""

import re
from collections.abc import Iterator
from typing import Final

Place = tuple[str | int, ...]
"""Keys from the top of a file to a value; a number, from 0, counts the tables of an array."""

_TABLE: Final = re.compile(r"\s*\[(?!\[)\s*([^\]]+?)\s*\]")
_ITEM: Final = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_KEY: Final = re.compile(r"""\s*((?:[\w.\s-]|"[^"]*"|'[^']*')+?)\s*=""")
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_QUOTES: Final = ('"""', "'''")


def line_of(text: str, place: Place) -> int:
    """Returns the line, from 1, of a key, or that of what holds it: its table, or the file's first line.

    Args:
        text: that `tomllib` has read without an error.
        place: of the key, such as ("answers", 1, "text"); a key with a dot is two.
    """
    lines: dict[Place, int] = {}
    for number, found in _keys(text):
        lines.setdefault(found, number)
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 1


def _keys(text: str) -> Iterator[tuple[int, Place]]:
    """Yields line and place of each table and key."""
    table: Place = ()
    counts: dict[Place, int] = {}
    closing = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:  # within a text of several lines
            closing = "" if closing in line else closing
        elif found := _ITEM.match(line):
            name = _parts(found[1])
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            yield number, table
        elif found := _TABLE.match(line):
            table = _parts(found[1])
            yield number, table
        elif found := _KEY.match(line):
            yield number, (*table, *_parts(found[1]))
            closing = _opened(line[found.end() :])


def _parts(name: str) -> Place:
    """Returns the parts of a key; one in quotes is divided at its dots, too, as the names of an address are."""
    return tuple(own for part in _PART.findall(name) for own in part.strip("\"'").split("."))


def _opened(value: str) -> str:
    """Returns the quotes that will close a text of several lines; "" where the value ends on its line."""
    value = value.strip()
    return next((quotes for quotes in _QUOTES if value.startswith(quotes) and value.count(quotes) == 1), "")
