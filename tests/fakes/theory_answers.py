"""Fake of the query process for the theory: records at once, of the types of the real ones."""

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

from resnet_viz.jobs.queries.kinds import THEORY
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.plan.lower import lower
from resnet_viz.plan.names import locate
from resnet_viz.plan.ops import Conv
from resnet_viz.plan.plan import Section
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory import answers
from resnet_viz.theory.gradients import GradientCurves, GradientQuestion, StepsQuestion
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question

Answer = Callable[[Any], tuple[Any, ...]]


class FakeTheory:
    """Answers in place of `jobs.queries.theory.SERVICE`; questions are recorded in `asked`.

    Attributes:
        answers: a function per class of questions; others get what is shipped, or wait.
        status_now: of what is asked from now on; pieces and result are those of the question.
        num_pieces: records that have come while the rest is computed.
        knows_all: whether every answer counts as kept.
        is_warm: whether the process was to be started before it is needed.
    """

    kind = THEORY

    def __init__(self, answers: Mapping[type[Question], Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[Question] = []
        self.cancelled: list[Question] = []
        self.statuses: dict[str, QueryStatus] = {}
        self.status_now = QueryStatus(state=QueryState.DONE)
        self.num_pieces = 0
        self.knows_all = False
        self.is_warm = False

    def ask(self, request: Request, *, owner: str) -> None:
        question = answers.from_fields(request.fields)
        self.asked.append(question)
        self._answer(request, question)

    def _answer(self, request: Request, question: Question) -> None:
        if request.key in self.statuses:
            return
        answer = self.answers.get(type(question))
        records = answer(question) if answer else answers.load(instrument_of(question), request.key)
        if records is None:
            self.statuses[request.key] = QueryStatus(state=QueryState.QUEUED, position=1)
            return
        match self.status_now.state:
            case QueryState.DONE:
                self.statuses[request.key] = self.status_now._replace(result=records)
            case _:
                self.statuses[request.key] = self.status_now._replace(pieces=records[: self.num_pieces])

    def recall(self, request: Request, *, owner: str) -> bool:
        if self.knows_all:
            self._answer(request, answers.from_fields(request.fields))
        return self.knows_all

    def status(self, request: Request, *, owner: str) -> QueryStatus | None:
        return self.statuses.get(request.key)

    def warm_up(self) -> None:
        self.is_warm = True

    def cancel(self, request: Request, *, owner: str) -> None:
        self.cancelled.append(answers.from_fields(request.fields))
        self.statuses.pop(request.key, None)


def fake_curves(question: GradientQuestion) -> tuple[GradientCurves, ...]:
    """Curves that grow by 1.16 per convolution in a plain net with norm, and fall by as much without it."""
    return tuple(
        curves_of_net(spec, place=place, seed=seed)
        for place, spec in enumerate(question.nets)
        for seed in question.seeds
    )


def curves_of_net(
    spec: Any, *, place: int, seed: int = 0, step: int = 0, factor: float | None = None
) -> GradientCurves:
    """Curves of one net whose gradients change by one factor per convolution towards the input."""
    assert isinstance(spec, NetSpec)
    plan = lower(spec)
    convs = [n.name for n in plan.nodes if isinstance(n.op, Conv) and locate(n.name).section is Section.BRANCH]
    blocks = [block.name for block in plan.blocks]
    if factor is None:
        factor = {True: 1.16, False: 0.4}[spec.norm is Norm.BATCH] if spec.is_plain else 1.05
    scale = 1.0 + 0.1 * seed  # of all but the last
    return GradientCurves(
        place=place,
        seed=seed,
        step=step,
        loss=2.3 + 0.1 * seed,
        convs=tuple(convs),
        grad=_falling(len(convs), factor, scale),
        blocks=tuple(blocks),
        block_grad=_falling(len(blocks), factor**2, scale),
        activation_std=tuple(1.0 + 0.1 * number for number in range(len(blocks))),
        branch_share=tuple(nan if spec.is_plain else 1 / (number + 2) for number in range(len(blocks))),
    )


def _falling(count: int, factor: float, scale: float) -> tuple[float, ...]:
    return (*(scale * factor ** (count - 1 - number) for number in range(count - 1)), 1.0)


def fake_steps(question: StepsQuestion) -> tuple[GradientCurves, ...]:
    """Curves in rounds of steps: plain nets grow at first and fall later, others stay even."""
    return tuple(
        curves_of_net(spec, place=place, seed=seed, step=step, factor=_factor_at(spec, step))
        for step in question.steps
        for seed in question.seeds
        for place, spec in enumerate(question.nets)
    )


def _factor_at(spec: Any, step: int) -> float:
    return 1.02 if not spec.is_plain else 1.16 if step < 10 else 0.97


ANSWERS: dict[type[Question], Answer] = {GradientQuestion: fake_curves, StepsQuestion: fake_steps}
