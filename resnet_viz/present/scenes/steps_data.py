"""Data of the way through a lecture: the foot of a screen, the bar on a page, the list of scenes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypedDict
from urllib.parse import urlencode

from resnet_viz.i18n import _
from resnet_viz.present.scenes.screen_data import Hint
from resnet_viz.scenes.scene import Scene


class Step(StrEnum):
    """Steps of a lecturer; a key each."""

    ON = "on"  # space
    BEFORE = "before"  # left
    AFTER = "after"  # right
    LEAVE = "leave"  # Esc
    CLASS = "class"  # no key: it makes every browser train


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbours:
    """The scenes before and after one, and its position.

    Attributes:
        before: None for the first.
        after: None for the last.
        number: position in the path, from 1; 0 outside it.
        num_scenes: of the path.
    """

    before: Scene | None
    after: Scene | None
    number: int
    num_scenes: int


class ButtonData(TypedDict):
    """A button and the name of its key."""

    label: str
    key: str


class ArrowData(TypedDict):
    """An arrow to another scene; not there at an end of the path."""

    label: str
    is_there: bool


class FootData(TypedDict):
    """Foot of a screen."""

    kind: Literal["foot"]
    place: str
    title: str
    before: ArrowData
    after: ArrowData
    on: ButtonData
    leave: ButtonData
    class_run: ButtonData | None


class BarData(TypedDict):
    """Bar on the page that a scene has opened."""

    kind: Literal["bar"]
    question: str
    hints: list[Hint]
    before: ArrowData
    after: ArrowData
    on: ButtonData


class SceneLink(TypedDict):
    """A scene in the list; the address is relative to the server's root."""

    name: str
    number: str
    title: str
    question: str
    address: str


class ContentsData(TypedDict):
    """List of scenes."""

    kind: Literal["contents"]
    scenes: list[SceneLink]


def neighbours(scene: Scene, path: Sequence[Scene], known: Mapping[str, Scene]) -> Neighbours:
    """Returns the scenes around one: `next` names the one after; the one before is that of the path, or names this.

    Args:
        scene: in the middle.
        path: scenes in order.
        known: all scenes by name, own ones included.
    """
    place = next((place for place, other in enumerate(path) if other.name == scene.name), None)
    before = path[place - 1] if place else next((s for s in known.values() if s.next == scene.name), None)
    number = 0 if place is None else place + 1
    return Neighbours(before=before, after=known.get(scene.next), number=number, num_scenes=len(path))


def foot_data(scene: Scene, around: Neighbours, on: str) -> FootData:
    """Returns the foot of a screen; `on` is the label of the button that goes on.

    A scene that trains a recipe can be run by the whole class.
    """
    place = f"{around.number} / {around.num_scenes}" if around.number else _("Own scene")
    return {
        "kind": "foot",
        "place": place,
        "title": scene.title,
        **_arrows(around),
        "on": {"label": on, "key": _("Space")},
        "leave": {"label": _("Scenes"), "key": _("Esc")},
        "class_run": {"label": _("Class run"), "key": ""} if scene.has_recipe else None,
    }


def bar_data(scene: Scene, around: Neighbours) -> BarData:
    """Returns the bar on the page that a scene has opened."""
    hints = ((_("Press"), scene.press), (_("Look at"), scene.look_at))
    return {
        "kind": "bar",
        "question": scene.question,
        "hints": [{"label": label, "text": text} for label, text in hints if text],
        **_arrows(around),
        "on": {"label": _("Reveal"), "key": _("Space")},
    }


def contents_data(scenes: Sequence[Scene], room: str, *, is_path: bool) -> ContentsData:
    """Returns a list of scenes, with numbers where they are the path; links stay in the room."""
    return {
        "kind": "contents",
        "scenes": [
            {
                "name": scene.name,
                "number": str(number) if is_path else "",
                "title": scene.title,
                "question": scene.question,
                "address": f"scene?{urlencode({'name': scene.name} | ({'room': room} if room else {}))}",
            }
            for number, scene in enumerate(scenes, start=1)
        ],
    }


class _Arrows(TypedDict):
    before: ArrowData
    after: ArrowData


def _arrows(around: Neighbours) -> _Arrows:
    def arrow(label: str, scene: Scene | None) -> ArrowData:
        return {"label": f"{label}: {scene.title}" if scene else label, "is_there": scene is not None}

    return {
        "before": arrow(_("Scene before"), around.before),
        "after": arrow(_("Next scene"), around.after),
    }
