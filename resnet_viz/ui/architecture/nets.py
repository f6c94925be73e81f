"""One to three nets of the page, each with its own prefix in the address.

`?net=resnet50&b.net=resnet34` adds a second net, `c.net` a third. A further net exists as long as the address has any
of its names; without a preset of its own it has the first net's.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.suggested_pairs import PAIRS, Address, counterpart
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.architecture.columns import is_in_columns
from resnet_viz.ui.architecture.net_picker import net_controls
from resnet_viz.ui.architecture.net_url import Draft, forget, last_good, read_address, resolve
from resnet_viz.ui.widgets.url_state import changing

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

LETTERS: Final = {"": "a", "b.": "b", "c.": "c"}
OTHERS: Final = ("b.", "c.")
_CHOICES: Final = ("against", "code")  # choices among the nets, cleared when the nets change
_NAMES: Final = (codec.NET, *codec.FIELDS)


def pick_nets(default: str) -> tuple[AnySpec, ...]:
    """Shows the controls of the nets in the address and returns the nets: one, or two or three to compare.

    Where the address is invalid, a message gives the reason, the controls keep their input, and the net without the
    wrong fields is returned.
    """
    first = read_address(default)
    others = [read_address(first.base, prefix) for prefix in OTHERS if _query_of(prefix)]
    if not others:
        with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="medium", key="net"):
            net_controls(first)
            _offer(default, [])
        return (resolve(first),)
    drafts = [first, *others]
    with _room_of_nets():
        for draft in drafts:
            _row(draft, default, [draft.prefix for draft in others])
    return tuple(resolve(draft, LETTERS[draft.prefix]) for draft in drafts)


def _room_of_nets() -> "DeltaGenerator":
    """Returns the room of the controls of several nets: folded above nets in columns, whose figure needs the height."""
    if is_in_columns():
        return st.expander(_("Nets and their fields"), icon=":material/tune:", key="nets")
    return st.container(border=True, key="nets")


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
    """Shows the suggested comparisons and the button that adds a net."""
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


def _query_of(prefix: str) -> Address:
    """Returns the names and texts of one net in the address, without the prefix."""
    return {name: st.query_params[prefix + name] for name in _NAMES if prefix + name in st.query_params}


def _named_query_of(default: str, prefix: str) -> Address:
    """Returns the names and texts of one net, always with its preset."""
    return {codec.NET: read_address(default).base if prefix else default, **_query_of(prefix)}


def _replace_net(default: str, prefix: str, net: Address) -> None:
    """Replaces one net in the address. The first net's preset is left out if it is the default."""
    for name in _NAMES:
        st.query_params.pop(prefix + name, None)
    for name, text in net.items():
        if prefix or (name, text) != (codec.NET, default):
            st.query_params[prefix + name] = text
    forget(prefix)


def _clear_choices() -> None:
    for name in _CHOICES:
        st.query_params.pop(name, None)


def _swap(default: str, prefix: str) -> None:
    with changing():
        first, other = _named_query_of(default, ""), _named_query_of(default, prefix)
        _replace_net(default, "", other)
        _replace_net(default, prefix, first)


def _close(default: str, closed: str) -> None:
    """Removes a net; a third one becomes the second."""
    with changing():
        left = [_named_query_of(default, prefix) for prefix in OTHERS if prefix != closed and _query_of(prefix)]
        for prefix, net in zip(OTHERS, [*left, {}, {}], strict=False):
            _replace_net(default, prefix, net)
        _clear_choices()


def _add(default: str, prefix: str) -> None:
    """Adds a net: as the second one the first without its shortcuts, as the third a copy of the second."""
    with changing():
        there = [_named_query_of(default, other) for other in OTHERS if _query_of(other)]
        first = last_good("")
        new = there[0] if there else codec.to_query(counterpart(first)) if first else _named_query_of(default, "")
        _replace_net(default, prefix, new)


def _open(default: str, nets: Sequence[Address]) -> None:
    with changing():
        for prefix, net in zip(LETTERS, [*nets, {}, {}], strict=False):
            _replace_net(default, prefix, net)
        _clear_choices()
