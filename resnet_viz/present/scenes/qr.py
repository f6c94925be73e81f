"""QR code of a link, as the path of its dark modules."""

from functools import lru_cache
from typing import Final, NamedTuple

import segno

_QUIET: Final = 4  # modules of quiet zone around a code, ISO/IEC 18004


class QrPath(NamedTuple):
    """A QR code as a drawing.

    Attributes:
        path: dark modules as the `d` of an SVG path, a module is one unit.
        size: side in modules, quiet zone included.
    """

    path: str
    size: int


@lru_cache(maxsize=64)
def qr_path(text: str) -> QrPath:
    """Returns the code of a text: no larger than level M of error correction needs."""
    matrix = segno.make_qr(text, error="m").matrix
    runs: list[str] = []
    for row, modules in enumerate(matrix):
        start = 0
        while start < len(modules):
            end = start
            while end < len(modules) and modules[end] == modules[start]:
                end += 1
            if modules[start]:
                runs.append(f"M{start + _QUIET} {row + _QUIET}h{end - start}v1h{start - end}z")
            start = end
    return QrPath("".join(runs), len(matrix) + 2 * _QUIET)
