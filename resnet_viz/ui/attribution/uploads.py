"""Checkpoints that somebody sent: which nets they are is found out by the process that reads them, before all else."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Final

import streamlit as st

from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.spec.codec import from_json
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.attribution import query

_KNOWN: Final = "attribution:uploaded"


def ensure_known(nets: Iterable[NetRef]) -> bool:
    """Returns whether all nets are known that were sent; until they are, shows how far it is, or why there are none."""
    for place, ref in enumerate(nets):
        if ref.kind is NetKind.UPLOAD and ref.name not in _known():
            question = AttributionQuery(topic=Topic.ABOUT, nets=(ref,))
            query.show(question, _keep, line=f"about:{place}")
    return all(ref.kind is not NetKind.UPLOAD or ref.name in _known() for ref in nets)


def title_of(ref: NetRef) -> str:
    """Returns what a net that was sent is called; empty where nobody knows yet."""
    return str(_known().get(ref.name, {}).get("title", ""))


def spec_of(ref: NetRef) -> AnySpec | None:
    """Returns what a net that was sent is built like; None where nobody knows yet."""
    facts = _known().get(ref.name)
    return None if facts is None else from_json(facts["spec"])


def data_of(ref: NetRef) -> str | None:
    """Returns what a net that was sent probably learned from; None where nobody can tell."""
    data = _known().get(ref.name, {}).get("data")
    return None if data is None else str(data)


def _known() -> MutableMapping[str, Mapping[str, Any]]:
    found: MutableMapping[str, Mapping[str, Any]] = st.session_state.setdefault(_KNOWN, {})
    return found


def _keep(answer: AttributionResult) -> None:
    (facts,) = answer.meta["nets"]
    _known()[NetRef.parse(facts["ref"]).name] = facts
