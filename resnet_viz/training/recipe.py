"""Recipes: nets, data, optimiser and measuring intervals of one run, as a frozen value with a JSON form."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Init
from resnet_viz.spec.image_size import square_side
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title, titles
from resnet_viz.spec.validation import in_range, known_field, number, one_of, whole_in_range
from resnet_viz.spec.vgg import VggSpec

MAX_NETS: Final = 6
MAX_STEPS: Final = 100_000
MAX_BATCH: Final = 1_024
MAX_LR: Final = 10.0
MAX_SEED: Final = 2**31 - 1
MAX_SEEDS: Final = 5  # of one recipe: as often as He et al. 2015 trained ResNet-110 (table 6)


class Schedule(StrEnum):
    """Learning-rate schedules after the warm-up."""

    COSINE = "cosine"
    CONSTANT = "constant"
    STEPS = "steps"  # divided by 10 at DROPS_AT of all steps (He et al. 2015, section 4.2)


DROPS_AT: Final = (1 / 2, 3 / 4)  # 32k and 48k of 64k iterations: He et al. 2015, section 4.2


class Augment(StrEnum):
    """Data augmentations, drawn anew for every batch."""

    NONE = "none"
    PAD_CROP_FLIP = "pad_crop_flip"  # 4 px of zeros on each side, a random crop of it or of its mirror (2015, sec. 4.2)


class DeviceName(StrEnum):
    """Devices to train on; `auto` takes cuda, then mps, then cpu."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Recipe of one run: nets that train in lockstep from the same seed on the same batches.

    The defaults are those of the measured degradation run: SGD with momentum, linear warm-up, then cosine.

    Attributes:
        nets: one to six specs with the same input and classes; their titles, or else their widths, must differ.
        data: the data set; its images are pooled to the specs' image size.
        lr: highest learning rate.
        momentum: of SGD.
        weight_decay: L2 penalty on all parameters.
        batch_size: images per step.
        steps: optimiser steps of each net.
        warmup_steps: steps over which the rate rises linearly to `lr`.
        schedule: of the learning rate after the warm-up.
        init: distribution of the initial weights.
        augment: data augmentation of the training images.
        seed: of the initial weights, one for all nets, and of the order of the images.
        device: to train on.
        probe_every: steps between two measurements of gradient norms and update ratios.
        eval_every: steps between two evaluations on the test images; the last step is always evaluated.

    Raises:
        SpecError: a value out of its range, or nets that cannot run side by side.
    """

    nets: tuple[NetSpec, ...]
    data: DataName = DataName.FASHION_MNIST_SUBSET
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    batch_size: int = 64
    steps: int = 400
    warmup_steps: int = 20
    schedule: Schedule = Schedule.COSINE
    init: Init = Init.HE
    augment: Augment = Augment.NONE
    seed: int = 0
    device: DeviceName = DeviceName.AUTO
    probe_every: int = 10
    eval_every: int = 50

    def __post_init__(self) -> None:
        check_lr(self.lr)
        in_range("momentum", self.momentum, 0.0, 0.999)
        in_range("weight_decay", self.weight_decay, 0.0, 1.0)
        whole_in_range("batch_size", self.batch_size, 2, MAX_BATCH)
        whole_in_range("steps", self.steps, 1, MAX_STEPS)
        whole_in_range("warmup_steps", self.warmup_steps, 0, MAX_STEPS)
        whole_in_range("seed", self.seed, 0, MAX_SEED)
        whole_in_range("probe_every", self.probe_every, 1, MAX_STEPS)
        whole_in_range("eval_every", self.eval_every, 1, MAX_STEPS)
        _check_nets(self.nets)

    @property
    def labels(self) -> tuple[str, ...]:
        """Titles of the nets in order, such as "plain-20": the keys of all records."""
        return titles(self.nets)

    def replace(self, **changes: Any) -> "Recipe":
        """Returns the recipe with some fields changed.

        Raises:
            SpecError: a value that is not allowed.
        """
        return dataclasses.replace(self, **changes)

    def lr_at(self, step: int) -> float:
        """Returns the learning rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.lr * ((step + 1) / self.warmup_steps)
        match self.schedule:
            case Schedule.CONSTANT:
                return self.lr
            case Schedule.STEPS:
                return self.lr * 0.1 ** sum(step >= share * self.steps for share in DROPS_AT)
            case Schedule.COSINE:
                progress = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
                return self.lr * 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))
            case _:
                assert_never(self.schedule)

    def is_probed(self, step: int) -> bool:
        """Returns whether norms are measured at this step: every `probe_every` steps, and at the last."""
        return step % self.probe_every == 0 or step == self.steps - 1

    def is_evaluated(self, step: int) -> bool:
        """Returns whether the net is evaluated after this step."""
        return (step + 1) % self.eval_every == 0 or step == self.steps - 1


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Returns the recipe as plain JSON values."""
    values = {f: getattr(recipe, f) for f in Recipe.__dataclass_fields__ if f != "nets"}
    plain = {f: v.value if isinstance(v, StrEnum) else v for f, v in values.items()}
    return {"nets": [codec.to_json(spec) for spec in recipe.nets], **plain}


def from_json(fields: Mapping[str, Any]) -> Recipe:
    """Returns the recipe that `to_json` wrote, missing fields with their defaults.

    Raises:
        SpecError: an unknown field or a value that is not allowed.
    """
    nets = fields.get("nets") if isinstance(fields, Mapping) else None
    if not isinstance(nets, list):
        raise SpecError(_("A recipe is an object with a list of nets."))
    rest = {name: field_value(name, value) for name, value in fields.items() if name != "nets"}
    return Recipe(nets=tuple(map(_net, nets)), **rest)


def _net(fields: Any) -> NetSpec:
    spec = codec.from_json(fields)
    if isinstance(spec, VggSpec):
        raise SpecError(_("{net} is a VGG net; a run trains residual nets and plain ones.").format(net=title(spec)))
    return spec


WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "data": DataName,
    "schedule": Schedule,
    "init": Init,
    "augment": Augment,
    "device": DeviceName,
}
_TYPES: Final[Mapping[str, Any]] = {f.name: f.type for f in dataclasses.fields(Recipe)}


def field_value(name: str, value: Any) -> Any:
    """Returns a JSON value as the recipe's field `name` holds it.

    Raises:
        SpecError: no such field, or a value of another kind.
    """
    if name in WORDS:
        return WORDS[name](one_of(name, value, list(WORDS[name])))
    known_field(_("A recipe"), name, _TYPES)
    kind = _TYPES[name]
    return kind(number(name, value, is_whole=kind is int))


def check_lr(lr: float) -> None:
    """Checks a learning rate.

    Raises:
        SpecError: it is none that a recipe may have.
    """
    in_range("lr", lr, 0, MAX_LR, excludes_low=True)


def _check_nets(nets: tuple[NetSpec, ...]) -> None:
    if not 1 <= len(nets) <= MAX_NETS:
        raise SpecError(_("A run trains 1 to {most} nets; got {got}.").format(most=MAX_NETS, got=len(nets)))
    if len({(spec.in_channels, spec.image_size, spec.num_classes) for spec in nets}) > 1:
        raise SpecError(_("Nets that train side by side need the same in_channels, image_size and num_classes."))
    square_side(nets[0].image_size)  # refuses any other
    labels = titles(nets)
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise SpecError(_("Two nets of this run have the same name, {name}: change one of them.").format(name=twice[0]))
