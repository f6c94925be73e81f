"""What many visitors look at in the same moment is worked out once. Kept here and not in a cache of Streamlit's.

Streamlit's copies what it keeps at every look, which costs more than most of what is kept here, and any visitor can
clear it. What is kept here is frozen, so all may have the same.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

T = TypeVar("T")

MOST_KEPT: Final = 128  # the least recently used goes


class SharedCache:
    """Values by key, each for a while."""

    def __init__(self, *, most: int = MOST_KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], *, fresh_s: float) -> T:
        """Returns what is kept under a key, else what `make` makes now, which is kept for `fresh_s` seconds."""
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
        """Keeps a value that is known to be the newest, and forgets what has become old."""
        with self._lock:
            now = self._clock()
            for old in [kept for kept, (until, _value) in self._kept.items() if until <= now]:
                del self._kept[old]
            self._kept[key] = (now + fresh_s, value)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


shared_cache: Final = SharedCache()
