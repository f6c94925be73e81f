"""Recipes: nets, data, optimiser and measuring intervals of one run, as a frozen value with a JSON form."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, assert_never

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Init
from resnet_viz.spec.image_size import square_side
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_labels, run_titles, title
from resnet_viz.spec.validation import known_field
from resnet_viz.spec.vgg import VggSpec
from resnet_viz.training import recipe_values
from resnet_viz.training.optimizers import OptimizerName, refuse_foreign
from resnet_viz.training.recipe_values import (
    MAX_NETS,
    Augment,
    DeviceName,
    Schedule,
)

MAX_SEEDS: Final = 5  # of one recipe: as often as He et al. 2015 trained ResNet-110 (table 6)
DROPS_AT: Final = (1 / 2, 3 / 4)  # 32k and 48k of 64k iterations: He et al. 2015, section 4.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Recipe of one run: nets that train in lockstep from the same seed on the same batches.

    The defaults are those of the measured degradation run: SGD with momentum, linear warm-up, then cosine. Words may be
    given as texts and numbers as numpy's; a value that is none of the field's is refused by name. A field that belongs
    to another optimiser or schedule keeps its default, and is refused otherwise.

    Attributes:
        nets: one to six specs with the same input and classes; their titles, or else their widths, must differ.
        data: the data set; its images are pooled to the specs' image size.
        lr: highest learning rate; 0.1 suits SGD, 0.001 Adam and AdamW.
        momentum: of SGD.
        weight_decay: on all parameters: an L2 penalty with SGD and Adam, decoupled from the gradient with AdamW.
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
        optimizer: kind of the updates.
        nesterov: True for Nesterov's momentum of SGD, as torch has it.
        betas: of Adam and AdamW, decays of the mean gradient and of the mean squared one.
        eps: of Adam and AdamW, added to the root of the mean squared gradient.
        drops: first steps at a lower rate, for the schedule `steps`; after DROPS_AT of all steps if there are none.
        drop_factor: of the rate at each drop.

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
    optimizer: OptimizerName = OptimizerName.SGD
    nesterov: bool = False
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    drops: tuple[int, ...] = ()
    drop_factor: float = 0.1

    def __post_init__(self) -> None:
        for name in _DEFAULTS:
            object.__setattr__(self, name, recipe_values.checked(name, getattr(self, name)))
        changed = {name: value for name, value in _values(self).items() if value != _DEFAULTS[name]}
        refuse_foreign(self.optimizer, changed)
        _refuse_drops(self.schedule, changed)
        if self.nesterov and not self.momentum:
            raise SpecError(_("nesterov=true needs a momentum above 0; got momentum=0."))
        _check_nets(self.nets)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the nets in order, such as "plain-20": the keys of all records."""
        return run_labels(self.nets)

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the nets by their labels, in order: the names that are shown."""
        return run_titles(self.nets)

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
                drops = self.drops or [share * self.steps for share in DROPS_AT]
                return self.lr * self.drop_factor ** sum(step >= drop for drop in drops)
            case Schedule.COSINE:
                progress = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
                return self.lr * 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))
            case _:
                assert_never(self.schedule)

    @property
    def steps_per_epoch(self) -> Fraction:
        """Steps that all training images take; a batch that ends an epoch is filled from the next one."""
        return Fraction(datasets.SIZES[self.data].train, self.batch_size)

    @property
    def epochs(self) -> float:
        """Number of times that each training image is seen."""
        return float(self.steps / self.steps_per_epoch)

    def is_probed(self, step: int) -> bool:
        """Returns whether norms are measured at this step: every `probe_every` steps, and at the last."""
        return step % self.probe_every == 0 or step == self.steps - 1

    def is_evaluated(self, step: int) -> bool:
        """Returns whether the net is evaluated after this step."""
        return (step + 1) % self.eval_every == 0 or step == self.steps - 1


_DEFAULTS: Final[Mapping[str, Any]] = {field.name: field.default for field in dataclasses.fields(Recipe)}
_LATER: Final = (
    "optimizer",
    "nesterov",
    "betas",
    "eps",
    "drops",
    "drop_factor",
)  # written where they are not the default


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Returns the recipe as plain JSON values.

    Fields that older versions lack are left out where they have their default: what was exported before stays as it is.
    """
    values = _values(recipe)
    written = {f: v for f, v in values.items() if f != "nets" and (f not in _LATER or v != _DEFAULTS[f])}
    return {"nets": [codec.to_json(spec) for spec in recipe.nets], **{f: _plain(v) for f, v in written.items()}}


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


def net_titles(fields: Mapping[str, Any], labels: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the titles of a saved recipe's nets, even if this version would refuse the rest of the recipe.

    Args:
        fields: as `to_json` wrote them.
        labels: of the nets, which are returned for nets that this version refuses.
    """
    return _net_titles(json.dumps(fields.get("nets")), labels)


@lru_cache(maxsize=4096)
def _net_titles(nets: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    try:
        titles = run_titles([_net(fields) for fields in json.loads(nets)])
    except (SpecError, TypeError):
        return labels
    return tuple(titles.get(label, label) for label in labels)


def field_value(name: str, value: Any) -> Any:
    """Returns a JSON value as the recipe's field `name` holds it.

    Raises:
        SpecError: no such field, or a value of another kind.
    """
    known_field(_("A recipe"), name, _DEFAULTS)
    return recipe_values.from_plain(name, value)


def _values(recipe: Recipe) -> dict[str, Any]:
    return {name: getattr(recipe, name) for name in _DEFAULTS}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _net(fields: Any) -> NetSpec:
    spec = codec.from_json(fields)
    if isinstance(spec, VggSpec):
        raise recipe_values.vgg_refused(spec)
    return spec


def _refuse_drops(schedule: Schedule, changed: Mapping[str, Any]) -> None:
    for name in ("drops", "drop_factor"):
        if name in changed and schedule is not Schedule.STEPS:
            raise SpecError(
                _("{field} belongs to schedule=steps, and schedule is {schedule}.").format(
                    field=name, schedule=schedule
                )
            )


def _check_nets(nets: tuple[NetSpec, ...]) -> None:
    if not 1 <= len(nets) <= MAX_NETS:
        raise SpecError(_("A run trains 1 to {most} nets; got {got}.").format(most=MAX_NETS, got=len(nets)))
    if len({(spec.in_channels, spec.image_size, spec.num_classes) for spec in nets}) > 1:
        raise SpecError(_("Nets that train side by side need the same in_channels, image_size and num_classes."))
    square_side(nets[0].image_size)  # refuses any other
    labels = run_labels(nets)
    twice = [(label, title(spec)) for label, spec in zip(labels, nets, strict=True) if labels.count(label) > 1]
    if twice:
        label, named = min(twice)
        name = named if twice.count((label, named)) > 1 else label
        raise SpecError(_("Two nets of this run have the same name, {name}: change one of them.").format(name=name))
