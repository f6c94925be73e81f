"""Upload field with the names and the limit of the reader of its files.

A file that would be refused is stopped in the browser, and a message there names it, its size and the limit. A file
that was sent lies in the memory of Streamlit's server until its session ends: it is released once it has been taken.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.units import bytes_text
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import activate_language

_MIB: Final = 1 << 20
_watcher = component("resnet_viz_upload", "upload")


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadRules:
    """Files that a reader takes.

    Attributes:
        suffixes: ends of their names, with the dot.
        max_bytes: of one file.
        advice: message for the owner of a larger file; "" for none.
    """

    suffixes: Sequence[str]
    max_bytes: int
    advice: str = ""

    @property
    def limit_mib(self) -> int:
        """Limit in whole MiB, at least what is allowed; less where the server is started with a lower one."""
        return min(-(-self.max_bytes // _MIB), int(st.get_option("server.maxUploadSize")))

    @property
    def limit_bytes(self) -> int:
        """Limit in bytes."""
        return min(self.max_bytes, self.limit_mib * _MIB)

    def text(self) -> str:
        """Returns names and limit: "PT, PTH or TAR, at most 640 MiB"."""
        *first, last = (suffix.removeprefix(".") for suffix in self.suffixes)
        names = _("{names} or {last}").format(names=_(", ").join(first), last=last) if first else last
        return _("{names}, at most {limit}").format(names=names, limit=bytes_text(self.limit_bytes))


def show(label: str, rules: UploadRules, take: Callable[[BinaryIO], None], *, key: str, **look: Any) -> None:
    """Shows a field for one file.

    Args:
        label: of the field.
        rules: files that are taken.
        take: called with a file that was sent; a refusal of it is shown when the page is drawn.
        key: of the field.
        **look: further arguments of `st.file_uploader`.
    """
    message = st.session_state.pop(_message(key), "")
    if message:
        show_warning(message)
    st.file_uploader(
        label,
        type=list(rules.suffixes),
        max_upload_size=rules.limit_mib,
        key=key,
        on_change=_taken,
        args=(key, take),
        **look,
    )
    _watcher(key=f"{key}:watcher", data=_watched(key, rules), height="content")


def _watched(key: str, rules: UploadRules) -> dict[str, Any]:
    """Returns the data of the component; `{name}` and `{size}` are filled in by the browser."""
    names, limit = _(", ").join(rules.suffixes), bytes_text(rules.limit_bytes)
    size = _("{name} has {size}; at most {limit} are read here.").replace("{limit}", limit)
    return {
        "field": "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key),  # the class that Streamlit makes of a key
        "suffixes": [suffix.lower() for suffix in rules.suffixes],
        "max_bytes": rules.limit_bytes,
        "messages": {
            "name": _("{name} is not read here; the names of these files end in {suffixes}.").replace(
                "{suffixes}", names
            ),
            "size": " ".join(filter(None, [size, rules.advice])),
            "empty": _("{name} is empty."),
        },
    }


def _taken(key: str, take: Callable[[BinaryIO], None]) -> None:
    """Hands over a file that was sent, and frees the memory that it takes in Streamlit's server."""
    file = st.session_state.get(key)
    if not isinstance(file, UploadedFile):  # taken back, or freed below
        return
    activate_language()
    try:
        take(file)
    except Refusal as refusal:
        st.session_state[_message(key)] = str(refusal)
    finally:
        _free(file)


def _free(file: UploadedFile) -> None:
    """Empties a file: Streamlit copies a field's value at each run, and keeps the bytes until the session ends."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
    file.truncate(0)


def _message(key: str) -> str:
    return f"{key}:message"
