"""Answers as bytes and files: what is written is read back, damage is refused, shipped answers come first."""

import gzip
import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.blocks.variants import BlockVariant, VariantGroup, variants_of
from resnet_viz.errors import DataError, Refusal, SpecError
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.presets import preset
from resnet_viz.theory import answers, gradients
from resnet_viz.theory.gradients import GradientCurves, GradientQuestion, SinglePrecision, StepsQuestion, bench_net
from resnet_viz.theory.instruments import INSTRUMENTS, instrument_of
from resnet_viz.theory.question import Question
from tests.fakes.record_curves import CURVES, curves

BENCH = INSTRUMENTS["gradients"]
QUESTION = GradientQuestion(nets=(bench_net(depth=8),), seeds=(3, 4))
FLOATS = st.floats(allow_infinity=False)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(answers, "SHIPPED", tmp_path / "shipped")


def equal(one: GradientCurves, other: GradientCurves) -> bool:
    """Whether two records are the same where NaN equals NaN."""
    return all(repr(getattr(one, field.name)) == repr(getattr(other, field.name)) for field in fields(GradientCurves))


@given(
    place=st.integers(0, 23),
    seed=st.integers(0, 2**31),
    loss=FLOATS,
    names=st.lists(st.text(max_size=12), max_size=4),
    norms=st.lists(FLOATS, max_size=4),
    single=st.sampled_from(SinglePrecision),
)
def test_records_are_read_back(
    place: int, seed: int, loss: float, names: list[str], norms: list[float], single: SinglePrecision
) -> None:
    record = curves(
        place=place, seed=seed, loss=loss, convs=tuple(names), grad=tuple(norms), single=single, single_error=loss
    )
    (read,) = answers.from_bytes(BENCH, answers.to_bytes([record]))
    assert equal(read, record)
    assert equal(answers.piece_from_bytes(BENCH, answers.piece_to_bytes(record)), record)


@given(
    variants=st.lists(st.sampled_from(list(variants_of(VariantGroup.SHORTCUTS))), min_size=1, max_size=3),
    width=st.integers(1, 64),
    blocks=st.integers(1, 166),
    norm=st.sampled_from(Norm),
    seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=5),
    init=st.sampled_from(Init),
)
def test_questions_are_read_back(
    variants: list[BlockVariant], width: int, blocks: int, norm: Norm, seeds: list[int], init: Init
) -> None:
    nets = tuple(bench_net(each.id, depth=6 * blocks + 2, width=width, norm=norm) for each in variants)
    for question in (
        GradientQuestion(nets=nets, seeds=tuple(seeds), init=init),
        StepsQuestion(nets=nets, seeds=tuple(seeds), init=init, steps=(blocks, blocks + width)),
    ):
        assert answers.from_fields(json.loads(json.dumps(answers.to_fields(question)))) == question


@pytest.mark.parametrize("question", [gradients.DEFAULT, gradients.DEFAULT_STEPS], ids=["start", "steps"])
def test_default_questions_are_read_back(question: Question) -> None:
    assert answers.from_fields(json.loads(json.dumps(answers.to_fields(question)))) == question
    assert instrument_of(question).record is GradientCurves


def test_what_is_not_finite_is_read_as_nan() -> None:
    (read,) = answers.from_bytes(BENCH, answers.to_bytes([curves(grad=(math.inf, -math.inf, math.nan), loss=math.inf)]))
    assert math.isnan(read.loss)
    assert all(map(math.isnan, read.grad))


def test_the_bytes_of_an_answer_depend_on_its_records_alone() -> None:
    assert answers.to_bytes([CURVES]) == answers.to_bytes([CURVES])
    assert answers.to_bytes([CURVES]) != answers.to_bytes([curves(seed=1)])


def packed(tree: Any) -> bytes:
    return gzip.compress(json.dumps(tree).encode(), mtime=0)


GOOD = json.loads(gzip.decompress(answers.to_bytes([CURVES])))[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        answers.to_bytes([CURVES])[:-9],
        gzip.compress(b"no JSON", mtime=0),
        gzip.compress(b"\xff\xfe", mtime=0),
        gzip.compress(b"[" * 100_000, mtime=0),
        gzip.compress(b"[" + b" " * (answers._MAX_BYTES + 1) + b"]", mtime=0),  # a bomb: 32 MB in 32 kB
        packed(None),
        packed(3),
        packed({"records": []}),
        packed([3]),
        packed([[]]),
        packed([{}]),
        packed([{**GOOD, "colour": "red"}]),
        packed([{name: value for name, value in GOOD.items() if name != "loss"}]),
        packed([{**GOOD, "seed": "0"}]),
        packed([{**GOOD, "seed": True}]),
        packed([{**GOOD, "grad": 3.0}]),
        packed([{**GOOD, "grad": ["3.0"]}]),
        packed([{**GOOD, "loss": 10**400}]),
        packed([{**GOOD, "single": "double"}]),
    ],
)
def test_damaged_answers_are_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="damaged"):
        answers.from_bytes(BENCH, content)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (None, "an object with an instrument"),
        ([], "an object with an instrument"),
        ({}, "an object with an instrument"),
        ({"instrument": "gradients"}, "an object with an instrument"),
        ({"instrument": "gradients", "question": {}, "colour": "red"}, "'colour'"),
        ({"instrument": "gradient", "question": {}}, "instrument is one of gradients"),
        ({"instrument": 3, "question": {}}, "An instrument is a text; got int"),
        ({"instrument": "gradients", "question": {}}, "damaged"),
        ({"instrument": "gradients", "question": {"nets": [], "init": "he", "seeds": [0]}}, "nets"),
        ({"instrument": "gradients", "question": {"nets": [3], "init": "he", "seeds": [0]}}, "A net is an object"),
    ],
)
def test_foreign_questions_are_refused(told: Any, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        answers.from_fields(told)


def test_an_answer_is_kept_and_found_again() -> None:
    key = answers.key_of(QUESTION)
    assert answers.load(BENCH, key) is None
    answers.save(key, answers.to_bytes([CURVES]))
    found = answers.load(BENCH, key)
    assert found is not None
    assert equal(found[0], CURVES)


def test_a_damaged_kept_answer_is_deleted() -> None:
    key = answers.key_of(QUESTION)
    answers.save(key, b"damaged")
    (path,) = answers.folder().iterdir()
    assert answers.load(BENCH, key) is None
    assert not path.exists()


def test_shipped_answers_come_before_kept_ones() -> None:
    key = answers.key_of(QUESTION)
    answers.save(key, answers.to_bytes([curves(seed=1)]))
    answers.ship(QUESTION, [curves(seed=2)])
    found = answers.load(BENCH, key)
    assert found is not None
    assert found[0].seed == 2


def test_a_damaged_shipped_answer_stays_and_the_kept_one_is_read() -> None:
    path = answers.ship(QUESTION, [CURVES])
    path.write_bytes(b"damaged")
    key = answers.key_of(QUESTION)
    answers.save(key, answers.to_bytes([curves(seed=1)]))
    found = answers.load(BENCH, key)
    assert found is not None
    assert found[0].seed == 1
    assert path.exists()


def test_kept_answers_not_used_for_longest_go() -> None:
    content = answers.to_bytes([CURVES])
    for key in ("a", "b", "c"):
        answers.save(key, content, limits=FolderLimits(num_bytes=2 * len(content)))
    kept = sorted(path.name for path in answers.folder().iterdir())
    assert len(kept) == 2
    assert "c.json.gz" in kept


def test_a_full_disk_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "theory").write_text("a file in the folder's place")
    answers.save("key", b"content")


class Weighed(GradientQuestion):
    """A question about weights, whose checksums are given."""

    checksums: tuple[str, ...] = ("one",)

    def weights(self) -> tuple[str, ...]:
        return self.checksums


def test_a_key_changes_with_question_weights_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "instrument_of", lambda _question: BENCH)
    question = Weighed(nets=QUESTION.nets)
    keys = [answers.key_of(question)]
    assert answers.key_of(Weighed(nets=QUESTION.nets)) == keys[0]
    monkeypatch.setattr(Weighed, "checksums", ("two",))
    keys.append(answers.key_of(question))
    keys.append(answers.key_of(Weighed(nets=QUESTION.nets, seeds=(1,))))
    keys.append(answers.key_of(Weighed(nets=QUESTION.nets, init=Init.TORCH_DEFAULT)))
    monkeypatch.setattr(answers, "VERSION", "9.9.9")
    keys.append(answers.key_of(question))
    assert len(set(keys)) == len(keys)


def test_questions_of_different_instruments_have_different_keys() -> None:
    assert answers.key_of(GradientQuestion(nets=QUESTION.nets)) != answers.key_of(StepsQuestion(nets=QUESTION.nets))


def test_values_out_of_range_are_refused_by_name() -> None:
    nets = QUESTION.nets
    with pytest.raises(SpecError, match="seeds is a whole number from 1 to 5; got 6"):
        GradientQuestion(nets=nets, seeds=tuple(range(6)))
    with pytest.raises(SpecError, match="seed is a whole number"):
        GradientQuestion(nets=nets, seeds=(-1,))
    with pytest.raises(SpecError, match="nets is a whole number from 1 to 24; got 0"):
        GradientQuestion(nets=())
    with pytest.raises(SpecError, match="VGG-16 has no blocks"):
        GradientQuestion(nets=(preset("vgg16"),))
    with pytest.raises(SpecError, match="image_size"):
        GradientQuestion(nets=(preset("cifar_resnet8", in_channels=1, image_size="14x28"),))
    with pytest.raises(DataError, match="num_classes is at least 10"):
        GradientQuestion(nets=(bench_net(depth=8).replace(num_classes=5),))
    with pytest.raises(SpecError, match="ascending; got 5, 1"):
        StepsQuestion(nets=nets, steps=(5, 1))
    with pytest.raises(SpecError, match="ascending; got none"):
        StepsQuestion(nets=nets, steps=())
    with pytest.raises(SpecError, match="steps is a whole number from 0 to 399; got 400"):
        StepsQuestion(nets=nets, steps=(0, 400))
    with pytest.raises(SpecError, match=r"6n \+ 2"):
        bench_net(depth=57)
