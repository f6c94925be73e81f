"""Components of our own whose scripts are static files: all that a page carries is a loader of a few lines.

Streamlit sends a component's script again with every update, so it is short; the files cost a browser one download.
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
    """Returns the component whose script is `main.js` in a folder of static/. Once per process: at import."""
    return st.components.v2.component(name, js=_LOADER.format(folder=folder, version=_version(folder)))


def _version(folder: str) -> str:
    """Returns a word that changes with the files, so that no browser goes on with old ones."""
    digest = hashlib.sha256()
    for file in sorted((STATIC / folder).glob("*.*s")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
