"""The nets of a page, one to three: the first as it is picked alone, others below it, each with its own prefix.

`?net=resnet50&b.net=resnet34` sets a second net beside the first, `c.net` a third. A second net is there as long as the
address says anything of it; where it gives fields only, these belong to the first net's preset.
"""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.suggested_pairs import PAIRS, Address, counterpart
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.architecture.net_picker import net_controls
from resnet_viz.ui.architecture.net_url import Draft, forget, last_good, read_address, resolve
from resnet_viz.ui.widgets.url_state import changing

LETTERS: Final = {"": "a", "b.": "b", "c.": "c"}
OTHERS: Final = ("b.", "c.")
_CHOICES: Final = ("against", "code")  # which of the nets is looked at: made anew when there are others
_NAMES: Final = (codec.NET, *codec.FIELDS)


def pick_nets(default: str) -> tuple[AnySpec, ...]:
    """Shows the controls of the nets that the address names, and returns these: one, or two or three to compare.

    Where an address describes no net, a sentence says why, the controls keep what was entered, and the last good net
    stands in.
    """
    first = read_address(default)
    others = [read_address(first.base, prefix) for prefix in OTHERS if _said(prefix)]
    if not others:
        with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="medium", key="net"):
            net_controls(first)
            _offer(default, [])
        return (resolve(first),)
    drafts = [first, *others]
    with st.container(border=True, key="nets"):
        for draft in drafts:
            _row(draft, default, [draft.prefix for draft in others])
    return tuple(resolve(draft, LETTERS[draft.prefix]) for draft in drafts)


def _row(draft: Draft, default: str, others: Sequence[str]) -> None:
    letter = LETTERS[draft.prefix]
    with st.container(horizontal=True, vertical_alignment="center", key=f"net:{letter}"):
        st.markdown(f"**{letter}**", width="content")
        net_controls(draft, letter)
        if not draft.prefix:
            _offer(default, others)
            return
        tie: dict[str, Any] = {"type": "tertiary", "args": (default, draft.prefix)}
        swap, close = _("Swap a and {letter}"), _("Close {letter}")
        st.button(swap.format(letter=letter), icon=":material/swap_vert:", key=f"swap:{letter}", on_click=_swap, **tie)
        st.button(close.format(letter=letter), icon=":material/close:", key=f"close:{letter}", on_click=_close, **tie)


def _offer(default: str, others: Sequence[str]) -> None:
    """Shows the ready comparisons, and the button that sets one more net beside those that are there."""
    free = [prefix for prefix in OTHERS if prefix not in others]
    with st.popover(_("Compare"), icon=":material/compare_arrows:", width="content", key=f"compare:{len(others)}"):
        if free:
            label = _("A third net") if others else _("A second net")
            st.button(label, icon=":material/add:", key="more", on_click=_add, args=(default, free[0]))
        for number, pair in enumerate(PAIRS):
            st.button(
                f"{_(pair.name)} :small[({pair.source})]",
                type="tertiary",
                key=f"pair:{number}",
                on_click=_open,
                args=(default, pair.nets),
            )


def _said(prefix: str) -> Address:
    """Returns what the address says of one net, as it is, without the prefix."""
    return {name: st.query_params[prefix + name] for name in _NAMES if prefix + name in st.query_params}


def _named(default: str, prefix: str) -> Address:
    """Returns what the address says of one net, its preset always named."""
    return {codec.NET: read_address(default).base if prefix else default, **_said(prefix)}


def _say(default: str, prefix: str, net: Address) -> None:
    """Makes the address say this of one net and nothing else. The first net is named where it is not the default."""
    for name in _NAMES:
        st.query_params.pop(prefix + name, None)
    for name, text in net.items():
        if prefix or (name, text) != (codec.NET, default):
            st.query_params[prefix + name] = text
    forget(prefix)


def _look_anew() -> None:
    for name in _CHOICES:
        st.query_params.pop(name, None)


def _swap(default: str, prefix: str) -> None:
    with changing():
        first, other = _named(default, ""), _named(default, prefix)
        _say(default, "", other)
        _say(default, prefix, first)


def _close(default: str, closed: str) -> None:
    """Takes one net away; a third one becomes the second."""
    with changing():
        left = [_named(default, prefix) for prefix in OTHERS if prefix != closed and _said(prefix)]
        for prefix, net in zip(OTHERS, [*left, {}, {}], strict=False):
            _say(default, prefix, net)
        _look_anew()


def _add(default: str, prefix: str) -> None:
    """Sets one more net beside the others: at first the net without its shortcuts, then a copy of the second net."""
    with changing():
        there = [_named(default, other) for other in OTHERS if _said(other)]
        first = last_good("")
        new = there[0] if there else codec.to_query(counterpart(first)) if first else _named(default, "")
        _say(default, prefix, new)


def _open(default: str, nets: Sequence[Address]) -> None:
    with changing():
        for prefix, net in zip(LETTERS, [*nets, {}, {}], strict=False):
            _say(default, prefix, net)
        _look_anew()
