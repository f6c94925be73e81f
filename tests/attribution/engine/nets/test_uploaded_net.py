"""Uploaded nets: opened as what they are or as what was chosen, and no code in a file is ever run."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from resnet_viz.attribution.engine import load_net
from resnet_viz.attribution.engine.load_net import open_net
from resnet_viz.attribution.engine.net_input import net_facts
from resnet_viz.attribution.engine.nets.uploaded_net import read_upload
from resnet_viz.attribution.sources import class_names, shipped_nets, uploads
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.errors import DataError, SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import to_torchvision
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.saved import saved

pytestmark = pytest.mark.torch


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    return tmp_path


def sent(content: bytes) -> NetRef:
    return NetRef(NetKind.UPLOAD, uploads.keep(content, uploads.UploadKind.NET))


def chosen(ref: NetRef, settings: str) -> NetRef:
    return NetRef.parse(f"{ref}/{settings}")


def shortcut_of(spec: AnySpec) -> str:
    assert isinstance(spec, NetSpec)
    return spec.shortcut.value


@pytest.mark.parametrize("name", ["cifar_plain8", "cifar_resnet8", "cifar_preact_resnet20"])
def test_an_uploaded_checkpoint_of_ours_is_recognised_by_its_shapes(home: Path, name: str) -> None:
    spec = preset(name, widths=(4, 8, 16), in_channels=1)
    net = build(spec, seed=3)
    ref = sent(saved({"state_dict": dict(net.state_dict()), "epoch": 3}))
    loaded = open_net(chosen(ref, f"shortcut={shortcut_of(spec)}"))
    assert loaded.weights == load_net.checksum(net.state_dict())
    assert loaded.spec == spec.replace(image_size=28)
    assert loaded.is_guess
    assert (loaded.data, loaded.class_names) == (None, ())  # ten classes of grey images may be MNIST's


@pytest.mark.parametrize("index", [0, 1])
def test_plain_and_residual_weights_have_the_same_shapes_and_are_opened_as_what_was_chosen(
    run_id: str, index: int
) -> None:
    trained_net = open_net(NetRef(NetKind.RUN, run_id, index))
    ref = sent(saved(dict(trained_net.net.state_dict())))  # without what it states of its net
    with pytest.raises(SpecError, match="choose first: Shortcut"):
        open_net(ref)
    loaded = open_net(chosen(ref, f"shortcut={shortcut_of(trained_net.spec)}"))
    assert loaded.spec == trained_net.spec.replace(image_size=28)
    assert loaded.weights == trained_net.weights
    assert "assumed" not in loaded.title


@pytest.mark.parametrize("name", ["plain20", "resnet20"])
def test_predictions_that_agree_with_labels_for_one_net_only_are_evidence_for_an_assumption(
    home: Path, name: str
) -> None:
    shipped = open_net(NetRef(NetKind.SHIPPED, name))
    ref = sent(saved({key: tensor.half() for key, tensor in shipped.net.state_dict().items()}))
    facts = read_upload(ref).facts
    by_kind = dict(zip(map(shortcut_of, facts.specs), facts.agreement, strict=True))
    assert by_kind[shortcut_of(shipped.spec)] == max(by_kind.values()) > 170
    assert min(by_kind.values()) < 100
    loaded = open_net(ref)
    assert (shortcut_of(loaded.spec), loaded.title) == (shortcut_of(shipped.spec), f"{shipped.title} (assumed)")
    assert open_net(chosen(ref, f"shortcut={shortcut_of(shipped.spec)}")).title == shipped.title


@pytest.mark.parametrize("name", ["cifar_plain8", "cifar_bottleneck29", "plain18"])
def test_a_file_that_states_its_net_is_opened_as_this_net_and_nothing_is_asked(home: Path, name: str) -> None:
    spec = preset(name)
    loaded = open_net(sent(saved({"model": build(spec, seed=1).state_dict()})))
    assert (loaded.spec, loaded.title) == (spec, title(spec))


def test_one_of_several_weights_in_a_file_is_opened_once_it_is_chosen(home: Path) -> None:
    specs = {
        name: preset(name, widths=(4, 8, 16), dim_match="projection") for name in ("cifar_resnet8", "cifar_resnet14")
    }
    ref = sent(saved({name: dict(build(spec, seed=1).state_dict()) for name, spec in specs.items()}))
    with pytest.raises(SpecError, match="one of cifar_resnet8, cifar_resnet14"):
        open_net(ref)
    for name, spec in specs.items():
        loaded = open_net(chosen(ref, f"entry={name}"))
        assert loaded.spec == spec


def test_one_of_several_nets_among_weights_is_opened_as_it_was_chosen(home: Path) -> None:
    spec = preset("cifar_resnet8", widths=(4, 8, 16), dim_match="projection")
    nets = {name: build(spec, seed=seed) for seed, name in enumerate(("student", "teacher"))}
    state = {f"{name}.{key}": tensor for name, net in nets.items() for key, tensor in net.state_dict().items()}
    ref = sent(saved(state))
    assert sorted(read_upload(ref).facts.prefixes) == ["student.", "teacher."]
    for name, net in nets.items():
        assert open_net(chosen(ref, f"prefix={name}.")).weights == load_net.checksum(net.state_dict())


def test_a_file_that_is_a_shipped_net_is_opened_as_this_net(home: Path) -> None:
    shipped = shipped_nets.shipped_net("plain20")
    loaded = open_net(sent(shipped.path.read_bytes()))
    assert (loaded.spec, loaded.title, loaded.is_guess) == (shipped.spec, "plain-20", False)
    assert loaded.class_names[9] == "Ankle boot"


def test_weights_without_a_trace_of_the_stride_are_opened_with_the_chosen_one(home: Path) -> None:
    spec = preset("cifar_bottleneck29", widths=(4, 8, 16))
    ref = sent(saved(dict(build(spec, seed=1).state_dict())))
    facts = read_upload(ref).facts
    assert [one.field for one in facts.open_fields] == ["stride_on"]
    for stride_on in ("first_1x1", "conv_3x3"):
        opened = open_net(chosen(ref, f"stride_on={stride_on}")).spec
        assert isinstance(opened, NetSpec)
        assert opened.stride_on == stride_on
    assert open_net(ref).title.endswith("(assumed)")
    with pytest.raises(SpecError, match="of no net with shortcut=none"):
        open_net(chosen(ref, "shortcut=none"))


def test_what_a_person_knows_of_images_and_classes_replaces_the_guess(home: Path) -> None:
    net = build(preset("cifar_resnet8", dim_match="projection", widths=(4, 8, 16)), seed=1)
    ref = sent(saved(dict(net.state_dict())))
    names = class_names.keep_names("cat\n<b>dog</b>\ncrane\ncrane")
    loaded = open_net(chosen(ref, f"image_size=40/mean=0.5,0.4,0.3/std=0.25/classes={names}"))
    assert (loaded.preprocessing.mean, loaded.preprocessing.std) == ((0.5, 0.4, 0.3), (0.25,) * 3)
    assert (loaded.preprocessing.image_size, loaded.spec.image_size, loaded.is_guess) == (40, 40, False)
    assert loaded.class_names == ("cat", "<b>dog</b>", "crane (2)", "crane (3)")
    assert net_facts(loaded, 0).class_name(4) == "class 4"
    assert open_net(chosen(ref, "mean=0.5")).is_guess  # the other half still is
    with pytest.raises(SpecError, match="one for each of the 3 channels; got 2"):
        open_net(chosen(ref, "mean=0.5,0.5"))
    with pytest.raises(SpecError, match="10 classes; got 11 names"):
        open_net(chosen(ref, f"classes={class_names.keep_names(','.join('abcdefghijk'))}"))
    assert open_net(chosen(ref, "classes=fashion_mnist")).data == "fashion_mnist"


def test_a_checkpoint_of_torchvisions_keys_is_recognised_and_seen_as_photographs(home: Path) -> None:
    net = build(preset("resnet18", num_classes=7))
    state = {f"module.{key}": tensor.half() for key, tensor in to_torchvision(net).items()}
    loaded = open_net(sent(saved(state)))
    assert (loaded.spec.num_classes, loaded.preprocessing.image_size, loaded.preprocessing.is_grey) == (7, 224, False)
    assert loaded.class_names == ()
    assert net_facts(loaded, 0).class_name(6) == "class 6"
    x_NCHW = torch.zeros(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(loaded.net(x_NCHW), net.eval()(x_NCHW), rtol=0.05, atol=0.05)


class Payload:
    """An object whose unpickling would make a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.place),)


def test_code_in_a_checkpoint_is_refused_and_never_run(home: Path) -> None:
    place = home / "ran"
    for content in (saved(Payload(place)), saved({"state_dict": Payload(place)}), pickle.dumps(Payload(place))):
        with pytest.raises(DataError, match=r"never run|damaged"):
            open_net(sent(content))
    assert not place.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no weights", "truncated, damaged or not made by torch.save"),
        (saved({"a.weight": torch.zeros(3)}), "."),
        (saved(torch.nn.Linear(3, 3).state_dict()), "."),
        (saved({"w": torch.zeros(1).expand(10**10)}), "too large"),
    ],
)
def test_a_checkpoint_of_something_else_is_told_so(home: Path, content: bytes, sentence: str) -> None:
    with pytest.raises((DataError, SpecError), match=sentence):
        open_net(sent(content))


def test_an_upload_that_is_too_large_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(uploads.MAX_BYTES, uploads.UploadKind.NET, 1_000)
    with pytest.raises(DataError, match="at most 1,000 are allowed"):
        sent(bytes(1_001))
