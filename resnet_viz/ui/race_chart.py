"""The race component on a page: a loader of two lines here, the script as static files.

The script keeps what it has got, so that each update sends only what is new. What this session has sent is noted in
the session; when something was lost on the way, the script asks and all is sent again.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.present import race_view
from resnet_viz.present.race_view import Seen
from resnet_viz.runs.run import Curve
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.frame import ROOT
from resnet_viz.ui.theme import mode

KEY: Final = "race"
_FOLDER: Final = ROOT / "static" / "race"
_SENT: Final = "race:sent"
_MOST_RUNS: Final = 4  # as many as the script keeps


class _Sent(NamedTuple):
    """What this session's browser has: how far it has the nets of each run, and which heads."""

    runs: dict[str, Mapping[str, Seen]]
    heads: set[str]


Read = Callable[[Mapping[str, Seen]], tuple[Sequence[Curve], Sequence[Step]]]
"""Returns the curves and the measured steps after what is seen of each net."""


def _version() -> str:
    """Returns a word that changes with the script, so that no browser goes on with an old one."""
    digest = hashlib.sha256()
    for file in sorted(_FOLDER.glob("*.*s")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


# Streamlit sends it again with every update, so it is short.
_LOADER: Final = f"""
const script = import(new URL("app/static/race/main.js?v={_version()}", document.baseURI).href);
export default (args) => {{
  let end, isOver;
  script.then((main) => {{ if (!isOver) end = main.default(args); }});
  return () => {{ isOver = true; end?.(); }};
}};
"""
_component = st.components.v2.component("resnet_viz_race", js=_LOADER)


def show(recipe: Recipe, run: str, read: Read) -> None:
    """Shows curves and measurements of a run.

    Args:
        recipe: what is trained and how.
        run: a word for the run and its attempt: what is sent under it must never change.
        read: gives what is new.
    """
    sent: _Sent = st.session_state.setdefault(_SENT, _Sent({}, set()))
    head = race_view.head(recipe, mode())
    head_id = race_view.head_id(head)
    seen = sent.runs.pop(run, {})
    parts, seen = race_view.news(recipe.labels, *read(seen), seen)
    sent.runs[run] = seen  # at the end: used last
    for old in list(sent.runs)[:-_MOST_RUNS]:
        del sent.runs[old]
    is_known = head_id in sent.heads
    sent.heads.add(head_id)
    # Two updates that come at once are one to the script: by `until` it knows that the first was lost, even at the end.
    data = {"run": run, "head_id": head_id, "nets": parts, "until": seen} | ({} if is_known else {"head": head})
    _component(key=KEY, data=data, height="content", on_resync_change=_forget)


def _forget() -> None:
    st.session_state.pop(_SENT, None)
