"""The command line: what it prints, what it refuses, and that it is quick because it loads no torch."""

import io
import itertools
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from resnet_viz.cli.export import NEEDED, REQUIREMENTS
from resnet_viz.cli.main import main, make_parser
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.resources import ROOT
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import preset, residual_preset
from resnet_viz.spec.resolve import resolve
from resnet_viz.training import recipe_files, recipe_text
from resnet_viz.training.recipe import Recipe
from tests.fakes.commands import COMMANDS


class Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


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


def test_a_depth_is_told_from_the_number_of_convolutions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "resnet50"]) == 0
    head = capsys.readouterr().out.splitlines()
    assert ", 50 layers, " in head[0]
    assert head[1] == "53 convolutions, 4 of them not on the longest path, and 1 fully connected."  # torchvision: 53
    assert main(["describe", "vgg16"]) == 0
    assert "convolutions" not in capsys.readouterr().out.splitlines()[1]


def test_set_changes_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["describe", "cifar_resnet20", "--set", "dim_match=projection", "--set", "num_classes=100", "--json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert said["spec"]["dim_match"] == "projection"
    assert said["params"] == 272_474 + 65 * 90  # option B at 10 classes, and an fc of 90 more classes


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


@pytest.mark.parametrize(
    ("clue", "nets"),
    [
        ("0.27M", ["cifar_resnet20", "cifar_plain20", "cifar_preact_resnet20"]),  # He et al. 2015, table 6
        ("25.6 M", ["resnet50", "resnet50_v1", "preact_resnet50"]),  # torchvision 0.29.2: 25,557,032
        ("19.4M", ["cifar_resnet1202"]),  # He et al. 2015, table 6
    ],
)
def test_which_takes_a_rounded_number_of_a_papers_table(
    clue: str, nets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["which", clue]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines][: len(nets)] == nets  # the presets, then nets with other classes
    assert all(f"{net} has " in line for net, line in zip(nets, lines, strict=False))
    assert len(lines) <= 12


@pytest.mark.parametrize("words", [["8.2", "GFLOPs"], ["25", "557", "032"], ["ResNet", "50"]])
def test_which_takes_a_clue_of_several_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["which", " ".join(words)]) == 0
    quoted = capsys.readouterr().out
    assert quoted.startswith("resnet50 ")
    assert main(["which", *words]) == 0
    assert capsys.readouterr().out == quoted


def test_which_takes_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        file.write_text("{}")
    assert main(["which", *map(str, files)]) == 2
    assert capsys.readouterr().err.startswith("which takes one file; got 2: ")


@pytest.mark.parametrize("words", [["describe"], ["code"], ["graph"], ["which"]])
@pytest.mark.parametrize("name", ["ResNet-50", "resnet56", "WRN-34-10", "microsoft/resnet-50", "vgg-16-bn"])
def test_every_command_takes_every_name(words: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, name]) == 0
    said = capsys.readouterr().out
    assert main([*words, resolve(name).preset]) == 0
    own = capsys.readouterr().out
    assert said == own if words != ["which"] else own.split(" has ")[0] in said


def test_a_choice_among_meanings_is_noted_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "ResNet-50", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["name"] == "resnet50"
    assert said.err.startswith("ResNet-50 means two nets: ")
    assert main(["describe", "resnet50"]) == 0
    assert capsys.readouterr().err == ""


def test_a_recipe_takes_every_name() -> None:
    named = recipe_text.recipe_of({"a.net": "ResNet-20", "b.net": "preact resnet-20", "steps": "1"})
    own = recipe_text.recipe_of({"a.net": "cifar_resnet20", "b.net": "cifar_preact_resnet20", "steps": "1"})
    assert named == own


@pytest.mark.parametrize("words", [["describe", "resnet50"], ["which", "4.1G"], ["which", "8.2 GFLOPs"]])
def test_who_counts_what_is_printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "FLOPs, who counts what:" in said
    assert re.search(r"^fvcore 0.1.5 +4,111,512,576 ", said, flags=re.MULTILINE)
    assert re.search(r"^2 × MACs +8,178,368,512 ", said, flags=re.MULTILINE)


def test_the_word_flops_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["which", "--help"], ["describe", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "FLOPs" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_which_reads_keys_and_shapes_from_a_file(
    suffix: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shapes = state_shapes(layers_of(lower(preset("cifar_resnet20", num_classes=7))))
    file = tmp_path / f"weights.{suffix}"
    if suffix == "json":
        file.write_text(json.dumps(shapes))
    else:  # eight bytes of length, JSON, and tensors that are not read
        ends = list(itertools.accumulate(4 * math.prod(shape) for shape in shapes.values()))
        entries = {
            key: {"dtype": "F32", "shape": shape, "data_offsets": [end - 4 * math.prod(shape), end]}
            for (key, shape), end in zip(shapes.items(), ends, strict=True)
        }
        head = json.dumps({"__metadata__": {"format": "pt"}, **entries}).encode()
        file.write_bytes(len(head).to_bytes(8, "little") + head + bytes(ends[-1]))
    assert main(["which", str(file)]) == 0
    assert capsys.readouterr().out.startswith("cifar_resnet20 with num_classes=7")


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), *(["runs", name] for name in ("list", "show", "export", "delete"))]
)
def test_every_command_has_examples_that_it_understands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    told = capsys.readouterr().out.partition("examples:")[2].split("\n\n")[0].strip().splitlines()
    assert told
    for line in told:
        command = shlex.split(line.strip().removeprefix("source <(").removesuffix(")"), comments=False)
        assert command[:3] == ["python", "-m", "resnet_viz"]
        arguments = list(itertools.takewhile(lambda word: word not in ("|", ">", ">>"), command[3:]))
        make_parser().parse_args(arguments)


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
    nets = (residual_preset("cifar_resnet8", in_channels=1, image_size=14),)
    run_id = store.submit(Recipe(nets=nets, steps=3), owner="me", name="first")
    store.cancel(run_id)

    assert main(["runs", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert set(listed) == {"id", "name", "state", "recipe", "started", "nets"}
    assert (listed["id"], listed["state"], listed["nets"]) == (run_id, "cancelled", ["ResNet-8"])
    assert main(["runs", "export", run_id]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"run", "records"}
    assert main(["runs", "delete", run_id]) == 2  # nobody can be asked here
    assert "--yes" in capsys.readouterr().err
    assert main(["runs", "delete", run_id, "--yes"]) == 0
    assert main(["runs", "show", run_id]) == 2


@pytest.mark.parametrize(("answer", "is_deleted"), [("y\n", True), ("n\n", False), ("", False)])
def test_who_sits_at_a_terminal_is_asked_before_a_run_is_deleted(
    answer: str,
    is_deleted: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    store = RunStore(tmp_path / "runs.sqlite")
    run_id = store.submit(recipe_files.make("quick", {}), owner="me")
    assert main(["runs", "delete", run_id, "--yes"]) == 2
    assert f"`runs stop {run_id}` ends it" in capsys.readouterr().err
    assert main(["runs", "stop", run_id]) == 0
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["runs", "delete", run_id]) == 0
    assert "Delete the cancelled run" in capsys.readouterr().out
    assert (store.list() == ()) is is_deleted


@pytest.mark.parametrize(
    "arguments",
    [
        ["describe", "resnet18"],
        ["graph", "resnet18", "--level", "block"],
        ["code", "resnet18"],
        ["which", "11181642"],
        ["completion", "bash"],
        ["__complete", "bash", "describe", "res"],
        ["__complete", "bash", "train", ""],
        ["train", "nothing"],
        ["runs", "list"],
    ],
    ids=" ".join,
)
def test_the_command_line_loads_neither_torch_nor_streamlit(arguments: list[str], tmp_path: Path) -> None:
    script = f"import sys; from resnet_viz.cli.main import main; main({arguments!r}); print('loaded:', *sys.modules)"
    environment = {**os.environ, "RESNET_VIZ_HOME": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    loaded = set(result.stdout.rpartition("loaded:")[2].split())
    assert len(loaded) > 100
    assert not loaded & {"torch", "streamlit", "numpy", "pandas", "plotly", "onnx"}


@pytest.mark.parametrize("missing", ["onnx", "onnxscript", "onnxruntime"])
def test_export_without_its_packages_says_how_to_get_them(
    missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)  # as Python has it for what cannot be imported
    assert main(["export", "resnet18", "--onnx", str(tmp_path / "net.onnx")]) == 2
    said = capsys.readouterr().err
    assert (
        f"Writing ONNX needs {missing}, which is not installed. Install it: `pip install -r requirements-onnx.txt`."
        in said
    )
    assert list(tmp_path.iterdir()) == []


def test_the_requirements_for_onnx_are_those_that_export_asks_for() -> None:
    lines = (ROOT / REQUIREMENTS).read_text("utf-8").splitlines()
    assert {line.partition("==")[0] for line in lines if "==" in line} == set(NEEDED)
