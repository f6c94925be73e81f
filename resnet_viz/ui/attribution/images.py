"""Image of the page: a test image by class, at random or most confidently wrong, or an upload.

`picture=` is its reference in the address; `pick`, `class` and `draw` select the offered images.
"""

from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import streamlit as st

from resnet_viz.attribution.defaults import DATA, IMAGE_INDEX
from resnet_viz.attribution.query import AttributionQuery, ImageSelection, Topic
from resnet_viz.attribution.result import PickResult
from resnet_viz.attribution.sources import images, uploads
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.data.datasets import DataName, class_names
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.attribution.colors import Bytes, data_uri, enlarged
from resnet_viz.present.attribution.text import percent
from resnet_viz.ui.widgets import query_panel, thumbnails, upload_field, url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.thumbnails import Thumbnail
from resnet_viz.ui.widgets.upload_field import UploadRules
from resnet_viz.ui.widgets.visitor import session_owner

_COUNT: Final = 20
_MOST_SEEDS: Final = 9_999
_THUMBNAIL_PX: Final = 56
_UPLOAD: Final = "upload"


class ImageChoice(NamedTuple):
    """Selection of the offered images: its kind, and the class or seed of it."""

    name: str
    label: int = -1
    seed: int = 0


def pick_image_choice(data: DataName) -> ImageChoice:
    """Shows the selections of images of a data set, and the upload, and returns the selected one."""
    ways = [ImageSelection.CLASS.value, ImageSelection.WRONG.value, ImageSelection.RANDOM.value, _UPLOAD]
    name = url_state.segments(
        _("Image"), "pick", ways, ImageSelection.CLASS.value, _way_name, label_visibility="collapsed", wrap=True
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
    """Shows the offered images, and returns the image of the page.

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
    try:
        return ImageRef.parse(st.query_params.get("picture", default))
    except Refusal as refusal:
        show_warning(str(refusal))
        return ImageRef.parse(default)


def _indices(way: ImageChoice, data: DataName) -> Sequence[int]:
    """Returns the test images to choose from."""
    indices = images.indices_of_class(data, way.label)
    return images.draw_indices(indices, _COUNT, way.seed) if way.name == ImageSelection.RANDOM else indices[:_COUNT]


def _way_name(way: str) -> str:
    return {
        ImageSelection.CLASS.value: _("By class"),
        ImageSelection.WRONG.value: _("Confident errors"),
        ImageSelection.RANDOM.value: _("Random"),
        _UPLOAD: _("Upload"),
    }[way]


def _strip(indices: Sequence[int], shown: ImageRef, data: DataName) -> None:
    images_NCHW, labels_N = images.load_test_images(data)
    names = class_names(data)
    offered = [
        Thumbnail(
            ref=f"data:{data}/{index}",
            source=_source(images_NCHW[index]),
            alt=names[int(labels_N[index])],
        )
        for index in indices
    ]
    thumbnails.show(offered, str(shown), _show)


def _wrong(nets: Sequence[NetRef], shown: ImageRef, data: DataName) -> None:
    """Offers the images that net a misclassifies with the highest confidence."""
    names = class_names(data)
    query = AttributionQuery(
        topic=Topic.PICK, nets=(nets[0],), options={"how": ImageSelection.WRONG.value, "count": _COUNT}
    )

    def draw(result: PickResult) -> None:
        offered = []
        for one in result.images:
            pixels: Bytes = np.round(255 * np.clip(one.pixels_CHW, 0, 1)).astype(np.uint8)
            text = _("{truth}, predicted {predicted} ({share})").format(
                truth=names[one.label], predicted=_class(one.predicted, names), share=percent(one.confidence)
            )
            offered.append(Thumbnail(ref=str(one.ref), source=_source(pixels), alt=text))
        thumbnails.show(offered, str(shown), _show)

    query_panel.show(query, PickResult, draw, slot="pick")


def _class(number: int, names: Sequence[str]) -> str:
    return names[number] if number < len(names) else str(number)


def _source(pixels_CHW: Bytes) -> str:
    pixels = pixels_CHW[0] if len(pixels_CHW) == 1 else np.ascontiguousarray(pixels_CHW.transpose(1, 2, 0))
    return data_uri(enlarged(pixels, _THUMBNAIL_PX))


def _show(ref: str) -> None:
    with url_state.changing():
        url_state.write("picture", ref, _default(DATA))


def _upload_field() -> None:
    rules = UploadRules(suffixes=images.SUFFIXES, max_bytes=uploads.MAX_BYTES[uploads.UploadKind.IMAGE])
    upload_field.show(_("Image: {files}").format(files=rules.text()), rules, _take, key="upload_picture", width=420)


def _take(file: BinaryIO) -> None:
    """Keeps an uploaded image and selects it; a file that is no image changes nothing."""
    _show(str(images.keep_image(file.read(), visitor=session_owner())))
