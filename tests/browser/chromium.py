"""The Chromium that browser tests and benchmarks drive, and how it is started."""

import os
from pathlib import Path

_DEBIANS = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def executable() -> str | None:
    """The browser that CHROMIUM names, else Debian's; None for Playwright's own."""
    return os.environ.get("CHROMIUM") or (str(_DEBIANS) if _DEBIANS.exists() else None)
