"""Guesses of a class: the histogram beside the answers, and how many of them are right."""

from collections.abc import Sequence
from typing import Final, TypedDict

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.units import exact
from resnet_viz.scenes.scene import Outcome, Scene

LETTERS: Final = "ABCDE"


class AnswerBar(TypedDict):
    """An answer with its bar of the histogram, as the component gets it.

    Attributes:
        letter: A to E.
        text: of the answer.
        num_guesses: votes for it.
        share: of all votes, 0 to 1; 0 where there are none.
        alt: letter, answer and count in words, for screen readers.
        is_right: whether it is lit: the outcome decides for it.
        note: what is written below the lit answer.
    """

    letter: str
    text: str
    num_guesses: int
    share: float
    alt: str
    is_right: bool
    note: str


def answer_bars(scene: Scene, counts: Sequence[int], right: int | None = None) -> list[AnswerBar]:
    """Returns the answers of a scene with their guesses.

    Args:
        scene: whose answers.
        counts: votes by position of the answer; may be shorter than the answers.
        right: position of the right answer, once it is revealed.
    """
    dense = _dense(scene, counts)
    total = sum(dense)
    bars: list[AnswerBar] = []
    for place, (answer, number) in enumerate(zip(scene.answers, dense, strict=True)):
        words = ngettext("{letter}, {text}: {n} guess", "{letter}, {text}: {n} guesses", number)
        bars.append(
            {
                "letter": LETTERS[place],
                "text": answer.text,
                "num_guesses": number,
                "share": number / total if total else 0.0,
                "alt": words.format(letter=LETTERS[place], text=answer.text, n=exact(number)),
                "is_right": place == right,
                "note": _("Right") if place == right else "",
            }
        )
    return bars


def right_answer(scene: Scene, outcome: Outcome | None) -> int | None:
    """Returns the position of the right answer; None where the outcome does not decide, or is not measured yet."""
    if not scene.outcome:
        return next((place for place, answer in enumerate(scene.answers) if answer.is_right), None)
    if outcome is None or not outcome.verdict:
        return None
    return next((place for place, answer in enumerate(scene.answers) if answer.verdict == outcome.verdict), None)


def total_text(scene: Scene, counts: Sequence[int]) -> str:
    """Returns how many have guessed."""
    total = sum(_dense(scene, counts))
    return ngettext("{n} guess", "{n} guesses", total).format(n=exact(total)) if total else _("No guesses yet")


def right_text(scene: Scene, counts: Sequence[int], right: int | None) -> str:
    """Returns how many have guessed right; empty where none has guessed, or no answer is right."""
    dense = _dense(scene, counts)
    total = sum(dense)
    if right is None or not total:
        return total_text(scene, counts) if total else ""
    words = ngettext("{right} of {n} guess is right", "{right} of {n} guesses are right", total)
    return words.format(right=exact(dense[right]), n=exact(total))


def _dense(scene: Scene, counts: Sequence[int]) -> list[int]:
    """Returns a count for every answer; counts of answers that the scene no longer has are left out."""
    num_answers = len(scene.answers)
    return [*counts[:num_answers], *[0] * (num_answers - len(counts))]
