"""Charts for a projector: type of 16 px and more, room for it, and the same numbers."""

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go

from resnet_viz.present.enlarged import LEAST_PX, enlarge_figure, enlarge_options
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.layout import HEIGHT_PX, lay_out
from resnet_viz.present.theory.line_options import Axes, chart, line

PROJECTOR = 1.25
INK = "#1B2236"
AXES = Axes(x="step", y="loss, nats")


def figure() -> go.Figure:
    made = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], text=["a", "b"], textfont={"size": 11}, marker={"size": 7}))
    lay_out(made, "A chart", Mode.LIGHT)
    made.add_annotation(text="here", x=1, y=3, font={"size": 12}, yshift=10)
    return made


def sizes_of_type(part: Any, name: str = "") -> Iterator[float]:
    """Sizes of all type in a figure."""
    if isinstance(part, dict):
        if name.endswith("font") and "size" in part:
            yield part["size"]
        for key, value in part.items():
            yield from sizes_of_type(value, key)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from sizes_of_type(value, name)


def options(*names: str) -> dict[str, Any]:
    return chart([line(name, [(0, 1), (1, 2)], "#0072B2", axes=AXES) for name in names], axes=AXES)


def test_without_a_presentation_a_figure_stays_itself() -> None:
    made = figure()
    assert enlarge_figure(made, 1) is made
    assert enlarge_options(options("plain"), 1, INK) == options("plain")


def test_all_type_of_a_figure_is_legible_and_its_points_stay() -> None:
    before = figure().to_plotly_json()
    after = enlarge_figure(figure(), PROJECTOR).to_plotly_json()
    assert min(sizes_of_type(before)) < LEAST_PX
    assert min(sizes_of_type(after)) >= LEAST_PX
    assert len(list(sizes_of_type(after))) == len(list(sizes_of_type(before)))
    assert after["data"][0]["marker"]["size"] == 7
    assert (list(after["data"][0]["x"]), list(after["data"][0]["y"])) == ([1, 2], [3, 4])


def test_a_figure_has_as_much_more_room() -> None:
    before, after = figure().layout, enlarge_figure(figure(), PROJECTOR).layout
    assert after.height == round(HEIGHT_PX * PROJECTOR)
    assert after.margin.t == before.margin.t * PROJECTOR
    assert after.annotations[0].yshift == 10 * PROJECTOR
    assert after.annotations[0].x == 1


def test_images_in_rows_keep_the_height_that_their_width_asks_for() -> None:
    images = go.Figure(layout={"height": 400, **{f"yaxis{n}": {"scaleanchor": f"x{n}"} for n in range(2, 9)}})
    assert enlarge_figure(images, PROJECTOR).layout.height == 400


def test_options_have_larger_type_in_the_ink_of_the_page() -> None:
    made = enlarge_options(options("plain"), PROJECTOR, INK)
    (legend,), (x,), (y,) = made["legend"], made["xAxis"], made["yAxis"]
    types = [made["textStyle"], legend["textStyle"], *(axis["axisLabel"] for axis in (x, y)), x["nameTextStyle"]]
    assert [one["color"] for one in types] == [INK] * len(types)
    assert min(one["fontSize"] for one in types) >= LEAST_PX
    assert x["nameGap"] == 30 * PROJECTOR
    assert made["series"][0]["data"] == options("plain")["series"][0]["data"]


def test_a_long_legend_gets_the_rows_that_it_needs() -> None:
    short = enlarge_options(options("plain"), PROJECTOR, INK)["grid"]["bottom"]
    names = [f"a net with a name as long as this one, number {n}" for n in range(5)]
    assert enlarge_options(options(*names), PROJECTOR, INK)["grid"]["bottom"] > short + 22 * PROJECTOR


def test_an_entry_of_a_legend_with_a_look_of_its_own_counts_by_its_name() -> None:
    names = [f"ResNet-{depth}, full pre-activation" for depth in (20, 56, 110)]
    bottoms = [
        enlarge_options({"legend": {"data": data}, "grid": {"bottom": 0}}, 1.25, "#000")["grid"]["bottom"]
        for data in (names, [{"name": name, "itemStyle": {"color": "#000"}} for name in names], names[:1])
    ]
    assert bottoms[0] == bottoms[1] > bottoms[2]
