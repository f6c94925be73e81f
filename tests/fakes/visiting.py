"""One visitor without a browser: opens a page under an address, reads what is on it."""

import json
import re
import string
from typing import Any

from streamlit.testing.v1 import AppTest

from resnet_viz.resources import ROOT
from resnet_viz.ui.widgets.presentation import present_styles
from tests.fakes.waiting import PATIENCE_S

ENTRY = ROOT / "tests" / "entry.py"
START = "start"
PAGES = (  # of the menu
    *(START, "architecture", "blocks", "parameters", "training", "gradients", "theory", "attribution", "runs"),
    "scene",
)

_SPECIAL = re.escape(string.punctuation)


def visit(page: str, session: dict[str, Any] | None = None, /, **query: str | list[str]) -> AppTest:
    """A new visitor's first look at a page; `session` is what the session already holds."""
    at = AppTest.from_file(ENTRY, default_timeout=PATIENCE_S)
    if page != START:
        at.switch_page(str(ROOT / "pages" / f"{page}.py"))
    for name, value in (session or {}).items():
        at.session_state[name] = value
    at.query_params.update(query)
    return at.run()


def change(at: AppTest, name: str, value: Any) -> AppTest:
    """Sets the widget behind a name of the address, as a visitor would."""
    _widget(at, name).set_value(value).run()
    return at


def value(at: AppTest, name: str) -> Any:
    """What the widget behind a name of the address shows."""
    return _widget(at, name).value


def _widget(at: AppTest, name: str) -> Any:
    """The widget behind a name; opens the drawer of more fields where it lies in there."""
    try:
        return at.get_by_key(f"widget:{name}")
    except KeyError:
        at.session_state[f"fields:{name[: name.rfind('.') + 1]}"] = True
        return at.run().get_by_key(f"widget:{name}")


def press(at: AppTest, label: str) -> AppTest:
    """Presses the button of this label."""
    (button,) = (button for button in at.button if button.label == label)
    button.click().run()
    return at


def buttons(at: AppTest) -> list[str]:
    """Labels of the page's buttons that can be pressed; the one of its frame leads into the presentation."""
    frame = (present_styles.ENTRY_KEY, present_styles.EXIT_KEY)
    return [button.label for button in at.button if not button.disabled and button.key not in frame]


def metrics(at: AppTest) -> dict[str, str]:
    """Labels and values of the cards; of two with the same label the last."""
    return {metric.label: metric.value for metric in at.metric}


def warnings(at: AppTest) -> list[str]:
    """The sentences of the page, as they are read: without the backslashes that keep Markdown away."""
    return [read(warning.value) for warning in at.warning]


def prose(at: AppTest) -> str:
    """All text of the page's body, without the backslashes."""
    return read("\n".join(str(text.value) for text in at.markdown))


def read(markdown: str) -> str:
    """A text as it is read, without the backslashes that keep Markdown away."""
    return re.sub(rf"\\([{_SPECIAL}])", r"\1", markdown)


def is_plain(markdown: str) -> bool:
    """Whether nothing in this text can be read as Markdown or HTML: each special character has its backslash."""
    return not re.search(rf"[{_SPECIAL}]", re.sub(rf"\\[{_SPECIAL}]", "", markdown))


def is_whole(at: AppTest) -> bool:
    """Whether what makes the page is there: its controls or charts, and no traceback."""
    return not at.exception and len(list(at.main)) > 3


def everything_sent(at: AppTest) -> str:
    """All that the browser gets, as text."""
    return "\n".join(str(node) for node in at.main) + "\n".join(str(warning.value) for warning in at.warning)


def graph(at: AppTest) -> dict[str, Any]:
    """What the layer graph's component is given: rows of Graphviz text, and what each box says."""
    (data,) = (
        json.loads(component.proto.json)
        for component in at.get("bidi_component")
        if component.proto.component_name == "resnet_viz_graph"
    )
    return dict(data)


def dot(at: AppTest) -> str:
    """The layer graph in Graphviz's language."""
    return "".join(row["dot"] for row in graph(at)["rows"])
