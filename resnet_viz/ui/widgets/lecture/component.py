"""Component of a lecture: screens, the keys and buttons that lead through it, the list of scenes."""

from collections.abc import Callable

from resnet_viz.present.scenes.screen_data import CountsData, ScreenData
from resnet_viz.present.scenes.steps_data import BarData, ContentsData, FootData, Step
from resnet_viz.ui.widgets.component import component

_component = component("resnet_viz_scene", "scene")


def show_screen(data: ScreenData) -> None:
    """Covers the page with a screen."""
    _component(key="scene:screen", data=data)


def show_counts(data: CountsData) -> None:
    """Shows new guesses on the screen; the component itself takes no space."""
    _component(key="scene:counts", data=data)


def show_steps(data: FootData | BarData) -> Step | None:
    """Shows the buttons, hears the keys, and returns the step that was just made."""
    made = _component(key=f"scene:{data['kind']}", data=data, height="content", on_step_change=_nothing).step
    return Step(made) if made in tuple(Step) else None


def show_contents(data: ContentsData, on_choice: Callable[[str], None], *, key: str) -> None:
    """Shows a list of scenes; a click on one calls `on_choice` with its name."""
    chosen = _component(key=key, data=data, height="content", on_chosen_change=_nothing).chosen
    if chosen in {scene["name"] for scene in data["scenes"]}:
        on_choice(str(chosen))


def _nothing() -> None:
    """Does nothing: a trigger needs a callback to exist, and the script's run that it causes is what is wanted."""
