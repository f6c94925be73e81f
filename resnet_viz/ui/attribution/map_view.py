"""The view "Map": what each net looks at in the picture, how far the nets agree, and the files to take home."""

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.present.attribution import text
from resnet_viz.present.attribution.colors import channel_sum, scale_limit
from resnet_viz.present.attribution.maps_figure import ShownMap, maps_figure
from resnet_viz.present.attribution.results import net_predictions, true_class
from resnet_viz.present.attribution.small_multiples import scale_text
from resnet_viz.ui.attribution import downloads, method, query
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def chart_config(name: str) -> dict[str, Any]:
    """Returns what a chart's bar of buttons has: one, that saves a large PNG."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 3},
    }


NO_BAR: Final = {"displayModeBar": False}


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps of one net or two."""
    chosen = method.pick(subject, row)
    question = chosen.question(Topic.MAPS, subject.nets, subject.picture)
    query.show(question, lambda answer: _draw(answer, question, chosen), cost=selection_cost(question, subject))


def _draw(answer: AttributionResult, question: AttributionQuery, chosen: MethodChoice) -> None:
    seen = net_predictions(answer)
    name = chosen.method.name
    values = [channel_sum(answer.arrays[f"{net.place}.map.{name}"]) for net in seen]
    ends = [scale_limit(values)] * len(values) if chosen.is_one_scale else [scale_limit([one]) for one in values]
    figure = maps_figure(
        [ShownMap(net=net, values=one, end=end) for net, one, end in zip(seen, values, ends, strict=True)],
        theme_mode(),
        truth=true_class(answer),
        is_signed=chosen.method.is_signed,
        is_narrow=is_narrow(),
    )
    st.plotly_chart(
        figure,
        theme=None,
        key="maps",
        config=chart_config(f"{name}-{seen[0].title}"),
        alt=text.alt_text(seen, chosen.method.title),
    )
    st.markdown(scale_text(is_signed=chosen.method.is_signed, is_one_scale=chosen.is_one_scale))
    for sentence in text.map_notes(answer, seen, chosen.method):
        st.markdown(escape_markdown(sentence))
    downloads.show_downloads(answer, seen, question, ends)
