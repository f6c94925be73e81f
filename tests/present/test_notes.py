"""Where the notes' sections are in the explorer: the page in docs/ is the table's, and addresses are known ones."""

from resnet_viz.present.notes import EXERCISES, NOTES, NotePlace, all_places, notes_markdown
from resnet_viz.resources import PAGES, ROOT


def test_the_page_is_that_of_the_table() -> None:
    written = (ROOT / "docs" / "NOTES.md").read_text(encoding="utf-8")
    assert written == notes_markdown()  # python -m tools.write_notes


def test_every_section_has_a_place_and_every_place_a_page() -> None:
    assert [len(note.sections) for note in NOTES] == [6, 5, 3, 9]  # 2.1 and 2.2 of note 004 are one
    assert all(section.places for note in NOTES for section in note.sections)
    assert all((PAGES / f"{place.page}.py").is_file() for place in all_places())


def test_all_five_exercises_have_an_answer() -> None:
    assert len(EXERCISES) == 5
    assert all(exercise.answer and exercise.places for exercise in EXERCISES)


def test_an_address_is_what_a_visitor_types() -> None:
    assert (
        NotePlace("", "blocks", {"block": "basic,bottleneck", "width": "8"}).address
        == "/blocks?block=basic,bottleneck&width=8"
    )
    assert NotePlace("", "training", {}).address == "/training"
