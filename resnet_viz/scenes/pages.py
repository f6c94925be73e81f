"""Addresses that a scene may open: pages, names and texts, checked against the vocabularies that there are."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.errors import SceneError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.presets import preset_names
from resnet_viz.spec.validation import known_field, one_of
from resnet_viz.training import recipe_files, recipe_text

START: Final = "start"  # control of a scene: the button that starts
RECIPE: Final = "recipe"
_RUN: Final = "run"
PAGES: Final = ("architecture", "blocks", "parameters", "training", "gradients", "theory", "attribution", "runs")
SHOWS: Final = (  # instruments of the theory page
    *("functions", "construction", "nothing", "layers", "depth", "sum", "lambda", "paths", "lesions", "orders"),
    *("exits", "shattering", "surface", "tables"),
)
_OF_LECTURE: Final = ("present", "scene", "room", "stage", "name", "class")
_LAB: Final = (RECIPE, _RUN, "seeds", "seed", "band")  # beside the fields of a recipe
_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "gradients": ("at", "depth", "init", "lambda", "nets", "norm", "seeds", "view", "width"),
        "parameters": (
            *("basic_width", "bottleneck_width", "side", "norm", "bias", "projection", "equal", "scale"),
            *("family", "results", "which"),
        ),
    }
)


def check_query(page: str, name: str, text: str) -> None:
    """Checks one name of an address with its text.

    Raises:
        SceneError: the lecture sets this name itself.
        SpecError: the page has no such name, or no such value.
    """
    if name in _OF_LECTURE:
        raise SceneError(_("{name} is set by the lecture itself.").format(name=name))
    match page:
        case "training":
            _check_lab(name, text)
        case "architecture":
            _check_net(name, text)
        case "theory" if name == "show":
            one_of("show", text, SHOWS)
        case "gradients" | "parameters":
            known_field(_("The page {page}").format(page=page), name, _NAMES[page])
        case _:
            pass  # no list of names


def check_all(page: str, query: Mapping[str, str]) -> None:
    """Checks an address as a whole.

    Raises:
        SceneError: nothing says what is trained.
        SpecError: its values do not go together.
    """
    if page == "training" and _RUN not in query:
        if RECIPE not in query:
            raise SceneError(_("a scene on the page training names a recipe or a run."))
        known = recipe_files.known()[query[RECIPE]]
        changes = {name: text for name, text in query.items() if recipe_text.is_field(name)}
        recipe_text.recipe_of(recipe_text.merged(known.settings, changes))


def check_control(page: str, query: Iterable[str], name: str) -> None:
    """Checks the name of a control that stays.

    Raises:
        SpecError: the page has no such name.
    """
    if name == START or name in query:
        return
    if page == "training":
        known_field(_("The page {page}").format(page=page), name, (START, *_LAB, *recipe_text.FIELDS))
    elif page in _NAMES:
        known_field(_("The page {page}").format(page=page), name, (START, *_NAMES[page]))


def _check_lab(name: str, text: str) -> None:
    if name == RECIPE:
        one_of(RECIPE, text, recipe_files.names())
    elif name not in _LAB and not recipe_text.is_field(name):
        known_field(_("The page {page}").format(page="training"), name, (*_LAB, *recipe_text.FIELDS))


def _check_net(name: str, text: str) -> None:
    own = name.partition(".")[2] if name[:2] in ("b.", "c.") else name
    if own == codec.NET:
        one_of(name, text, preset_names())
    elif own in codec.FIELDS:
        codec.parse_field(own, text)
