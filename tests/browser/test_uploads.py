"""Files that people bring to the page: names and sizes as the reader has them, and a message where one is refused."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.weights import files
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
        file.truncate(files.MAX_BYTES + (1 << 20))
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
    page.get_by_test_id("stFileUploaderDropzone").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_test_id("upload-refusal").filter(has_text="shoe.bmp is not read here")).to_be_visible()
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
