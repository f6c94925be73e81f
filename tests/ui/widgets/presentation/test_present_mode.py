"""Presentation in the address: which pages it is on, what it leaves alone, how one gets in and out."""

import re
from pathlib import Path

import pytest
import streamlit

from resnet_viz.resources import ROOT
from resnet_viz.training.recipe_files import names
from resnet_viz.ui.widgets.presentation import present_mode, present_styles
from tests.fakes.visiting import PAGES, change, is_whole, press, value, visit, warnings

BUNDLE = Path(streamlit.__file__).parent / "static" / "static" / "js"
LEAVE = "Leave the presentation (Esc)"


def go(at, page: str, **query: str):  # type: ignore[no-untyped-def]
    """Opens a further page in the same session."""
    at.switch_page(str(ROOT / "pages" / f"{page}.py"))
    at.query_params.clear()
    at.query_params.update(query)
    return at.run()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_presented_and_keeps_its_address(page: str) -> None:
    at = visit(page, present="1")
    assert is_whole(at)
    assert (warnings(at), at.query_params) == ([], {"present": "1"})
    assert LEAVE in [button.label for button in at.button]


def test_a_visitor_who_presents_nothing_gets_no_component_that_could_run_the_page_again() -> None:
    def components(**query: str) -> set[str]:
        return {one.proto.component_name for one in visit("parameters", **query).get("bidi_component")}

    assert components(present="1") - components() == {"resnet_viz_present"}


def test_a_wrong_value_is_refused_in_a_sentence_and_presents_nothing() -> None:
    at = visit("parameters", present="<b>yes</b>")
    assert warnings(at) == ["“present” is 1 or absent; got <b>yes</b>."]
    assert "Present" in [button.label for button in at.button]


def test_the_presentation_begins_and_ends_without_a_change_of_the_page() -> None:
    at = visit("gradients", depth="20", view="std")
    assert press(at, "Present").query_params == {"depth": "20", "view": "std", "present": "1"}
    assert value(at, "view") == "std"
    assert press(at, LEAVE).query_params == {"depth": "20", "view": "std"}
    assert value(at, "view") == "std"


def test_a_widget_that_is_hidden_keeps_the_presentation_in_the_address() -> None:
    at = visit("parameters", present="1")
    change(at, "norm", True)
    assert at.query_params == {"present": "1", "norm": "true"}


@pytest.mark.parametrize("recipe", names()[:2])
def test_the_presentation_is_no_setting_of_a_recipe(recipe: str) -> None:
    plain, presented = visit("training", recipe=recipe), visit("training", recipe=recipe, present="1")
    names = ("recipe", "steps", "seeds", "depth", "nets", "order", "width")
    assert [value(presented, name) for name in names] == [value(plain, name) for name in names]
    assert value(presented, "recipe") == recipe
    assert warnings(presented) == []


def test_links_lead_to_presented_pages_and_the_menu_to_others() -> None:
    at = visit("theory", present="1")
    assert go(at, "architecture", net="resnet18").query_params == {"net": "resnet18", "present": "1"}
    press(at, LEAVE)
    assert go(at, "theory").query_params == {}  # the menu recalls its choices, which the presentation is none of


def test_an_instrument_that_is_opened_from_a_presentation_is_presented() -> None:
    at = visit("theory", show="lambda", present="1")
    (contents,) = (button for button in at.button if button.label == "Contents")
    contents.click().run()
    assert at.query_params == {"present": "1"}


def test_a_scene_decides_itself_where_it_goes_on() -> None:
    at = visit("gradients", present="1", scene="birth")
    assert LEAVE not in [button.label for button in at.button]
    assert go(at, "runs").query_params == {}


def test_type_is_as_large_as_the_screen_that_is_reported() -> None:
    usual = visit("gradients", present="1")
    large = visit("gradients", {"present": {"scale": 1.75}}, present="1")
    wrong = visit("gradients", {"present": {"scale": 1e9}}, present="1")

    def height(at) -> int:  # type: ignore[no-untyped-def]
        (found,) = (re.search(r'"height":(\d+)', chart.proto.spec) for chart in at.get("plotly_chart"))
        assert found
        return int(found[1])

    assert (height(usual), height(large)) == (round(470 * 1.25), round(470 * 1.75))
    assert height(wrong) == height(usual)


def test_controls_that_are_named_stay_and_no_name_becomes_a_style() -> None:
    styles = present_styles.presented(["start", "b.net", "x){} body{display:none"], hides_controls=True)
    assert ".st-key-start" in styles
    assert ".st-key-widget-b-net" in styles
    assert "body{" not in styles
    assert "st-key-walk," not in styles
    assert "st-key-walk," in present_styles.presented(["step"], hides_controls=True)
    assert "stSelectbox" not in present_styles.presented([], hides_controls=False)


@pytest.mark.parametrize(
    "name",
    [
        *present_styles.CHROME,
        *present_styles.CONTROLS,
        *present_styles.DRAWERS,
        *present_styles.HINTS,
        *present_styles.PARTS,
        *present_styles.SHOWN,
    ],
)
def test_streamlit_still_names_its_parts_as_the_styles_do(name: str, scripts: str) -> None:
    assert re.search(rf"[\"'`]{name}[\"'`]", scripts)


@pytest.fixture(scope="module")
def scripts() -> str:
    """All scripts of Streamlit's frontend."""
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in sorted(BUNDLE.glob("*.js")))


def test_keys_are_still_in_the_names_of_classes(scripts: str) -> None:
    assert "st-key-" in scripts
    assert present_mode.NAME == "present"
