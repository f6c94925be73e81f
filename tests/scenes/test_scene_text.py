"""Scene files as text: what is read, and errors that name the line and what would be accepted."""

import pytest

from resnet_viz.errors import SceneError
from resnet_viz.scenes.scene import Answer
from resnet_viz.scenes.scene_text import read_text

LINES = (
    'title = "Depth"',  # line 1
    'question = "Which one?"',
    'outcome = "deeper_or_shallower"',
    "",
    "[[answers]]",  # line 5
    'text = "20 layers"',
    'verdict = "shallower"',
    "",
    "[[answers]]",
    'text = "56 layers"',  # line 10
    'verdict = "deeper"',
    "",
    "[open]",
    'page = "training"',
    'controls = ["start"]',  # line 15
    "[open.query]",
    'recipe = "degradation"',
    'nets = "plain"',
)


def changed(line: int, text: str) -> str:
    """The file with one line replaced, from 1."""
    return "\n".join((*LINES[: line - 1], text, *LINES[line:]))


def test_a_scene_has_its_fields_and_its_address_as_texts() -> None:
    scene = read_text("depth", changed(18, "width = 8\nlr = 0.10"), is_own=True)
    assert (scene.name, scene.title, scene.question, scene.is_own) == ("depth", "Depth", "Which one?", True)
    assert scene.answers == (
        Answer(text="20 layers", verdict="shallower"),
        Answer(text="56 layers", verdict="deeper"),
    )
    assert (scene.page, scene.controls) == ("training", ("start",))
    assert scene.query == {"recipe": "degradation", "width": "8", "lr": "0.1"}


def test_a_net_of_the_address_may_have_its_letter_with_or_without_quotes() -> None:
    for key in ("b.net", '"b.net"'):
        text = "\n".join(LINES[:13]).replace(LINES[2], "").replace(LINES[6], "right = true").replace(LINES[10], "")
        scene = read_text("x", f'{text}\npage = "architecture"\n[open.query]\nnet = "resnet34"\n{key} = "plain34"')
        assert scene.query == {"net": "resnet34", "b.net": "plain34"}


def test_markup_stays_text() -> None:
    hostile = "<img src=x onerror=alert(1)> **b** [l](javascript:1)"
    assert read_text("x", changed(1, f'title = "{hostile}"')).title == hostile


def test_line_breaks_of_a_text_are_spaces() -> None:
    scene = read_text("x", changed(2, 'question = """\nWhich\n  one?\n"""'))
    assert scene.question == "Which one?"


def test_without_an_outcome_the_author_marks_the_right_answer() -> None:
    text = "\n".join(LINES).replace(LINES[2], "").replace(LINES[6], "right = true").replace(LINES[10], "right = false")
    assert [answer.is_right for answer in read_text("x", text).answers] == [True, False]


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (1, "titel = 'x'", "line 1: A scene has no field 'titel'"),
        (1, "title = 5", "line 1: title is a text; got 5."),
        (1, f"title = '{'x' * 61}'", "line 1: title has at most 60 characters; got 61."),
        (1, 'title = "a\\u0007"', "line 1: title has a control character"),
        (2, 'question = "  "', "line 2: a scene has a question"),
        (3, 'outcome = "deeper"', "line 3: outcome is one of"),
        (3, "outcome = 1", "line 3: outcome is one of"),
        (3, "place = -1\noutcome = 'deeper_or_shallower'", "line 3: place is a whole number from 0 to 1,000; got -1."),
        (6, "", "line 5: an answer has a text"),
        (6, 'text = "20 layers"\nright = true', "line 7: the outcome deeper_or_shallower decides"),
        (7, 'verdict = "deep"', "line 7: verdict is one of shallower, deeper; got 'deep'."),
        (7, "", "line 6: an answer has a verdict of the outcome"),
        (10, 'text = "20 layers"', "line 10: two answers have this text."),
        (11, 'verdict = "shallower"', "line 11: two answers have this verdict."),
        (11, 'verdikt = "deeper"', "line 11: An answer has no field 'verdikt'"),
        (14, 'page = "/etc/passwd"', "line 14: page is one of architecture, blocks"),
        (14, "", "line 13: a scene has a table [open]"),
        (14, 'page = "theory"', "line 14: the outcome deeper_or_shallower is measured on the page training."),
        (15, 'controls = "start"', "line 15: controls is a list"),
        (15, 'controls = ["strat"]', "line 15: The page training has no field 'strat'"),
        (15, 'control = ["start"]', "line 15: The table [open] has no field 'control'"),
        (17, "", "line 16: a scene on the page training names a recipe or a run."),
        (17, 'recipe = "degradatoin"', "line 17: recipe is one of"),
        (18, 'nest = "plain"', "line 18: The page training has no field 'nest'"),
        (18, 'nets = "plane"', "line 16: nets"),
        (18, "nets = [1]", "line 18: nets is a text, a number, or true or false"),
        (18, 'room = "ABCD"', "line 18: room is set by the lecture itself."),
        (18, 'nets = "plain', "it is not TOML"),
    ],
)
def test_an_error_names_the_line_and_what_would_be_accepted(line: int, text: str, said: str) -> None:
    with pytest.raises(SceneError) as refusal:
        read_text("x", changed(line, text))
    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize(("number", "line"), [(0, 1), (1, 3), (6, 13)])
def test_two_to_five_answers(number: int, line: int) -> None:
    answers = "".join(f'[[answers]]\ntext = "{n}"\n' for n in range(number))
    with pytest.raises(SceneError, match=f"line {line}: a scene has 2 to 5 answers.* got {number}"):
        read_text("x", f'title="T"\nquestion="Q"\n{answers}[open]\npage="runs"')


@pytest.mark.parametrize(("right", "line"), [((), 3), ((0, 1), 8)])
def test_one_answer_is_right(right: tuple[int, ...], line: int) -> None:
    answers = "".join(f'[[answers]]\ntext = "{n}"\nright = {str(n in right).lower()}\n' for n in range(2))
    with pytest.raises(SceneError, match=f"line {line}: .*one answer with right = true; got {len(right)}"):
        read_text("x", f'title="T"\nquestion="Q"\n{answers}[open]\npage="runs"')


OF_FACTOR = (
    'title="T"\nquestion="Q"\noutcome="shortcut_factor"\n[[answers]]\ntext="a"\nverdict="grows"\n'
    '[[answers]]\ntext="b"\nverdict=""\n[open]\npage="{page}"\n[open.query]\n{query}'
)


@pytest.mark.parametrize(
    ("page", "query", "said"),
    [
        ("theory", 'show = "lambda"\nvalue = 0.93', "line 12: value is a factor from 0.5 to 2.0 in steps of 0.05"),
        ("theory", 'show = "lambda"\nvalue = "nan"', "line 12: value is a factor from 0.5 to 2.0"),
        ("theory", 'show = "lambda"\nseed = 3', "line 14: the outcome shortcut_factor is measured with the page as it"),
        ("theory", 'show = "paths"', "line 11: the outcome shortcut_factor is measured on the page theory, show = lam"),
        ("theory", 'show = "lamda"', "line 13: show is one of"),
        ("gradients", "", "line 11: the outcome shortcut_factor is measured on the page theory"),
        ("gradients", 'dpeth = "56"', "line 13: The page gradients has no field 'dpeth'"),
    ],
)
def test_a_scene_shows_what_decides_it(page: str, query: str, said: str) -> None:
    with pytest.raises(SceneError) as refusal:
        read_text("x", OF_FACTOR.format(page=page, query=query))
    assert str(refusal.value).startswith(said)


def test_an_answer_may_be_one_that_no_measurement_makes_right() -> None:
    answers = read_text("x", OF_FACTOR.format(page="theory", query='show = "lambda"')).answers
    assert [answer.verdict for answer in answers] == ["grows", ""]
