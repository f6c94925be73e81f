"""Promises of the command line and of `import resnet_viz`: words, exit statuses, and the bytes of exact output.

After a change that is meant, `UPDATE_GOLDEN=1 pytest tests/contract/test_promises_commands.py` writes the goldens anew.
"""

import json
from pathlib import Path
from typing import Final

import pytest

from resnet_viz.cli.main import main
from tests.contract.promised import GOLDEN, HOME, digest, environment, hold, printed, python

COMMANDS: Final = ("describe", "graph", "code", "export", "which", "train", "runs", "completion")
OF_RUNS: Final = ("list", "show", "export", "import", "stop", "pause", "continue", "delete")
EXACT: Final = {
    "describe": ("--json",),
    "graph stages": ("--format", "dot", "--level", "stage"),
    "graph blocks": ("--format", "dot", "--level", "block"),
    "graph layers": ("--format", "dot", "--level", "layer"),
    "code": (),
}
RECIPES: Final = (
    *("activation_orders", "cifar10", "d2l", "degradation", "degradation_28", "gratings", "no_norm", "no_norm_he"),
    *("original_order", "plain", "quick", "shipped_nets", "very_deep", "very_deep_1202"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    for name in ("BUDGET", "DATA", "CIFAR10", "MNIST", "CACHE"):
        monkeypatch.delenv(f"RESNET_VIZ_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    """The options, choices and arguments of a command: the first paragraph of its help, on one line."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert said.err == ""
    return " ".join(said.out.partition("\n\n")[0].split())


def test_every_command_has_its_options_and_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [(), *((name,) for name in COMMANDS), *(("runs", name) for name in OF_RUNS)]
    hold("commands.json", {" ".join(words) or "resnet_viz": usage(words, capsys) for words in commands})


def test_the_main_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words, names in (((), COMMANDS), (("runs",), OF_RUNS)):
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        lines = capsys.readouterr().out.splitlines()
        assert [name for name in names if any(line.split()[:1] == [name] for line in lines)] == list(names)


def test_every_recipe_is_known_by_its_name() -> None:
    assert set(RECIPES) <= {line.split()[0] for line in printed("train", "--list").decode().splitlines()}


@pytest.mark.parametrize(
    "words",
    [
        ["explain"],
        ["describe"],
        ["describe", "resnet51"],
        ["describe", "resnet50", "--set", "order=sideways"],
        ["describe", "resnet50", "--set", "colour=red"],
        ["describe", "resnet50", "--set", "order"],
        ["describe", "resnet50", "--yaml"],
        ["graph", "resnet18", "--level", "floor"],
        ["code", "cifar_resnet21"],
        ["which"],
        ["which", "nothing like a net"],
        ["train"],
        ["train", "nothing"],
        ["train", "quick", "--set", "depth=9"],
        ["train", "quick", "--seed", "-1"],
        ["train", "cifar10"],
        ["runs"],
        ["runs", "show", "no id"],
        ["runs", "show", "000000000000"],
        ["runs", "export", "no_norm", "--format", "xlsx"],
        ["runs", "import", "no/such/file.json"],
        ["runs", "stop", "000000000000"],
        ["runs", "delete", "000000000000", "--yes"],
        ["completion", "cmd"],
    ],
    ids=" ".join,
)
def test_a_refusal_is_one_line_on_stderr_and_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), "Traceback" in err) == ("", 1, False)
    assert err.strip()


def test_the_program_itself_ends_with_these_statuses(tmp_path: Path) -> None:
    env = environment(HOME=str(tmp_path))
    done = python(["-m", "resnet_viz", "describe", "resnet50", "--json"], env)
    assert (done.returncode, done.stderr) == (0, "")
    held = json.loads((GOLDEN / "presets.json").read_text("utf-8"))
    assert digest(done.stdout.encode()) == held["resnet50"]["describe"]
    refused = python(["-m", "resnet_viz", "describe", "resnet51"], env)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


def test_every_preset_is_described_drawn_and_written_as_it_was() -> None:
    names = printed("__complete", "bash", "describe", "").decode().split()
    found = {
        name: {what: digest(printed(what.split()[0], name, *options)) for what, options in EXACT.items()}
        for name in names
    }
    hold("presets.json", found)


def test_the_names_of_the_package_are_there_and_light(tmp_path: Path) -> None:
    code = """
import json, sys
from resnet_viz import preset, lower, describe, build, NetSpec, VggSpec
heavy = {"torch", "numpy", "pandas", "plotly", "streamlit"}
spec = preset("resnet50")
assert isinstance(spec, NetSpec) and isinstance(preset("vgg16"), VggSpec) and callable(build)
assert preset("cifar_resnet20", order="full_preact") == preset("cifar_preact_resnet20")
assert len(lower(spec).blocks) == 16
print(json.dumps(describe(spec)))
sys.exit(bool(heavy & set(sys.modules)))
"""
    done = python(["-c", code], environment(HOME=str(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")
    named = json.loads(printed("describe", "resnet50", "--json")) | {"name": "ResNet-50"}
    assert json.loads(done.stdout) == named


@pytest.mark.torch
def test_build_is_the_net_and_its_weights_go_to_torchvision_and_back() -> None:
    import torch

    from resnet_viz import build, preset
    from resnet_viz.nets.weights import load_torchvision, to_torchvision

    shapes = json.loads((GOLDEN.parent / "state_dict_shapes.json").read_text("utf-8"))["resnet18"]["shapes"]
    net, other = build(preset("resnet18")), build(preset("resnet18"), seed=1)
    state = to_torchvision(net)
    assert {key: list(tensor.shape) for key, tensor in state.items()} == shapes  # torchvision's own
    load_torchvision(other, state)
    x = torch.ones(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(net.eval()(x), other.eval()(x))
