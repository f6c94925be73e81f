"""Streamlit components whose scripts are static files, imported by a loader of a few lines.

Streamlit sends a component's own script with every update, so that is short; the files are downloaded once.
"""

import hashlib
from typing import Any, Final

import streamlit as st

from resnet_viz.resources import STATIC

_LOADER: Final = """
const script = import(new URL("app/static/{folder}/main.js?v={version}", document.baseURI).href);
export default (args) => {{
  let end, isOver;
  script.then((main) => {{ if (!isOver) end = main.default(args); }});
  return () => {{ isOver = true; end?.(); }};
}};
"""


def component(name: str, folder: str) -> Any:
    """Registers the component with `main.js` of a folder in static/ and returns it. Once per process: at import."""
    return st.components.v2.component(name, js=_LOADER.format(folder=folder, version=_version(folder)))


def _version(folder: str) -> str:
    """Returns a content hash of the files, so that a browser does not use old ones."""
    digest = hashlib.sha256()
    for file in sorted((STATIC / folder).glob("*.*s")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
