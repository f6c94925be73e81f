"""A lecture in a real Chromium: a class guesses on phones, a run decides, and the projector shows both."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_viz.scenes.rooms import FILE_NAME, RoomStore, Stage
from resnet_viz.training import recipe_files
from resnet_viz.training.records import Step
from tests.browser.conftest import BLANK, Visit, settled
from tests.browser.made_runs import adopt
from tests.browser.serving import Server, serving
from tests.fakes.waiting import until

pytestmark = pytest.mark.browser

PROJECTOR = {"width": 1024, "height": 768}
HD = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
RECIPE = recipe_files.make("degradation", {"nets": "plain", "steps": "30"})
SHALLOW, DEEP = RECIPE.labels
TITLE = "<b>bold</b><img src=x onerror=window.__pwned=1>"
HTML = "<b>bold</b><img src=x onerror=window.__pwned=1><script>window.__pwned=2</script>"
QUESTION = "Which net ends with the lower training loss?"
DEPTH = f"""
title = "Depth"
question = "{QUESTION}"
press = "Play"
look_at = "the end of both curves"
explanation = "The deeper net could copy the shallower one."
source = "He et al. 2015, section 1"
outcome = "deeper_or_shallower"
next = "markup"
[[answers]]
text = "The 20-layer net"
verdict = "shallower"
[[answers]]
text = "The 56-layer net"
verdict = "deeper"
[open]
page = "training"
controls = ["start", "steps"]
[open.query]
recipe = "degradation"
nets = "plain"
run = "%s"
"""
MARKUP = f"""
title = "{TITLE}"
question = "{HTML}"
press = "{TITLE}"
look_at = "{HTML}"
explanation = "{HTML}"
source = "{HTML}"
[[answers]]
text = "{HTML}"
[[answers]]
text = "Text"
right = true
[open]
page = "parameters"
"""


def steps() -> list[Step]:
    """Returns records in which the deeper net ends with 2.5 times the loss of the shallower one."""
    return [
        Step(net=net, step=when, loss=loss, accuracy=0.5, lr=0.1, images_per_s=100.0, seconds=when / 10)
        for net, loss in ((SHALLOW, 0.4), (DEEP, 1.0))
        for when in range(30)
    ]


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two scenes of a lecturer's own, the first of which opens a run that has ended."""
    folder = tmp_path_factory.mktemp("lecture")
    (folder / "scenes").mkdir()
    with serving(folder, RESNET_VIZ_SCENES=str(folder / "scenes")) as server:
        run = adopt(server, RECIPE, steps(), ("stem.conv",), ("stage1.block1",))
        (folder / "scenes" / "depth.toml").write_text(DEPTH % run, encoding="utf-8")
        (folder / "scenes" / "markup.toml").write_text(MARKUP, encoding="utf-8")
        yield server


def rooms(server: Server) -> RoomStore:
    return RoomStore(server.home / FILE_NAME)


def code_of(page: Page) -> str:
    """The code in the address of the projector."""
    expect(page).to_have_url(re.compile(r"[?&]room="))
    found = re.search(r"[?&]room=(\w+)", page.url)
    assert found
    return found[1]


def answer(page: Page, letter: str) -> Locator:
    return page.locator(f".answer[data-letter={letter}]")


def guesses(page: Page) -> Locator:
    return page.locator(".answer .count")


def projected(visit: Visit, server: Server, scene: str) -> tuple[Page, str]:
    """A projector with a scene in a room of its own, and the code."""
    page = visit(f"{server.url}/scene?name={scene}", viewport=PROJECTOR)
    code = code_of(page)
    expect(page.locator(".code")).to_have_text(code)
    expect(page.locator(".foot")).to_be_visible()
    return page, code


def press(page: Page, key: str, leads_to: str, shows: str) -> None:
    """Presses a key and waits until the page that it leads to listens to keys: it has this part, with this text."""
    part, _colon, text = shows.partition(": ")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(leads_to))
    expect(page.locator(part)).to_contain_text(text)
    settled(page)


def is_inside(page: Page, selector: str) -> bool:
    """Whether nothing of an element is beyond the screen or behind the foot."""
    box, foot = page.locator(selector).bounding_box(), page.locator(".foot").bounding_box()
    assert box
    assert foot
    size = page.viewport_size or PROJECTOR
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"]
        and (box["y"] + box["height"] <= foot["y"] + 0.5)
    )


def is_filled(page: Page, size: dict[str, int], parts: tuple[str, ...]) -> bool:
    """Whether a screen has taken a new size, and all its parts lie inside."""
    screen = page.locator(".screen").bounding_box()
    assert screen
    return screen["width"] == size["width"] and all(is_inside(page, part) for part in parts)


def font_px(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))


def test_three_browsers_guess_and_the_run_decides(lecture: Server, visit: Visit) -> None:
    projector, code = projected(visit, lecture, "depth")
    expect(projector.locator(".total")).to_have_text("No guesses yet")
    phones = [visit(f"{lecture.url}/vote?room={code}", viewport=PHONE) for _number in range(3)]
    for phone, choice in zip(phones, ("20-layer", "56-layer", "20-layer"), strict=True):
        phone.get_by_role("button", name=re.compile(choice)).click()
    expect(guesses(projector)).to_have_text(["2", "1"])
    expect(projector.locator(".total")).to_have_text("3 guesses")
    widths = [answer(projector, letter).locator(".bar").bounding_box() for letter in "AB"]
    assert widths[0]
    assert widths[1]
    assert widths[0]["width"] == pytest.approx(2 * widths[1]["width"], rel=0.02)
    expect(projector.locator(".answer.right")).to_have_count(0)

    press(projector, " ", rf"/training\?.*present=1&scene=depth&room={code}", f".lookbar .question: {QUESTION}")
    expect(projector.locator(".lookbar .hint")).to_have_text(["PressPlay", "Look atthe end of both curves"])
    press(projector, " ", rf"/scene\?name=depth&room={code}&stage=reveal&run=", ".reveal h1: Which net")
    expect(projector.locator(".answer.right .text")).to_have_text("The 20-layer net")
    expect(projector.locator(".total")).to_have_text("2 of 3 guesses are right")
    expect(projector.locator(".message.first")).to_contain_text("2.50 times the training loss")
    expect(projector.locator(".explanation")).to_have_text("The deeper net could copy the shallower one.")
    expect(phones[1].get_by_role("button", name=re.compile("layer net"))).to_have_count(0)  # no more guesses

    press(projector, " ", rf"/scene\?name=markup&room={code}", ".asking h1: <b>")
    expect(phones[0].get_by_role("button", name=re.compile("Text"))).to_be_visible()  # it has followed by itself
    assert rooms(lecture).find(code).scene == "markup"
    for page in (projector, *phones):
        page.goto(BLANK)


def test_question_and_reveal_fill_a_projector_and_lose_nothing(lecture: Server, visit: Visit) -> None:
    page, _code = projected(visit, lecture, "depth")
    asked = ("h1.question", ".answers", ".total", ".qr", ".link", ".code")
    for size, question_px, share in ((PROJECTOR, 44, 0.25), (HD, 70, 0.22)):
        page.set_viewport_size(size)  # type: ignore[arg-type]

        def is_large(size: dict[str, int] = size, question_px: int = question_px) -> bool:
            return is_filled(page, size, asked) and font_px(page, "h1.question") > question_px

        until(is_large, f"a large question inside {size}")
        code = page.locator(".qr").bounding_box()
        assert code
        assert code["width"] > share * size["width"]
        assert font_px(page, ".code") > question_px
    press(page, " ", "/training", ".lookbar: Reveal")
    press(page, " ", "stage=reveal", ".reveal h1: ")
    revealed = ("h1.question", ".answers", ".found", ".following")
    for size in (HD, PROJECTOR):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(lambda size=size: is_filled(page, size, revealed), f"the reveal inside {size}")  # type: ignore[misc]
    page.goto(BLANK)


def test_keys_lead_through_the_scenes_and_leave(lecture: Server, visit: Visit) -> None:
    page = visit(f"{lecture.url}/scene", viewport=PROJECTOR)
    page.locator("a.scene[data-name=depth]").click()
    code = code_of(page)
    expect(page.locator(".foot")).to_contain_text("Depth")
    press(page, "ArrowRight", "name=markup", ".foot .title: <b>")
    press(page, "ArrowLeft", "name=depth", ".foot .title: Depth")
    press(page, "Escape", rf"/scene\?room={code}$", ".contents >> nth=0: ")
    expect(page.locator("a.scene[data-name=markup]")).to_have_attribute("href", re.compile(f"room={code}"))
    page.locator("a.scene[data-name=markup]").click()
    expect(page).to_have_url(re.compile(f"name=markup&room={code}"))  # the same room: phones need no new code
    expect(page.locator(".code")).to_have_text(code)
    page.reload()
    expect(page.locator(".foot")).to_be_visible()
    settled(page)
    press(page, " ", "/parameters", ".lookbar: Reveal")  # a reload does not take the room away from its browser
    assert rooms(lecture).find(code).stage is Stage.LOOK
    page.goto(BLANK)


def test_a_run_serves_the_next_scene_that_opens_the_same_and_a_class_can_run_it(lecture: Server, visit: Visit) -> None:
    page = visit(f"{lecture.url}/scene?name=degradation&stage=reveal&run=degradation", viewport=PROJECTOR)
    expect(page.locator(".answer.right .text")).to_have_text("The 20-layer net")
    press(page, "ArrowRight", "name=overfitting&run=degradation", ".foot .title: overfitting")
    press(page, "ArrowRight", r"name=shortcuts(?!.*run=)", ".foot .title: shortcuts")
    page.get_by_role("button", name="Class run").click()
    expect(page).to_have_url(re.compile(r"name=shortcuts&class=1"))
    expect(page.get_by_text(re.compile("1 joined"))).to_be_visible()
    page.goto(BLANK)


def test_keys_belong_to_the_field_that_has_the_focus(lecture: Server, visit: Visit) -> None:
    page, _code = projected(visit, lecture, "depth")
    press(page, " ", "/training", ".lookbar: Reveal")
    opened = page.url
    field = page.get_by_label("Steps", exact=True)
    field.click()
    for key in (" ", "ArrowLeft", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    settled(page)
    assert page.url == opened
    page.locator(
        "[data-testid=race][data-ready=true] button[data-act=play]"
    ).click()  # a button that was clicked is not pressed again by a space
    press(page, " ", "stage=reveal", ".reveal h1: ")
    page.goto(BLANK)


def test_html_in_a_scene_is_text_everywhere(lecture: Server, visit: Visit) -> None:
    page, code = projected(visit, lecture, "markup")
    expect(page.locator(".screen .question")).to_have_text(HTML)
    expect(answer(page, "A").locator(".text")).to_have_text(HTML)
    phone = visit(f"{lecture.url}/vote?room={code}", viewport=PHONE)
    expect(phone.get_by_role("heading", name="<b>bold</b>")).to_be_visible()
    press(page, " ", "/parameters", ".lookbar: Reveal")
    expect(page.locator(".lookbar .question")).to_have_text(HTML)
    press(page, " ", "stage=reveal", ".reveal h1: ")
    for part, text in ((".question", HTML), (".explanation", HTML), (".foot .title", TITLE)):
        expect(page.locator(part)).to_have_text(text)
    expect(page.locator(".source")).to_contain_text(HTML)
    press(page, "Escape", r"/scene\?room=", ".contents >> nth=0: ")
    expect(page.locator("a.scene[data-name=markup] .question")).to_have_text(HTML)
    for each in (page, phone):
        assert each.evaluate("window.__pwned") is None
        expect(each.get_by_test_id("stMain").locator("img, script, iframe")).to_have_count(0)
        each.goto(BLANK)
