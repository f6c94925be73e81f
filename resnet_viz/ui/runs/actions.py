"""Actions on runs: pin, rename, note, download, delete, import."""

from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.runs.downloads import RunFormat
from resnet_viz.runs.formats.json_import import MAX_BYTES, SUFFIXES
from resnet_viz.runs.library import RunEntry
from resnet_viz.runs.sql.annotations import LONGEST_NOTE, Annotation
from resnet_viz.runs.sql.queue import LONGEST_NAME
from resnet_viz.ui.runs import selection
from resnet_viz.ui.widgets import run_library, upload_field
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.run_library import may_be_changed
from resnet_viz.ui.widgets.upload_field import UploadRules
from resnet_viz.ui.widgets.visitor import activate_language, session_owner

_MESSAGE: Final = "runs:told"  # for the next run of the script


def pin_button(entry: RunEntry, *, is_pinned: bool) -> None:
    """Shows a button that pins or unpins a run."""
    st.button(
        ":material/keep:" if is_pinned else ":material/keep_off:",
        type="tertiary",
        key=f"pin:{entry.id}",
        help=_("Unpin") if is_pinned else _("Pin: listed first, never deleted to make room"),
        on_click=_try,
        args=(lambda: run_library.library().store.pin(entry.id, is_pinned=not is_pinned),),
    )


def more_button(entry: RunEntry, mark: Annotation) -> None:
    """Shows a button that opens the dialog of the other actions."""
    tip = _("Rename, download, delete") if may_be_changed(entry) else _("Download")
    if st.button(":material/more_horiz:", type="tertiary", key=f"more:{entry.id}", help=tip):
        st.dialog(_("Run"), width="medium")(_framed(_more))(entry, mark)


def delete_button(entries: Sequence[RunEntry]) -> None:
    """Shows a button that deletes those of the compared runs that may be deleted, after a confirmation."""
    own = [entry for entry in entries if _may_be_deleted(entry)]
    if not own:
        return
    label = ngettext("Delete {n} run", "Delete {n} runs", len(own)).format(n=len(own))
    if st.button(label, icon=":material/delete:", type="tertiary", key="delete-picked"):
        st.dialog(_("Delete permanently?"))(_framed(_ask_and_delete))(own)


def import_button() -> None:
    """Shows the upload of an exported run."""
    with st.popover(_("Import"), icon=":material/upload:"):
        rules = UploadRules(suffixes=SUFFIXES, max_bytes=MAX_BYTES)
        upload_field.show(_("Exported run: {files}").format(files=rules.text()), rules, _import, key="import")


def _import(file: BinaryIO) -> None:
    """Takes in an exported run and selects it."""
    st.query_params[selection.NAME] = run_library.library().store.import_run(file.read(), owner=session_owner())


def show_message() -> None:
    """Shows the message of the last action, if it left one."""
    message = st.session_state.pop(_MESSAGE, "")
    if message:
        show_warning(message)


def _more(entry: RunEntry, mark: Annotation) -> None:
    st.markdown(f"**{escape_markdown(entry.title)}**")
    st.caption(escape_markdown(" · ".join(filter(None, [*entry.net_titles, _origin(mark)]))))
    if may_be_changed(entry):
        _rename(entry, mark)
    st.markdown(_("**Download**"))
    with st.container(horizontal=True):
        for form, label in _form_names().items():
            run_library.download_button(entry.id, entry.title, form, label)
    if _may_be_deleted(entry):
        is_sure = st.checkbox(_("Delete this run and its records permanently"), key=f"sure:{entry.id}")
        if st.button(
            _("Delete"),
            icon=":material/delete_forever:",
            disabled=not is_sure,
            key="delete-this",
            on_click=_try,
            args=(lambda: _delete([entry]),),
        ):
            st.rerun()


def _origin(mark: Annotation) -> str:
    return _("Imported; original run ID {id}").format(id=mark.origin) if mark.origin else ""


def _rename(entry: RunEntry, mark: Annotation) -> None:
    name_key, note_key = f"name:{entry.id}", f"note:{entry.id}"
    name = entry.summary.name if entry.summary else ""

    def save() -> None:
        run_library.library().store.rename(entry.id, name=st.session_state[name_key], note=st.session_state[note_key])

    with st.form(f"rename:{entry.id}", border=False):
        st.text_input(_("Name"), name, max_chars=LONGEST_NAME, key=name_key)
        st.text_area(_("Note"), mark.note, max_chars=LONGEST_NOTE, height=80, key=note_key)
        if st.form_submit_button(_("Save"), icon=":material/check:", on_click=_try, args=(save,)):
            st.rerun()


def _form_names() -> dict[RunFormat, str]:
    return {
        RunFormat.HTML: _("HTML (offline replay)"),
        RunFormat.JSON: "JSON",
        RunFormat.CSV: "CSV",
        RunFormat.PARQUET: "Parquet",
        RunFormat.TENSORBOARD: "TensorBoard",
    }


def _ask_and_delete(entries: Sequence[RunEntry]) -> None:
    for entry in entries:
        st.markdown("- " + escape_markdown(f"{entry.title} ({entry.id})"))
    count = len(entries)
    label = ngettext("Delete {n} run and its records", "Delete {n} runs and their records", count).format(n=count)
    if st.button(
        label,
        icon=":material/delete_forever:",
        type="primary",
        key="delete-sure",
        on_click=_try,
        args=(lambda: _delete(entries),),
    ):
        st.rerun()


def _delete(entries: Sequence[RunEntry]) -> None:
    ids = [entry.id for entry in entries]
    run_library.library().store.delete(*ids)
    selection.forget(ids)


def _may_be_deleted(entry: RunEntry) -> bool:
    return may_be_changed(entry) and entry.summary is not None and entry.summary.state.is_final


def _try(act: Callable[[], None]) -> None:
    """Runs the action of a click; its refusal is shown when the page is drawn again."""
    activate_language()
    try:
        act()
    except Refusal as refusal:
        st.session_state[_MESSAGE] = str(refusal)


def _framed(draw: Callable[..., None]) -> Callable[..., None]:
    """Returns a part that may run outside the frame: with its language, and refusals shown in place."""

    def framed(*arguments: object) -> None:
        activate_language()
        try:
            draw(*arguments)
        except Refusal as refusal:
            show_warning(str(refusal), is_here=True)

    return framed
