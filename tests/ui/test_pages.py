"""What all pages have in common: they open, they survive errors, and they need no torch."""

import subprocess
import sys

import pytest

from resnet_viz.resources import ROOT
from resnet_viz.ui import frame
from tests.fakes.visiting import PAGES, everything_sent, is_whole, visit, warnings

DEEP = (
    ("architecture", {"net": "cifar_preact_resnet110", "level": "layer", "part": "stage2"}),
    ("architecture", {"net": "resnet18", "level": "block", "fold": "false", "shortcut": "none"}),
    ("architecture", {"net": "cifar_resnet1202", "open": "stage3,stage3.block2", "color": "macs"}),
    ("architecture", {"net": "resnet50", "open": "stage2.*,-stage2.block1", "node": "stage3.block2.add"}),
    ("parameters", {"basic_width": "16", "bottleneck_width": "128", "norm": "true", "projection": "true"}),
    ("training", {"depth": "8,14", "nets": "plain", "steps": "20", "lr": "0.05", "image_size": "28"}),
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_word_of_refusal(page: str) -> None:
    at = visit(page)
    assert is_whole(at)
    assert (warnings(at), at.query_params) == ([], {})


@pytest.mark.parametrize(("page", "query"), DEEP)
def test_a_deep_link_opens_and_keeps_its_address(page: str, query: dict[str, str]) -> None:
    at = visit(page, **query)
    assert is_whole(at)
    assert (warnings(at), at.query_params) == ([], query)


@pytest.mark.parametrize("page", PAGES)
def test_parameters_of_other_pages_disturb_none(page: str) -> None:
    at = visit(page, unknown="1", b="2", utm_source="mail")
    assert is_whole(at)
    assert warnings(at) == []


@pytest.mark.parametrize(
    ("page", "call"),
    [
        ("start", "resnet_viz.ui.start.cards.training"),
        ("architecture", "resnet_viz.analysis.report.analyse"),
        ("parameters", "resnet_viz.present.parameters.published.family_table"),
        ("training", "resnet_viz.ui.training.next_steps.show_newest_runs"),
    ],
)
def test_an_error_becomes_a_sentence_that_gives_nothing_away(
    page: str, call: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(call, fail)
    at = visit(page)
    assert not at.exception
    assert frame.FAILED in warnings(at)
    assert "hunter2" not in everything_sent(at)
    assert "hunter2" in caplog.text  # the log is for whoever runs the server


def test_the_menu_leads_back_to_what_was_chosen() -> None:
    at = visit("architecture", net="resnet18", order="full_preact")
    at.switch_page(str(ROOT / "pages" / "parameters.py"))
    at.query_params.clear()
    at.run()
    at.switch_page(str(ROOT / "pages" / "architecture.py"))
    at.query_params.clear()
    at.run()
    assert at.query_params == {"net": "resnet18", "order": "full_preact"}


def test_no_page_loads_torch() -> None:
    code = """
import sys
from resnet_viz.resources import ROOT
from resnet_viz.ui import frame
from tests.fakes.visiting import PAGES, visit
for page in PAGES:
    assert not visit(page).exception
    assert not visit(page, net="resnet18", level="layer", depth="8", run="000000000000").exception
sys.exit("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
