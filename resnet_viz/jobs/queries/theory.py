"""Instruments of the theory: questions to a process with torch, answers kept on the disk. No torch here."""

from typing import Any, Final

from resnet_viz.errors import Refusal
from resnet_viz.jobs.queries.kinds import THEORY
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.theory import answers
from resnet_viz.theory.answers import Records
from resnet_viz.theory.instruments import Instrument, instrument
from resnet_viz.theory.question import Question


def _of(request: Request) -> Instrument:
    return instrument(request.fields["instrument"])


def _save(request: Request, content: bytes) -> Records:
    records = answers.from_bytes(_of(request), content)
    answers.save(request.key, content)
    return records


def _piece(request: Request, content: bytes) -> Any:
    return answers.piece_from_bytes(_of(request), content)


SERVICE: Final = QueryService(
    THEORY,
    parse=_save,
    recall=lambda request: answers.load(_of(request), request.key),
    parse_piece=_piece,
)


def request_for(question: Question) -> Request:
    """Returns a question under the weights that it is about now; its result is a tuple of records."""
    try:
        pinned = question.pinned()
        return Request(key=answers.key_of(pinned), fields=answers.to_fields(pinned))
    except Refusal:  # a net is not there; the process gives the reason
        fields = answers.to_fields(question)
        return Request(key=repr(fields), fields=fields)
