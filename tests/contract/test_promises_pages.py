"""Promises of the pages: their addresses, every name in an address and its meaning, shipped answers, no torch.

Two processes open each page once under each address, for all of these tests: see `opened_pages`. After a change that
is meant, `UPDATE_GOLDEN=1 pytest tests/contract/test_promises_pages.py` writes the goldens anew.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from tests.contract.links import LINKS, RECIPES, RUN, Link
from tests.contract.promised import HOME, ROOT, environment, hold, printed, python, restore_store

pytestmark = pytest.mark.slow  # runs whole pages

Seen = dict[str, dict[str, Any]]

PAGES: Final = (
    *("start", "architecture", "blocks", "parameters", "training", "gradients", "theory", "attribution", "runs"),
    *("scene", "vote"),
)
DRAWERS: Final = {f"fields:{prefix}": True for prefix in ("", "b.", "c.")}  # of fields that are seldom changed
SHOWN_AS: Final = {"net": "depth", "node": "find"}  # controls of another name, on the page of architecture
WITHOUT_CONTROL: Final[dict[str, tuple[str, ...]]] = {  # shown by `sent`, and by the tests below
    "architecture": ("open",),
    "blocks": ("image", "step", "input", "zero", "sample", "channel"),
    "parameters": ("scene",),
    "training": ("run",),
    "gradients": (),
    "theory": ("show",),  # a card of the contents
    "attribution": ("picture", "open"),
    "runs": ("runs",),
    "scene": ("name", "room", "stage", "run", "class"),
    "vote": ("room",),
}
OPTIONS: Final = (  # EXECUTOR and PRELOAD may be any text: see test_promises_runs
    *("SLOTS", "WALL_S", "PAUSE_S", "YIELD_S", "PAUSED_PER_OWNER", "UNWRITABLE_S", "RECENT_S", "STALL_S"),
    *("FIRST_STEP_S", "CANCEL_S", "MEMORY_MIB", "NICENESS", "LASTING", "IDLE_S", "TICK_S"),
)
FASHION_MNIST: Final = tuple(  # the data set's own names
    f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
CIFAR10: Final = ("cifar-10-binary.tar.gz",)
ON_CIFAR10: Final = {"data": "cifar10", "depth": "8"}
ON_FASHION_MNIST: Final = {"data": "fashion_mnist", "depth": "8"}
LONG: Final = {"steps": "20000", "depth": "56,110", "width": "16"}
OLD: Final[dict[str, tuple[Link, dict[str, Any]]]] = {  # links of earlier versions, stale links, wrong ones
    "older names": (
        Link("training", {"size": "28", "batch": "32"}),
        {"address": {"image_size": "28", "batch_size": "32"}, "image_size": "28", "batch_size": 32},
    ),
    "fields of a second net without a name": (
        Link("architecture", {"net": "cifar_resnet20", "b.order": "full_preact"}),
        {"b.depth": "cifar_resnet20", "b.order": "full_preact", "order": "original"},
    ),
    "names of nobody": (
        Link("architecture", {"net": "resnet18", "utm_source": "mail", "<b>": "1"}),
        {"depth": "resnet18"},
    ),
    "parts that this net lacks": (
        Link("architecture", {"net": "resnet18", "open": "stage9,<b>,stage2,stage2.block1", "node": "stage9.add"}),
        {"depth": "resnet18", "find": None},
    ),
    "a wrong net": (
        Link("architecture", {"net": "resnet51", "level": "cellar", "fold": "perhaps"}, (), 3),
        {"depth": "resnet50", "level": "stage", "fold": True},
    ),
    "wrong numbers": (
        Link("parameters", {"basic_width": "1e309", "bottleneck_width": "-1", "norm": "<b>"}, (), 3),
        {"basic_width": 64, "bottleneck_width": 64, "norm": False},
    ),
    "a wrong run": (
        Link("training", {"steps": "nan", "depth": "nine", "run": "<script>"}, (), 3),
        {"steps": 400, "depth": ["20", "56"]},
    ),
    "a wrong method": (
        Link("attribution", {"view": "sanity", "method": "magic", "net": "shipped:none", "picture": "x"}, (), 3),
        {"method": "occlusion", "net": "shipped:plain20"},
    ),
    "a wrong filter": (
        Link("runs", {"state": "lost", "pinned": "maybe", "runs": "nothing", "page": "99"}, (), 4),
        {"state": [], "pinned": False, "page": 1},
    ),
}


def visit(link: Link, **more: Any) -> dict[str, Any]:
    return {"page": link.page, "query": link.query, "texts": link.sent, "session": DRAWERS, **more}


def folder(parent: Path, files: tuple[str, ...]) -> str:
    """A new folder with empty files of these names; the pages look at names alone."""
    parent.mkdir(parents=True)
    for file in files:
        (parent / file).touch()
    return str(parent)


def machines(tmp: Path) -> dict[str, tuple[Link, dict[str, str]]]:
    """Addresses whose page depends on a variable of the environment, with the values of it."""
    pairs = (
        ("DATA", ON_FASHION_MNIST, folder(tmp / "empty", ()), folder(tmp / "fashion_mnist", FASHION_MNIST)),
        ("CIFAR10", ON_CIFAR10, str(tmp / "empty"), folder(tmp / "cifar10", CIFAR10)),
        ("CACHE", ON_CIFAR10, str(tmp / "empty"), str(tmp / "cifar10")),
        ("BUDGET", LONG, "1", "1000"),
    )
    found = {
        f"{variable} {place}": (Link("training", query), {f"RESNET_VIZ_{variable}": value})
        for variable, query, *values in pairs
        for place, value in enumerate(values)
    }
    return found | {
        "HOSTED 1": (Link("runs", {}), {"RESNET_VIZ_HOSTED": "1"}),
        "CALIBRATE 1": (Link("training", {}), {"RESNET_VIZ_CALIBRATE": "1"}),
    }


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of runs: the store of version 3 to look at, and an empty one for each recipe that is started."""
    tmp = tmp_path_factory.mktemp("homes")
    restore_store(tmp / "store")
    return {"store": tmp / "store", **{f"recipe {place}": tmp / f"recipe{place}" for place in range(len(RECIPES))}}


@pytest.fixture(scope="module")
def whole(homes: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Report of the two processes that have opened all pages under all addresses."""
    visits = {
        **{page: visit(Link(page, {})) for page in PAGES},
        **{f"link {place}": visit(link) for place, link in enumerate(LINKS)},
        **{name: visit(link) for name, (link, _chosen) in OLD.items()},
        "by depth": visit(Link("attribution", {"view": "depth"})),
        "the same image": visit(Link("attribution", {"picture": "data:fashion_mnist_subset/9"})),
        "another image": visit(Link("attribution", {"picture": "data:fashion_mnist_subset/10"})),
        **{
            f"recipe {place}": visit(link, press="start", environ={HOME: str(homes[f"recipe {place}"])})
            for place, link in enumerate(RECIPES)
        },
        **{name: visit(link, environ=env) for name, (link, env) in machines(tmp_path_factory.mktemp("data")).items()},
    }
    env = environment(HOME=str(homes["store"]))
    halves = list(visits)[::2], list(visits)[1::2]

    def make(names: list[str]) -> dict[str, Any]:
        stdin = json.dumps([visits[name] for name in names])
        done = python(["-m", "tests.contract.opened_pages"], env, stdin=stdin)
        assert done.returncode == 0, done.stderr[-3_000:]
        report: dict[str, Any] = json.loads(done.stdout)
        return report | {"visits": dict(zip(names, report["visits"], strict=True))}

    with ThreadPoolExecutor() as threads:
        one, other = threads.map(make, halves)
    return {
        "is_torch_loaded": one["is_torch_loaded"] or other["is_torch_loaded"],
        "visits": one["visits"] | other["visits"],
    }


@pytest.fixture(scope="module")
def seen(whole: dict[str, Any]) -> Seen:
    """State of each page under each address."""
    return dict(whole["visits"])


def as_text(value: Any) -> str:
    """Value of a control as an address holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:.9g}" if isinstance(value, int | float) else str(value)


def test_the_pages_have_their_addresses(seen: Seen) -> None:
    assert {file.stem for file in (ROOT / "pages").glob("*.py")} == set(PAGES)  # an address is the stem of its file
    linked = {page for each in seen.values() for page, _query in each["links"]}
    assert linked == {"architecture", "blocks", "parameters", "training", "gradients", "theory", "attribution", "scene"}


def test_links_from_page_to_page_say_the_same(seen: Seen) -> None:
    (place,) = (place for place, link in enumerate(LINKS) if link.page == "training")
    pages = {name: seen[name] for name in ("start", "parameters", "runs")} | {"a run": seen[f"link {place}"]}
    hold("links.json", {name: page["links"] for name, page in pages.items()})


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_under_an_empty_address(page: str, seen: Seen) -> None:
    first = seen[page]
    assert (first["address"], first["messages"], first["errors"]) == ({}, [], [])


def test_no_page_has_loaded_torch(whole: dict[str, Any]) -> None:
    assert not whole["is_torch_loaded"]


def test_the_links_use_every_name_of_every_page() -> None:
    used: dict[str, set[str]] = {page: set() for page in PAGES}
    for link in (*LINKS, *RECIPES, OLD["older names"][0]):
        used[link.page] |= link.query.keys()
    hold("addresses.json", {page: sorted(names) for page, names in used.items()})


@pytest.mark.parametrize("place", range(len(LINKS)), ids=lambda place: f"{LINKS[place].page}-{place}")
def test_a_deep_link_opens_with_the_choices_that_it_names(place: int, seen: Seen) -> None:
    link, found = LINKS[place], seen[f"link {place}"]
    assert (found["address"], found["errors"]) == (link.query, [])
    assert (len(found["messages"]), found["sent"]) == (link.num_messages, list(link.sent))
    for name, text in link.query.items():
        if name in WITHOUT_CONTROL[link.page]:
            continue
        prefix, own = name[: name.rfind(".") + 1], name[name.rfind(".") + 1 :]
        control = prefix + SHOWN_AS.get(own, own) if link.page == "architecture" else name
        expected = text.rpartition("/")[0] if text.startswith("run:") else text  # the step has a control of its own
        assert as_text(found["chosen"][control]) == expected, name


def test_the_step_of_a_run_s_net_is_chosen_too(seen: Seen) -> None:
    (place,) = (place for place, link in enumerate(LINKS) if link.query.get("net", "").startswith("run:"))
    chosen = seen[f"link {place}"]["chosen"]
    assert (chosen["net:step"], chosen["b.net:step"]) == (0, 12)


def test_runs_that_an_address_names_are_ticked(seen: Seen) -> None:
    (place,) = (place for place, link in enumerate(LINKS) if "runs" in link.query)
    assert seen[f"link {place}"]["ticks"] == {
        "deeper_is_better": False,
        "no_norm": True,
        "no_norm_he": False,
        "very_deep": False,
    }  # page 2
    assert [run for run, is_on in seen["runs"]["ticks"].items() if is_on] == ["degradation"]
    assert next(iter(seen["runs"]["ticks"])) == RUN  # it is pinned


@pytest.mark.parametrize("name", OLD)
def test_an_old_or_wrong_link_means_what_it_meant(name: str, seen: Seen) -> None:
    link, expected = OLD[name]
    found = seen[name]
    chosen = {control: value for control, value in expected.items() if control != "address"}
    assert (len(found["messages"]), found["errors"]) == (link.num_messages, [])
    assert found["address"] == expected.get("address", link.query)  # what was wrong stays for its author to mend
    assert {control: found["chosen"][control] for control in chosen} == chosen


@pytest.mark.parametrize("place", range(len(RECIPES)))
def test_a_run_is_started_as_the_address_describes_it(
    place: int, seen: Seen, homes: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = seen[f"recipe {place}"]
    assert (found["messages"], found["errors"]) == ([], [])
    monkeypatch.setenv(HOME, str(homes[f"recipe {place}"]))
    started = json.loads(printed("runs", "list", "--json"))
    hold(f"recipes_{place}.json", {str(run["recipe"]["seed"]): run["recipe"] for run in started})


def test_the_views_that_open_first_are_drawn_from_what_is_shipped(seen: Seen) -> None:
    shipped = {file.stem for file in (ROOT / "assets" / "attribution").glob("*.npz")}
    views = seen["attribution"], seen["by depth"]
    assert [len(view["answers"]) for view in views] == [1, 2]  # files found under the keys of the questions
    assert {key for view in views for key in view["answers"]} == shipped
    assert [(view["num_charts"], view["messages"]) for view in views] == [(1, []), (2, [])]  # and no process started
    assert (seen["the same image"]["num_charts"], seen["another image"]["num_charts"]) == (1, 0)
    hold("answers.json", {"map": views[0]["answers"], "depth": views[1]["answers"]})


@pytest.mark.parametrize("variable", ["DATA", "CIFAR10", "CACHE", "BUDGET"])
def test_a_run_can_be_started_where_the_environment_allows_it(variable: str, seen: Seen) -> None:
    without, given = seen[f"{variable} 0"], seen[f"{variable} 1"]
    assert (len(without["messages"]), "start" in without["buttons"]) == (1, False)
    assert (len(given["messages"]), "start" in given["buttons"]) == (0, True)


def test_on_a_public_server_a_run_of_others_cannot_be_changed(seen: Seen) -> None:
    assert f"pin:{RUN}" in seen["runs"]["buttons"]
    assert f"pin:{RUN}" not in seen["HOSTED 1"]["buttons"]


def test_the_machine_is_measured_unless_the_environment_says_no(seen: Seen) -> None:
    assert (len(seen["training"]["processes"]), len(seen["CALIBRATE 1"]["processes"])) == (0, 1)


def test_every_option_of_the_daemon_is_read_from_the_environment(seen: Seen, tmp_path: Path) -> None:
    ((_python, _m, module, _store),) = seen["recipe 0"]["processes"]  # the daemon that the page would have started
    code = f"""
import os, runpy, sys
sys.argv = ["daemon", {str(tmp_path / "runs.sqlite")!r}]
for name in sys.stdin.read().split():
    os.environ["RESNET_VIZ_JOBS_" + name] = "x"
    try:
        runpy.run_module({module!r}, run_name="__main__")
    except SystemExit as ended:
        print(name, ended.code)
    del os.environ["RESNET_VIZ_JOBS_" + name]
"""
    done = python(["-W", "ignore", "-c", code], environment(HOME=str(tmp_path)), stdin=" ".join(OPTIONS))
    assert done.stdout.split("\n")[:-1] == [f"{name} 2" for name in OPTIONS], done.stderr
    assert all(f"--{name.lower().replace('_', '-')}: invalid" in done.stderr for name in OPTIONS)
