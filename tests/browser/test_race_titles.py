"""Nets whose titles are not their labels: the race writes titles everywhere, its files keep labels."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.drawn import chart, heat, pick, race, scrub, tip
from tests.browser.made_runs import adopt
from tests.browser.serving import Server
from tests.fakes import wide_runs
from tests.fakes.wide_runs import BLOCKS, CONVS, LABELS, RECIPE, TITLES

pytestmark = pytest.mark.browser

SEEDS = (0, 1)


@pytest.fixture(scope="module")
def shown(server: Server, visit_once: Visit) -> Locator:
    ids = [adopt(server, RECIPE.replace(seed=seed), wide_runs.steps(), CONVS, BLOCKS) for seed in SEEDS]
    return race(visit_once(f"{server.url}/training?run={ids[0]}&band=false"))


def test_legend_maps_and_numbers_have_titles(shown: Locator) -> None:
    expect(shown.locator(".legend .chip")).to_have_text(list(TITLES))
    pick(shown, quantity="grad_norm")
    for label, title in zip(LABELS, TITLES, strict=True):
        expect(heat(shown, label).locator("figcaption")).to_have_text(title)
    shown.locator("[data-act=table]").click()
    expect(shown.locator(".numbers tbody th")).to_have_text(list(TITLES))
    shown.locator("[data-act=table]").click()
    expect(shown).not_to_contain_text("as wide")


def test_what_is_read_aloud_and_under_the_pointer_has_titles(shown: Locator) -> None:
    pick(shown, quantity="grad_norm")
    scrub(shown, 90)
    spoken = shown.locator("svg[aria-label]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert spoken
    assert not [words for words in spoken if "as wide" in words]
    assert all(any(title in words for words in spoken) for title in TITLES)
    for name in ("loss", "error"):
        chart(shown, name).hover(position={"x": 200, "y": 80})
        assert [net for net, _value in tip(shown)[1]] == list(TITLES)
    heat(shown, LABELS[1]).hover(position={"x": 120, "y": 60})
    assert tip(shown)[0].startswith(f"{TITLES[1]} · ")


def test_nets_without_a_measurement_are_named_by_titles(shown: Locator) -> None:
    pick(shown, quantity="update_ratio")
    expect(shown.locator(".missing")).to_contain_text(", ".join(TITLES))
    pick(shown, quantity="grad_norm")


def test_a_saved_file_has_labels(shown: Locator, tmp_path: Path) -> None:
    with shown.page.expect_download() as download:
        shown.locator("[data-act=curves]").click()
    file = tmp_path / "curves.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert list(dict.fromkeys(row["net"] for row in rows)) == list(LABELS)


def test_the_pointer_over_several_seeds_reads_titles(server: Server, visit_once: Visit, shown: Locator) -> None:
    banded = race(visit_once(shown.page.url.replace("&band=false", "")))
    expect(banded.locator(".legend .note")).to_contain_text("2 seeds")
    for name in ("loss", "error"):
        chart(banded, name).hover(position={"x": 200, "y": 80})
        assert [net for net, _value in tip(banded)[1]] == list(TITLES)
