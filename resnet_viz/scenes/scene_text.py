"""Scenes as TOML texts, read and checked; an error names the line of the field that it is about.

Fields are those of docs/SCENES.md. Texts stay texts: they are shown as they are, never as markup.
"""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from resnet_viz.errors import Refusal, SceneError
from resnet_viz.i18n import _
from resnet_viz.scenes import pages
from resnet_viz.scenes.outcomes import OUTCOMES, OutcomeName
from resnet_viz.scenes.scene import MAX_ANSWERS, MIN_ANSWERS, Answer, Scene
from resnet_viz.scenes.toml_lines import Place, line_of
from resnet_viz.spec import codec
from resnet_viz.spec.validation import known_field, one_of, refused, shown, whole_in_range

MOST_CHARS: Final = {  # of a text: what fits on a screen at a size that the last row reads
    "title": 60,
    "question": 220,
    "press": 80,
    "look_at": 220,
    "explanation": 900,
    "source": 200,
    "text": 120,
}
MOST_PLACE: Final = 1_000
MOST_CONTROLS: Final = 10
MOST_NAMES: Final = 30  # of an address
_MOST_CHARS_OF_VALUE: Final = 200
_REQUIRED: Final = ("title", "question")
_TEXTS: Final = ("title", "question", "press", "look_at", "explanation", "source")
_KEYS: Final = (*_TEXTS, "place", "outcome", "next", "answers", "open")
_ANSWERS: Final = "answers"
_OPEN: Final = "open"
_QUERY: Final = "query"
_CONTROLS: Final = "controls"


def read_text(name: str, text: str, *, is_own: bool = False) -> Scene:
    """Returns the scene that a text describes.

    Args:
        name: of the scene.
        text: TOML.
        is_own: whether it comes from a lecturer's own folder.

    Raises:
        SceneError: it is not TOML, or a field is unknown, missing or wrong; the message begins with the line.
    """
    try:
        fields = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SceneError(_("it is not TOML: {error}.").format(error=str(error)[:200])) from error
    return _Reader(text, fields).scene(name, is_own=is_own)


class _Reader:
    """Reads the fields of one file; keeps its text for the line numbers of errors."""

    def __init__(self, text: str, fields: Mapping[str, Any]) -> None:
        self._text = text
        self._fields = fields

    def scene(self, name: str, *, is_own: bool) -> Scene:
        fields = self._fields
        for key in fields:
            self._check((key,), known_field, _("A scene"), key, _KEYS)
        texts = {key: self._words((key,), fields[key], MOST_CHARS[key]) for key in _TEXTS if key in fields}
        for key in _REQUIRED:
            if not texts.get(key):
                self._refuse((key,), _("a scene has a {field}, which is missing or empty.").format(field=key))
        outcome = self._outcome(fields.get("outcome", ""))
        page, query, controls = self._open(fields.get(_OPEN))
        self._check_page(outcome, page, query)
        return Scene(
            name=name,
            answers=self._answers(fields.get(_ANSWERS), outcome),
            page=page,
            query=query,
            controls=controls,
            outcome=outcome or "",
            next=self._words(("next",), fields.get("next", ""), MOST_CHARS["title"]),
            place=self._check(("place",), whole_in_range, "place", fields.get("place", 0), 0, MOST_PLACE),
            is_own=is_own,
            **texts,
        )

    def _outcome(self, name: Any) -> OutcomeName | None:
        if name in ("", "none"):
            return None
        return OutcomeName(self._check(("outcome",), one_of, "outcome", name, tuple(OutcomeName)))

    def _answers(self, rows: Any, outcome: OutcomeName | None) -> tuple[Answer, ...]:
        if not isinstance(rows, list) or not MIN_ANSWERS <= len(rows) <= MAX_ANSWERS:
            num = len(rows) if isinstance(rows, list) else 0
            message = _("a scene has {least} to {most} answers, each below a line [[answers]]; got {n}.")
            extra = (_ANSWERS, MAX_ANSWERS) if num > MAX_ANSWERS else (_ANSWERS, 0)
            self._refuse(extra, message.format(least=MIN_ANSWERS, most=MAX_ANSWERS, n=num))
        answers = tuple(self._answer(number, row, outcome) for number, row in enumerate(rows))
        for number, answer in enumerate(answers):
            if answer.text in [other.text for other in answers[:number]]:
                self._refuse((_ANSWERS, number, "text"), _("two answers have this text."))
            if answer.verdict and answer.verdict in [other.verdict for other in answers[:number]]:
                self._refuse((_ANSWERS, number, "verdict"), _("two answers have this verdict."))
        right = [number for number, answer in enumerate(answers) if answer.is_right]
        if not outcome and len(right) != 1:
            place = (_ANSWERS, right[1], "right") if right else (_ANSWERS, 0)
            message = _("a scene without an outcome has one answer with right = true; got {n}.")
            self._refuse(place, message.format(n=len(right)))
        return answers

    def _answer(self, number: int, row: Any, outcome: OutcomeName | None) -> Answer:
        place = (_ANSWERS, number)
        if not isinstance(row, Mapping):
            self._refuse(place, _("an answer is a table, below a line [[answers]]."))
        for key in row:
            self._check((*place, key), known_field, _("An answer"), key, ("text", "verdict", "right"))
        text = self._words((*place, "text"), row.get("text", ""), MOST_CHARS["text"])
        if not text:
            self._refuse((*place, "text"), _("an answer has a text, which is missing or empty."))
        if outcome:
            if "right" in row:
                message = _("the outcome {outcome} decides which answer is right: remove right, or the outcome.")
                self._refuse((*place, "right"), message.format(outcome=outcome))
            words = tuple(OUTCOMES[outcome].verdicts)
            verdict = row.get("verdict", "")
            if verdict != "":
                self._check((*place, "verdict"), one_of, "verdict", verdict, words)
            elif "verdict" not in row:
                message = _(
                    'an answer has a verdict of the outcome {outcome}: {words}, or "" for one that is never right.'
                )
                self._refuse((*place, "text"), message.format(outcome=outcome, words=", ".join(words)))
            return Answer(text=text, verdict=verdict)
        if row.get("verdict"):
            self._refuse((*place, "verdict"), _("a verdict needs an outcome, which this scene does not name."))
        is_right = row.get("right", False)
        if not isinstance(is_right, bool):
            self._raise((*place, "right"), refused("right", _("true or false"), is_right))
        return Answer(text=text, is_right=is_right)

    def _open(self, table: Any) -> tuple[str, dict[str, str], tuple[str, ...]]:
        if not isinstance(table, Mapping) or "page" not in table:
            self._refuse((_OPEN,), _("a scene has a table [open] with the page that it opens."))
        for key in table:
            self._check((_OPEN, key), known_field, _("The table [open]"), key, ("page", _CONTROLS, _QUERY))
        page: str = self._check((_OPEN, "page"), one_of, "page", table["page"], pages.PAGES)
        query = self._query(page, table.get(_QUERY, {}))
        return page, query, self._controls(page, query, table.get(_CONTROLS, []))

    def _query(self, page: str, table: Any) -> dict[str, str]:
        place = (_OPEN, _QUERY)
        if not isinstance(table, Mapping) or len(table) > MOST_NAMES:
            allowed = _("a table of at most {most} names and texts").format(most=MOST_NAMES)
            self._raise(place, refused("query", allowed, table))
        query: dict[str, str] = {}
        for name, value in table.items():
            values = (
                {f"{name}.{own}": text for own, text in value.items()} if isinstance(value, Mapping) else {name: value}
            )
            for full, text in values.items():
                query[full] = self._value((*place, *full.split(".")), full, text)
                self._check((*place, *full.split(".")), pages.check_query, page, full, query[full])
        self._check(place, pages.check_all, page, query)
        return query

    def _value(self, place: Place, name: str, value: Any) -> str:
        if not isinstance(value, str | bool | int | float):
            self._raise(place, refused(shown(name), _("a text, a number, or true or false"), value))
        return self._words(place, codec.format_field(value), _MOST_CHARS_OF_VALUE)

    def _controls(self, page: str, query: Mapping[str, str], names: Any) -> tuple[str, ...]:
        place = (_OPEN, _CONTROLS)
        is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not is_list or len(names) > MOST_CONTROLS:
            allowed = _("a list of at most {most} names in the address").format(most=MOST_CONTROLS)
            self._raise(place, refused(_CONTROLS, allowed, names))
        for name in names:
            self._check(place, pages.check_control, page, query, name)
        return tuple(names)

    def _check_page(self, outcome: OutcomeName | None, page: str, query: Mapping[str, str]) -> None:
        """Refuses an address on which something else is seen than what decides."""
        if outcome is None:
            return
        kind = OUTCOMES[outcome]
        if page != kind.page or query.get("show", "") != kind.show:
            show = f", show = {kind.show}" if kind.show else ""
            message = _("the outcome {outcome} is measured on the page {page}{show}.")
            self._refuse((_OPEN, "page"), message.format(outcome=outcome, page=kind.page, show=show))
        for name in query:
            if not kind.needs_run and name != "show" and name not in kind.query:
                names = ", ".join(kind.query) or _("none")
                message = _("the outcome {outcome} is measured with the page as it is, but for these names: {names}.")
                self._refuse((_OPEN, _QUERY, *name.split(".")), message.format(outcome=outcome, names=names))
        from resnet_viz.scenes.questions import question_of  # noqa: PLC0415 - numpy, which no other command loads

        self._check((_OPEN, _QUERY), question_of, outcome, query)

    def _words(self, place: Place, value: Any, most: int) -> str:
        """Returns a text on one line, without spaces at its ends."""
        name = str(place[-1])
        if not isinstance(value, str):
            self._raise(place, refused(name, _("a text"), value))
        words = " ".join(value.split())
        if len(words) > most:
            message = _("{name} has at most {most} characters; got {n:,}.")
            self._refuse(place, message.format(name=name, most=most, n=len(words)))
        if any(unicodedata.category(sign) == "Cc" for sign in words):
            self._refuse(place, _("{name} has a control character, which no screen shows.").format(name=name))
        return words

    def _check(self, place: Place, check: Any, *values: Any) -> Any:
        """Returns what a check returns; its refusal gets the line of the place."""
        try:
            return check(*values)
        except Refusal as refusal:
            self._raise(place, refusal)

    def _refuse(self, place: Place, message: str) -> NoReturn:
        self._raise(place, SceneError(message))

    def _raise(self, place: Place, refusal: Refusal) -> NoReturn:
        line = line_of(self._text, place)
        raise SceneError(_("line {line}: {message}").format(line=line, message=refusal)) from refusal


def check_next(scene: Scene, names: Sequence[str], text: str) -> None:
    """Checks that the scene after a scene is there.

    Raises:
        SceneError: it is not; the message begins with the line.
    """
    if scene.next:
        _Reader(text, {})._check(("next",), one_of, "next", scene.next, names)
