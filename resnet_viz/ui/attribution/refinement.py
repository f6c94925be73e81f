"""Offer below a map that does not add up: larger numbers of steps, tried one after the other until one suffices.

Each try is a query of its own, which the page shows like any other: with progress, a cancel button and its own cached
result. What is tried next stands in the address, so that the number that suffices stays there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from resnet_viz.attribution.cost import QueryCost
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.i18n import _
from resnet_viz.present.attribution.convergence import adds_up, counts_after, share_text
from resnet_viz.ui.widgets import query_panel, url_state

_TRYING: Final = "attribution:refining"


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Number of steps or samples that a query was asked with.

    Attributes:
        name: its name in the address.
        value: of the query.
        default: at an empty address.
        high: the largest that may be set.
    """

    name: str
    value: int
    default: int
    high: int


def show_offer(
    count: Count, share: float, with_count: Callable[[int], AttributionQuery], cost: Callable[[int], QueryCost | None]
) -> None:
    """Shows the button that tries larger counts, or tries the next one if it was pressed; nothing for a small share.

    Args:
        count: of the result on the page.
        share: of its largest delta.
        with_count: returns the page's query with another count.
        cost: returns the cost of a query with this count; None where unknown.
    """
    about = with_count(count.default).key()  # the same for all counts
    is_trying = st.session_state.get(_TRYING) == about
    tries = counts_after(count.value, count.high)
    if adds_up(share) or not tries:
        if is_trying:
            del st.session_state[_TRYING]
        if not adds_up(share):
            st.markdown(
                _("Even {n}, the largest number, leaves {share} of the difference.").format(
                    n=count.value, share=share_text(share)
                )
            )
        return
    if is_trying:
        with url_state.changing():
            url_state.write(count.name, str(tries[0]), str(count.default))
        st.rerun()
    st.button(
        _("Find enough steps (error below 5 %)"),
        icon=":material/trending_up:",
        key=f"refine:{count.name}",
        on_click=_begin,
        args=(about,),
        help=_("Tries {counts} one after the other and stops at the first that suffices; all of them: {cost}.").format(
            counts=", ".join(map(str, tries)), cost=_cost_text([cost(more) for more in tries])
        ),
    )


def _begin(about: str) -> None:
    st.session_state[_TRYING] = about


def _cost_text(costs: list[QueryCost | None]) -> str:
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return _("unknown")
    return query_panel.cost_text(QueryCost(sum(cost.passes for cost in known), sum(cost.macs for cost in known)))
