"""Instruments on trained nets, with a stand-in's answers: what is asked, drawn, told, and written to the address."""

import math
from collections.abc import Iterator
from typing import Any, Final

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.jobs.queries import theory
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained.early_exits import Exit, ExitAccuracy, ExitQuestion
from resnet_viz.theory.trained.lesions import DeletedBlock, LesionQuestion, RewiredAccuracy, RewiringQuestion
from resnet_viz.theory.trained.loss_surface import SurfacePoints, SurfaceQuestion
from resnet_viz.theory.trained.paths import PathGradient, PathQuestion
from tests.fakes.theory_answers import FakeTheory
from tests.fakes.visiting import prose, visit, warnings

NAMES: Final = tuple(f"stage{stage}.block{block}" for stage in (1, 2, 3) for block in (1, 2, 3))


def _records(question: Question) -> Iterator[Any]:
    """Records of round numbers."""
    match question:
        case LesionQuestion():
            yield DeletedBlock(net=0, block="", accuracy=0.9)
            for name in NAMES:
                yield DeletedBlock(net=0, block=name, accuracy=0.8 if "resnet" in question.nets[0].name else 0.1)
        case RewiringQuestion():
            yield RewiredAccuracy(accuracy=0.42, whole=0.9, tau=1.0)
        case ExitQuestion():
            for kind in Exit:
                for depth, name in enumerate(("", *NAMES)):
                    yield ExitAccuracy(net=0, kind=kind, block=name, depth=depth, accuracy=0.1 * depth)
        case SurfaceQuestion():
            places = [(column, row) for column in range(15) for row in range(15)]
            yield SurfacePoints(
                net=0,
                columns=tuple(column for column, _row in places),
                rows=tuple(row for _column, row in places),
                losses=tuple(0.1 + math.hypot(column - 7, row - 7) for column, row in places),
            )
        case PathQuestion():
            for length in range(28):
                yield PathGradient(blocks=27, length=length, norm=0.4**length, spread=0.0)
        case _:
            raise AssertionError(question)


ASKED = (LesionQuestion, RewiringQuestion, ExitQuestion, SurfaceQuestion, PathQuestion)


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> FakeTheory:
    stand_in = FakeTheory({kind: lambda question: tuple(_records(question)) for kind in ASKED})
    stand_in.knows_all = True
    monkeypatch.setattr(theory, "SERVICE", stand_in)
    return stand_in


def page(show: str, **address: str) -> AppTest:
    return visit("theory", show=show, **address)


def texts(app: AppTest) -> str:
    assert not app.exception, app.exception
    return "\n".join((prose(app), *warnings(app)))


def of_kind(service: FakeTheory, kind: type[Question]) -> list[Any]:
    return [question for question in service.asked if isinstance(question, kind)]


def test_lesions_put_a_plain_net_beside_a_residual_one(service: FakeTheory) -> None:
    shown = texts(page("lesions"))
    assert [question.nets[0].name for question in of_kind(service, LesionQuestion)] == ["plain20", "resnet20"]
    assert "costs" in shown
    assert not of_kind(service, RewiringQuestion)


def test_deleted_blocks_are_in_the_address_and_measured(service: FakeTheory) -> None:
    app = page("lesions", **{"b.cut": "stage1.block2,stage3.block1"})
    (question,) = of_kind(service, RewiringQuestion)
    assert question.deleted == ("stage1.block2", "stage3.block1")
    assert question.nets == (NetRef.parse("shipped:resnet20"),)
    assert "2 blocks deleted: accuracy 42.0 % instead of 90.0 %" in texts(app)
    app.multiselect(key="widget:cut").set_value(["stage1.block1"]).run()
    assert app.query_params["cut"] == "stage1.block1"
    assert of_kind(service, RewiringQuestion)[-1].deleted == ("stage1.block1",)


def test_two_blocks_are_exchanged_and_all_are_shuffled(service: FakeTheory) -> None:
    page("lesions", do="swap", swap="stage1.block1,stage1.block2")
    (question,) = of_kind(service, RewiringQuestion)
    assert question.order[:3] == ("stage1.block2", "stage1.block1", "stage1.block3")
    service.asked.clear()
    page("lesions", do="shuffle", number="4", seed="1")
    first, second = of_kind(service, RewiringQuestion)
    assert first.order == second.order
    assert sorted(first.order) == sorted(NAMES)


@pytest.mark.parametrize("address", [{"cut": "stage9.block1"}, {"net": "shipped:nothing"}, {"net": "drop table"}])
def test_a_wrong_address_is_refused_in_a_sentence_and_the_page_stays(address: dict[str, str]) -> None:
    app = page("lesions", **address)
    assert app.warning
    assert "costs" in texts(app)


def test_a_refusal_of_the_engine_is_shown(service: FakeTheory) -> None:
    service.status_now = QueryStatus(state=QueryState.FAILED, message="No path is left.")
    assert "No path is left." in texts(page("exits"))


def test_exits_follow_the_slider() -> None:
    app = page("exits", block="3")
    assert "behind 3 of 9 blocks a linear classifier reads 30.0 %" in texts(app)
    app.slider(key="widget:block").set_value(9).run()
    assert app.query_params["block"] == "9"
    assert "behind 9 of 9 blocks" in texts(app)


def test_surfaces_of_both_nets_have_one_seed_and_the_published_numbers(service: FakeTheory) -> None:
    app = page("surface", seed="7")
    assert [question.seed for question in of_kind(service, SurfaceQuestion)] == [7, 7]
    assert "13.31" in texts(app)
    assert "equally wide" in texts(app)


def test_paths_move_with_n_and_are_measured_on_trained_and_untrained_nets(service: FakeTheory) -> None:
    app = page("paths", net="shipped:resnet20")
    assert "0.45 %" in texts(app)
    assert of_kind(service, PathQuestion)[0].nets[0].name == "resnet20"
    app.slider(key="widget:n").set_value(10).run()
    assert "1,024 paths" in texts(app)
    service.asked.clear()
    page("paths", of="full_preact")
    assert of_kind(service, PathQuestion)[0].untrained[0].order == "full_preact"
