"""Which picture the page is about: a test picture by class, at random or most confidently wrong, or the visitor's own.

`picture=` names it; `pick`, `class` and `draw` say which ones are offered.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import streamlit as st

from resnet_viz.attribution.defaults import DATA, IMAGE_INDEX
from resnet_viz.attribution.query import AttributionQuery, ImageSelection, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources import images
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.data.datasets import SIZES, DataName, class_names
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.attribution.colors import Bytes, data_uri, enlarged
from resnet_viz.present.attribution.results import percent
from resnet_viz.ui.attribution import query
from resnet_viz.ui.widgets import thumbnails, url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.thumbnails import Thumbnail

_COUNT: Final = 20
_MOST_SEEDS: Final = 9_999
_THUMBNAIL_PX: Final = 56
_UPLOAD: Final = "upload"
_MESSAGE: Final = "attribution:picture"


class ImageChoice(NamedTuple):
    """ImageSelection pictures are offered: the way, and of it the class or the seed."""

    name: str
    label: int = -1
    seed: int = 0


def pick_image_choice(data: DataName) -> ImageChoice:
    """Shows the ways to a picture of a data set, or to one's own, and returns the chosen one."""
    ways = [ImageSelection.CLASS.value, ImageSelection.WRONG.value, ImageSelection.RANDOM.value, _UPLOAD]
    name = url_state.segments(
        _("Picture"), "pick", ways, ImageSelection.CLASS.value, _way_name, label_visibility="collapsed", wrap=True
    )
    if name == ImageSelection.CLASS:
        names = class_names(data)
        classes = ["", *map(str, range(len(names)))]
        chosen = url_state.select(
            _("Class"), "class", classes, "", lambda c: names[int(c)] if c else _("all"), width=130
        )
        return ImageChoice(name, label=int(chosen) if chosen else -1)
    if name == ImageSelection.RANDOM:
        return ImageChoice(
            name, seed=url_state.integer(_("Seed"), "draw", low=0, high=_MOST_SEEDS, default=0, width=130)
        )
    return ImageChoice(name)


def pick(way: ImageChoice, nets: Sequence[NetRef], data: DataName) -> ImageRef:
    """Shows the pictures on the chosen way, and returns the picture of the page.

    Raises:
        DataError: the data set is not on this machine.
    """
    shown = _named(_default(data))
    match way.name:
        case ImageSelection.WRONG:
            _wrong(nets, shown, data)
        case "upload":
            _upload_field()
        case _:
            _strip(_indices(way, data), shown, data)
    return shown


def _default(data: DataName) -> str:
    return f"data:{data}/{IMAGE_INDEX}"


def _named(default: str) -> ImageRef:
    sentence = st.session_state.pop(_MESSAGE, "")
    if sentence:
        show_warning(sentence)
    try:
        return ImageRef.parse(st.query_params.get("picture", default))
    except Refusal as refusal:
        show_warning(str(refusal))
        return ImageRef.parse(default)


def _indices(way: ImageChoice, data: DataName) -> list[int]:
    """Returns which test pictures are offered. The classes take turns: picture i is of class i modulo their number."""
    size = SIZES[data]
    if way.name == ImageSelection.RANDOM:
        drawn = np.random.default_rng(way.seed).choice(size.test, _COUNT, replace=False)
        return [int(index) for index in drawn]
    if way.label < 0:
        return list(range(_COUNT))
    return [way.label + size.classes * place for place in range(_COUNT)]


def _way_name(way: str) -> str:
    return {
        ImageSelection.CLASS.value: _("By class"),
        ImageSelection.WRONG.value: _("Confidently wrong"),
        ImageSelection.RANDOM.value: _("At random"),
        _UPLOAD: _("Your own"),
    }[way]


def _strip(indices: Sequence[int], shown: ImageRef, data: DataName) -> None:
    pictures_NCHW, labels_N = images.load_test_images(data)
    names = class_names(data)
    offered = [
        Thumbnail(
            ref=f"data:{data}/{index}",
            source=_source(pictures_NCHW[index]),
            alt=names[int(labels_N[index])],
        )
        for index in indices
    ]
    thumbnails.show(offered, str(shown), _show)


def _wrong(nets: Sequence[NetRef], shown: ImageRef, data: DataName) -> None:
    """Offers the pictures that net a is most sure of and gets wrong."""
    names = class_names(data)
    question = AttributionQuery(
        topic=Topic.PICK, nets=(nets[0],), options={"how": ImageSelection.WRONG.value, "count": _COUNT}
    )

    def draw(answer: AttributionResult) -> None:
        offered = []
        for entry, picture in zip(answer.meta["pictures"], answer.arrays["pictures"], strict=True):
            pixels: Bytes = np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
            words = _("{truth}, called {predicted}, {share}").format(
                truth=entry["class_name"],
                predicted=_class(entry["predicted"], names),
                share=percent(float(entry["confidence"])),
            )
            offered.append(Thumbnail(ref=str(entry["ref"]), source=_source(pixels), alt=words))
        thumbnails.show(offered, str(shown), _show)

    query.show(question, draw, line="pick")


def _class(number: Any, names: Sequence[str]) -> str:
    return names[number] if isinstance(number, int) and number < len(names) else str(number)


def _source(pixels_CHW: Bytes) -> str:
    pixels = pixels_CHW[0] if len(pixels_CHW) == 1 else np.ascontiguousarray(pixels_CHW.transpose(1, 2, 0))
    return data_uri(enlarged(pixels, _THUMBNAIL_PX))


def _show(ref: str) -> None:
    with url_state.changing():
        url_state.write("picture", ref, _default(DATA))


def _upload_field() -> None:
    st.file_uploader(
        _("A picture: PNG, JPEG or WebP, up to 5 MB"),
        type=["png", "jpg", "jpeg", "webp"],
        key="upload_picture",
        on_change=_take,
        width=420,
    )


def _take() -> None:
    """Keeps a picture that was sent, and makes it the page's; one that is none leaves the page as it is."""
    file = st.session_state.get("upload_picture")
    if file is None:
        return
    try:
        ref = images.keep_image(file.getvalue())
    except Refusal as refusal:
        st.session_state[_MESSAGE] = str(refusal)
        return
    _show(str(ref))
