"""Controls of the method of attribution: all widgets follow from the table `attribution.methods.METHODS`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution import methods
from resnet_viz.attribution.defaults import BASELINE, METHOD
from resnet_viz.attribution.methods import BASELINES, METHODS, Method, Parameter
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import query_panel, url_state
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_MANY: Final = 20  # classes; more are selected by number
_SEEDED: Final = ("gradient_shap", "smooth_grad")


@dataclass(frozen=True, kw_only=True, slots=True)
class MethodChoice:
    """Values of the controls.

    Attributes:
        method: of attribution.
        params: all parameters of the method.
        layer: explained module; None for the last block, or a method without one.
        target: class whose logit is explained; None for each net's prediction.
        baseline: of the method.
        seed: of all random numbers.
        is_one_scale: whether the nets' maps share a scale.
    """

    method: Method
    params: dict[str, float]
    layer: str | None
    target: int | None
    baseline: str
    seed: int
    is_one_scale: bool

    def query(self, topic: Topic, nets: Sequence[NetRef], image: ImageRef) -> AttributionQuery:
        """Returns a query with these values."""
        return AttributionQuery(
            topic=topic,
            nets=tuple(nets),
            image=image,
            method=self.method.name,
            params=self.params,
            target=self.target,
            layer=self.layer,
            baseline=self.baseline,
            seed=self.seed,
        )


def pick(selection: PageSelection, row: "DeltaGenerator") -> MethodChoice:
    """Shows the controls in a row and returns their values."""
    with row:
        name = url_state.select(_("Method"), "method", list(METHODS), METHOD, lambda n: METHODS[n].title, width=207)
        method = METHODS[name]
        layer = layer_field(selection) if method.needs_layer else None
        target = target_field(selection)
        baseline = baseline_field() if method.has_baseline else BASELINE
        params, seed, is_one_scale = _settings(method, selection)
    return MethodChoice(
        method=method,
        params=params,
        layer=layer,
        target=target,
        baseline=baseline,
        seed=seed,
        is_one_scale=is_one_scale,
    )


def target_field(selection: PageSelection) -> int | None:
    """Shows the target class and returns it; None for each net's prediction."""
    num_classes, names = selection.num_classes, selection.class_names
    if num_classes > _MANY:
        number = url_state.integer(
            _("Target class (−1: prediction)"), "target", low=-1, high=num_classes - 1, default=-1, width=150
        )
        return None if number < 0 else number
    options = ["", *map(str, range(num_classes))]

    def name(option: str) -> str:
        if not option:
            return _("each net's prediction")
        return names[int(option)] if int(option) < len(names) else option

    chosen = url_state.select(_("Target class"), "target", options, "", name, width=210)
    return int(chosen) if chosen else None


def layer_field(selection: PageSelection) -> str | None:
    """Shows the blocks that all nets have and returns the selected one; None for each net's last block."""
    name = url_state.select(
        _("Block"), "layer", ["", *selection.blocks()], "", lambda b: b or _("last block"), width=150
    )
    return name or None


def baseline_field() -> str:
    """Shows the baselines and returns the selected one."""
    return url_state.select(_("Baseline"), "baseline", BASELINES, BASELINE, baseline_name, width=132)


def baseline_name(name: str) -> str:
    """Returns the name of a baseline."""
    return {
        "black": _("black"),
        "white": _("white"),
        "mean": _("mean pixel"),
        "blur": _("blurred"),
        "noise": _("noise"),
    }.get(name, name)


def _settings(method: Method, selection: PageSelection) -> tuple[dict[str, float], int, bool]:
    """Shows the method's parameters in a popover and returns them; an invalid combination takes the defaults."""
    given: dict[str, float] = {}
    seed, image_size = 0, selection.image_size
    with st.popover(_("Settings"), icon=":material/tune:", width="content", key="settings"):
        st.markdown(f"**{escape_markdown(method.title)}** · {escape_markdown(method.paper)}")
        for parameter in method.parameters:
            given[parameter.name] = _parameter(parameter, image_size)
        if method.name in _SEEDED or method.has_baseline:
            seed = url_state.integer(_("Random seed"), "seed", low=0, high=MAX_SEED, default=0)
        is_one_scale = scale_switch()
        st.markdown(escape_markdown(_(method.limits)))
        place = st.container()
    try:
        params = methods.checked_params(method.name, given, image_size=image_size)
    except Refusal as refusal:
        show_warning(str(refusal))
        params = methods.checked_params(method.name, {}, image_size=image_size)
    _cost(place, method, params, selection)
    return params, seed, is_one_scale


def _cost(place: "DeltaGenerator", method: Method, params: dict[str, float], selection: PageSelection) -> None:
    """Shows the cost of the maps."""
    query = AttributionQuery(
        topic=Topic.MAPS, nets=selection.nets, image=selection.image, method=method.name, params=params
    )
    cost = selection_cost(query, selection)
    if cost is not None:
        text = _("Cost of the maps: {cost}.").format(cost=query_panel.cost_text(cost))
        place.caption(text, help=query_panel.passes_text())


def scale_switch() -> bool:
    """Shows the switch for one scale of all nets and returns it."""
    return url_state.switch(_("One scale for both nets"), "one_scale", default=True)


def _parameter(parameter: Parameter, image_size: int) -> float:
    name, high, default = f"p.{parameter.name}", parameter.high_at(image_size), parameter.default_at(image_size)
    if parameter.is_whole:
        return url_state.integer(_(parameter.title), name, low=int(parameter.low), high=int(high), default=int(default))
    return url_state.decimal(_(parameter.title), name, low=parameter.low, high=high, default=float(default), step=0.01)
