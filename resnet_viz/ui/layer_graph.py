"""The graph component on a page: a loader of two lines here, the script beside Graphviz as static files.

Served as files, they cost a browser one download; written into the page they would travel with every new picture.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from resnet_viz.ui.frame import ROOT

_FOLDER: Final = ROOT / "static" / "graph"
KEY: Final = "graph"


def _version() -> str:
    """Returns a word that changes with the script, so that no browser goes on with an old one."""
    digest = hashlib.sha256()
    for file in sorted(_FOLDER.glob("*.*s")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


_LOADER: Final = f"""
const script = import(new URL("app/static/graph/main.js?v={_version()}", document.baseURI).href);
export default (args) => {{
  let end = null;
  let isOver = false;
  script.then((module) => {{ if (!isOver) end = module.default(args); }});
  return () => {{ isOver = true; if (end) end(); }};
}};
"""
_component = st.components.v2.component("resnet_viz_graph", js=_LOADER)


def show(data: dict[str, Any], on_act: Callable[[str, str], None]) -> None:
    """Shows a drawing.

    Args:
        data: what `present.graph_view` returns.
        on_act: what a click asks for ("toggle", "below", "select" or "up") and the id of the box.
    """

    def act() -> None:
        said = st.session_state[KEY].get("act") or {}
        on_act(str(said.get("kind", "")), str(said.get("id", "")))

    _component(key=KEY, data=data, height="content", on_act_change=act)
