"""Drawings of six nets as text, as they were when a person last looked at them: graphs/*.gv.

Each file holds the stages, one stage open, and one block of it open. After a change that is meant,
`UPDATE_GOLDEN=1 pytest tests/golden/test_graphs.py` writes them anew: look at the difference, and at
the drawing (`python -m resnet_viz graph resnet18 --format svg`) before committing.
"""

import os
from pathlib import Path

import pytest

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.plan.lower import lower
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.presets import preset

FOLDER = Path(__file__).with_name("graphs")
BLOCKS = {
    "resnet18": "stage2.block1",  # a projection where the shape changes
    "resnet50": "stage3.block2",  # an identity around a bottleneck, a fold of four behind it
    "resnet152": "stage3.block1",  # a fold of 34
    "cifar_plain20": "stage2.block1",  # no shortcut at all
    "cifar_preact_resnet56": "stage2.block1",  # zero padding around a pre-activated branch
    "resnext50_32x4d": "stage1.block1",  # groups; a projection that changes the channels alone
}


def drawings(net: str, block: str) -> str:
    analysis, stage = analyse(lower(preset(net))), block.partition(".")[0]
    texts = []
    for names in ("", stage, f"{stage},{block}"):
        drawing = draw_net(analysis, Expansion.from_text(Level.STAGE, names), only=stage if names else "")
        texts.append(f"// open: {names or 'nothing'}\n{to_dot(drawing, PALETTES[Mode.LIGHT])}")
    return "".join(texts)


@pytest.mark.parametrize(("net", "block"), BLOCKS.items())
def test_a_drawing_is_as_it_was_looked_at(net: str, block: str) -> None:
    file, text = FOLDER / f"{net}.gv", drawings(net, block)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_there_is_a_test_for_each_file() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(BLOCKS)
