"""Files that people bring to the page: names and sizes as the reader has them, and a message where one is refused."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.weights.files import formats
from tests.browser.conftest import Visit
from tests.browser.serving import Server, serving
from tests.browser.test_attribution import chart

pytestmark = [pytest.mark.browser, pytest.mark.torch]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own, with a query process."""
    with serving(tmp_path_factory.mktemp("uploads")) as server:
        yield server


def saved(net_name: str, **fields: Any) -> bytes:
    """The weights of a preset under torchvision's keys, as a training script wraps them."""
    import torch

    from resnet_viz.nets.build import build
    from resnet_viz.nets.weights import to_torchvision
    from resnet_viz.spec.presets import preset

    content = io.BytesIO()
    torch.save({"epoch": 3, "state_dict": to_torchvision(build(preset(net_name, **fields), seed=1))}, content)
    return content.getvalue()


def field(page: Page) -> Locator:
    """The field for weights, in its popover."""
    page.get_by_role("button", name="Upload a net").click()
    page.get_by_test_id("upload-refusal").first.wait_for(state="attached")
    return page.get_by_test_id("stFileUploader").locator("input[type=file]")


def test_a_checkpoint_of_45_mb_under_a_training_scripts_name_is_opened(
    own: Server, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "model_best.pth.tar"
    path.write_bytes(saved("resnet18", num_classes=7))
    assert path.stat().st_size > 40 << 20
    page = visit(f"{own.url}/attribution?b.net=none&method=grad_cam")
    field(page).set_input_files(path)
    expect(page).to_have_url(re.compile(r"net=upload(:|%3A)[0-9a-f]{64}"))
    chart(page, "ResNet-18")


def test_a_file_above_the_limit_is_refused_in_words_before_it_is_sent(
    own: Server, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "huge.pth"
    with path.open("wb") as file:
        file.truncate(formats.MAX_BYTES + (1 << 20))
    page = visit(f"{own.url}/attribution?b.net=none&method=saliency")
    field(page).set_input_files(path)
    refusal = page.get_by_test_id("upload-refusal")
    expect(refusal).to_contain_text("huge.pth has 641 MiB; at most 640 MiB are read here.")
    expect(refusal).to_contain_text("half()")
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
    assert "upload" not in page.url


def test_a_name_that_no_reader_takes_is_refused_in_words_and_the_next_file_clears_them(
    own: Server, visit: Visit
) -> None:
    page = visit(f"{own.url}/attribution?b.net=none&method=saliency")
    weights = field(page)
    weights.set_input_files({"name": "<b>net</b>.h5", "mimeType": "", "buffer": b"x"})
    refusal = page.get_by_test_id("upload-refusal")
    expect(refusal).to_contain_text("<b>net</b>.h5 is not read here")
    expect(refusal).to_contain_text(".safetensors")
    weights.set_input_files({"name": "net.th", "mimeType": "", "buffer": b"no weights"})
    expect(refusal).to_be_hidden()
    expect(page.get_by_test_id("stAlert").first).to_be_visible()


def test_a_dropped_file_is_judged_like_a_chosen_one(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?pick=upload&b.net=none&method=saliency")
    dropped = page.evaluate_handle(
        """() => { const all = new DataTransfer(); all.items.add(new File(["x"], "shoe.bmp")); return all; }"""
    )
    page.get_by_test_id("upload-refusal").wait_for(state="attached")
    page.get_by_test_id("stFileUploaderDropzone").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_test_id("upload-refusal").filter(has_text="shoe.bmp is not read here")).to_be_visible()
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)


def stripped(net_name: str, **fields: Any) -> bytes:
    """Weights under our keys, without what a file of this program states of its net."""
    import torch

    from resnet_viz.nets.build import build
    from resnet_viz.spec.presets import preset

    content = io.BytesIO()
    torch.save(dict(build(preset(net_name, **fields), seed=1).state_dict()), content)
    return content.getvalue()


def says_9() -> bytes:
    """A net of three channels and ten classes that nobody knows, which predicts class 9 for anything."""
    import torch

    from resnet_viz.nets.build import build
    from resnet_viz.spec.presets import preset

    state = dict(build(preset("cifar_resnet8", dim_match="projection"), seed=1).state_dict())
    state["head.fc.weight"] = torch.zeros_like(state["head.fc.weight"])
    state["head.fc.bias"] = 30 * torch.nn.functional.one_hot(torch.tensor(9), 10).float()
    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()


def send(page: Page, name: str, content: bytes) -> None:
    """Uploads weights as net a and closes the popover."""
    field(page).set_input_files({"name": name, "mimeType": "", "buffer": content})
    expect(page).to_have_url(re.compile(r"[?&]net=upload"))
    page.keyboard.press("Escape")


def test_weights_of_a_plain_net_are_asked_about_and_then_titled_as_chosen(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?b.net=none&method=grad_cam")
    send(page, "plain.th", stripped("cifar_plain20"))
    expect(page.get_by_test_id("stAlert")).to_contain_text("fit ResNet-20 and plain-20 alike")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    page.get_by_test_id("stButtonGroup").get_by_text("plain-20").click()
    chart(page, "plain-20")
    expect(page).to_have_url(re.compile(r"shortcut(=|%3D)none"))
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text="ResNet-20")).to_have_count(0)
    chart(visit(page.url), "plain-20")  # a link says it, too


def test_both_nets_that_weights_fit_are_compared_at_a_click(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?b.net=none&method=grad_cam")
    send(page, "plain.th", stripped("cifar_plain20"))
    page.get_by_role("button", name="Compare both").click()
    chart(page, "ResNet-20")
    chart(page, "plain-20")
    expect(page).to_have_url(re.compile(r"b\.net=upload"))


def test_a_net_of_unknown_classes_is_not_judged_until_its_classes_are_named(own: Server, visit: Visit) -> None:
    page = visit(f"{own.url}/attribution?b.net=none&method=grad_cam&picture=data:fashion_mnist_subset/3")
    send(page, "says_9.pt", says_9())
    chart(page, "predicted class 9 (100.0 %)")
    chart(page, "Label in Fashion-MNIST: Dress")
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text="true class")).to_have_count(0)
    expect(page.get_by_text("preprocessing guessed")).to_be_visible()
    page.get_by_role("button", name=re.compile("preprocessing, classes")).click()
    page.get_by_label(re.compile("Names of the classes")).fill("\n".join([*"abcdefghi", "<b>ox</b> & <img src=x>"]))
    page.get_by_role("button", name="Apply").click()
    chart(page, "predicted <b>ox</b> & <img src=x> (100.0 %)")
    expect(page).to_have_url(re.compile(r"classes(=|%3D)[0-9a-f]{64}"))
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text="true class")).to_have_count(0)
