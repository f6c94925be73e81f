"""Parts of the results of attribution queries: what one topic finds about one net. Values only. No torch.

Shape suffixes: C channels, H and W pixels, h and w pixels of a layer or filter, O and I its output and input channels,
K classes. Pixels are from 0 to 1 as the net sees them: resized, before normalisation.
"""

from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.i18n import _


class SanityVerdict(StrEnum):
    """Outcome of the randomisation test for a method on an image."""

    CHANGES = "changes"
    FOLLOWS_IMAGE = "follows_image"  # same places on random nets, only the signs change
    STAYS = "stays"
    UNDEFINED = "undefined"  # the trained net's map is the same everywhere


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetFacts:
    """Net of a result.

    Attributes:
        place: position in the query, 0 or 1.
        ref: its source.
        title: its name on a page.
        weights: checksum of all its tensors.
        data: name of the data set that it was trained on; None where unknown.
        step: of its training; None where it comes from no run.
        is_guess: whether data set and preprocessing are guessed from the shapes of its weights.
        mean: of the training pixels by channel, on the scale from 0 to 1.
        std: likewise.
        class_names: of its first outputs; outputs beyond them have no name.
    """

    place: int
    ref: NetRef
    title: str
    weights: str
    data: str | None
    step: int | None
    is_guess: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    class_names: tuple[str, ...]

    @property
    def letter(self) -> str:
        """Its letter on a page: a or b."""
        return "ab"[self.place]

    def class_name(self, number: int) -> str:
        """Returns the name of a class, "class 7" where it has none."""
        name = self.class_names[number] if number < len(self.class_names) else ""
        return name or _("class {n}").format(n=number)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetPrediction(NetFacts):
    """Net and its prediction for the image.

    Attributes:
        label: number of the image's true class among the net's; None where unknown or not among them.
        target: class whose logit is explained.
        predicted: most likely class.
        image_CHW: the image as the net sees it.
        is_inverted: whether light and dark were exchanged in it.
        probabilities_K: of all classes.
    """

    label: int | None
    target: int
    predicted: int
    image_CHW: Floats
    is_inverted: bool
    probabilities_K: Floats

    def probability(self, number: int) -> float:
        """Returns the probability of a class; NaN for one that the net does not have."""
        return float(self.probabilities_K[number]) if number < len(self.probabilities_K) else float("nan")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageFacts:
    """Image of a query.

    Attributes:
        ref: its source.
        label: number of its class in its data set; None for an uploaded image.
        class_name: likewise; "" for an uploaded image.
    """

    ref: ImageRef
    label: int | None
    class_name: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MethodMap:
    """Map of one method.

    Attributes:
        method: its name in the table of methods.
        layer: module that was explained; None for a method without one.
        delta: convergence delta in logits; None for a method without one.
        values: (C, H, W) of the image, or (h, w) of the layer.
    """

    method: str
    layer: str | None
    delta: float | None
    values: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetMaps:
    """Maps of one net.

    Attributes:
        maps: the query's method first.
        baseline_CHW: pixels of the baseline; None where no method has one.
    """

    maps: tuple[MethodMap, ...]
    baseline_CHW: Floats | None

    def of(self, method: str) -> MethodMap:
        """Returns the map of a method of the query."""
        return next(one for one in self.maps if one.method == method)


@dataclass(frozen=True, kw_only=True, slots=True)
class MapName:
    """Reference to a map of a result: the net's position in the query, and the method."""

    net: int
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MapAgreement:
    """Spearman's rank correlation of two maps, NaN where one of them is flat.

    Attributes:
        a: the one map.
        b: the other.
        signed: of their values.
        absolute: of their values without signs.
    """

    a: MapName
    b: MapName
    signed: float
    absolute: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BlockMap:
    """GradCAM at the output of one block."""

    block: str
    values_hw: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchSplit:
    """Conductance through one addition, in logits.

    Attributes:
        shortcut: through the shortcut.
        branch: through the residual branch.
        whole: measured at their sum.
    """

    shortcut: float
    branch: float
    whole: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockLesion:
    """Prediction without one block.

    Attributes:
        target_probability: of the explained class; None where the block cannot be removed.
        predicted: most likely class; None likewise.
        input_shape: (C, H, W) before a block that cannot be removed, since it has no shortcut and changes the shape.
        output_shape: after it.
    """

    target_probability: float | None
    predicted: int | None
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockDepth:
    """Block of a profile over depth.

    Attributes:
        block: its name.
        conductance: of its output, in logits.
        split: at its addition; None for a plain block.
        lesion: the net without it.
    """

    block: str
    conductance: float
    split: BranchSplit | None
    lesion: BlockLesion

    @property
    def whole(self) -> float:
        """Conductance of its output, measured at its addition where it has one."""
        return self.conductance if self.split is None else self.split.whole


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetDepth:
    """Profile of one net over depth.

    Attributes:
        blocks: in running order.
        change: logit of the image minus logit of the baseline: the sum that each addition should reach.
        share_delta: largest distance of a sum from it: the error of the finite steps.
        baseline_CHW: pixels of the baseline.
    """

    blocks: tuple[BlockDepth, ...]
    change: float
    share_delta: float
    baseline_CHW: Floats

    @property
    def strongest_branch(self) -> BlockDepth | None:
        """Block whose branch contributes most, for or against the class; None for a plain net."""
        return max(self._branches(), key=itemgetter(0), default=(0.0, None))[1]

    @property
    def weakest_branch(self) -> BlockDepth | None:
        """Block whose branch contributes least; None for a plain net."""
        return min(self._branches(), key=itemgetter(0), default=(0.0, None))[1]

    def _branches(self) -> list[tuple[float, BlockDepth]]:
        return [(abs(block.split.branch), block) for block in self.blocks if block.split is not None]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RandomisedUnit:
    """Map once everything from the head down to a unit is random.

    Attributes:
        unit: block or layer.
        signed: rank correlation with the trained net's map; NaN where one of them is flat.
        absolute: likewise of the maps without signs.
        values: the map.
    """

    unit: str
    signed: float
    absolute: float
    values: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NetSanity:
    """Randomisation test of a method on one net.

    Attributes:
        trained: map of the trained net.
        units: from the head down.
        verdict: from the means below.
        signed: mean rank correlation of maps of random nets with the trained net's.
        absolute: likewise of the maps without signs.
    """

    trained: Floats
    units: tuple[RandomisedUnit, ...]
    verdict: SanityVerdict
    signed: float
    absolute: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StepMap:
    """Map at one kept step of a run.

    Attributes:
        step: optimiser steps before it.
        target_probability: of the explained class.
        values: the map.
    """

    step: int
    target_probability: float
    values: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LayerFeatures:
    """Output of a layer and filters of the first convolution.

    Attributes:
        maps: (C, h, w), or (C,) after the global pooling.
        filters_OIhw: of the first convolution.
    """

    maps: Floats
    filters_OIhw: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChannelPatch:
    """Patch of a test image that excites a channel.

    Attributes:
        label: number of the test image's class.
        value: the channel's largest value in the image.
        pixels_CHW: NaN outside the channel's receptive field.
    """

    label: int
    value: float
    pixels_CHW: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PickedImage:
    """Test image to choose from.

    Attributes:
        ref: its address.
        label: number of its class.
        predicted: the net's most likely class.
        confidence: its probability.
        pixels_CHW: as the net sees it.
    """

    ref: ImageRef
    label: int
    predicted: int
    confidence: float
    pixels_CHW: Floats
