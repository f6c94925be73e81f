"""TTL cache shared by all sessions: what many visitors watch is computed once.

Streamlit's own cache copies a value at every look, which costs more than most values here, and any visitor can clear
it. Values here are frozen, so all sessions may share them.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

T = TypeVar("T")

MOST_KEPT: Final = 128  # the least recently used goes


class SharedCache:
    """Values by key, each with a time to live; the least recently used go first."""

    def __init__(self, *, most: int = MOST_KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], *, fresh_s: float) -> T:
        """Returns the value of a key; if there is none, makes it and keeps it for `fresh_s` seconds."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None and self._clock() < found[0]:
                self._kept.move_to_end(key)
                value: T = found[1]
                return value
        value = make()  # without the lock: that two make the same is rare and harmless
        self.put(key, value, fresh_s=fresh_s)
        return value

    def put(self, key: Hashable, value: object, *, fresh_s: float) -> None:
        """Keeps a value that is known to be the newest, and drops expired ones."""
        with self._lock:
            now = self._clock()
            for old in [kept for kept, (until, _value) in self._kept.items() if until <= now]:
                del self._kept[old]
            self._kept[key] = (now + fresh_s, value)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


shared_cache: Final = SharedCache()
