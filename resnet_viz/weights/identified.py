"""Result of identifying weights, as values: the nets that they can belong to, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from resnet_viz.spec.vgg import AnySpec


class Remark(StrEnum):
    """Property of the original net that no field of a spec has."""

    AFFINE_NORMS = "affine_norms"  # Detectron's scales and shifts in place of norms
    PROJECTION_INPUT = "projection_input"  # some pre-activation nets project x itself, not the activated x


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A field of the net that its weights leave open.

    Attributes:
        field: of the spec.
        values: all possible ones, the likeliest first; () where any value of the field's range is possible.
    """

    field: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Identified:
    """Nets that weights can belong to. `weights.text` has the messages.

    Attributes:
        specs: all nets that the weights leave possible, one for each combination of `choices`, at the usual image size:
            the one that the file states first, else the likeliest. At least one.
        keys: our key in `specs[0]` of each tensor that belongs to a layer, by the file's key, in the file's order. Nets
            of other specs are filled by `nets.weights.load` from the file's own keys.
        naming: name of the table by which the keys were read: "torchvision", "detectron2", ...
        prefix: what all these keys begin with in the file, without the names of wrappers: "model.backbone.".
        missing: our keys of tensors that the net has and the file has not: the head's. Without its weight the number
            of classes is not known; without its bias alone it is zero.
        extra: the file's keys of tensors that belong to no layer, those of other nets left out.
        choices: fields that have to be chosen, for people have nets of each kind; () where the file states its net.
        unseen: further fields that leave no trace in weights; they are taken to be as usual.
        heads: the file's names of the layers that can be the head, where there are several; the first is taken.
        other_head: the file's names of fully connected layers, where none of them can be the head.
        prefixes: of all nets in the file, as of a student and a teacher, where there are several; the first is taken.
        remarks: properties that the original net may have and a net here has not.
        is_stated: whether the file states the first of `specs`.
        contradicted: net that the file states and its tensors cannot belong to; None where there is none.
    """

    specs: tuple[AnySpec, ...]
    keys: Mapping[str, str]
    naming: str
    prefix: str = ""
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    unseen: tuple[Choice, ...] = ()
    heads: tuple[str, ...] = ()
    other_head: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_stated: bool = False
    contradicted: AnySpec | None = None

    @property
    def spec(self) -> AnySpec:
        """The stated or likeliest net."""
        return self.specs[0]

    @property
    def has_head(self) -> bool:
        """Whether the weights of the last layer are there, so that the number of classes is known."""
        return "head.fc.weight" not in self.missing
