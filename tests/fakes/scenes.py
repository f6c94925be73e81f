"""Scenes with texts of the tests' own."""

from types import MappingProxyType
from typing import Any

from resnet_viz.scenes.scene import Answer, Scene

THREE = (
    Answer(text="The 20-layer net", verdict="shallower"),
    Answer(text="The 56-layer net", verdict="deeper"),
    Answer(text="Both end the same", verdict="same"),
)


def scene(name: str = "degradation", **more: Any) -> Scene:
    """A scene whose measurement decides between three answers."""
    usual: dict[str, Any] = {
        "title": "Degradation",
        "question": "Which net ends with the lower training loss?",
        "answers": THREE,
        "page": "training",
        "query": MappingProxyType({"recipe": "degradation", "nets": "plain"}),
        "press": "Start",
        "look_at": "the end of both curves",
        "explanation": "It is no overfitting.",
        "source": "He et al. 2015, section 1",
        "outcome": "deeper_or_shallower",
    }
    return Scene(name=name, **(usual | more))


def marked() -> Scene:
    """A scene without a measurement, whose author has marked the second answer."""
    answers = (Answer(text="Yes"), Answer(text="No", is_right=True))
    return scene("marked", answers=answers, outcome="", next="")
