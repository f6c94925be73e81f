"""Files of scenes: the shipped path, a lecturer's own folder, and what is refused."""

import os
from pathlib import Path

import pytest

from resnet_viz import i18n
from resnet_viz.errors import SceneError
from resnet_viz.scenes import files
from resnet_viz.scenes.outcomes import OUTCOMES, OutcomeName
from resnet_viz.scenes.scene import MAX_ANSWERS, MIN_ANSWERS

TEXT = """title = "{title}"
question = "Which one?"
place = {place}
next = "{next}"
[[answers]]
text = "this"
right = true
[[answers]]
text = "that"
[open]
page = "runs"
"""


def scene_text(title: str = "Own", *, place: int = 0, after: str = "") -> str:
    return TEXT.format(title=title, place=place, next=after)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(files.OWN, str(tmp_path))
    return tmp_path


def test_the_shipped_scenes_are_one_path() -> None:
    path = files.path()
    assert len(path) >= 12
    assert [scene.next for scene in path] == [*(scene.name for scene in path[1:]), ""]
    assert [scene.place for scene in path] == list(range(1, len(path) + 1))


def test_every_shipped_scene_is_complete_and_decided_by_a_measurement() -> None:
    for scene in files.path():
        assert all((scene.title, scene.question, scene.look_at, scene.explanation, scene.source)), scene.name
        assert MIN_ANSWERS <= len(scene.answers) <= MAX_ANSWERS
        assert {answer.verdict for answer in scene.answers} <= set(OUTCOMES[OutcomeName(scene.outcome)].verdicts)
        assert not scene.is_own


def test_a_shipped_text_is_translated_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shouting:
        def gettext(self, message: str) -> str:
            return message.upper()

    files.known()
    monkeypatch.setattr(i18n, "_catalogue", lambda _language: Shouting())
    scene = files.find("degradation")
    assert (scene.title, scene.answers[0].text) == ("DEGRADATION", "THE 20-LAYER NET")
    assert scene.answers[0].verdict == "shallower"


@pytest.mark.parametrize(
    "name", ["../degradation", "/etc/passwd", "a.b", "degradation.toml", "a\\b", "", "A", "x" * 41, "a\n", "..", "é"]
)
def test_a_name_that_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(SceneError, match="is no path"):
        files.find(name)


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(SceneError, match=r"No scene is called 'degradatoin'.*Near to it: degradation"):
        files.find("degradatoin")


def test_own_scenes_follow_the_path_and_are_read_again_when_they_change(folder: Path) -> None:
    (folder / "zebra.toml").write_text(scene_text("Zebra", place=1, after="ape"))
    (folder / "ape.toml").write_text(scene_text("Ape", place=2, after="degradation"))
    (folder / "notes.txt").write_text("no scene")
    assert list(files.known())[-2:] == ["zebra", "ape"]
    assert files.known()["ape"].is_own
    assert "ape" not in [scene.name for scene in files.path()]
    (folder / "ape.toml").write_text(scene_text("Gorilla", place=2))
    os.utime(folder / "ape.toml", (1, 1))
    assert files.find("ape").title == "Gorilla"
    (folder / "ape.toml").unlink()
    assert "zebra" not in files.known()  # what it leads to has gone
    assert "next is one of" in files.problems()[0]


def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(folder: Path) -> None:
    (folder / "own.toml").write_bytes(b"\xef\xbb\xbf" + scene_text().replace("\n", "\r\n").encode())
    assert files.find("own").title == "Own"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("own.toml", scene_text(after="nowhere").encode(), "own.toml, line 4: next is one of"),
        ("own.toml", scene_text().replace("runs", "rnus").encode(), "own.toml, line 11: page is one of"),
        ("own.toml", b"title = 'x'\nquestion = '\xff'", "own.toml, line 2: it is not UTF-8"),
        ("own.toml", b"# " + b"x" * 2_000_000, "own.toml has more than 65,536 bytes"),
        ("own.toml", b"title = ", "own.toml, it is not TOML"),
        ("own.toml", b"a = " + b"[" * 9_000, "own.toml, it is not TOML"),
        ("Own Scene.toml", scene_text().encode(), "A scene's name has letters a to z"),
        ("degradation.toml", scene_text().encode(), "a shipped scene has this name"),
    ],
)
def test_a_file_that_is_no_scene_is_left_out_and_its_message_kept(
    name: str, content: bytes, said: str, folder: Path
) -> None:
    (folder / name).write_bytes(content)
    (folder / "good.toml").write_text(scene_text())
    assert [scene.name for scene in files.known().values() if scene.is_own] == ["good"]
    (problem,) = files.problems()
    assert said in problem
    assert files.find("degradation").title == "Degradation"
    if name == "own.toml":
        with pytest.raises(SceneError) as refusal:
            files.find("own")
        assert str(refusal.value) == problem
        with pytest.raises(SceneError, match="No scene is called 'wn'"):
            files.find("wn")


def test_a_folder_that_does_not_exist_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(files.OWN, str(tmp_path / "nowhere"))
    assert len(files.known()) == len(files.path())
    (problem,) = files.problems()
    assert problem.startswith("RESNET_VIZ_SCENES is a folder of scenes;")
    assert "nowhere cannot be read" in problem


def test_a_folder_of_too_many_scenes_has_the_first_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_OWN", 3)
    for number in range(5):
        (folder / f"own{number}.toml").write_text(scene_text())
    assert [name for name in files.known() if name.startswith("own")] == ["own0", "own1", "own2"]
    assert files.problems() == ("A folder has at most 3 scenes; the others are left out.",)


def test_a_folder_or_a_pipe_called_like_a_scene_is_a_message(folder: Path) -> None:
    (folder / "a.toml").mkdir()
    os.mkfifo(folder / "b.toml")
    assert [problem.endswith("is no file.") for problem in files.problems()] == [True, True]


def test_a_checked_file_may_lead_to_the_scene_beside_it(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(scene_text(after="two"))
    with pytest.raises(SceneError, match=r"one.toml, line 4: next is one of .*got 'two'"):
        files.read(tmp_path / "one.toml")
    (tmp_path / "two.toml").write_text(scene_text())
    assert files.read(tmp_path / "one.toml").next == "two"
