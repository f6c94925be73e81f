"""The command `scene`: scenes listed and shown, own files checked."""

import json
from pathlib import Path

import pytest

from resnet_viz.cli.candidates import candidates
from resnet_viz.cli.main import main, make_parser
from resnet_viz.scenes import files

OWN = """title = "Own"
question = "Which one?"
[[answers]]
text = "this"
right = true
[[answers]]
text = "that"
[open]
page = "{page}"
"""


def test_without_a_name_all_scenes_are_listed_and_errors_of_own_files_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(files.OWN, str(tmp_path))
    (tmp_path / "own.toml").write_text(OWN.format(page="runs"))
    (tmp_path / "bad.toml").write_text(OWN.format(page="rnus"))
    assert main(["scene"]) == 0
    printed = capsys.readouterr()
    head, *lines = printed.out.splitlines()
    assert head.split() == ["name", "title", "page", "decided", "by", "next"]
    assert [line.split()[0] for line in lines] == [*(scene.name for scene in files.path()), "own"]
    assert f"{tmp_path}/bad.toml, line 9: page is one of" in printed.err


def test_a_scene_is_shown_with_its_answers_and_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scene", "degradation"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Degradation (degradation)"
    assert "  A  The 20-layer net [shallower]" in lines
    assert "Opens: /training?recipe=degradation&nets=plain" in lines


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scene", "--json"]) == 0
    scenes = json.loads(capsys.readouterr().out)
    assert [scene["name"] for scene in scenes] == [scene.name for scene in files.path()]
    assert main(["scene", "factor", "--json"]) == 0
    scene = json.loads(capsys.readouterr().out)
    assert scene["query"] == {"show": "lambda", "value": "0.9"}
    assert scene["answers"][1] == {"text": "It grows", "verdict": "grows", "is_right": False}


def test_a_file_is_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN.format(page="runs"))
    assert main(["scene", str(own)]) == 0
    assert "  A  this [right]" in capsys.readouterr().out.splitlines()
    own.write_text(OWN.format(page="rnus"))
    assert main(["scene", str(own)]) == 2
    assert capsys.readouterr().err.startswith(f"{own}, line 9: page is one of architecture")


@pytest.mark.parametrize("name", ["degradatoin", "../degradation", "/nowhere/own.toml"])
def test_a_wrong_name_is_refused_in_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scene", name]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1


def test_tab_offers_the_scenes() -> None:
    assert candidates(make_parser(), ["scene", "gradients"]) == ["gradients_after_20", "gradients_at_birth"]
