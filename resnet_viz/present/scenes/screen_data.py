"""Data of the screens of a lecture, as the component in `static/scene` gets them."""

from collections.abc import Sequence
from typing import Final, Literal, NotRequired, TypedDict

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.scenes.guesses import AnswerBar, answer_bars, right_answer, right_text, total_text
from resnet_viz.present.scenes.qr import qr_path
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.scenes.scene import Outcome, Scene

_SCHEMES: Final = ("http://", "https://")


class Join(TypedDict):
    """How phones get into the room.

    Attributes:
        link: what is typed, without scheme and code.
        code: of the room.
        path: dark modules of the QR code.
        size: side of the QR code in modules.
        alt: the whole link in words.
    """

    link: str
    code: str
    path: str
    size: int
    alt: str


class Hint(TypedDict):
    """A line with a label: what to press, what to look at, what comes next."""

    label: str
    text: str


class ScreenData(TypedDict):
    """A screen: the question while the class guesses, or the reveal.

    Attributes:
        kind: which of the two.
        question: of the scene.
        answers: with their guesses.
        total: how many have guessed, or have guessed right.
        colors: of bars, by role.
        join: of the question alone; None without a room.
        notice: why the room is another one than the address had; empty otherwise.
        heading: of the measurement; this and what follows belong to the reveal alone.
        messages: computed from the run, the first one decides.
        explanation: of the scene.
        source: of the explanation.
        next: what the next scene asks.
    """

    kind: Literal["question", "reveal"]
    question: str
    answers: list[AnswerBar]
    total: str
    colors: dict[str, str]
    join: NotRequired[Join | None]
    notice: NotRequired[str]
    heading: NotRequired[str]
    messages: NotRequired[list[str]]
    explanation: NotRequired[str]
    source: NotRequired[str]
    next: NotRequired[Hint | None]


class CountsData(TypedDict):
    """New guesses for the question on the screen."""

    kind: Literal["counts"]
    answers: list[AnswerBar]
    total: str


def counts_data(scene: Scene, counts: Sequence[int]) -> CountsData:
    """Returns the guesses so far."""
    return {"kind": "counts", "answers": answer_bars(scene, counts), "total": total_text(scene, counts)}


def question_data(
    scene: Scene, counts: Sequence[int], join: Join | None, mode: Mode, *, notice: str = ""
) -> ScreenData:
    """Returns the question with the guesses so far."""
    return {
        "kind": "question",
        "question": scene.question,
        "answers": answer_bars(scene, counts),
        "total": total_text(scene, counts) if join else "",
        "colors": _colors(mode),
        "join": join,
        "notice": notice,
    }


def reveal_data(
    scene: Scene,
    counts: Sequence[int],
    outcome: Outcome | None,
    following: Scene | None,
    mode: Mode,
    *,
    has_run: bool = False,
) -> ScreenData:
    """Returns the guesses beside the outcome.

    Args:
        scene: the scene.
        counts: votes by position of the answer.
        outcome: None where nothing is measured yet.
        following: the scene after this one.
        mode: theme of the page.
        has_run: whether a run was started that has not ended, where nothing is measured yet.
    """
    right = right_answer(scene, outcome)
    is_open = bool(scene.outcome) and outcome is None  # the explanation would give the answer away
    return {
        "kind": "reveal",
        "question": scene.question,
        "answers": answer_bars(scene, counts, right),
        "total": right_text(scene, counts, right),
        "colors": _colors(mode),
        "heading": "" if is_open else _("Measured") if scene.outcome else _("Answer"),
        "messages": _messages(scene, outcome, right, has_run=has_run),
        "explanation": "" if is_open else scene.explanation,
        "source": _("Source: {source}").format(source=scene.source) if scene.source and not is_open else "",
        "next": {"label": _("Next"), "text": following.question} if following else None,
    }


def join_data(url: str, code: str) -> Join:
    """Returns link and QR code of a room.

    Args:
        url: address that phones open, with the code of the room.
        code: of the room.
    """
    code_of_link = qr_path(url)
    short = url.partition("?")[0]
    for scheme in _SCHEMES:
        short = short.removeprefix(scheme)
    alt = _("QR code of {link}").format(link=url)
    return {"link": short, "code": code, "path": code_of_link.path, "size": code_of_link.size, "alt": alt}


def _messages(scene: Scene, outcome: Outcome | None, right: int | None, *, has_run: bool) -> list[str]:
    if not scene.outcome:
        return [scene.answers[right].text] if right is not None else []
    if outcome is None:
        if has_run:
            return [_("The run has not ended yet.")]
        press = _("On the page: {press}.").format(press=scene.press) if scene.press else ""
        return list(filter(None, [_("Nothing is measured yet."), press]))
    undecided = [] if right is not None else [_("These numbers decide for none of the answers.")]
    return [*undecided, *outcome.messages]


def _colors(mode: Mode) -> dict[str, str]:
    guess, right = PALETTES[mode][Role.BRANCH], PALETTES[mode][Role.NORM]
    return {
        "guess": guess.line,
        "guess_fill": guess.fill,
        "guess_text": guess.text,
        "right": right.line,
        "right_fill": right.fill,
        "right_text": right.text,
    }
