"""docs/SCENES.md has every field, outcome and verdict, and its example is a scene."""

import re

from resnet_viz.resources import IMPORT_ROOT
from resnet_viz.scenes import pages, scene_text
from resnet_viz.scenes.outcomes import OUTCOMES
from resnet_viz.scenes.scene_text import read_text

TEXT = (IMPORT_ROOT / "docs" / "SCENES.md").read_text(encoding="utf-8")


def test_the_example_is_a_scene() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    scene = read_text("dilation", example, is_own=True)
    assert [answer.is_right for answer in scene.answers] == [False, True]


def test_every_field_and_page_is_explained() -> None:
    fields = {line.split("|")[1].strip().strip("`[]") for line in TEXT.splitlines() if line.startswith("| `")}
    assert {*scene_text.MOST_CHARS, "place", "outcome", "next", "answers", "verdict", "right"} <= fields
    assert {"open", "page", "controls", "open.query"} <= fields
    assert all(f"`{page}`" in TEXT for page in pages.PAGES)


def test_every_outcome_has_its_row() -> None:
    rows = {line.split("`")[1]: line for line in TEXT.splitlines() if line.startswith("| `")}
    for name, kind in OUTCOMES.items():
        assert kind.about in rows[name]
        assert all(f"`{word}`" in rows[name] for word in (*kind.verdicts, *kind.query))
        assert f"| {kind.page}" in rows[name]
        assert kind.show in rows[name]
