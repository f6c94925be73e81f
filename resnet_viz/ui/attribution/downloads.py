"""What can be taken home of a map: the image, the numbers, the code that makes them and the weights that it reads."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import MapsResult
from resnet_viz.attribution.sources import shipped_nets, uploads
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.attribution.downloads import composite_png, figure_code, npy_bytes, weights_name
from resnet_viz.runs.sql import checkpoints
from resnet_viz.ui.attribution.nets import spec_of

_MOST_SHOWN: Final = 60_000  # characters of code that a page shows; a large image in it is more


def show_downloads(result: MapsResult, query: AttributionQuery, ends: Sequence[float]) -> None:
    """Shows a row of files to download, and the code."""
    method = query.method
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="files"):
        st.download_button(
            _("PNG"),
            lambda: composite_png(result, method, ends),
            f"{method}.png",
            "image/png",
            icon=":material/image:",
            type="tertiary",
            key="png",
            help=_("Image and maps without any text; the button in the figure's corner saves it with its text."),
        )
        for net, maps in zip(result.nets, result.maps, strict=True):
            st.download_button(
                _("{net} as .npy").format(net=net.title),
                _npy(maps.of(method).values),
                f"{method}-{net.letter}.npy",
                "application/octet-stream",
                icon=":material/grid_on:",
                type="tertiary",
                key=f"npy:{net.letter}",
            )
    with st.expander(_("The code that makes this figure"), icon=":material/code:", key="figure_code"):
        _code(result, query)


def _npy(values: Floats) -> Callable[[], bytes]:
    return lambda: npy_bytes(values)  # made when someone asks for it


def _code(result: MapsResult, query: AttributionQuery) -> None:
    specs = [spec for ref in query.nets if (spec := spec_of(ref)) is not None]  # of all of them: there is an answer
    weights = [_weights(ref) for ref in query.nets]
    names = [
        weights_name(ref, path.name if path else "") for ref, (path, _place) in zip(query.nets, weights, strict=True)
    ]
    text = figure_code(
        query, result, specs, [(name, place) for name, (_path, place) in zip(names, weights, strict=True)]
    )
    st.markdown(_("One file with Captum and nothing of this program. It reads the weights from files beside it:"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "attribution.py", text, "attribution.py", "text/x-python", icon=":material/download:", key="figure_py"
        )
        for number, (ref, (path, _place), name) in enumerate(zip(query.nets, weights, names, strict=True)):
            if name not in names[:number]:
                _offer(ref, path, name)
    if len(text) <= _MOST_SHOWN:
        st.code(text, language="python", height=420)


def _weights(ref: NetRef) -> tuple[Path | None, int | None]:
    """Returns where a net's weights lie on this machine, and of a run's kept step which net of the file it is."""
    if ref.kind is NetKind.SHIPPED:
        return shipped_nets.shipped_net(ref.name).path, None
    if ref.kind is NetKind.UPLOAD:
        with contextlib.suppress(Refusal):  # it was sent long ago; whoever sent it has it
            return uploads.find(ref.name, uploads.UploadKind.NET), None
    if ref.kind is not NetKind.RUN:
        return None, None
    store = client.store()
    found = [one for one in store.checkpoints(ref.name) if ref.step in (None, one.step)]
    if not found:
        return None, ref.index
    place = ref.index if found[-1].sources is None else found[-1].sources[ref.index]
    return checkpoints.folder(store.path) / found[-1].file, place


def _offer(ref: NetRef, path: Path | None, name: str) -> None:
    if path is not None:
        st.download_button(
            name,
            path.read_bytes,
            name,
            "application/octet-stream",
            icon=":material/weight:",
            type="tertiary",
            key=f"weights:{ref}",
        )
    elif ref.kind is NetKind.TORCHVISION:
        st.markdown(_("`{name}`: torchvision's own file, renamed").format(name=name))
