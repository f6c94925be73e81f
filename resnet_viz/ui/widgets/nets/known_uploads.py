"""Uploaded checkpoints on the page: the query process identifies them before all else."""

from collections.abc import Iterable, MutableMapping
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.attribution.net_result import NetFacts
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AboutResult
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.upload_facts import UploadFacts
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets import query_panel

_KNOWN: Final = "attribution:uploaded"
_MOST_KNOWN: Final = 60  # of a session, each choice counted
_MOST_OFFERED: Final = 8


class KnownNet(NamedTuple):
    """Uploaded net whose weights were read.

    Attributes:
        facts: title, probable data set and more.
        spec: its architecture; None before something is chosen.
        upload: what its weights tell.
    """

    facts: NetFacts
    spec: AnySpec | None
    upload: UploadFacts


def ensure_known(nets: Iterable[NetRef]) -> bool:
    """Returns whether all uploaded nets are known; until then, shows the progress or an error."""
    for place, ref in enumerate(nets):
        if ref.kind is NetKind.UPLOAD and ref not in _known():
            query = AttributionQuery(topic=Topic.ABOUT, nets=(ref,))
            query_panel.show(query, AboutResult, _keep, slot=f"about:{place}")
    return all(ref.kind is not NetKind.UPLOAD or ref in _known() for ref in nets)


def title_of(ref: NetRef) -> str:
    """Returns the title of an uploaded net; "" before its weights are read."""
    known = _known().get(ref)
    return "" if known is None else known.facts.title


def spec_of(ref: NetRef) -> AnySpec | None:
    """Returns the architecture of an uploaded net; None before its weights are read."""
    known = _known().get(ref)
    return None if known is None else known.spec


def class_names_of(ref: NetRef) -> tuple[str, ...]:
    """Returns the names of an uploaded net's classes, as far as they are known."""
    known = _known().get(ref)
    return () if known is None else known.facts.class_names


def data_of(ref: NetRef) -> str | None:
    """Returns the data set of an uploaded net; None where unknown."""
    known = _known().get(ref)
    return None if known is None else known.facts.data


def known_net(ref: NetRef) -> KnownNet | None:
    """Returns an uploaded net; None before its weights are read."""
    return _known().get(ref)


def recent() -> list[NetRef]:
    """Returns the uploaded nets of this session, each as it was last looked at."""
    return list({ref.name: ref for ref in _known()}.values())[-_MOST_OFFERED:]


def _known() -> MutableMapping[NetRef, KnownNet]:
    found: MutableMapping[NetRef, KnownNet] = st.session_state.setdefault(_KNOWN, {})
    return found


def _keep(result: AboutResult) -> None:
    for facts, spec, upload in zip(result.nets, result.specs, result.uploads, strict=True):
        if upload is not None:
            known = _known()
            known.pop(facts.ref, None)
            known[facts.ref] = KnownNet(facts, spec[0] if spec else None, upload)
            while len(known) > _MOST_KNOWN:
                known.pop(next(iter(known)))
