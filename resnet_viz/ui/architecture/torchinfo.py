"""The panel "torchinfo": what another program says about the net on the screen, and why it says something else."""

import json
from typing import Final

import streamlit as st

from resnet_viz.analysis import torchinfo
from resnet_viz.analysis.report import Analysis
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.queries.inquiries import Inquiries, QueryState, QueryStatus
from resnet_viz.present.architecture.torchinfo import difference_table, layers_message, totals_message
from resnet_viz.present.units import seconds_text
from resnet_viz.spec import codec
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets import auto_refresh
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import session_owner

_EVERY_S: Final = 0.5
_inquiries: Final = Inquiries("resnet_viz.nets.torchinfo:answer")


def show_panel(analysis: Analysis) -> None:
    """Shows the button that asks torchinfo, how far it has come, or what it says beside what we say."""
    question = _question(analysis.plan.spec)
    standing = _inquiries.look(question, owner=session_owner())
    if standing is None or standing.stage is QueryState.FAILED:
        if standing is not None:
            show_warning(_(standing.sentence), is_here=True)
        _offer(question)
    elif standing.stage is QueryState.ANSWERED:
        _show(analysis, torchinfo.from_json(standing.answer))
    else:
        auto_refresh.show(_progress, question, every_s=_EVERY_S)


def _question(spec: AnySpec) -> str:
    """Returns the net as canonical text: one net, one question."""
    return json.dumps(codec.to_json(spec), sort_keys=True)


def _offer(question: str) -> None:
    st.markdown(
        _(
            "[torchinfo](https://github.com/TylerYep/torchinfo) sends one image of this size through the torch module "
            "and counts as it passes. It knows nothing of the plan that every figure of this page comes from, which "
            "makes it a second opinion. It runs outside the web server and takes a few seconds."
        )
    )
    if st.button(_("Check with torchinfo"), icon=":material/fact_check:", type="primary", key="check"):
        try:
            _inquiries.ask(question, owner=session_owner())
        except Refusal as refusal:
            show_warning(str(refusal), is_here=True)
        else:
            st.rerun()


def _progress(question: str) -> bool:
    """Says how far a question has come, and offers to stop; returns whether it is over."""
    standing = _inquiries.look(question, owner=session_owner())
    if standing is None or standing.stage in (QueryState.ANSWERED, QueryState.FAILED):
        return True
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f":material/hourglass_top: {_state(standing)}")
        st.button(
            _("Stop"),
            icon=":material/stop:",
            key="stop_check",
            on_click=_inquiries.leave,
            args=(question,),
            kwargs={"owner": session_owner()},
        )
    return False


def _state(standing: QueryStatus) -> str:
    if standing.stage is QueryState.WAITING:
        return _("waiting: number {n} in the line").format(n=standing.place)
    sentence = _("loading torch and sending one image through the net: {spent} so far, at most {most}")
    return sentence.format(spent=seconds_text(standing.seconds), most=seconds_text(_inquiries.bounds.wall_s))


def _show(analysis: Analysis, opinion: torchinfo.TorchinfoReport) -> None:
    findings = torchinfo.compare(analysis, opinion)
    differing = torchinfo.differing_layers(analysis.plan, opinion)
    for column, finding in zip(st.columns([2, 3, 4], gap="medium"), findings, strict=True):
        column.markdown(difference_table(finding))
    st.markdown(totals_message(findings, opinion))
    st.markdown(layers_message(len(analysis.plan.nodes), differing))
    with st.expander(_("torchinfo's own summary"), icon=":material/receipt_long:"):
        st.code(opinion.summary, language=None, height=560)
