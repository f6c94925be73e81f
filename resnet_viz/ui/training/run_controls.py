"""Controls of a run: pause, single step, rewind, stop, learning rate, branch."""

from collections.abc import Callable, Hashable
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.training.branches import Branch, branches
from resnet_viz.runs.run import Run, RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.training.recipe_values import MAX_LR
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import may_change, session_owner

_MIN_LR: Final = 1e-6  # of the field; a recipe may begin lower
_R: Final = """
export default ({ setTriggerValue }) => {
  const press = (event) => {
    const isTyping = event.target.closest && event.target.closest("input, textarea, [contenteditable=true]");
    if (event.key.toLowerCase() !== "r" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("pressed", true);
  };
  document.addEventListener("keydown", press, true);
  return () => document.removeEventListener("keydown", press, true);
};
"""
# Streamlit reserves R, its key to rerun the script: no button can have it as a shortcut.
_r_key = st.components.v2.component("resnet_viz_r_key", js=_R)


def show(run: Run) -> None:
    """Shows the controls that this visitor has over a run that has not ended."""
    if run.state.is_final:
        return
    if may_change(run.owner):
        _player(run)
        with st.popover(_("Learning rate, branch"), icon=":material/tune:", width="content"):
            _rate(run)
            _branch(run)
    elif run.is_interrupted:  # after a restart of the server its owner has another session
        _button(_("Continue"), "play_arrow", "play", lambda: client.post_command(run.id, Verb.CONTINUE))


def appearance(run: Run) -> Hashable:
    """Returns a value that changes when `show` would draw something else."""
    stands = run.is_paused or run.is_interrupted
    newest = run.control.checkpoints[-1:] if stands else ()  # branches start while a run is paused
    is_waiting = run.state is RunState.QUEUED and not stands
    return run.state.is_final, run.is_cancelling, run.control.is_pausing, stands, is_waiting, run.control.rates, newest


def _player(run: Run) -> None:
    stands = run.is_paused or run.is_interrupted
    is_stopping = run.is_cancelling
    if stands or run.control.is_pausing:
        play = Verb.CONTINUE if stands else Verb.PAUSE
        label = _("Continue") if stands else _("Pausing")
    else:
        play, label = Verb.PAUSE, _("Pause")
    _button(
        label,
        "play_arrow" if stands else "pause",
        "play",
        lambda: client.post_command(run.id, play),
        shortcut="Space",
        disabled=is_stopping or (run.control.is_pausing and not stands),
    )
    _button(
        _("Step"),
        "skip_next",
        "step",
        lambda: client.post_command(run.id, Verb.STEP),
        shortcut="Right",
        disabled=is_stopping or not stands,
    )
    _button(
        _("Rewind"),
        "replay",
        "rewind",
        lambda: client.post_command(run.id, Verb.REWIND),
        disabled=is_stopping or (run.state is RunState.QUEUED and not stands),
        tip=_("Back to step 0 with the same initial weights (key R)."),
    )
    _r_key(
        key="r_key", width="content", on_pressed_change=lambda: _send(lambda: client.post_command(run.id, Verb.REWIND))
    )
    _button(
        _("Stopping") if is_stopping else _("Stop"),
        "stop",
        "stop",
        lambda: client.cancel(run.id),
        disabled=is_stopping,
    )


def _button(
    label: str,
    icon: str,
    key: str,
    act: Callable[[], None],
    *,
    shortcut: str | None = None,
    disabled: bool = False,
    tip: str | None = None,
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=key,
        on_click=_send,
        args=(act,),
        shortcut=shortcut,
        disabled=disabled,
        help=tip,
    )


def _send(act: Callable[[], None]) -> None:
    try:
        act()
    except Refusal as refusal:
        show_warning(str(refusal))


def _rate(run: Run) -> None:
    """Shows the field of the learning rate, which takes effect at the next step and is stored with the run."""
    newest = run.control.rates[-1].lr if run.control.rates else run.recipe.lr
    key = f"rate:{run.id}"
    low = min(_MIN_LR, newest)
    st.number_input(_("Learning rate"), min_value=low, max_value=MAX_LR, value=newest, format="%g", key=key)
    _button(
        _("Apply from next step"),
        "speed",
        "set_rate",
        lambda: client.post_command(run.id, Verb.RATE, float(st.session_state[key])),
    )
    for rate in run.control.rates:
        st.caption(_("{lr:g} since step {step:,}").format(lr=rate.lr, step=rate.step))


def _branch(run: Run) -> None:
    """Shows the menu of branches: new runs from the newest checkpoint, with a changed net beside the unchanged one."""
    offered = branches(run.recipe)
    if not offered or not run.control.checkpoints:
        return
    step = run.control.checkpoints[-1]
    st.markdown(_("Branch: a new run from step {step:,}.").format(step=step))
    labels = {branch.label: branch for branch in offered}
    chosen = labels[str(st.selectbox(_("Change"), list(labels), key=f"branch:{run.id}"))]
    if st.button(_("Branch"), icon=":material/call_split:", key="branch", disabled=not run.is_paused):
        _start(run, chosen)


def _start(run: Run, branch: Branch) -> None:
    try:
        run_id = client.branch(run.id, branch.recipe, branch.sources, owner=session_owner())
    except Refusal as refusal:
        show_warning(str(refusal))
        return
    st.query_params["run"] = run_id
    st.rerun()
