"""Recipe files: named recipes in `assets/recipes` with a description, a hint and a measured result.

A file is TOML: `title`, `about`, `watch`, `measured`, `seconds`, `needs`, `seeds`, `place`, and a table `[settings]` in
the vocabulary of `recipe_text`. A user's own file needs the table alone.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS
from resnet_viz.spec import codec
from resnet_viz.spec.validation import did_you_mean, known_field, shown, whole_in_range
from resnet_viz.training import recipe_text
from resnet_viz.training.recipe import MAX_SEEDS, Recipe
from resnet_viz.training.recipe_text import Texts
from resnet_viz.training.recipe_values import DeviceName

FOLDER: Final = ASSETS / "recipes"
SUFFIX: Final = ".toml"
MAX_BYTES: Final = 65_536
_SETTINGS: Final = "settings"
_TEXTS: Final = ("title", "about", "watch", "measured", "needs")
_KEYS: Final = (*_TEXTS, "seconds", "seeds", "place", _SETTINGS)


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRecipe:
    """A recipe with its description.

    Attributes:
        name: of its file, used in addresses and on the command line.
        title: of the experiment.
        about: nets and purpose in one or two sentences.
        watch: the effect to observe.
        measured: result with conditions and source.
        seconds: time on two idle CPU cores; None if it is not for a CPU.
        time: time in words if `seconds` is None.
        needs: requirements beyond this program; empty if there are none.
        seeds: recommended number of seeds.
        place: position in the menu, smaller first.
        settings: texts that differ from `recipe_text.DEFAULTS`.
    """

    name: str
    title: str
    about: str = ""
    watch: str = ""
    measured: str = ""
    seconds: float | None = None
    time: str = ""
    needs: str = ""
    seeds: int = 1
    place: int = 0
    settings: Texts

    @property
    def recipe(self) -> Recipe:
        """Recipe with the seed of the settings."""
        return recipe_text.recipe_of(self.settings)


@lru_cache(maxsize=1)
def known() -> Mapping[str, KnownRecipe]:
    """Returns the shipped recipes by name, in the order of the menu.

    Raises:
        SpecError: a file is missing or damaged.
    """
    found = sorted((read(path) for path in FOLDER.glob(f"*{SUFFIX}")), key=lambda recipe: (recipe.place, recipe.name))
    return MappingProxyType({recipe.name: recipe for recipe in found})


def names() -> tuple[str, ...]:
    """Returns the names of all shipped recipes."""
    return tuple(known())


def read(path: Path) -> KnownRecipe:
    """Returns the recipe in a file.

    Raises:
        SpecError: it cannot be read, is not TOML, or has unknown fields; the message names the file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SpecError(
            _("{path} cannot be read: {error}.").format(path=path, error=error.strerror or type(error).__name__)
        ) from error
    if len(content) > MAX_BYTES:
        raise SpecError(
            _("{path} has more than {most:,} bytes: no recipe is as long.").format(path=path, most=MAX_BYTES)
        )
    try:
        return _known(path.stem, tomllib.loads(content.decode()))
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:  # tomllib's errors and those of decoding are ValueErrors
        raise SpecError(
            _("{path} is no recipe: it is not TOML ({error}).").format(path=path, error=str(error)[:200])
        ) from error


def find(name: str) -> KnownRecipe:
    """Returns a shipped recipe by its name, or a user's own by the path of its file.

    Raises:
        SpecError: no recipe has this name; the message suggests the nearest ones.
    """
    if name.endswith(SUFFIX):
        own = read(Path(name))
        try:
            recipe_text.recipe_of(own.settings)
        except SpecError as error:
            raise SpecError(f"{name}: {error}") from error
        return own
    if name not in known():
        raise SpecError(
            _("No recipe is called {name!r}; there are {names}.").format(name=shown(name), names=", ".join(names()))
            + did_you_mean(name, names())
        )
    return known()[name]


def make(name: str, changes: Texts, *, seed: int | None = None, device: DeviceName | None = None) -> Recipe:
    """Returns a named recipe with changes.

    Args:
        name: one of `names()`, or the path of a file.
        changes: field -> text, in the vocabulary of `recipe_text`.
        seed: of the initial weights and the order of the images; that of the texts if None.
        device: to train on; that of the texts if None.

    Raises:
        SpecError: an unknown name or field, or a value that is not allowed.
    """
    recipe = recipe_text.recipe_of(recipe_text.merged(find(name).settings, changes))
    return recipe.replace(
        seed=recipe.seed if seed is None else seed, device=recipe.device if device is None else device
    )


def _known(name: str, fields: Mapping[str, Any]) -> KnownRecipe:
    for key in fields:
        if key not in _KEYS and key in recipe_text.FIELDS:
            raise SpecError(_("{field} belongs below a line [{section}].").format(field=key, section=_SETTINGS))
        known_field(_("a recipe file"), key, _KEYS)
    texts = {key: _text(key, fields[key]) for key in _TEXTS if key in fields}
    seconds, time = _time(fields.get("seconds", ""))
    return KnownRecipe(
        name=name,
        seconds=seconds,
        time=time,
        seeds=whole_in_range("seeds", fields.get("seeds", 1), 1, MAX_SEEDS),
        place=whole_in_range("place", fields.get("place", 0), 0, 1_000),
        settings=MappingProxyType(recipe_text.canonical(_settings(fields.get(_SETTINGS)))),
        **{"title": name, **texts},
    )


def _settings(table: Any) -> dict[str, str]:
    """Returns the texts of the table; `a.net = ...` is a table within it to TOML."""
    if not isinstance(table, Mapping):
        raise SpecError(_("it has no table [settings], which says what to train."))
    texts: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            texts |= {f"{name}.{field}": _setting(f"{name}.{field}", own) for field, own in value.items()}
        else:
            texts[name] = _setting(name, value)
    return texts


def _setting(name: str, value: Any) -> str:
    match value:
        case str() | bool() | int() | float():
            return codec.format_field(value)
        case list() if all(isinstance(part, str | int | float) for part in value):
            return ",".join(map(codec.format_field, value))
        case _:
            raise SpecError(
                _("{name} is a text, a number, true or false, or a list of numbers.").format(name=shown(name))
            )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SpecError(_("{name} is a text.").format(name=name))
    return " ".join(value.split())


def _time(value: Any) -> tuple[float | None, str]:
    if isinstance(value, str):
        return None, _text("seconds", value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value), ""
    raise SpecError(_("seconds is a number above 0, on two CPU cores, or a sentence where that takes too long."))
