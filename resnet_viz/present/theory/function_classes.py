"""Figures, messages and rows about classes of functions: the nearest function, the classes as sets, all distances."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import cos, pi, sin
from typing import Final, NamedTuple

import numpy as np
import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import FONT_PX, lay_out
from resnet_viz.theory.function_classes import (
    MOST_PIECES,
    NESTED,
    SEPARATE,
    Target,
    best_constants,
    distance,
    is_inside,
    target_breaks,
    target_value,
)

_POINTS: Final = 400
_SMALLEST_SET: Final = 0.22  # radius of F1
_TURN: Final = pi / 3  # between two classes that are not nested


class Disc(NamedTuple):
    """Class of functions as a set; the target lies at (0, 0), as far from the edge as from the class.

    Attributes:
        num_pieces: n.
        x: of the middle.
        y: of the middle.
        radius: larger for larger classes.
        is_nested: whether all discs of its family lie within each other.
    """

    num_pieces: int
    x: float
    y: float
    radius: float
    is_nested: bool


def target_name(target: Target) -> str:
    """Returns a target as text."""
    return {
        Target.MIDDLE: _("1 in the middle third"),
        Target.STEP: _("step at ½"),
        Target.TENT: _("|x − ½|"),
        Target.SINE: _("sin 2πx"),
    }[target]


def all_distances(target: Target) -> dict[int, float]:
    """Returns the distance of each class to a target by its number of pieces."""
    return {n: distance(target, n) for n in range(1, MOST_PIECES + 1)}


def class_text(distances: Mapping[int, float], n: int) -> str:
    """Returns what the distances tell about F_n and the classes before it."""
    near = min((m for m in distances if m <= n), key=lambda m: (distances[m], -m))
    here = _("F{n} lies {distance:.3f} from the target.") if distances[n] else _("F{n} contains the target.")
    parts = [here.format(n=n, distance=distances[n])]
    if distances[near] < distances[n] - 1e-12:
        nearer = _("F{m} is smaller and yet nearer ({distance:.3f}): F{n} does not contain it.")
        exact = _("F{m} is smaller and yet contains the target: F{n} does not contain F{m}.")
        parts.append((nearer if distances[near] else exact).format(m=near, n=n, distance=distances[near]))
    elif n > 1:
        parts.append(_("No smaller class is nearer."))
    inside = [m for m in distances if m < n and is_inside(m, n)]
    if inside:
        text = ngettext(
            "F{n} contains {names} and cannot be farther away than that.",
            "F{n} contains {names} and cannot be farther away than they are.",
            len(inside),
        )
        parts.append(text.format(n=n, names=names_text(inside)))
    return " ".join(parts)


def names_text(numbers: Sequence[int]) -> str:
    """Returns classes as text: "F1, F2 and F4"."""
    names = [f"F{n}" for n in numbers]
    return names[0] if len(names) == 1 else _("{most} and {last}").format(most=", ".join(names[:-1]), last=names[-1])


def distance_rows(distances: Mapping[int, float]) -> Rows:
    """Returns a row per class: its pieces, its distance, the classes inside it."""
    return [
        {
            _("pieces n"): n,
            _("distance to the target"): far,
            _("contains"): ", ".join(f"F{m}" for m in distances if m < n and is_inside(m, n)),
        }
        for n, far in distances.items()
    ]


def fit_chart(target: Target, n: int, mode: Mode) -> go.Figure:
    """Returns the target and its nearest function in F_n."""
    palette = PALETTES[mode]
    breaks = [place + side for place in target_breaks(target) for side in (-1e-9, 1e-9)]
    x = np.sort(np.concatenate([np.linspace(0, 1, _POINTS), breaks]))
    figure = go.Figure()
    figure.add_scatter(
        x=x, y=[target_value(target, place) for place in x.tolist()], mode="lines", name=_("target f*"),
        line={"color": palette[Role.DATA].text, "width": 2.5}, hoverinfo="skip",
    )  # fmt: skip
    means = best_constants(target, n)
    ends = [(k / n, (k + 1) / n) for k in range(n)]
    figure.add_scatter(
        x=[end for pair in ends for end in pair], y=[mean for mean in means for _end in (0, 1)], mode="lines",
        name=_("nearest function in F{n}").format(n=n), fill="tonexty", fillcolor=_faded(palette[Role.SHORTCUT].line),
        line={"color": palette[Role.SHORTCUT].line, "width": 4}, hovertemplate="%{y:.4f}<extra></extra>",
    )  # fmt: skip
    lay_out(figure, _("Target and nearest function"), mode, x="x")
    return figure


def discs(distances: Mapping[int, float], family: Sequence[int]) -> tuple[Disc, ...]:
    """Returns the classes of a family as discs around the target: within each other where they are nested.

    The gap between target and edge is the distance. Sizes only rise with n: a class has no size in this plane.
    """
    are_nested = all(is_inside(one, other) for one, other in pairwise(family))
    radius, found = _SMALLEST_SET, list[Disc]()
    for place, n in enumerate(family):
        if place:
            nearer = distances[family[place - 1]] - distances[n]
            radius += max(0.17, nearer / 2 + 0.08) if are_nested else 0.05
        far, angle = radius + distances[n], pi if are_nested else pi - place * _TURN
        found.append(Disc(n, far * cos(angle), far * sin(angle), radius, are_nested))
    return tuple(found)


def sets_chart(distances: Mapping[int, float], n: int, mode: Mode) -> go.Figure:
    """Returns both families as sets, the target as a star, and F_n bold (d2l, figure 7.6.1)."""
    palette = PALETTES[mode]
    figure, left = go.Figure(), 0.0
    for family, role, name in (
        (SEPARATE, Role.BRANCH, _("not nested")),
        (NESTED, Role.SHORTCUT, _("nested")),
    ):
        found = discs(distances, family)
        shift = left - min(disc.x - disc.radius for disc in found)
        for disc in reversed(found):
            _draw_disc(figure, disc, shift, palette[role].line, is_bold=disc.num_pieces == n)
        right = max([0.08, *(disc.x + disc.radius for disc in found)]) + shift
        figure.add_scatter(
            x=[shift], y=[0], mode="markers", showlegend=False, hovertemplate=_("target f*") + "<extra></extra>",
            marker={"symbol": "star", "size": 17, "color": palette[Role.ACT].line,
                    "line": {"color": palette[Role.DATA].text, "width": 1}},
        )  # fmt: skip
        bottom = min(disc.y - disc.radius for disc in found)
        figure.add_annotation(
            x=(left + right) / 2, y=bottom - 0.04, yanchor="top", text=f"<b>{name}</b>", showarrow=False,
            font={"size": FONT_PX, "color": palette[role].text},
        )  # fmt: skip
        left = right + 0.25
    lay_out(figure, _("Classes as sets: gap to the star = distance"), mode)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=1)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 40, "b": 30})
    return figure


def _draw_disc(figure: go.Figure, disc: Disc, shift: float, color: str, *, is_bold: bool) -> None:
    x, y, radius = disc.x + shift, disc.y, disc.radius
    figure.add_shape(
        type="circle", x0=x - radius, x1=x + radius, y0=y - radius, y1=y + radius, fillcolor=_faded(color),
        line={"color": color, "width": 4.5 if is_bold else 1.6},
    )  # fmt: skip
    at = y + radius - 0.085 if disc.is_nested else y  # the middle of a class is covered by those inside it
    figure.add_scatter(
        x=[x], y=[at], mode="text", showlegend=False, hoverinfo="skip",
        text=[f"<b>F{disc.num_pieces}</b>" if is_bold else f"F{disc.num_pieces}"],
        textfont={"size": FONT_PX + (3 if is_bold else -2)}, cliponaxis=False,
    )  # fmt: skip


def distance_chart(distances: Mapping[int, float], n: int, mode: Mode) -> go.Figure:
    """Returns all distances over the number of pieces, with both families as lines and F_n marked."""
    palette = PALETTES[mode]
    figure = go.Figure()
    figure.add_scatter(
        x=list(distances), y=list(distances.values()), mode="markers", name=_("all n"),
        marker={"size": 6, "color": palette[Role.DATA].line}, hovertemplate="F%{x}: %{y:.4f}<extra></extra>",
    )  # fmt: skip
    for family, role, name in (
        (SEPARATE, Role.BRANCH, _("not nested: 1, 2, 3, 4, 5, 7")),
        (NESTED, Role.SHORTCUT, _("nested: 1, 2, 4, ..., 32")),
    ):
        figure.add_scatter(
            x=list(family), y=[distances[m] for m in family], mode="lines+markers", name=name,
            line={"color": palette[role].line, "width": 3}, marker={"size": 9},
            hovertemplate="F%{x}: %{y:.4f}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=[n], y=[distances[n]], mode="markers+text", text=[f"<b>F{n}</b>"], textposition="top right",
        showlegend=False, hoverinfo="skip", cliponaxis=False, textfont={"size": FONT_PX + 1},
        marker={"size": 17, "color": palette[Role.ACT].line, "line": {"color": palette[Role.DATA].text, "width": 2}},
    )  # fmt: skip
    lay_out(figure, _("Distance to the target"), mode, x=_("pieces n"), height=280)
    figure.update_xaxes(type="log", tickvals=list(NESTED), ticktext=[str(m) for m in NESTED])
    figure.update_yaxes(range=[-0.03, max(distances.values()) * 1.15])
    return figure


def _faded(color: str) -> str:
    """Returns a colour of the form #RRGGBB that lets others shine through."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
