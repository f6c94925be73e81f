"""Opens pages as a visitor does, in a process that cannot start another: `python -m tests.contract.opened_pages`.

Reads a JSON list of visits from standard input and writes a JSON object to standard output: for each visit the state
of the page, as far as it does not depend on wording, and whether torch was loaded by the end. Results that another
process would have to compute (a new attribution, training) end in a message; results on the disk are shown.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from streamlit.testing.v1 import AppTest

ROOT: Final = Path(__file__).resolve().parents[2]
CONTROL: Final = "widget:"  # then the name in the address
TICK: Final = "compare:"  # then the id of a run
ANSWERS: Final = "attribution"  # the folder of kept answers, and that of shipped ones
PATIENCE_S: Final = 60.0


class Watch:
    """Keeps processes from starting; records the commands they would have had, and the kept answers that were read."""

    def __init__(self) -> None:
        self._processes: list[list[str]] = []
        self._answers: set[str] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            self._processes.append([str(word) for word in arguments[1]])
            raise OSError("No process is started here.")
        if event == "open" and isinstance(arguments[0], str) and f"{ANSWERS}{os.sep}" in arguments[0]:
            path = Path(arguments[0])
            if path.parent.name == ANSWERS and path.suffix == ".npz" and path.exists():
                self._answers.add(path.stem)

    def taken(self) -> dict[str, list[Any]]:
        """Returns the records since the last call."""
        found: dict[str, list[Any]] = {"processes": self._processes, "answers": sorted(self._answers)}
        self._processes, self._answers = [], set()
        return found


def opened(page: str, query: dict[str, str], session: dict[str, Any]) -> AppTest:
    """Returns a page as a new visitor first sees it under an address."""
    at = AppTest.from_file(ROOT / "tests" / "entry.py", default_timeout=PATIENCE_S)
    if page != "start":
        at.switch_page(str(ROOT / "pages" / f"{page}.py"))
    for name, value in session.items():
        at.session_state[name] = value
    at.query_params.update(query)
    return at.run()


def seen(each: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """Returns the state of a page, after a press of the button that the visit names, if any."""
    before = dict(os.environ)
    os.environ.update(each.get("environ", {}))
    at = opened(each["page"], each["query"], each.get("session", {}))
    keyed = {str(node.key): node for node in at.main if getattr(node, "key", None)}
    values = {key: node.value for key, node in keyed.items() if hasattr(node, "value")}
    links = [[link.proto.page, link.proto.query_string] for link in at.get("page_link")]
    sent = "".join(str(component.proto.json) for component in at.get("bidi_component"))
    messages = [str(warning.value) for warning in at.warning]
    if "press" in each:
        at.button(each["press"]).click().run()
    os.environ.clear()
    os.environ.update(before)
    return {
        "address": dict(at.query_params),
        "chosen": {key.removeprefix(CONTROL): value for key, value in values.items() if key.startswith(CONTROL)},
        "ticks": {key.removeprefix(TICK): is_on for key, is_on in values.items() if key.startswith(TICK)},
        "buttons": [str(button.key) for button in at.button if not button.disabled],
        "links": links,
        "messages": messages,
        "errors": [str(error.value) for error in at.exception],
        "sent": [text for text in each.get("texts", []) if text in sent],
        "num_charts": len(at.get("plotly_chart")),
        **watch.taken(),
    }


def main() -> None:
    """Makes all visits in turn and prints what was found."""
    watch = Watch()
    visits = [seen(each, watch) for each in json.load(sys.stdin)]
    print(json.dumps({"visits": visits, "is_torch_loaded": "torch" in sys.modules}))


if __name__ == "__main__":
    main()
