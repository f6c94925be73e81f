"""What can be taken home of a map: the picture, the numbers, and the code that makes them."""

from typing import Any


def downloads(answer: Any, seen: Any, question: Any, end: float) -> None: ...
