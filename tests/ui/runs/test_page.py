"""The page of all runs: what is listed, filtered, compared, and what can be done with it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs import shipped as recorded
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.visiting import change, everything_sent, is_plain, is_whole, press, prose, value, visit, warnings

TITLES = [recorded.read(name).title for name in recorded.NAMES]
HOSTILE = "![x](https://example.org/t.png) <b> :red[x] $y$"


def adopt(shipped: str = "no_norm", /, **run: Any) -> str:
    """A run of this machine like a shipped one, with these fields."""
    content = recorded.export(shipped)
    content["run"] |= {"created": 1e9} | run
    return own_store().import_run(json.dumps(content).encode(), owner="me")


def own_store() -> RunStore:
    from resnet_viz.runs.paths import store_path

    return RunStore(store_path())


def titles(at: AppTest) -> list[str]:
    """The runs of the list, in order."""
    return [link.proto.label.strip("*").replace("\\", "") for link in at.page_link if "run=" in link.proto.query_string]


def ticked(at: AppTest) -> list[str]:
    return [str(box.key).partition(":")[2] for box in at.checkbox if str(box.key).startswith("compare:") and box.value]


def click(at: AppTest, key: str) -> AppTest:
    button: Any = at.get_by_key(key)
    button.click().run()
    return at


def test_the_first_visit_shows_the_shipped_runs_and_compares_the_first() -> None:
    at = visit("runs")
    assert is_whole(at)
    assert warnings(at) == []
    assert titles(at) == TITLES
    assert ticked(at) == ["degradation"]
    assert len(at.get("echarts_chart")) == len(TITLES) + 3
    assert "plain-56 has 2.42 times the training loss of plain-20" in prose(at)
    assert [box.label for box in at.text_input] == []  # nothing to search among three


def test_a_run_of_this_machine_comes_before_them_with_its_facts(runs: RunStore) -> None:
    run_id = adopt(name="Group B", note="my *note*", started=1e9, ended=1e9 + 22)
    at = visit("runs")
    assert titles(at) == ["Group B", *TITLES]
    told = [caption.value.replace("\\", "") for caption in at.caption]
    assert any("took 22 s" in text and "imported" in text and "KiB" in text for text in told), told
    assert any(text.startswith("1 run, ") for text in told)
    assert "my *note*" in prose(at)
    assert run_id in [link.proto.query_string.partition("run=")[2] for link in at.page_link]


def test_words_states_and_pins_filter_and_stand_in_the_address(runs: RunStore) -> None:
    adopt(name="Group A")
    pinned = adopt("degradation", name="Group B", state="cancelled")
    own_store().pin(pinned, is_pinned=True)
    at = visit("runs")
    assert titles(at)[:2] == ["Group B", "Group A"]
    assert titles(change(at, "q", "a GROUP 56")) == ["Group B", "Group A"]
    assert titles(change(at, "q", "norm group")) == ["Group A"]
    assert titles(change(at, "q", "NO norm")) == ["Group A", *TITLES[2:4]]
    change(at, "q", "")
    assert titles(change(at, "state", ["cancelled"])) == ["Group B"]
    change(at, "state", ["recorded", "done"])
    assert at.query_params == {"state": "done,recorded"}
    assert titles(at) == ["Group A", *TITLES]
    change(at, "state", [])
    assert titles(change(at, "pinned", True)) == ["Group B"]
    assert at.query_params == {"pinned": "true"}
    assert titles(change(at, "q", "nothing such")) == []
    assert len(at.info) == 1


def test_a_long_list_has_pages(runs: RunStore) -> None:
    for number in range(9):
        adopt(name=f"run {number}")
    assert titles(visit("runs")) == [f"run {8 - place}" for place in range(8)]
    assert titles(visit("runs", page="2")) == ["run 0", *TITLES]
    at = visit("runs", page="3")
    assert warnings(at) == ["page is a whole number from 1 to 2; got 3."]


def test_ticked_runs_are_compared_and_stand_in_the_address(runs: RunStore) -> None:
    run_id = adopt(name="Group B")
    at = visit("runs")
    box: Any = at.get_by_key(f"compare:{run_id}")
    box.set_value(True).run()
    assert at.query_params == {"runs": f"degradation,{run_id}"}
    assert ticked(at) == [run_id, "degradation"]
    assert "**A** Degradation on Fashion-MNIST · **B** Group B" in prose(at)
    box = at.get_by_key("compare:degradation")
    box.set_value(False).run()
    assert at.query_params == {"runs": run_id}
    box = at.get_by_key(f"compare:{run_id}")
    box.set_value(False).run()
    assert at.query_params == {"runs": ""}
    assert len(at.get("echarts_chart")) == len(titles(at))  # a bar chart for each, none that compares
    assert len(at.info) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nonsense", "There is no run 'nonsense' on this machine"),
        ("degradation,000000000000", "There is no run '000000000000' on this machine"),
        ("../../etc/passwd", "There is no run '../../etc/passwd'"),
        (",".join(["x" * 500] * 3), "There is no run 'xxx"),
    ],
)
def test_an_address_that_names_no_run_is_told(text: str, told: str) -> None:
    at = visit("runs", runs=text)
    assert is_whole(at)
    (sentence,) = warnings(at)
    assert sentence.startswith(told)
    assert len(sentence) < 200


def test_more_than_six_are_not_compared(runs: RunStore) -> None:
    ids = [adopt(name=f"run {number}") for number in range(7)]
    at = visit("runs", runs=",".join(ids))
    (message,) = warnings(at)
    assert "6" in message
    assert len(ticked(at)) == 6


def test_a_run_is_pinned_with_one_click(runs: RunStore) -> None:
    old, _new = adopt(name="old"), adopt(name="new")
    at = click(visit("runs"), f"pin:{old}")
    assert titles(at)[:2] == ["old", "new"]
    click(at, f"pin:{old}")
    assert titles(at)[:2] == ["new", "old"]


def test_several_runs_are_deleted_after_a_question_and_shipped_ones_are_not(runs: RunStore) -> None:
    first, second, third = adopt(name="first"), adopt(name="second"), adopt(name="third")
    at = visit("runs", runs=f"degradation,{first},{second}")
    press(at, "Delete 2 runs")
    assert titles(at)[:3] == ["third", "second", "first"]  # nothing yet
    click(at, "delete-sure")
    assert [run.id for run in runs.list()] == [third]
    assert titles(at) == ["third", *TITLES]
    assert at.query_params == {}
    assert warnings(at) == []


def test_a_run_that_waits_or_trains_offers_no_deletion(unserved: RunStore) -> None:
    run_id = unserved.submit(racers.recipe(Act.QUICK), owner="me")
    at = visit("runs", runs=run_id)
    assert not [button for button in at.button if button.label.startswith("Delete")]


def test_on_a_public_server_only_its_owner_may_change_a_run(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOSTED", "1")
    run_id = adopt(name="mine")
    other = visit("runs", runs=run_id)
    assert [button.key for button in other.button if str(button.key).startswith(("pin:", "delete"))] == []
    own = visit("runs", {"owner": "me"}, runs=run_id)
    assert len([button for button in own.button if str(button.key).startswith(("pin:", "delete"))]) == 2


def test_a_name_and_a_note_are_saved(runs: RunStore) -> None:
    run_id = adopt(name="old name")
    at = click(visit("runs"), f"more:{run_id}")
    (name,) = (field for field in at.text_input if field.label == "Name")
    (note,) = at.text_area
    assert name.value == "old name"
    name.set_value("new name")
    note.set_value("a note")
    press(at, "Save")
    assert runs.list()[0].name == "new name"
    assert own_store().annotations([run_id])[run_id].note == "a note"


def test_every_form_is_offered_and_none_is_made_before_someone_asks(runs: RunStore) -> None:
    at = click(visit("runs"), "more:degradation")
    files = [button for button in at.download_button if str(button.key).startswith("export:")]
    assert [button.label for button in files] == [
        "HTML (offline replay)",
        "JSON",
        "CSV",
        "Parquet",
        "TensorBoard",
    ]
    assert [button for button in files if button.proto.url] == []


def test_a_file_is_imported_and_compared(runs: RunStore) -> None:
    at = visit("runs")
    content = json.dumps(recorded.export("very_deep")).encode()
    at.file_uploader[0].upload("run.json", content, "application/json").run()
    (run,) = runs.list()
    assert titles(at)[0] == "Very deep: 110 layers"
    assert ticked(at) == [run.id]
    assert (run.state, run.owner) == (RunState.DONE, at.session_state["owner"])


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b'{"run": {}}', b"[1, 2"])
def test_a_damaged_file_is_told_and_nothing_is_lost(runs: RunStore, content: bytes) -> None:
    kept = adopt(name="kept")
    at = visit("runs")
    at.file_uploader[0].upload("run.json", content, "application/json").run()
    assert any(sentence.startswith("This file") for sentence in warnings(at)), warnings(at)
    assert [run.id for run in runs.list()] == [kept]
    assert is_whole(at)
    assert warnings(at.run()) == []  # told once


def test_what_was_deleted_to_make_room_is_told(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_RUNS_KEPT", "1")
    adopt(name="gone"), adopt(name="stays")
    at = visit("runs")
    assert titles(at) == ["stays", *TITLES]
    assert [box.label for box in at.expander] == ["1 run was deleted to make room"]
    assert "gone" in prose(at)


def test_a_store_of_a_newer_version_is_shown_and_left_alone(runs: RunStore) -> None:
    run_id = adopt(name="from the future")
    with closing(sqlite3.connect(runs.path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    before = runs.path.read_bytes()
    at = visit("runs")
    assert "from the future" in titles(at)
    assert any("newer version" in info.value for info in at.info)
    click(at, f"pin:{run_id}")
    assert any("newer version" in sentence for sentence in warnings(at))
    assert runs.path.read_bytes() == before


def test_a_damaged_store_is_told(runs: RunStore) -> None:
    runs.path.write_bytes(b"no database at all " * 100)
    at = visit("runs")
    assert not at.exception
    assert any("cannot be read" in sentence for sentence in warnings(at))


def test_a_recipe_of_another_version_leaves_the_rest_of_the_list(runs: RunStore) -> None:
    run_id = adopt(name="odd")
    with closing(sqlite3.connect(runs.path)) as db, db:
        db.execute("UPDATE run SET recipe = json_set(recipe, '$.warp', 9)")
    at = visit("runs", runs=f"{run_id},degradation")
    assert titles(at) == ["odd", *TITLES]
    assert any("no field 'warp'" in sentence for sentence in warnings(at))


def test_names_and_notes_are_shown_as_text(runs: RunStore) -> None:
    run_id = adopt(name=HOSTILE, note=HOSTILE, error=HOSTILE, state="failed")
    at = visit("runs", runs=run_id)
    assert titles(at)[0] == HOSTILE
    shown = [*at.markdown, *at.caption, *at.warning]
    assert all(is_plain(element.value) for element in shown if "png" in element.value), everything_sent(at)
    label = next(link.proto.label for link in at.page_link if "png" in link.proto.label)
    assert is_plain(label.removeprefix("**").removesuffix("**"))


def test_a_shipped_run_replays_in_the_training_lab() -> None:
    at = visit("training", run="very_deep")
    assert warnings(at) == []
    assert "plain-110" in prose(at)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "file" / "below"))
    at = visit("runs")
    assert not at.exception
    assert any(sentence.startswith("Runs cannot be saved on this machine.") for sentence in warnings(at))


def test_the_pages_of_the_list_are_kept_when_a_run_is_ticked(runs: RunStore) -> None:
    for number in range(9):
        adopt(name=f"run {number}")
    at = visit("runs", page="2")
    box: Any = at.get_by_key("compare:no_norm")
    box.set_value(True).run()
    assert value(at, "page") == 2
    assert at.query_params == {"page": "2", "runs": "degradation,no_norm"}


def test_a_wrong_probe_in_the_address_is_told() -> None:
    at = visit("runs", at="<b>middle</b>")
    assert warnings(at) == ["at is one of first, last; got '<b>middle</b>'."]
    assert len(at.get("echarts_chart")) == len(TITLES) + 3
