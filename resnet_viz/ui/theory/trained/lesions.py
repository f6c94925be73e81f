"""Lesions: blocks of trained nets deleted, exchanged and shuffled by a click; a plain net beside a residual one."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.tables import Rows
from resnet_viz.present.theory.trained.lesions import (
    comparison_text,
    damage_figure,
    damage_rows,
    damage_text,
    lesion_rows,
    lesion_text,
    net_figure,
    rewired_text,
)
from resnet_viz.spec.validation import one_of
from resnet_viz.theory.answers import Records
from resnet_viz.theory.trained.cost import forward_s, lesions_s
from resnet_viz.theory.trained.image_counts import IMAGES
from resnet_viz.theory.trained.lesions import (
    Damage,
    LesionQuestion,
    RandomDamageQuestion,
    RewiringQuestion,
    damage_sizes,
    movable_blocks,
    shuffled,
    swapped,
)
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.theory.trained import trained_nets
from resnet_viz.ui.theory.trained.trained_nets import PAIR, TrainedNet
from resnet_viz.ui.widgets import chart, theory_panel, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import theme_mode

_DELETE: Final = "delete"
_SWAP: Final = "swap"
_SHUFFLE: Final = "shuffle"
_MOST_SWAPS: Final = 16
_MOST_SEED: Final = 9_999
_PAIR: Final = 2
_PARTS: Final = {_DELETE: "cut", _SWAP: "swap"}  # names in the address


def show() -> None:
    """Shows the nets, the damage, accuracy without each block, and random damage."""
    top = trained_nets.row()
    nets = trained_nets.pick(PAIR, top)
    names = {_DELETE: _("delete blocks"), _SWAP: _("exchange two"), _SHUFFLE: _("shuffle")}
    with top:
        what = url_state.segments(_("Damage"), "do", list(names), _DELETE, names.__getitem__)
        shuffling = what == _SHUFFLE
        number = url_state.whole_slider(
            _("Random exchanges"), "number", low=0, high=_MOST_SWAPS, default=2, is_shown=shuffling, width=220
        )
        seed = url_state.integer(
            _("Seed"), "seed", low=0, high=_MOST_SEED, default=0, step=1, width=130, is_shown=shuffling
        )
    if not nets:
        return
    answer = st.container()
    damage = {net.letter: _damage(net, what, number, seed) for net in nets}
    whole = trained_nets.show_each(
        nets,
        lambda net: LesionQuestion(nets=(net.ref,)),
        lambda net, records: _draw(net, records, what, *damage[net.letter]),
        slot="lesions",
        cost_s=lambda net: 0.0 if net.spec is None else lesions_s(net.spec, IMAGES),
        above=lambda net: _controls(net, what, *damage[net.letter]),
    )
    titles = [net.title for net in nets]
    if len(whole) == len(nets):
        with answer:
            show_answer(" ".join(lesion_text(*pair) for pair in zip(titles, whole, strict=True)))
            if len(nets) == _PAIR:
                st.markdown(comparison_text(titles, whole))
        _numbers(lesion_rows(titles, whole), "lesions")
    with st.expander(_("Random damage: more and more blocks"), key="random_damage", on_change="rerun") as opened:
        if opened.open:
            _random_damage(nets)


def _damage(net: TrainedNet, what: str, number: int, seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the deleted blocks of a net and the order of all, () as built."""
    if net.spec is None:
        return (), ()
    names = [block.name for block in lower(net.spec).blocks]
    if what in _PARTS:
        _check_given(net, _PARTS[what], names)
    if what == _DELETE:
        return _given(net, "cut", names), ()
    if what == _SWAP:
        pair = _given(net, "swap", names)
        return (), swapped(names, *pair) if len(pair) == _PAIR else ()
    order = shuffled(net.spec, number, seed)
    return (), () if list(order) == names else order


def _given(net: TrainedNet, name: str, names: Sequence[str]) -> tuple[str, ...]:
    """Returns the blocks that the address names, in running order."""
    given = st.query_params.get(net.address(name), "").split(",")
    return tuple(name for name in names if name in given)


def _check_given(net: TrainedNet, name: str, names: Sequence[str]) -> None:
    """Shows a refusal of a block in the address that the net has not."""
    try:
        for part in filter(None, st.query_params.get(net.address(name), "").split(",")):
            one_of(net.address(name), part, names)
    except SpecError as refusal:
        show_warning(str(refusal))


def _controls(net: TrainedNet, what: str, deleted: tuple[str, ...], order: tuple[str, ...]) -> None:
    """Shows the menu of blocks, and the accuracy with the damage."""
    if net.spec is None:
        return
    names = [block.name for block in lower(net.spec).blocks]
    if what in _PARTS:
        _menu(net, what, names)
    if deleted or order:
        question = RewiringQuestion(nets=(net.ref,), deleted=deleted, order=order)
        moved = sum(1 for one, other in zip(order, names, strict=False) if one != other)
        theory_panel.show(
            question,
            lambda records, _is_whole: _rewired(records, len(deleted), moved),
            slot=f"rewired:{net.letter}",
            cost_s=0.0,
        )
    else:
        text = {
            _DELETE: _("Click a block of the net, or a bar, to delete it."),
            _SWAP: _("Click two blocks of one stage to exchange them."),
            _SHUFFLE: _("Nothing is exchanged."),
        }[what]
        st.markdown(text)


def _menu(net: TrainedNet, what: str, names: Sequence[str]) -> None:
    """Shows the chosen blocks in a field, bound to the address."""
    name = net.address(_PARTS[what])
    chosen = list(_given(net, _PARTS[what], names))
    options = list(names) if what == _DELETE else [one for stage in movable_blocks(_spec(net)) for one in stage]
    key = url_state.key_of(name)
    st.session_state[key] = [one for one in chosen if one in options]
    st.multiselect(
        _("Deleted blocks") if what == _DELETE else _("Exchanged blocks"),
        options,
        max_selections=None if what == _DELETE else _PAIR,
        placeholder=_("none"),
        **url_state.bound(name, "", ",".join),
    )


def _spec(net: TrainedNet) -> Any:
    assert net.spec is not None
    return net.spec


def _draw(net: TrainedNet, records: Records, what: str, deleted: tuple[str, ...], order: tuple[str, ...]) -> None:
    """Shows the drawn net with a bar per block; a click damages the block."""
    figure = net_figure(_spec(net), records, deleted=deleted, order=order, mode=theme_mode())
    drawn = _given(net, _PARTS[what], [one.name for one in lower(_spec(net)).blocks]) if what in _PARTS else ()
    key = f"net:{net.letter}:{what}:{len(records)}:{'.'.join(deleted)}:{hash(order)}"

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points and points[0].get("customdata"):
            _toggle(net, what, str(points[0]["customdata"]), drawn)

    chart.show(
        figure,
        key,
        alt=_("The blocks of {net}, and the accuracy without each of them.").format(net=net.title),
        file_name="lesions",
        on_click=clicked if what != _SHUFFLE else None,
    )


def _toggle(net: TrainedNet, what: str, block: str, drawn: tuple[str, ...]) -> None:
    """Deletes a block or brings it back; of exchanges, a third block begins anew.

    A browser sends a click again while the chart is being replaced: a click on a drawing of before is dropped.
    """
    names, part = [one.name for one in lower(_spec(net)).blocks], _PARTS[what]
    if block not in names or _given(net, part, names) != drawn:
        return
    chosen = list(drawn)
    if block in chosen:
        chosen.remove(block)
    else:
        chosen = [block] if what == _SWAP and len(chosen) == _PAIR else [*chosen, block]
    with url_state.changing():
        url_state.write(net.address(part), ",".join(name for name in names if name in chosen), "")


def _rewired(records: Records, num_deleted: int, num_moved: int) -> None:
    if records:
        show_answer(rewired_text(records[0], num_deleted=num_deleted, num_moved=num_moved))


def _random_damage(nets: Sequence[TrainedNet]) -> None:
    """Shows accuracies after random deletions and exchanges."""
    seed = url_state.integer(_("Seed of the draws"), "draw", low=0, high=_MOST_SEED, default=0, step=1, width=160)

    def draw(_net: TrainedNet, records: Records) -> None:
        st.markdown(damage_text(records))
        for kind in Damage:
            figure = damage_figure(records, kind, theme_mode())
            chart.show(figure, f"{kind}:{_net.letter}", alt=damage_text(records), file_name=f"random_{kind}")
        _numbers(damage_rows(records), f"random-damage-{_net.letter}")

    trained_nets.show_each(
        nets,
        lambda net: RandomDamageQuestion(nets=(net.ref,), seed=seed),
        draw,
        slot="damage",
        cost_s=_damage_s,
    )


def _damage_s(net: TrainedNet) -> float:
    if net.spec is None:
        return 0.0
    stages = movable_blocks(net.spec)
    draws = sum(len(damage_sizes(kind, stages)) for kind in Damage) * 3
    return forward_s(net.spec, IMAGES) * draws


def _numbers(rows: Rows, name: str) -> None:
    with st.expander(_("Numbers"), key=f"numbers:{name}"):
        show_table(rows, name=name, height=300)
