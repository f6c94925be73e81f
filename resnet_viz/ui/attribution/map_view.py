"""View "Map": the map of each net over the image, their agreement, and files to download."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import MapsResult
from resnet_viz.present.attribution import text
from resnet_viz.present.attribution.colors import channel_sum, scale_limit
from resnet_viz.present.attribution.convergence import count_parameter, worst_share
from resnet_viz.present.attribution.maps_figure import maps_figure
from resnet_viz.present.attribution.small_multiples import scale_text
from resnet_viz.ui.attribution import downloads, method, refinement
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import chart, query_panel
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps of one net or two."""
    choice = method.pick(selection, row)
    query = choice.query(Topic.MAPS, selection.nets, selection.image)
    cost = selection_cost(query, selection)
    query_panel.show(query, MapsResult, lambda result: _draw(result, query, choice, selection), cost=cost)


def _draw(result: MapsResult, query: AttributionQuery, choice: MethodChoice, selection: PageSelection) -> None:
    name, is_signed = choice.method.name, choice.method.is_signed
    maps = [channel_sum(own.of(name).values) for own in result.maps]
    ends = [scale_limit(maps)] * len(maps) if choice.is_one_scale else [scale_limit([one]) for one in maps]
    chart.show(
        maps_figure(result, name, ends, theme_mode(), is_signed=is_signed, is_narrow=is_narrow()),
        "maps",
        alt=text.alt_text(result.nets, choice.method.title),
        file_name=f"{name}-{result.nets[0].title}",
    )
    st.markdown(scale_text(is_signed=is_signed, is_one_scale=choice.is_one_scale))
    for note in text.map_notes(result, choice.method, choice.params):
        st.markdown(escape_markdown(note))
    _offer_refinement(result, query, choice, selection)
    query_panel.show_net_notes(result)
    downloads.show_downloads(result, query, ends)


def _offer_refinement(
    result: MapsResult, query: AttributionQuery, choice: MethodChoice, selection: PageSelection
) -> None:
    """Offers more steps or samples below maps that do not add up."""
    parameter = count_parameter(choice.method)
    if parameter is None or not choice.method.has_delta:
        return
    count = refinement.Count(
        name=f"p.{parameter.name}",
        value=int(choice.params[parameter.name]),
        default=int(parameter.default),
        high=int(parameter.high),
    )

    def with_count(value: int) -> AttributionQuery:
        return replace(query, params={**query.params, parameter.name: value})

    refinement.show_offer(
        count,
        worst_share(result, choice.method.name),
        with_count,
        lambda value: selection_cost(with_count(value), selection),
    )
