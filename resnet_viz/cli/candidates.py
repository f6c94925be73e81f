"""Completion candidates, derived from the parser, so that new commands and choices are offered without further code."""

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from resnet_viz.attribution.sources.shipped_nets import shipped_nets
from resnet_viz.published import files as published_files
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.store import RunStore
from resnet_viz.scenes import files as scene_files
from resnet_viz.spec import codec, presets
from resnet_viz.training import recipe_files, recipe_text

_MOST_RUNS: Final = 50
_SPLITS: Final = ("=", ":")
_TRUTH: Final = ("true", "false")


def for_shell(parser: argparse.ArgumentParser, shell: str = "", *words: str) -> list[str]:
    """Returns the candidates of a shell for the last of `words`, the words after the program's name.

    bash splits "field=value" and "shipped:net" into three words and replaces the third alone.
    """
    if shell != "bash":
        return candidates(parser, words)
    joined: list[str] = []
    for word in words:
        if joined and (word in _SPLITS or joined[-1].endswith(_SPLITS)):
            joined[-1] += word
        else:
            joined.append(word)
    found = candidates(parser, joined)
    split = next((sign for sign in _SPLITS if sign in words[-2:]), "")
    return [word.partition(split)[2] if split else word for word in found]


def candidates(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """Returns the candidates for the last of `words`, which may be empty."""
    *before, current = words or ("",)
    place = _ParsedWords(parser)
    for word in before:
        place.take(word)
    return sorted(found for found in place.offers(current) if found.startswith(current))


class _ParsedWords:
    """State of the parser after some words of a command line."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._pending: argparse.Action | None = None
        self._options: dict[str, argparse.Action] = {}
        self._positionals: list[argparse.Action] = []
        self._enter(parser)

    def take(self, word: str) -> None:
        """Consumes one word."""
        if self._pending is not None:
            self._pending = None
        elif word.startswith("-"):
            action = self._options.get(word)
            self._pending = action if action is not None and action.nargs != 0 else None
        elif self._positionals:
            action = self._positionals[0]
            if action.nargs != "+":
                del self._positionals[0]
            if isinstance(action, argparse._SubParsersAction):
                self._enter(action.choices.get(word, argparse.ArgumentParser(add_help=False)))

    def offers(self, current: str) -> Sequence[str]:
        """Returns the candidates for the next word."""
        if self._pending is not None:
            return _values(self._pending, current)
        if current.startswith("-") or not self._positionals:
            return [name for name in self._options if name.startswith("--")]
        return _values(self._positionals[0], current)

    def _enter(self, parser: argparse.ArgumentParser) -> None:
        self._options = dict(parser._option_string_actions)
        self._positionals = [action for action in parser._actions if not action.option_strings]


def _values(action: argparse.Action, current: str) -> Sequence[str]:
    if action.choices is not None:
        return [str(choice) for choice in action.choices]
    find = _FINDERS.get(action.dest)
    return () if find is None else find(current)


def _nets(_current: str) -> Sequence[str]:
    return presets.preset_names()


def _trained_nets(_current: str) -> Sequence[str]:
    kept = [run.id for run in RunStore(store_path()).list(_MOST_RUNS)]
    return (*(f"shipped:{net.name}" for net in shipped_nets()), *(f"run:{run_id}/0/last" for run_id in kept))


def _run_ids(_current: str) -> Sequence[str]:
    return [run.id for run in RunStore(store_path()).list(_MOST_RUNS)]


def _net_changes(current: str) -> Sequence[str]:
    words = {name: list(words) for name, words in codec.WORDS.items()}
    return _changes(codec.FIELDS, {**words, **dict.fromkeys(codec.FLAGS, _TRUTH)}, current)


def _recipe_changes(current: str) -> Sequence[str]:
    field, sign, _value = current.partition("=")
    if sign:
        return [f"{field}={word}" for word in recipe_text.words_of(field)]
    letter, dot, _field = field.partition(".")
    return [f"{letter}.{name}=" for name in recipe_text.OF_NET] if dot else [f"{name}=" for name in recipe_text.FIELDS]


def _changes(fields: Sequence[str], values: Mapping[str, Sequence[str]], current: str) -> Sequence[str]:
    """Returns "field=" for every field, or "field=value" for the values of the field that is there already."""
    field, sign, _value = current.partition("=")
    if not sign:
        return [f"{name}=" for name in fields]
    return [f"{field}={value}" for value in values.get(field, ())]


def _clues(current: str) -> Sequence[str]:
    return () if re.match(r"[0-9./~]", current) else presets.preset_names()  # a number or a path


_FINDERS: Final[Mapping[str, Callable[[str], Sequence[str]]]] = {
    "net": _nets,
    "nets": _nets,
    "trained_net": _trained_nets,
    "clue": _clues,
    "changes": _net_changes,
    "recipe": lambda _current: recipe_files.names(),
    "recipe_changes": _recipe_changes,
    "scene": lambda _current: tuple(scene_files.known()),
    "published": lambda _current: (*published_files.names(), *presets.preset_names()),
    "id": _run_ids,
}
