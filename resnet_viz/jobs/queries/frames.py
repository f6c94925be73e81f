"""What a resident process and its server say to each other: a line of JSON, and where it announces bytes, so many."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final

MAX_LINE: Final = 100_000


class Broken(Exception):
    """What came is no message; nothing behind it can be trusted."""


def send(out: IO[bytes], message: Mapping[str, Any], content: bytes = b"") -> None:
    """Writes a message.

    Raises:
        OSError: nobody reads any more.
    """
    line = json.dumps({**message, "bytes": len(content)} if content else message).encode()
    out.write(line + b"\n" + content)
    out.flush()


def receive(source: IO[bytes], max_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """Returns the next message and its bytes; None where the other side has gone.

    Raises:
        Broken: it is none, or too long.
    """
    line = source.readline(MAX_LINE)
    if not line.endswith(b"\n"):
        return None
    try:
        message = json.loads(line)
        num_bytes = int(message.get("bytes", 0))
    except (ValueError, AttributeError, TypeError) as error:
        raise Broken from error
    if not 0 <= num_bytes <= max_bytes:
        raise Broken
    content = source.read(num_bytes) if num_bytes else b""
    return (message, content) if len(content) == num_bytes else None
