"""What the Tab key offers: asked through bash's own function, as bash would."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_viz.cli.candidates import candidates
from resnet_viz.cli.completion import SCRIPTS
from resnet_viz.cli.main import main, make_parser
from resnet_viz.resources import ROOT
from resnet_viz.runs.store import RunStore
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Order
from resnet_viz.spec.presets import preset_names
from resnet_viz.training import recipe_files, recipe_text
from tests.fakes.commands import COMMANDS

BASH = shutil.which("bash")

ASK = """
source <({python} -m resnet_viz completion bash)
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_resnet_viz
printf '%s\\n' "${{COMPREPLY[@]}}"
complete -p resnet_viz
"""


def offered_by_bash(words: str, home: Path) -> list[str]:
    """What bash puts in place of the last of `words`, given as it splits them: at blanks and around "="."""
    assert BASH is not None
    script = ASK.format(python=sys.executable, words=words)
    said = subprocess.run(
        [BASH, "--norc", "-c", script],
        cwd=ROOT,
        env={"RESNET_VIZ_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert said[-1] == "complete -o default -F _resnet_viz resnet_viz"
    return [word for word in said[:-1] if word]


@pytest.mark.skipif(BASH is None, reason="no bash here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("resnet_viz de", ["describe"]),
        ("resnet_viz describe wrn", ["wrn_16_8", "wrn_28_10", "wrn_40_4"]),
        ("resnet_viz describe resnet50 --set or", ["order="]),
        ("resnet_viz describe resnet50 --set order =", sorted(Order)),
        ("resnet_viz describe resnet50 --set order = full", ["full_preact"]),
        ("resnet_viz describe resnet50 --set order=full", ["order=full_preact"]),  # where "=" parts no words
        ("resnet_viz train activ", ["activation_orders"]),
        ("resnet_viz train quick --device c", ["cpu", "cuda"]),
        ("resnet_viz graph resnet50 --le", ["--level"]),
        ("resnet_viz graph resnet50 --level st", ["stage"]),
        ("resnet_viz fly ''", []),
        ("resnet_viz export resnet18 --onnx ''", []),  # then bash offers files
    ],
)
def test_bash_offers(words: str, offered: list[str], tmp_path: Path) -> None:
    assert offered_by_bash(words, tmp_path) == offered


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_bash_offers_the_runs_of_this_machine(tmp_path: Path) -> None:
    run_id = RunStore(tmp_path / "runs.sqlite").submit(recipe_files.make("quick", {}), owner="me")
    assert offered_by_bash("resnet_viz runs show ''", tmp_path) == [run_id]
    assert offered_by_bash(f"resnet_viz runs delete {run_id[:3]}", tmp_path) == [run_id]


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_the_script_starts_the_program_from_anywhere_without_an_installation(tmp_path: Path) -> None:
    assert BASH is not None
    script = subprocess.run(
        [sys.executable, "-m", "resnet_viz", "completion", "bash"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    told = subprocess.run(
        [BASH, "--norc", "-c", f"{script}\nresnet_viz describe resnet18"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith("ResNet-18: 11,689,512 parameters")  # torchvision 0.29.2


def test_every_preset_field_and_recipe_is_offered() -> None:
    parser = make_parser()
    assert candidates(parser, ["describe", ""]) == sorted(preset_names())
    assert candidates(parser, ["describe", "resnet50", "--set", ""]) == sorted(f"{field}=" for field in codec.FIELDS)
    assert candidates(parser, ["train", ""]) == sorted(recipe_files.names())
    assert candidates(parser, ["train", "quick", "--set", "norm="]) == ["norm=batch", "norm=none"]
    assert candidates(parser, []) == sorted(COMMANDS)


@pytest.mark.parametrize("field", recipe_text.WORDS)
def test_every_value_that_is_offered_for_a_recipe_is_taken(field: str) -> None:
    offered = candidates(make_parser(), ["train", "quick", "--set", f"{field}="])
    assert offered
    order = {"order": "original"} if field == "zero_init_residual" else {}  # branches that end in a norm
    for change in offered:
        recipe_files.make("quick", {**order, field: change.partition("=")[2]})


@pytest.mark.parametrize("shell", SCRIPTS)
def test_each_shell_has_a_script_that_asks_in_its_name(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert f"resnet_viz __complete {shell} " in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_shell_can_read_its_script(shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    main(["completion", shell])
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    subprocess.run([program, "-n", script], check=True)
