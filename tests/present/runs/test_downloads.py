"""Each form of an exported run, read back by somebody else's reader; the page that replays cannot be broken out of."""

import csv
import hashlib
import io
import json
import math
import re
import struct
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from pyarrow import parquet

from resnet_viz.errors import DataError
from resnet_viz.present.runs import downloads
from resnet_viz.present.runs.downloads import RunFormat
from resnet_viz.present.runs.replay_html import replay_html
from resnet_viz.present.training.recipe import describe_recipe
from resnet_viz.runs import shipped as recorded
from resnet_viz.runs.formats import json_import, table, tensorboard

HOSTILE = "</script><script>window.__pwned=1</script><!-- <img src=x onerror=window.__pwned=2> %%SCRIPT%% & \u2028"


@pytest.fixture
def exported() -> dict[str, Any]:
    return recorded.export("no_norm_he")


@pytest.mark.parametrize("name", recorded.NAMES)
def test_a_shipped_run_is_small_and_whole(name: str) -> None:
    file = recorded.FOLDER / f"{name}.json"
    assert file.stat().st_size < 300_000
    run = json_import.parse(json.dumps(recorded.export(name)).encode())
    shipped = recorded.read(name)
    assert (run.origin, run.name, run.recipe) == (name, shipped.title, shipped.recipe)
    assert "one is kept" in shipped.thinned
    assert len({step.step for step in shipped.steps if step.grad_norm}) >= 8  # something to replay
    assert len(shipped.first) == len(shipped.last) == len(shipped.recipe.nets)


def test_all_shipped_runs_have_a_name_and_no_other_has() -> None:
    assert {file.stem for file in recorded.FOLDER.glob("*.json")} == set(recorded.NAMES)
    with pytest.raises(DataError, match="missing or damaged"):
        recorded.read("../../pyproject")


def test_without_norm_only_the_shallow_residual_net_learns() -> None:
    # He initialisation, no batch norm: plain nets stay at ln 10, the deep residual one explodes
    curves = {curve.net: curve for curve in recorded.read("no_norm_he").curves}
    assert all(abs(curves[f"plain-{depth}, no norm"].loss[-1] - math.log(10)) < 0.02 for depth in (20, 56))
    assert curves["ResNet-20, no norm"].test_accuracy[-1] > 0.5
    assert (curves["ResNet-56, no norm"].steps, curves["ResNet-56, no norm"].loss[0] > 1_000) == ((0,), True)


def test_without_norm_both_residual_nets_learn_from_torchs_own_weights() -> None:
    curves = {curve.net: curve for curve in recorded.read("no_norm").curves}
    assert all(abs(curves[f"plain-{depth}, no norm"].loss[-1] - math.log(10)) < 0.02 for depth in (20, 56))
    assert all(curves[f"ResNet-{depth}, no norm"].test_accuracy[-1] > 0.5 for depth in (20, 56))


def test_csv_has_a_row_per_record_and_every_number(exported: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(table.to_csv(exported))))
    assert len(rows) == len(exported["records"])
    for row, record in zip(rows, exported["records"], strict=True):
        assert (row["net"], int(row["step"]), float(row["loss"])) == (record["net"], record["step"], record["loss"])
        norms = {name.partition(".")[2]: text for name, text in row.items() if name.startswith("grad_norm.") and text}
        assert {node: float(text) for node, text in norms.items()} == record["grad_norm"]


def test_parquet_has_the_same_table_and_the_run_beside_it(exported: dict[str, Any]) -> None:
    exported["records"][1]["loss"] = "NaN"
    found = parquet.read_table(io.BytesIO(table.to_parquet(exported)))
    assert json.loads(found.schema.metadata[b"run"]) == exported["run"]
    expected = table.columns(exported)
    assert found.column_names == list(expected)
    assert found.column("step").to_pylist() == expected["step"]
    assert found.column("test_accuracy").to_pylist() == expected["test_accuracy"]
    losses = found.column("loss").to_pylist()
    assert math.isnan(losses[1])
    assert losses[2:] == expected["loss"][2:]


def event_class() -> Any:
    """TensorBoard's message (its compat/proto/event.proto), as far as scalars go, made by Google's library."""
    kinds = {"double": 1, "float": 2, "int64": 3, "string": 9, "message": 11}
    messages = {
        "Event": [("wall_time", 1, "double", ""), ("step", 2, "int64", ""), ("file_version", 3, "string", ""),
                  ("summary", 5, "message", ".Summary")],
        "Summary": [("value", 1, "message", ".Value")],
        "Value": [("tag", 1, "string", ""), ("simple_value", 2, "float", "")],
    }  # fmt: skip
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, number, kind, other in fields:
            label = 3 if field == "value" else 1
            message.field.add(name=field, number=number, type=kinds[kind], type_name=other or None, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Event"))


def events(content: bytes) -> list[Any]:
    """The events of a file, each checksum checked."""
    found, place, kind = [], 0, event_class()
    while place < len(content):
        head = content[place : place + 8]
        (length,) = struct.unpack("<Q", head)
        assert content[place + 8 : place + 12] == masked(head)
        body = content[place + 12 : place + 12 + length]
        assert content[place + 12 + length : place + 16 + length] == masked(body)
        found.append(kind.FromString(body))
        place += 16 + length
    return found


def masked(content: bytes) -> bytes:
    crc = tensorboard.crc32c(content)
    return struct.pack("<I", (((crc >> 15) | (crc << 17) & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("content", "crc"),
    [(b"\x00" * 32, 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E)],  # RFC 3720, B.4
)
def test_the_checksum_is_that_of_the_standard(content: bytes, crc: int) -> None:
    assert tensorboard.crc32c(content) == crc


def test_tensorboard_gets_every_scalar_of_every_net(exported: dict[str, Any]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(tensorboard.to_zip(exported, folder="run-1")))
    names = archive.namelist()
    assert names[0] == "run-1/plain-20_no_norm/events.out.tfevents.0.resnet_viz"
    assert len(names) == 4
    for name, net in zip(names, exported["run"]["nets"], strict=True):
        version, *told = events(archive.read(name))
        assert version.file_version == "brain.Event:2"
        records = [record for record in exported["records"] if record["net"] == net["label"]]
        assert [event.step for event in told] == [record["step"] for record in records]
        for event, record in zip(told, records, strict=True):
            values = {value.tag: value.simple_value for value in event.summary.value}
            assert values["training/loss"] == pytest.approx(record["loss"], rel=1e-6)
            for node, norm in record["grad_norm"].items():
                assert values[f"grad_norm/{node}"] == pytest.approx(norm, rel=1e-6)


def test_names_of_nets_cannot_leave_their_folder(exported: dict[str, Any]) -> None:
    for record in exported["records"]:
        record["net"] = "../../etc/" + record["net"]
    archive = zipfile.ZipFile(io.BytesIO(tensorboard.to_zip(exported, folder="../up")))
    assert all(re.fullmatch(r"up/[A-Za-z0-9._-]+/events[a-z0-9._]+", name.lower()) for name in archive.namelist())
    assert not any(".." in name for name in archive.namelist())


def test_numbers_beyond_float32_become_infinite_there(exported: dict[str, Any]) -> None:
    exported["records"] = [exported["records"][0] | {"loss": 1e200, "accuracy": "NaN"}]
    archive = zipfile.ZipFile(io.BytesIO(tensorboard.to_zip(exported, folder="a")))
    _version, event = events(archive.read(archive.namelist()[0]))
    values = {value.tag: value.simple_value for value in event.summary.value}
    assert values["training/loss"] == math.inf
    assert math.isnan(values["training/accuracy"])


def embedded(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="run">(.*?)</script>', page, flags=re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page_that_replays_allows_its_own_script_and_nothing_else(exported: dict[str, Any]) -> None:
    page = replay_html(exported)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    for part, name in ((script, "script-src"), (style, "style-src")):
        assert f"{name} 'sha256-{b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_the_page_has_curves_probes_and_words(exported: dict[str, Any]) -> None:
    data = embedded(replay_html(exported))
    assert data["title"] == "Without batch norm: the residual net explodes"
    assert (data["steps"], [net["label"] for net in data["nets"]]) == (
        200,
        [net["label"] for net in exported["run"]["nets"]],
    )
    assert [len(net["probes"]) for net in data["nets"]] == [14, 14, 14, 1]
    assert data["words"][0] == describe_recipe(recorded.read("no_norm_he").recipe)
    assert any("written by resnet_viz" in sentence for sentence in data["words"])
    assert any("ResNet-56, no norm" in sentence and "step 0" in sentence for sentence in data["sentences"])


def test_hostile_texts_stay_data(exported: dict[str, Any]) -> None:
    exported["run"] |= {"name": HOSTILE, "note": HOSTILE, "error": HOSTILE, "thinned": HOSTILE}
    exported["run"]["nets"][0] |= {"sentence": HOSTILE, "device": HOSTILE}
    page = replay_html(exported)
    assert page.count("<script") == 2
    assert page.count("</script") == 2
    assert page.count("<!--") == 0
    assert "<img" not in page
    assert embedded(page)["title"] == HOSTILE


def test_a_long_run_is_thinned_and_says_so(exported: dict[str, Any]) -> None:
    exported["run"]["recipe"]["steps"] = 10_000
    one = next(record for record in exported["records"] if record["step"] == 1 or not record["grad_norm"])
    exported["records"] = [one | {"step": step} for step in range(10_000)]
    data = embedded(replay_html(exported))
    assert len(data["nets"][0]["steps"]) <= 1_501
    assert data["nets"][0]["steps"][-1] == 9_999
    assert any(sentence.startswith("Curves are thinned") for sentence in data["words"])


@pytest.mark.parametrize("form", RunFormat)
def test_every_form_is_made_and_named(form: RunFormat, exported: dict[str, Any]) -> None:
    exported["run"] |= {"id": "0123456789ab", "name": "Group B / ../ <x>"}
    file = downloads.make_file(exported, form)
    assert file.content
    assert file.name.startswith("group-b-x-0123456789ab.")
    assert file.name == Path(file.name).name


def test_a_run_without_records_has_every_form_too(exported: dict[str, Any]) -> None:
    exported["records"] = []
    exported["run"]["nets"] = []
    for form in RunFormat:
        downloads.make_file(exported, form)
