"""A run of wide nets on the pages: titles to read, labels in the data of the race alone."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.retention import RetentionLimits
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.codec import to_query
from tests.fakes import wide_runs
from tests.fakes.visiting import everything_sent, prose, visit, warnings
from tests.fakes.wide_runs import LABELS, RECIPE, TITLES

LINE = " · ".join(TITLES)


def links(at: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in at.page_link]


@pytest.fixture
def run_id() -> str:
    return RunStore(store_path()).import_run(json.dumps(wide_runs.exported()).encode(), owner="me")


def test_the_list_of_runs_has_titles(run_id: str) -> None:
    at = visit("runs", runs=run_id)
    assert warnings(at) == []
    assert f"**{LINE}**" in links(at)
    assert "WRN-28-2 has 1.67 times the training loss of WRN-16-2" in prose(at)
    assert "as wide" not in everything_sent(at)
    for word in (TITLES[0], LABELS[0].partition(",")[0]):
        assert links(visit("runs", q=word)) == [f"**{LINE}**"], word


def test_the_lab_has_titles_and_sends_labels_as_keys(run_id: str) -> None:
    at = visit("training", run=run_id)
    assert warnings(at) == []
    (table,) = (table.value for table in at.dataframe if "net" in table.value)
    assert list(table["net"]) == list(TITLES)
    assert set(TITLES) <= set(links(at))
    (race,) = (part.proto.json for part in at.get("bidi_component") if part.proto.component_name.endswith("race"))
    assert [net["label"] for net in json.loads(race)["nets"]] == list(LABELS)
    assert "as wide" not in prose(at)


def test_earlier_runs_and_the_nets_of_a_recipe_have_titles(run_id: str) -> None:
    at = visit("training")
    assert [name.partition(":")[0] for name in links(at) if LINE in name] == [LINE]


def test_the_graph_names_the_runs_that_trained_its_net_by_titles(run_id: str) -> None:
    at = visit("architecture", **to_query(RECIPE.nets[0]), color="gradient", run=run_id)
    assert LINE in [option for box in at.selectbox for option in box.options]


def test_a_run_that_was_deleted_to_make_room_is_remembered_by_titles(run_id: str) -> None:
    limits = RetentionLimits(finished_runs=0)
    with DaemonStore(store_path(), retention=limits) as daemon:
        while daemon.tidy():
            pass
    (retired,) = RunStore(store_path()).usage().retired
    assert retired.nets == TITLES
    assert f"- {LINE}: " in prose(visit("runs"))
