"""Whatever is asked of the command line: what cannot be is one sentence on stderr and exit status 2, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_viz.cli.main import main
from resnet_viz.resources import ROOT
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_files

NEAR = "Near to it: "
FILES = {
    "list.json": b"[1, 2]",
    "cut.json": b'{"conv1.weight": [64, 3',
    "deep.json": b"[" * 100_000,
    "words.json": b'{"conv1.weight": "large"}',
    "other.json": json.dumps({"embedding.weight": [30_000, 768]}).encode(),
    "near.json": json.dumps({"conv1.weight": [64, 3, 5, 5]}).encode(),
    "cut.safetensors": b"\xff\x00\x00",
    "huge.safetensors": b"\xff" * 8,
    "short.safetensors": b"\x40" + b"\x00" * 7 + b'{"a": {',
}

TABLE = [
    # commands and options
    (["fly"], "COMMAND is one of describe, graph, "),
    (["descrbe", "resnet50"], f"{NEAR}describe, "),
    (["runs"], "COMMAND"),
    (["runs", "shw"], f"{NEAR}show, "),
    (["describe"], "net"),
    (["describe", "resnet50", "--jsn"], "--jsn"),
    (["graph", "resnet50", "--level", "atom"], "--level is one of stage, block, layer; got 'atom'"),
    (["graph", "resnet50", "--format", "gif"], "--format is one of dot, svg, pdf, png, json; got 'gif'"),
    (["completion", "tcsh"], "shell is one of bash, zsh, fish; got 'tcsh'"),
    # names of nets
    (["describe", "resnet55"], f"No net is called 'resnet55'. {NEAR}cifar_resnet56, "),
    (["code", ""], NEAR),
    (["graph", "resnet" + "9" * 5_000], NEAR),
    (["describe", "\N{SNOWMAN}"], NEAR),
    (["describe", "cifar_resnet21"], "6n + 2 (8, 14, 20, ...); got 21"),
    # fields and values
    (["describe", "resnet50", "--set", "order"], "--set takes FIELD=VALUE"),
    (["train", "quick", "--set", "steps"], "--set takes FIELD=VALUE"),
    (["describe", "resnet50", "--set", "=3"], "A net has no field ''"),
    (["describe", "resnet50", "--set", "ordr=original"], f"{NEAR}order, "),
    (["describe", "resnet50", "--set", "order=preact"], "order is one of original, "),
    (["describe", "resnet50", "--set", "order=preact"], NEAR),
    (["describe", "resnet50", "--set", "conv_bias=maybe"], "conv_bias is one of true, false"),
    (["describe", "vgg16", "--set", "image_size=16"], "image_size is at least 32 px"),
    (["describe", "resnet50", "--set", "image_size=480x"], "image_size is a whole number, or height x width such as"),
    (["train", "quick", "--set", "image_size=14x28"], "Here images are squares: image_size is one number"),
    (["describe", "resnet50", "--set", "image_size=99999999"], "image_size is a whole number from 1 to 4,096"),
    (["describe", "resnet50", "--set", "num_classes=1"], "num_classes is a whole number from 2 to 100,000; got 1"),
    (["describe", "resnet50", "--set", "num_classes=ten"], "num_classes is a whole number; got 'ten'"),
    (["describe", "resnet50", "--set", "blocks=3,4"], "2 numbers of blocks and 4 widths"),
    (["describe", "resnet18", "--set", "cardinality=2"], "groups need block=bottleneck"),
    # export
    (["export", "resnet18"], "--onnx"),
    (["export", "resnet18", "--onnx", "no/such/folder/net.onnx"], "a folder that exists"),
    (
        ["export", "resnet18", "--onnx", "net.onnx", "--seed", "-1"],
        "--seed is a whole number from 0 to 2,147,483,647; got -1",
    ),
    (["export", "resnet18", "--onnx", "net.onnx", "--seed", "x"], "a whole number from 0 to "),
    # which
    (["which", "12345"], "No known network has 12,345 parameters"),
    (["which", "999M"], "No net is known with about 999M parameters. Tried: "),
    (["which", "alexnet"], "'alexnet' is outside the vocabulary of nets here: it has neither"),
    (["which", "no_such_file.json"], "There is no weights file at no_such_file.json"),
    (["which", "list.json"], "no object of keys and shapes"),
    (["which", "cut.json"], "truncated, damaged or no JSON"),
    (["which", "deep.json"], "truncated, damaged or no JSON"),
    (["which", "words.json"], "'conv1.weight' has none"),
    (["which", "other.json"], "begin with 'embedding.weight' (30000×768)"),
    (["which", "near.json"], "begin with 'conv1.weight' (64×3×5×5)"),
    (["which", "25.6M", "--entry", "ema"], "--entry needs a file of weights; got '25.6M'"),
    (["export", "resnet18", "--onnx", "a.onnx", "--entry", "ema"], "--entry needs --weights"),
    (["which", "cut.safetensors"], "no safetensors file"),
    (["which", "huge.safetensors"], "no safetensors file"),
    (["which", "short.safetensors"], "truncated, damaged or no safetensors file"),
    # gradients
    (["gradients"], "NET"),
    (["gradients", "cifar_plan56"], f"{NEAR}cifar_plain56, "),
    (["gradients", "cifar_plain57"], "6n + 2 (8, 14, 20, ...); got 57"),
    (["gradients", "cifar_plain8", "vgg16"], "VGG-16 has no blocks"),
    (["gradients", "cifar_plain8", "--seeds", "6"], "--seeds is a whole number from 1 to 5; got 6"),
    (["gradients", "cifar_plain8", "--init", "zero"], "--init is one of he, torch, xavier; got 'zero'"),
    (["gradients", "cifar_plain8", "--set", "depth=20"], "A net has no field 'depth'"),
    (["gradients", "cifar_plain8", "--set", "num_classes=3"], "num_classes is at least 10"),
    (["gradients", "cifar_plain8", "--set", "image_size=14x28"], "image_size"),
    (["gradients", "cifar_resnet998", "--set", "widths=64,128,256"], "GiB for a batch of 64 images"),
    # train
    (["train", "degredation"], f"No recipe is called 'degredation'; there are {', '.join(recipe_files.names())}."),
    (["train", "degredation"], f"{NEAR}degradation, "),
    (["train", "quick", "--set", "stepz=3"], f"{NEAR}steps, "),
    (["train", "quick", "--set", "steps=0"], "steps is a whole number from 1 to 100,000; got 0"),
    (["train", "quick", "--set", "lr=99"], "lr is a number above 0 and up to 10; got 99"),
    (["train", "quick", "--set", "lr=fast"], "lr is a number; got 'fast'"),
    (["train", "quick", "--set", "lr=nan"], "lr is a number; got 'nan'"),
    (["train", "quick", "--set", "depth=21"], "6n + 2 (8, 14, 20, ...); got 21"),
    (["train", "quick", "--set", "depth=8,8"], "have the same name"),
    (["train", "quick", "--set", "nets=dense"], "nets names plain or residual"),
    (
        ["train", "quick", "--set", "data=svhn"],
        "data is one of fashion_mnist_subset, fashion_mnist, gratings, cifar10, mnist; got 'svhn'",
    ),
    (["train", "quick", "--set", "data=mnist"], "MNIST is not on this machine. Download it in the training lab, or "),
    (["train", "quick", "--set", "optimizer=rmsprop"], "optimizer is one of sgd, adam, adamw; got 'rmsprop'"),
    (["train", "quick", "--set", "optimizer=adam", "--set", "momentum=0.9"], "momentum belongs to sgd, and optimizer"),
    (["train", "quick", "--set", "betas=0.9,0.99"], "betas belongs to adam and adamw, and optimizer is sgd"),
    (["train", "quick", "--set", "epochs=1000"], "epochs=1000 is 156,250 steps with 10,000 images in batches of 64"),
    (["train", "quick", "--set", "epochs=1", "--set", "steps=9"], "epochs and steps say the same"),
    (["train", "quick", "--set", "drops=9,5"], "drops is up to 10 ascending steps"),
    (["train", "quick", "--set", "num_classes=5"], "num_classes is at least 10"),
    (["train", "quick", "--set", "steps=100000", "--set", "depth=110"], "allowed are 10. Lower steps"),
    (["train", "quick", "--device", "tpu"], "--device is one of auto, cpu, cuda, mps; got 'tpu'"),
    (["train", "quick", "--seed", "1.5"], "a whole number from 0 to 2,147,483,647"),
    # runs
    (["runs", "show", "../../etc/passwd"], "A run ID is 12 digits"),
    (["runs", "export", "000000000000"], "There is no run 000000000000"),
    (["runs", "export", "000000000000", "--format", "xml"], "--format is one of "),
    (["runs", "stop", "000000000000"], "There is no run 000000000000"),
    (["runs", "delete", "000000000000", "--yes"], "There is no run 000000000000"),
]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RESNET_VIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RESNET_VIZ_MNIST", raising=False)
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)


@pytest.mark.parametrize(("arguments", "sentence"), TABLE, ids=[" ".join(row[0])[:50] or "-" for row in TABLE])
def test_it_is_one_sentence_and_status_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.rstrip().endswith((".", "`"))
    assert len(said.err) < 600


def test_nothing_was_submitted_by_what_was_refused(tmp_path: Path) -> None:
    for arguments, _sentence in TABLE:
        if arguments[:1] == ["train"]:
            main(arguments)
    assert RunStore(tmp_path / "home" / "runs.sqlite").list() == ()


def test_a_process_of_its_own_says_the_same(tmp_path: Path) -> None:
    for arguments in (["describe", "resnet55"], ["fly"], ["which", "cut.json"]):
        said = subprocess.run(
            [sys.executable, "-m", "resnet_viz", *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "RESNET_VIZ_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (said.returncode, said.stdout, said.stderr.count("\n")) == (2, "", 1)
        assert "Traceback" not in said.stderr
