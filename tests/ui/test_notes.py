"""Every address that the notes' tables and the start page name opens without a word of refusal."""

import pytest

from resnet_viz.present.notes import NOTES, NotePlace, all_places
from resnet_viz.ui.theory.contents import GROUPS, INSTRUMENTS
from tests.fakes.visiting import is_whole, visit, warnings

pytestmark = pytest.mark.usefixtures("own_nets")

INSIDE = {one.id for one in INSTRUMENTS}
PLACES = {place.address: place for place in all_places()}
NEEDS_GPU = "has 11,178,378 parameters; nets of up to"  # of d2l's own run


def test_instruments_are_named_by_their_ids() -> None:
    known = {name for _heading, ids in GROUPS for name in ids}
    named = {place.query["show"] for place in PLACES.values() if "show" in place.query}
    assert named <= known


@pytest.mark.parametrize(
    "place",
    [place for place in PLACES.values() if place.query.get("show", "functions") in INSIDE],
    ids=lambda place: place.address,
)
def test_an_address_opens_as_it_is(place: NotePlace) -> None:
    at = visit(place.page, **place.query)
    assert is_whole(at)
    assert at.query_params == place.query
    messages = warnings(at)
    if place.query == {"recipe": "d2l"}:
        assert NEEDS_GPU in messages[-1]
    else:
        assert messages == []


def test_the_start_page_leads_to_every_section() -> None:
    at = visit("start")
    shown = [(link.proto.label, link.proto.query_string) for link in at.get("page_link")]
    drawers = [drawer.label for drawer in at.expander]
    for note in NOTES:
        assert f"Note {note.number}: {note.title}" in drawers
        for section in note.sections:
            assert all(any(label == place.label for label, _query in shown) for place in section.places)
