"""Name of the visitor's browser: random, kept in its localStorage, never shown.

It makes one vote of what a reload, a second tab or a lost connection would make two. It is no session: a session ends
with its connection. Where a browser keeps nothing (blocked storage), the name lasts as long as its page.
"""

import re
from typing import Final

import streamlit as st

_KEY: Final = "browser"
_NAME: Final = re.compile(r"[0-9a-f]{32}", flags=re.ASCII)
_SCRIPT: Final = """
export default function ({ data, setStateValue }) {
  if (data.is_known) return;
  const make = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0")).join("");
  const key = "resnet_viz_browser";
  let name = "";
  try { name = localStorage.getItem(key) ?? ""; } catch { /* storage is blocked */ }
  if (!/^[0-9a-f]{32}$/.test(name)) {
    name = make();
    try { localStorage.setItem(key, name); } catch { /* it lasts as long as the page */ }
  }
  setStateValue("name", name);
}
"""
_component = st.components.v2.component("resnet_viz_browser", js=_SCRIPT)


def browser_id() -> str | None:
    """Returns the name of this browser; None in the first run of a session, after which the browser sends it.

    Call it once in a run of the script, outside fragments: it puts an invisible component on the page.
    """
    state = _component(key=_KEY, data={"is_known": _kept() is not None}, default={"name": ""}, on_name_change=_keep)
    name = str(state.get("name") or "")
    if _kept() is None and _NAME.fullmatch(name):
        st.session_state["browser_id"] = name
    return _kept()


def _keep() -> None:
    """Keeps the name for the session: it stays when the component leaves the page and comes back."""
    name = str(st.session_state.get(_KEY, {}).get("name") or "")
    if _NAME.fullmatch(name):
        st.session_state["browser_id"] = name


def _kept() -> str | None:
    kept = st.session_state.get("browser_id")
    return str(kept) if kept else None
