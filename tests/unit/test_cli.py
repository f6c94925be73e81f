"""The command line: what it prints, what it refuses, and that it is quick because it loads no torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from resnet_viz.cli.main import main
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import preset
from resnet_viz.training.recipe import Recipe


def test_describe_prints_the_contract_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "resnet50", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["name", "spec", "params", "macs", "depth", "input", "stages", "layers"]
    assert said["params"] == 25_557_032  # torchvision 0.29.2, resnet50
    assert said["macs"] == 4_089_184_256  # torchvision 0.29.2, resnet50 at 224 px
    assert (said["depth"], said["input"]) == (50, [3, 224, 224])
    assert [stage["name"] for stage in said["stages"]] == ["stem", "stage1", "stage2", "stage3", "stage4", "head"]
    assert said["stages"][4]["shape"] == [2048, 7, 7]  # He et al. 2015, table 1
    assert (said["stages"][4]["receptive_field"], said["stages"][4]["jump"]) == (427, 32)  # Araujo et al. 2019, v1.5
    assert set(said["layers"][0]) == {"name", "kind", "shape", "params", "macs", "receptive_field"}


def test_describe_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "resnet18"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ResNet-18: 11,689,512 parameters")  # torchvision 0.29.2
    assert ["stage4", "512×7×7", "8,393,728"] in [line.split()[:3] for line in out.splitlines()]


def test_set_changes_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["describe", "cifar_resnet20", "--set", "dim_match=projection", "--set", "num_classes=100", "--json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert said["spec"]["dim_match"] == "projection"
    assert said["params"] == 272_474 + 65 * 90  # option B at 10 classes, and an fc of 90 more classes


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["describe", "resnet55"], "No net is called 'resnet55'. Near to it: "),
        (["describe", "cifar_resnet21"], "6n + 2 (8, 14, 20, ...); got 21"),
        (["describe", "resnet50", "--set", "order"], "--set takes FIELD=VALUE"),
        (["describe", "resnet50", "--set", "colour=red"], "A net has no field 'colour'; its fields are "),
        (["describe", "resnet50", "--set", "order=late"], "order is one of original, "),
        (["describe", "resnet50", "--set", "image_size=16"], "image_size is at least 32 px"),
        (["graph", "resnet50", "--level", "network"], "choose from 'stage', 'block', 'layer'"),
        (["graph", "resnet50", "--level", "atom"], "choose from 'stage', 'block', 'layer'"),
        (["runs", "show", "../../etc/passwd"], "A run's id is 12 digits"),
        (["runs", "export", "000000000000"], "There is no run 000000000000"),
        (["which", "12345"], "No net known here has 12,345 parameters"),
        (["fly"], "choose from 'describe', 'graph', "),
        ([], "COMMAND"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_2(
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_the_graph_is_dot_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "resnet34", "--level", "block"]) == 0
    assert capsys.readouterr().out.startswith("digraph")
    assert main(["graph", "resnet34", "--level", "block", "--format", "json", "--unfold"]) == 0
    drawing = json.loads(capsys.readouterr().out)
    shortcuts = [arrow for arrow in drawing["arrows"] if arrow["role"] == "shortcut"]
    assert len(shortcuts) == 16  # He et al. 2015, table 1: 3 + 4 + 6 + 3 blocks


def test_the_graph_opens_what_an_address_would(capsys: pytest.CaptureFixture[str]) -> None:
    names = "stage3,stage3.block2,stage9,<script>"
    assert main(["graph", "resnet50", "--open", names, "--format", "json"]) == 0
    drawing = json.loads(capsys.readouterr().out)
    assert [frame["id"] for frame in drawing["frames"]] == ["stage3", "stage3.block2"]
    assert {box["row"] for box in drawing["boxes"]} == {row["id"] for row in drawing["rows"]}
    assert "stage3.block2.branch.conv3" in {box["id"] for box in drawing["boxes"]}


@pytest.mark.skipif(not all(map(shutil.which, ("dot", "gvpack", "neato"))), reason="Graphviz is not installed")
def test_the_graph_is_an_svg_that_holds_every_box(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments = ["graph", "resnet50", "--open", "stage3,stage3.block2"]
    assert main([*arguments, "--format", "json"]) == 0
    drawing = json.loads(capfdbinary.readouterr().out)
    assert main([*arguments, "--format", "svg"]) == 0
    svg = ET.fromstring(capfdbinary.readouterr().out)
    groups = svg.iterfind(".//{*}g[@class]")
    titles = {group.findtext("{*}title") for group in groups if "node" in group.attrib["class"].split()}
    assert titles == {box["id"] for box in drawing["boxes"]}


def test_which_tells_nets_of_nearly_equal_size_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["which", "11,178,378"]) == 0  # d2l.ai, section 8.6
    assert "d2l_resnet18" in capsys.readouterr().out
    assert main(["which", "11181642"]) == 0  # torchvision's resnet18 with ten classes
    assert "resnet18 with num_classes=10" in capsys.readouterr().out


def test_code_is_one_standalone_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "resnet18"]) == 0
    out = capsys.readouterr().out
    assert "11,689,512 parameters" in out  # torchvision 0.29.2
    assert "resnet_viz import" not in out


def test_svg_without_graphviz_is_refused_with_the_way_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["graph", "resnet18", "--format", "svg"]) == 2
    assert "--format dot works without it" in capsys.readouterr().err


def test_runs_are_listed_exported_and_deleted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    store = RunStore(tmp_path / "runs.sqlite")
    nets = (preset("cifar_resnet8", in_channels=1, image_size=14),)
    run_id = store.submit(Recipe(nets=nets, steps=3), owner="me", name="first")
    store.cancel(run_id)

    assert main(["runs", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert set(listed) == {"id", "name", "state", "recipe", "started", "nets"}
    assert (listed["id"], listed["state"], listed["nets"]) == (run_id, "cancelled", ["ResNet-8"])
    assert main(["runs", "export", run_id]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"run", "records"}
    assert main(["runs", "delete", run_id]) == 0
    assert main(["runs", "show", run_id]) == 2


def test_the_command_line_loads_neither_torch_nor_streamlit() -> None:
    script = "import sys; from resnet_viz.cli.main import main; main(['describe', 'resnet18']); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert not loaded & {"torch", "streamlit", "numpy", "pandas", "plotly"}
