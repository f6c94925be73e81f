"""Downloads of a map: image, arrays, code, and the weights that the code reads."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import MapsResult
from resnet_viz.attribution.sources.net_sources import WeightsFile, net_source
from resnet_viz.attribution.sources.upload_keys import PICKLE, with_keys
from resnet_viz.i18n import _
from resnet_viz.present.attribution.downloads import composite_png, figure_code, npy_bytes
from resnet_viz.ui.widgets.nets.menu import spec_of

_MOST_SHOWN: Final = 60_000  # characters of code on a page; a large image in it exceeds them


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
            help=_("Image and maps without text; the button in the figure's corner saves them with text."),
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
    with st.expander(_("Code of this figure"), icon=":material/code:", key="figure_code"):
        _code(result, query)


def _npy(values: Floats) -> Callable[[], bytes]:
    return lambda: npy_bytes(values)  # made on demand


def _code(result: MapsResult, query: AttributionQuery) -> None:
    specs = [spec for ref in query.nets if (spec := spec_of(ref)) is not None]  # of all of them: there is a result
    files = [with_keys(net_source(ref).weights_file(), ref, spec) for ref, spec in zip(query.nets, specs, strict=True)]
    if any(file.name.endswith(PICKLE) for file in files):
        st.markdown(
            _(
                "Code is offered for weights in files of torch.save and of safetensors. These are arrays of numpy in a "
                "pickle, which independent code would have to run."
            )
        )
        return
    text = figure_code(query, result, specs, files)
    st.markdown(_("One file with Captum, independent of this program. It reads the weights from files beside it:"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "attribution.py", text, "attribution.py", "text/x-python", icon=":material/download:", key="figure_py"
        )
        for file in dict.fromkeys(file._replace(position=None, entry="", keys=(), is_bgr=False) for file in files):
            _offer(file)
    if len(text) <= _MOST_SHOWN:
        st.code(text, language="python", height=420)


def _offer(file: WeightsFile) -> None:
    if file.path is not None:
        st.download_button(
            file.name,
            file.path.read_bytes,
            file.name,
            "application/octet-stream",
            icon=":material/weight:",
            type="tertiary",
            key=f"weights:{file.name}",
        )
    elif file.url:
        st.markdown(_("`{name}`: [torchvision's file]({url}), renamed").format(name=file.name, url=file.url))
