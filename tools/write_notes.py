"""Writes docs/NOTES.md from the table that the pages use: `python -m tools.write_notes`."""

from resnet_viz.present.notes import notes_markdown
from resnet_viz.resources import ROOT

FILE = ROOT / "docs" / "NOTES.md"

if __name__ == "__main__":
    FILE.write_text(notes_markdown(), encoding="utf-8")
