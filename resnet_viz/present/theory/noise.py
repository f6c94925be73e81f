"""Charts, messages and rows of d2l's exercise 5: nested classes with noise; and two published nets beside them."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.layout import FONT_PX, lay_out
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity, PublishedResult
from resnet_viz.theory.function_classes import NoisyFit, falls

_POINTS: Final = 400
_ROOM: Final = 2.2  # range of the drawing; polynomials of a high degree leave it


def noise_text(fit: NoisyFit, degree: int) -> str:
    """Returns what the errors tell: how both go on with the degree, and where the chosen one is."""
    fall = _("Each class contains the one before, and the training error never rises ({first:.2f} to {last:.2f}).")
    rise = _("The training error rises somewhere, which nested classes cannot do: the fit is not exact.")
    parts = [(fall if falls(fit.training) else rise).format(first=fit.training[0], last=fit.training[-1])]
    best = _("The distance to the noiseless target is smallest at degree {best}, {least:.2f}.")
    parts.append(best.format(best=fit.best, least=fit.test[fit.best]))
    here = _("At degree {degree} it is {error:.3g}, {times:.3g} times that.")
    if degree != fit.best:
        times = fit.test[degree] / fit.test[fit.best]
        parts.append(here.format(degree=degree, error=fit.test[degree], times=times))
    return " ".join(parts)


def noise_rows(fit: NoisyFit) -> Rows:
    """Returns a row per degree with both errors."""
    return [
        {_("degree"): degree, _("training error (RMS)"): training, _("distance to sin 2πx (RMS)"): test}
        for degree, (training, test) in enumerate(zip(fit.training, fit.test, strict=True))
    ]


def noise_fit_chart(fit: NoisyFit, degree: int, mode: Mode) -> go.Figure:
    """Returns the points, the noiseless target and the fitted polynomial."""
    palette, x_M = PALETTES[mode], np.linspace(0, 1, _POINTS)
    figure = go.Figure()
    figure.add_scatter(
        x=x_M, y=np.sin(2 * np.pi * x_M), mode="lines", name="sin 2πx", hoverinfo="skip",
        line={"color": palette[Role.DATA].text, "width": 2, "dash": "dot"},
    )  # fmt: skip
    figure.add_scatter(
        x=x_M, y=fit.values(degree, x_M), mode="lines", hoverinfo="skip",
        name=_("fit, degree {k}").format(k=degree), line={"color": palette[Role.SHORTCUT].line, "width": 4},
    )  # fmt: skip
    figure.add_scatter(
        x=fit.x_N, y=fit.y_N, mode="markers", name=_("points"),
        marker={"size": 9, "color": palette[Role.BRANCH].line}, hovertemplate="%{y:.3f}<extra></extra>",
    )  # fmt: skip
    lay_out(figure, _("Points with noise, and the fit"), mode, is_legend_below=True)
    figure.update_yaxes(range=[-_ROOM, _ROOM])
    return figure


def errors_chart(fit: NoisyFit, degree: int, mode: Mode) -> go.Figure:
    """Returns training error and distance to the target over the degree."""
    palette, degrees = PALETTES[mode], list(range(len(fit.test)))
    figure = go.Figure()
    for name, errors, role in (
        (_("training"), fit.training, Role.BRANCH),
        (_("test (to sin 2πx)"), fit.test, Role.SHORTCUT),
    ):
        figure.add_scatter(
            x=degrees, y=errors, mode="lines+markers", name=name, line={"color": palette[role].line, "width": 3},
            marker={"size": [15 if k == degree else 7 for k in degrees]},
            hovertemplate=_("degree {place}: {value}").format(place="%{x}", value="%{y:.3g}") + "<extra></extra>",
        )  # fmt: skip
    lay_out(figure, _("Error (RMS) by degree"), mode, is_legend_below=True)
    figure.update_yaxes(type="log", dtick=1)
    figure.update_xaxes(dtick=3)
    figure.add_annotation(
        x=fit.best, y=float(np.log10(fit.test[fit.best])), text=_("smallest"), showarrow=True, arrowhead=2, ay=34,
        ax=0, font={"size": FONT_PX}, arrowcolor=palette[Role.DATA].text,
    )  # fmt: skip
    return figure


def overfitting_text() -> str:
    """Returns the same in published nets: ResNet-1202 fits the training images and is worse than ResNet-110."""
    deep, less = _result("ResNet-1202"), _result("ResNet-110")
    training = _result("ResNet-1202", PublishedQuantity.TRAINING_ERROR)
    text = _(
        "The same in nets, published: ResNet-1202 has a training error of {relation} {training} % and a test error of "
        "{deep} %; ResNet-110, a class inside it, has {less} % ({citation})."
    )
    return text.format(
        relation=training.relation,
        training=training.printed,
        deep=deep.printed,
        less=less.printed,
        citation=deep.citation,
    )


def _result(net: str, quantity: PublishedQuantity = PublishedQuantity.TEST_ERROR) -> PublishedResult:
    rows = files.groups()["cifar10"].results
    return next(row for row in rows if row.net == net and row.quantity is quantity)
