"""Totals, tables and charts of one net on a page."""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.errors import SpecError
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.export.style import CodeStyle, style_name
from resnet_viz.export.training import TrainingLoop, training_name
from resnet_viz.graph.labels import short_count
from resnet_viz.i18n import _
from resnet_viz.present.architecture.differences import net_names
from resnet_viz.present.architecture.stage_charts import stage_charts
from resnet_viz.present.architecture.volumes import place_volumes, scale_text, volume_figure
from resnet_viz.present.tables import KINDS, kind_name, layer_table, stage_table
from resnet_viz.present.units import bytes_text, exact, inference_memory, training_memory
from resnet_viz.present.work_counts import layers_note, stride_note, work_table
from resnet_viz.spec.titles import depth_note
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.architecture import torchinfo
from resnet_viz.ui.widgets import chart, url_state, viewport
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import theme_mode


def show_totals(analysis: Analysis) -> None:
    """Shows the costs of the whole net: exact counts, with their definitions in tooltips."""
    spec, sums = analysis.plan.spec, analysis.totals
    cards = (
        (
            _("Depth"),
            exact(spec.depth),
            " ".join(
                (
                    _("Weighted layers on the longest path; projections are not counted."),
                    layers_note(analysis.plan),
                    depth_note(spec),
                )
            ).strip(),
        ),
        (_("Parameters"), exact(sums.params), _("Trainable parameters: weights, biases, scales and shifts.")),
        (
            _("MACs"),
            short_count(sums.macs),
            _(
                "{n} multiply-adds of convolutions and fc in the forward pass of one image; papers call them FLOPs. "
                "Beneath the drawing, *FLOPs* has the figures of other programs."
            ).format(n=exact(sums.macs)),
        ),
        (
            training_memory().capitalize(),
            bytes_text(sums.training_bytes),
            _("Activations stored for the backward pass of one image, float32: {n} bytes.").format(
                n=exact(sums.training_bytes)
            ),
        ),
        (
            inference_memory().capitalize(),
            bytes_text(sums.inference_bytes),
            _(
                "Largest total of activations alive at once in the forward pass of one image, float32: {n} bytes."
            ).format(n=exact(sums.inference_bytes)),
        ),
    )
    with st.container(horizontal=True):
        for label, value, explanation in cards:
            st.metric(label, value, help=explanation, border=True)


def _work_counts(spec: AnySpec) -> None:
    """Shows a net's work by the conventions of several programs."""
    st.markdown(
        _(
            "Programs and papers print different figures for the work of one network: they count multiply-adds "
            "once or twice, and norms, biases, ReLUs and pools or none of these. For one image of this network:"
        )
    )
    st.markdown(work_table(spec, is_narrow=viewport.is_narrow()))
    if note := stride_note(spec):
        st.markdown(escape_markdown(note))


def show_details(analysis: Analysis) -> None:
    """Shows the figures by part or layer, the outputs to scale, the work by other programs, the code, torchinfo's."""
    names = {
        "part": _("by part"),
        "layer": _("by layer"),
        "volume": _("volumes"),
        "flops": _("FLOPs"),
        "code": _("PyTorch code"),
        "torchinfo": "torchinfo",
    }
    match url_state.segments(_("Details"), "details", list(names), "part", names.__getitem__):
        case "part":
            _stages(analysis)
        case "layer":
            _layers(analysis)
        case "volume":
            show_volumes([analysis])
        case "flops":
            _work_counts(analysis.plan.spec)
        case "torchinfo":
            torchinfo.show_panel(analysis)
        case _:
            show_code(analysis.plan.spec)


def show_volumes(analyses: Sequence[Analysis]) -> None:
    """Shows the outputs of the parts of one or more nets as boxes, all to one scale."""
    names = net_names([analysis.plan.spec for analysis in analyses])
    is_narrow = viewport.is_narrow()
    chart.show_figure(
        volume_figure(analyses, names, theme_mode(), is_narrow=is_narrow),
        config={"displayModeBar": False},
        alt=_("Outputs of the stages of {nets}, drawn to scale").format(nets=", ".join(names)),
    )
    st.markdown(scale_text(place_volumes(analyses, is_narrow=is_narrow).scale))


def show_code(spec: AnySpec) -> None:
    """Shows a net as a standalone PyTorch file, in a chosen style and with a chosen training loop."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        style = url_state.select(_("Style"), "style", list(CodeStyle), CodeStyle.OWN, style_name, width=320)
        loop = url_state.select(
            _("Training loop"), "train", list(TrainingLoop), TrainingLoop.NONE, training_name, width=320
        )
    training = TrainingLoop(loop)
    try:
        text = pytorch_source(spec, CodeStyle(style), training)
    except SpecError as refusal:
        show_warning(str(refusal), is_here=True)
        text = pytorch_source(spec, training=training)
    st.download_button(
        _("Download"), text, "net.py", "text/x-python", icon=":material/download:", type="tertiary", key="code"
    )
    st.code(text, language="python", height=560)


def _layers(analysis: Analysis) -> None:
    kinds = url_state.several(_("Only these layers"), "kinds", list(KINDS), (), kind_name)
    every = layer_table(analysis)
    rows = layer_table(analysis, kinds=kinds) if kinds else every
    show_table(rows, name="layers", height=420, all_rows=every)


def _stages(analysis: Analysis) -> None:
    for column, figure in zip(st.columns(4), stage_charts(analysis, theme_mode()), strict=True):
        with column:
            chart.show_figure(figure, config={"displayModeBar": False})
    show_table(stage_table(analysis), name="stages")
