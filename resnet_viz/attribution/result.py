"""Results of attribution queries: one frozen dataclass per topic, from the process with torch to the page. No torch.

Values only: text is made where it is shown. A result holds `nets`, and the findings of its topic about each, in the
same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from resnet_viz.attribution import npz_codec
from resnet_viz.attribution.net_result import (
    BlockMap,
    ChannelPatch,
    ImageFacts,
    LayerFeatures,
    MapAgreement,
    NetDepth,
    NetFacts,
    NetMaps,
    NetPrediction,
    NetSanity,
    PickedImage,
    StepMap,
)
from resnet_viz.attribution.upload_facts import UploadFacts
from resnet_viz.spec.vgg import AnySpec


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class QueryResult:
    """Base of all results.

    Attributes:
        seconds: computing time; None for a shipped result.
    """

    seconds: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ImageResult(QueryResult):
    """Base of the results about an image."""

    nets: tuple[NetPrediction, ...]
    image: ImageFacts


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PredictionResult(ImageResult):
    """Predictions alone."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MapsResult(ImageResult):
    """Maps of one method or several; `agreement` holds each pair of maps, of all nets."""

    maps: tuple[NetMaps, ...]
    agreement: tuple[MapAgreement, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FilmResult(ImageResult):
    """GradCAM at every block of each net."""

    films: tuple[tuple[BlockMap, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DepthResult(ImageResult):
    """Profiles over depth."""

    depths: tuple[NetDepth, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SanityResult(ImageResult):
    """Randomisation tests."""

    checks: tuple[NetSanity, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrainingResult(ImageResult):
    """Maps at every kept step of a run, first step first."""

    steps: tuple[tuple[StepMap, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FeaturesResult(ImageResult):
    """Feature maps of a layer."""

    features: tuple[LayerFeatures, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PatchesResult(QueryResult):
    """Patches that excite a channel most, strongest first."""

    nets: tuple[NetFacts, ...]
    patches: tuple[tuple[ChannelPatch, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PickResult(QueryResult):
    """Test images to choose from."""

    images: tuple[PickedImage, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AboutResult(QueryResult):
    """Architectures of nets, () before something is chosen; what the weights of uploaded ones tell, None for others."""

    nets: tuple[NetFacts, ...]
    specs: tuple[tuple[AnySpec, ...], ...]
    uploads: tuple[UploadFacts | None, ...]


CLASSES: Final[Mapping[str, type[QueryResult]]] = {
    kind.__name__: kind
    for kind in (
        PredictionResult,
        MapsResult,
        FilmResult,
        DepthResult,
        SanityResult,
        TrainingResult,
        FeaturesResult,
        PatchesResult,
        PickResult,
        AboutResult,
    )
}


def to_npz(result: QueryResult) -> bytes:
    """Returns a result as bytes.

    Raises:
        DataError: more than `npz_codec.MAX_BYTES`.
    """
    return npz_codec.to_npz(result)


def from_npz(content: bytes) -> QueryResult:
    """Returns the result in the bytes of `to_npz`.

    Raises:
        DataError: damaged bytes, or another layout.
    """
    found: QueryResult = npz_codec.from_npz(content, CLASSES)
    return found
