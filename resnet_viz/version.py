"""The version of this program: a module of its own, which loads nothing."""

from typing import Final

VERSION: Final = "0.1.0"
