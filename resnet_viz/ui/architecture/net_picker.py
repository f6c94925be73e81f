"""Controls of one net: a preset by family and depth, and its single fields.

A page can have controls of several nets, each with its own prefix in the address.
"""

from typing import Any

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.presets import fields_of, preset, series, series_of
from resnet_viz.spec.titles import family_name
from resnet_viz.ui.architecture.net_fields import main_fields, more_fields
from resnet_viz.ui.architecture.net_url import Draft, write_net
from resnet_viz.ui.widgets.url_state import changing, key_of, write


def net_controls(draft: Draft, letter: str = "") -> None:
    """Shows the controls of one net in a row.

    With several nets on the page, a letter identifies this one and its controls are compact: family and depth, and a
    popover with the rest.
    """
    is_compact = bool(letter)
    _family_and_depth(draft, letter)
    if not is_compact:
        main_fields(draft)
    label = _("Fields") if is_compact else _("More fields")
    drawer = st.popover(label, icon=":material/tune:", width="content", key=f"fields:{draft.prefix}", on_change="rerun")
    # A browser keeps the values of a closed popover's widgets and sends them later, which would undo changes of the
    # address: widgets that are not visible are not made.
    if drawer.open:
        with drawer:
            if is_compact:
                main_fields(draft)
            more_fields(draft)


def _family_and_depth(draft: Draft, letter: str) -> None:
    families = series()
    own = series_of(draft.base)
    depths = {name: preset(name).depth for name in families[own]} | {draft.base: preset(draft.base).depth}
    members = sorted(depths, key=lambda name: depths[name])
    family_key, depth_key = key_of(f"{draft.prefix}family"), key_of(f"{draft.prefix}depth")
    st.session_state[family_key], st.session_state[depth_key] = own, draft.base

    def family_changed() -> None:
        wanted = families[st.session_state[family_key]]
        with changing():
            for name in codec.FIELDS:  # a family is picked as it is
                st.query_params.pop(draft.prefix + name, None)
            write_net(draft, min(wanted, key=lambda name: abs(preset(name).depth - depths[draft.base])))

    def depth_changed() -> None:
        with changing():
            _keep_changes(draft.prefix, st.session_state[depth_key])
            write_net(draft, st.session_state[depth_key])

    of_net = _(" of net {letter}").format(letter=letter) if letter else ""
    look: dict[str, Any] = {"label_visibility": "collapsed" if letter else "visible"}
    help_text = _(
        "Weighted layers on the longest path: stem, convolutions of the branches, fc. Wide ResNets for CIFAR are named "
        "by 6n + 4: with the projections of their three stages and without the fc."
    )
    st.selectbox(
        _("Family") + of_net, list(families), format_func=family_name, key=family_key, on_change=family_changed,
        width=290, **look,
    )  # fmt: skip
    st.segmented_control(
        _("Depth") + of_net, members, format_func=lambda name: _depth_name(name, own), key=depth_key,
        on_change=depth_changed, required=True, width="content", help=None if letter else help_text, **look,
    )  # fmt: skip


def _depth_name(name: str, family: str) -> str:
    """Returns the part of a name that differs within its family: "50", or "50 32x4d" where not only depth differs."""
    return name.replace("_v1", "").removeprefix(family.replace("_v1", "")).strip("_").replace("_", " ")


def _keep_changes(prefix: str, new_base: str) -> None:
    """Keeps the changed fields at another depth, except the numbers of blocks, which depth determines."""
    st.query_params.pop(f"{prefix}blocks", None)
    for name in codec.FIELDS:
        if prefix + name in st.query_params and name in fields_of(new_base):
            usual = codec.format_field(getattr(preset(new_base), name))
            write(prefix + name, st.query_params[prefix + name], usual)
