"""Blocks by their ids, and a drawing read back."""

import xml.etree.ElementTree as ET
from typing import Any, NamedTuple

from resnet_viz.blocks.single import SingleBlock, single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings

SVG = "{http://www.w3.org/2000/svg}"
ORDERS = ("a_original", "b_bn_after_add", "c_relu_before_add", "d_relu_only_preact", "e_full_preact")


def block(name: str, **settings: Any) -> SingleBlock:
    """One block of the vocabulary."""
    return single_block(VARIANTS[name], BlockSettings(**settings))


def blocks(*names: str, **settings: Any) -> list[SingleBlock]:
    """Several blocks with the same settings."""
    return [block(name, **settings) for name in names]


class DrawnLayer(NamedTuple):
    """A layer as it is drawn: its words, row, line, middle of its box, and classes."""

    words: str
    row: int
    lane: str
    x: float
    y: float
    classes: frozenset[str]


def drawn_blocks(svg: str) -> list[list[DrawnLayer]]:
    """The layers of each block from left to right, from top to bottom."""
    root = ET.fromstring(svg)
    columns = [group for group in root.iter(f"{SVG}g") if group.get("class") == "block"]
    return [[_layer(group) for group in column if "layer" in _classes(group)] for column in columns]


def lit_rows(svg: str) -> list[int]:
    """Rows that are lit."""
    return [
        int(rect.get("data-row", "")) for rect in ET.fromstring(svg).iter(f"{SVG}rect") if rect.get("class") == "lit"
    ]


def words_of(svg: str, name: str) -> list[str]:
    """Texts of a class, from left to right."""
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text") if text.get("class") == name]


def paths_of(svg: str, name: str) -> list[str]:
    """The lines of a class."""
    return [path.get("d", "") for path in ET.fromstring(svg).iter(f"{SVG}path") if name in _classes(path)]


def _classes(element: ET.Element) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _layer(group: ET.Element) -> DrawnLayer:
    words = [text.text or "" for text in group.iter(f"{SVG}text")]
    place = next(group.iter(f"{SVG}text"))
    box = next(group.iter(f"{SVG}rect"), None)
    y = float(place.get("y", "")) if box is None else float(box.get("y", "")) + float(box.get("height", "")) / 2
    return DrawnLayer(
        " ".join(words),
        int(group.get("data-row", "")),
        group.get("data-lane", ""),
        float(place.get("x", "")),
        y,
        _classes(group),
    )
