"""A scene: a question, answers to choose from before anything is shown, and the page whose measurement decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

MIN_ANSWERS: Final = 2
MAX_ANSWERS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One of the answers that a class chooses from.

    Attributes:
        text: shown as it is, never as markup.
        verdict: result of the scene's outcome for which this answer is the right one; empty where `is_right` says so.
        is_right: whether the author of a scene without an outcome says that it is right.
    """

    text: str
    verdict: str = ""
    is_right: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A scene of a lecture.

    Attributes:
        name: of its file, used in addresses.
        title: a few words, for lists.
        question: fills the screen.
        answers: two to five.
        page: stem of the page that is opened, such as "training".
        query: what the address of that page says.
        controls: names in that address whose widgets stay, and "start" for a button that starts; all others are hidden.
        press: what to press on the page; empty for nothing.
        look_at: what to look at.
        explanation: shown after the reveal.
        source: citation of the explanation.
        outcome: name of the measurement that decides (`scenes.outcomes.OutcomeName`); empty where an answer is marked.
        next: name of the scene that follows; empty at the end of a path.
        place: position in the path, smaller first.
        is_own: whether it comes from a lecturer's own folder.
    """

    name: str
    title: str
    question: str
    answers: tuple[Answer, ...]
    page: str
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    controls: tuple[str, ...] = ()
    press: str = ""
    look_at: str = ""
    explanation: str = ""
    source: str = ""
    outcome: str = ""
    next: str = ""
    place: int = 0
    is_own: bool = False

    @property
    def has_recipe(self) -> bool:
        """Whether the page that it opens trains a recipe, which every browser of a class can run with its own seed."""
        return self.page == "training" and "recipe" in self.query


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Result of a scene's measurement.

    Attributes:
        verdict: a word of the outcome's vocabulary, or empty where the numbers do not decide.
        messages: sentences computed from the numbers, the first one decides.
    """

    verdict: str
    messages: tuple[str, ...] = ()
