"""Runs go out and come in through the command line, in every form."""

import json
from pathlib import Path

import pytest

from resnet_viz.cli.main import main
from resnet_viz.present.runs.downloads import RunFormat
from resnet_viz.runs import shipped
from tests.fakes import wide_runs


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_an_exported_run_is_imported_and_exported_again(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["runs", "export", "no_norm"]) == 0
    first = capsysbinary.readouterr().out
    (tmp_path / "run.json").write_bytes(first)
    assert main(["runs", "import", str(tmp_path / "run.json")]) == 0
    run_id = capsysbinary.readouterr().out.decode().strip()
    assert main(["runs", "export", run_id]) == 0
    again = json.loads(capsysbinary.readouterr().out)
    assert again["run"]["origin"] == "no_norm"
    assert again["records"] == json.loads(first)["records"]


@pytest.mark.parametrize(("form", "begins"), [
    (RunFormat.HTML, b"<!doctype html>"), (RunFormat.JSON, b'{"run"'), (RunFormat.CSV, b"net,step,loss"),
    (RunFormat.PARQUET, b"PAR1"), (RunFormat.TENSORBOARD, b"PK"),
])  # fmt: skip
def test_every_form_comes_out(form: RunFormat, begins: bytes, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["runs", "export", shipped.NAMES[0], "--format", form.value]) == 0
    assert capsysbinary.readouterr().out.startswith(begins)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "not whole JSON"),
        (b"{}", "no object `run`"),
        (b" " * 20_000_001, "at most 20 MB"),
    ],
)
def test_a_file_that_is_no_run_is_one_sentence(
    content: bytes | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    if content is not None:
        file.write_bytes(content)
    assert main(["runs", "import", str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), told in err) == ("", 1, True)


def test_an_unknown_form_or_run_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "export", "no_norm", "--format", "xlsx"]) == 2
    assert "--format is one of html, json, csv, parquet, tensorboard; got 'xlsx'" in capsys.readouterr().err
    assert main(["runs", "export", "000000000000", "--format", "html"]) == 2
    assert "There is no run 000000000000 on this machine" in capsys.readouterr().err


def test_runs_are_listed_by_titles_of_nets_and_by_labels_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.json").write_text(json.dumps(wide_runs.exported()), encoding="utf-8")
    assert main(["runs", "import", str(tmp_path / "run.json")]) == 0
    run_id = capsys.readouterr().out.strip()
    assert main(["runs", "list"]) == 0
    assert capsys.readouterr().out == f"{run_id}  done         {', '.join(wide_runs.TITLES)}\n"
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["nets"] == list(wide_runs.LABELS)
    assert main(["runs", "show", run_id]) == 0
    assert [net["label"] for net in json.loads(capsys.readouterr().out)["nets"]] == list(wide_runs.LABELS)
