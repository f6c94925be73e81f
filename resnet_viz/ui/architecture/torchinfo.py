"""The panel "torchinfo": figures of another program for the network on the screen, and why they differ from ours."""

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.analysis.torchinfo import TorchinfoReport, compare, differing_layers
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.queries import torchinfo
from resnet_viz.jobs.queries.queue import QueryState, Request
from resnet_viz.present.architecture.torchinfo import difference_table, layers_message, totals_message
from resnet_viz.ui.widgets import query_progress
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import session_owner


def show_panel(analysis: Analysis) -> None:
    """Shows the button of the query, its progress, or torchinfo's figures beside ours."""
    request, owner = torchinfo.request_for(analysis.plan.spec), session_owner()
    status = torchinfo.SERVICE.status(request, owner=owner)
    if status is None or status.state is QueryState.FAILED:
        if status is not None:
            show_warning(_(status.message), is_here=True)
        _offer(request)
    elif status.state is QueryState.DONE:
        _show(analysis, status.result)
    else:
        query_progress.show(torchinfo.SERVICE, request, owner=owner, key="torchinfo")


def _offer(request: Request) -> None:
    st.markdown(
        _(
            "[torchinfo](https://github.com/TylerYep/torchinfo) counts parameters, multiply-adds and activations in a "
            "forward pass of the torch module. It does not use the plan from which this page computes them, so it is "
            "an independent check. It runs outside the web server and takes a few seconds."
        )
    )
    if st.button(_("Check with torchinfo"), icon=":material/fact_check:", type="primary", key="check"):
        try:
            torchinfo.SERVICE.ask(request, owner=session_owner())
        except Refusal as refusal:
            show_warning(str(refusal), is_here=True)
        else:
            st.rerun()


def _show(analysis: Analysis, report: TorchinfoReport) -> None:
    findings = compare(analysis, report)
    differing = differing_layers(analysis.plan, report)
    for column, finding in zip(st.columns([2, 3, 4], gap="medium"), findings, strict=True):
        column.markdown(difference_table(finding))
    st.markdown(totals_message(findings, report))
    st.markdown(layers_message(len(analysis.plan.nodes), differing))
    with st.expander(_("torchinfo's own summary"), icon=":material/receipt_long:"):
        st.code(report.summary, language=None, height=560)
