"""Download button of a data set that is not on this machine."""

from typing import Final

import streamlit as st

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.data.download import download
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.ui.widgets.messages import show_warning

_TITLES: Final = {DataName.FASHION_MNIST: "Fashion-MNIST", DataName.CIFAR10: "CIFAR-10", DataName.MNIST: "MNIST"}


def is_available(name: DataName) -> bool:
    """Returns whether a data set is on this machine."""
    return _status(name).is_available


def offer_download(name: DataName) -> None:
    """Shows why a data set is unavailable, and a button to download it; nothing if it is available."""
    source = _status(name)
    if source.is_available:
        return
    show_warning(source.reason)
    if name not in _TITLES:
        return
    megabytes = round(datasets.SIZES[name].download_bytes / 1e6)
    label = _("Download {data} ({size} MB)").format(data=_TITLES[name], size=megabytes)
    if st.button(label, icon=":material/download:"):
        bar = st.progress(0.0, _("Downloading"))

        def show(done: int, total: int) -> None:
            bar.progress(min(1.0, done / max(1, total)), _("Downloading"))

        try:
            download(name, show)
        except Refusal as refusal:
            show_warning(str(refusal))
        else:
            st.rerun()


def _status(name: DataName) -> datasets.DatasetStatus:
    return next(source for source in datasets.available() if source.name is name)
