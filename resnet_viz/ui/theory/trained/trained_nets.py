"""Trained nets of an instrument: menus, titles, and one part of the screen for each."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnet_viz.attribution.sources import shipped_nets
from resnet_viz.attribution.sources.refs import NO_NET, NetKind, NetRef
from resnet_viz.errors import Refusal
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.answers import Records
from resnet_viz.theory.question import Question
from resnet_viz.ui.widgets import theory_panel
from resnet_viz.ui.widgets.nets.menu import NetMenu, spec_of

PAIR: Final = NetMenu(defaults=("shipped:plain20", "shipped:resnet20"), has_imagenet=False)
DEEP: Final = NetMenu(defaults=("shipped:resnet56", NO_NET), has_imagenet=False, has_second=False)


class TrainedNet(NamedTuple):
    """Net of an instrument.

    Attributes:
        letter: a or b.
        ref: its reference.
        title: its name.
        spec: its architecture; None where it is not there.
    """

    letter: str
    ref: NetRef
    title: str
    spec: AnySpec | None

    def address(self, name: str) -> str:
        """Returns the name in the address of one of the net's own controls."""
        return name if self.letter == "a" else f"b.{name}"


def row() -> DeltaGenerator:
    """Returns the row of an instrument's controls, in which its nets come first."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def pick(menu: NetMenu, top: DeltaGenerator) -> list[TrainedNet]:
    """Shows the menus in a row and returns the nets; none before the architectures of uploaded ones are settled."""
    is_known = menu.ensure_known()
    with top:
        refs = menu.pick()
    if not menu.settle_uploaded(refs) or not is_known:
        return []
    specs = [_spec(ref) for ref in refs]
    return [
        TrainedNet(letter, ref, _title(ref, spec), spec) for letter, ref, spec in zip("ab", refs, specs, strict=False)
    ]


def show_each(
    nets: Sequence[TrainedNet],
    ask: Callable[[TrainedNet], Question],
    draw: Callable[[TrainedNet, Records], None],
    *,
    slot: str,
    cost_s: Callable[[TrainedNet], float],
    above: Callable[[TrainedNet], None] = lambda _net: None,
) -> list[Records]:
    """Shows the answers about nets side by side, and returns those that are whole.

    Args:
        nets: one or two.
        ask: the question about a net.
        draw: draws records of a net; there may be only some.
        slot: of the questions.
        cost_s: of the answer about a net.
        above: draws what stands above a net's answer.
    """
    whole: dict[str, Records] = {}
    for column, net in zip(st.columns(len(nets), gap="medium"), nets, strict=True):

        def keep(records: Records, is_whole: bool, net: TrainedNet = net) -> None:
            draw(net, records)
            if is_whole:
                whole[net.letter] = records

        with column:
            st.markdown(f"**{net.title}**")
            above(net)
            theory_panel.show(ask(net), keep, slot=f"{slot}:{net.letter}", cost_s=cost_s(net))
    return [whole[net.letter] for net in nets if net.letter in whole]


def _spec(ref: NetRef) -> AnySpec | None:
    try:
        return spec_of(ref)
    except Refusal:  # the answer gives the reason
        return None


def _title(ref: NetRef, spec: AnySpec | None) -> str:
    if ref.kind is NetKind.SHIPPED and spec is not None:
        return shipped_nets.shipped_net(ref.name).title
    return str(ref) if spec is None else title(spec)
