"""Questions of the theory through a real process: the records of the bench come one by one and are kept."""

from pathlib import Path

import pytest

from resnet_viz.jobs.queries import theory
from resnet_viz.jobs.queries.queue import QueryState
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.theory import answers
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.gradients import GradientQuestion, bench_net
from tests.fakes.waiting import over, until

pytestmark = pytest.mark.torch

QUESTION = GradientQuestion(nets=(bench_net("plain", depth=8), bench_net("a_original", depth=8)), seeds=(0, 1))


def test_records_come_one_by_one_and_the_answer_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    monkeypatch.setattr(answers, "SHIPPED", tmp_path / "none")
    request = theory.request_for(QUESTION)
    service = theory.SERVICE
    try:
        service.ask(request, owner="me")
        status = over(lambda: service.status(request, owner="me"))
    finally:
        service.close()
    assert (status.state, status.pieces) == (QueryState.DONE, ())
    mine = tuple(compute(QUESTION, lambda _share: None))
    assert repr(status.result) == repr(answers.from_bytes(theory._of(request), answers.to_bytes(mine)))
    (kept,) = answers.folder().iterdir()
    assert kept.name == f"{answers.key_of(QUESTION)}.json.gz"
    assert repr(answers.load(theory._of(request), request.key)) == repr(status.result)


def test_a_long_question_is_drawn_before_it_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    question = GradientQuestion(nets=(bench_net("plain", depth=8), bench_net("plain", depth=998)), seeds=(7,))
    request = theory.request_for(question)
    service: QueryService = theory.SERVICE
    try:
        service.ask(request, owner="me")

        def has_piece() -> bool:
            status = service.status(request, owner="me")
            assert status is not None
            return status.state is QueryState.RUNNING and len(status.pieces) == 1

        until(has_piece, "the first curves")
        service.cancel(request, owner="me")
        assert service.status(request, owner="me") is None
    finally:
        service.close()
    assert not answers.folder().exists()


def test_what_cannot_be_answered_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    request = theory.request_for(GradientQuestion(nets=(bench_net("plain", depth=998, width=64),)))
    try:
        theory.SERVICE.ask(request, owner="me")
        status = over(lambda: theory.SERVICE.status(request, owner="me"))
    finally:
        theory.SERVICE.close()
    assert status.state is QueryState.FAILED
    assert "GiB for a batch of 64 images in double precision" in status.message
