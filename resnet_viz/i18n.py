"""Translated text at run time, by the standard library's gettext. English is the source language.

The language belongs to one script run: sessions run in threads of one process, so it lives in a context variable.
Compiled catalogues are looked for in `assets/locales/<language>/LC_MESSAGES/resnet_viz.mo`.
"""

import gettext
from contextvars import ContextVar
from functools import lru_cache
from typing import Final

from resnet_viz.resources import ASSETS

LANGUAGES: Final = {"en": "English"}
LOCALES: Final = ASSETS / "locales"

_language: ContextVar[str] = ContextVar("resnet_viz_language", default="en")


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("resnet_viz", LOCALES, languages=[language], fallback=True)


def activate(language: str) -> None:
    """Uses `language` for the rest of this context; an unknown one falls back to English."""
    _language.set(language if language in LANGUAGES else "en")


def _(message: str) -> str:
    """Returns `message` in the active language."""
    return _catalogue(_language.get()).gettext(message)


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name
    """Marks a message of a table for translation: `_` translates it where it is shown, when the language is known."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Returns the form of a message that fits `count` in the active language."""
    return _catalogue(_language.get()).ngettext(singular, plural, count)
