"""Values of a recipe's fields: texts, lists and numpy's numbers become what a field holds, all others are refused."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Init
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.spec.validation import in_range, number, one_of, refused, whole_in_range
from resnet_viz.spec.vgg import VggSpec
from resnet_viz.training.optimizers import OptimizerName

MAX_NETS: Final = 6
MAX_STEPS: Final = 100_000
MAX_BATCH: Final = 1_024
MAX_LR: Final = 10.0
MAX_SEED: Final = 2**31 - 1
MAX_DROPS: Final = 10
_NUM_BETAS: Final = 2


class Schedule(StrEnum):
    """Learning-rate schedules after the warm-up."""

    COSINE = "cosine"
    CONSTANT = "constant"
    STEPS = "steps"  # multiplied by `drop_factor` at each of `drops`


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


WORDS: Final[Mapping[str, type[StrEnum]]] = MappingProxyType(
    {
        "data": DataName,
        "schedule": Schedule,
        "init": Init,
        "augment": Augment,
        "device": DeviceName,
        "optimizer": OptimizerName,
    }
)
FLAGS: Final = ("nesterov",)
LISTS: Final = ("betas", "drops")
WHOLE: Final = ("batch_size", "steps", "warmup_steps", "seed", "probe_every", "eval_every")
_TRUTH: Final = ("true", "false")


def checked(name: str, value: Any) -> Any:
    """Returns a value as the recipe's field `name` holds it.

    Raises:
        SpecError: it is none that the field may have; the message names the field, what is allowed and what was given.
    """
    return _CHECKS[name](name, value)


def check_lr(lr: float) -> float:
    """Returns a learning rate.

    Raises:
        SpecError: it is none that a recipe may have.
    """
    return in_range("lr", lr, 0, MAX_LR, excludes_low=True)


def word(name: str, value: Any) -> StrEnum:
    """Returns the word of a field by its text."""
    if not isinstance(value, str):
        raise refused(name, _("one of {words}").format(words=", ".join(WORDS[name])), value)
    return WORDS[name](one_of(name, value, list(WORDS[name])))


def flag(name: str, value: Any) -> bool:
    """Returns true or false by its text or as numpy's."""
    plain = _without_numpy(value)
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, str) and plain in _TRUTH:
        return plain == "true"
    raise refused(name, _("one of {words}").format(words=", ".join(_TRUTH)), value)


def parts(name: str, value: Any, allowed: str) -> tuple[Any, ...]:
    """Returns the parts of a list, of a tuple or of numpy's array; `allowed` is for the refusal of others."""
    plain = _without_numpy(value)
    if isinstance(plain, list | tuple):
        return tuple(plain)
    raise refused(name, allowed, value)


def _nets(_name: str, value: Any) -> tuple[NetSpec, ...]:
    allowed = _("a list of 1 to {most} residual or plain nets").format(most=MAX_NETS)
    nets = parts("nets", value, allowed)
    for net in nets:
        if isinstance(net, VggSpec):
            raise vgg_refused(net)
        if not isinstance(net, NetSpec):
            raise refused("nets", allowed, net)
    return nets


def vgg_refused(net: VggSpec) -> SpecError:
    """Returns the refusal of a VGG net."""
    return SpecError(_("{net} is a VGG net; a run trains residual nets and plain ones.").format(net=title(net)))


def _number(low: float, high: float, **ends: bool) -> Callable[[str, Any], float]:
    return lambda name, value: in_range(name, value, low, high, **ends) + 0.0  # -0.0 is 0.0


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    return lambda name, value: whole_in_range(name, value, low, high)


def _betas(name: str, value: Any) -> tuple[float, ...]:
    allowed = _("two numbers from 0 up to but not including 1 with a comma between, such as 0.9,0.999")
    betas = parts(name, value, allowed)
    try:
        numbers = tuple(in_range(name, beta, 0.0, 1.0, excludes_high=True) + 0.0 for beta in betas)
    except SpecError as error:
        raise refused(name, allowed, _listed(betas)) from error
    if len(numbers) != _NUM_BETAS:
        raise refused(name, allowed, _listed(betas))
    return numbers


def _drops(name: str, value: Any) -> tuple[int, ...]:
    allowed = _("up to {most} ascending steps from 1 to {last:,} with commas between, such as 200,300").format(
        most=MAX_DROPS, last=MAX_STEPS
    )
    drops = parts(name, value, allowed)
    try:
        steps = tuple(whole_in_range(name, drop, 1, MAX_STEPS) for drop in drops)
    except SpecError as error:
        raise refused(name, allowed, _listed(drops)) from error
    if len(steps) > MAX_DROPS or list(steps) != sorted(set(steps)):
        raise refused(name, allowed, _listed(drops))
    return steps


_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = MappingProxyType(
    {
        "nets": _nets,
        **dict.fromkeys(WORDS, word),
        **dict.fromkeys(FLAGS, flag),
        "lr": _number(0, MAX_LR, excludes_low=True),
        "momentum": _number(0.0, 0.999),
        "weight_decay": _number(0.0, 1.0),
        "batch_size": _whole(2, MAX_BATCH),
        "steps": _whole(1, MAX_STEPS),
        "warmup_steps": _whole(0, MAX_STEPS),
        "seed": _whole(0, MAX_SEED),
        "probe_every": _whole(1, MAX_STEPS),
        "eval_every": _whole(1, MAX_STEPS),
        "betas": _betas,
        "eps": _number(0.0, 1.0, excludes_low=True),
        "drops": _drops,
        "drop_factor": _number(0.0, 1.0, excludes_low=True),
    }
)


def from_plain(name: str, value: Any) -> Any:
    """Returns a JSON value as the field `name` holds it; its range is checked by the recipe.

    Raises:
        SpecError: a value of another kind.
    """
    if name in WORDS:
        return word(name, value)
    if name in FLAGS or name in LISTS:
        return checked(name, value)
    plain = number(name, value, is_whole=name in WHOLE)
    return int(plain) if name in WHOLE else float(plain)


def _without_numpy(value: Any) -> Any:
    """Returns a number or list of numpy's as Python's own; numpy itself is not imported."""
    return value.tolist() if type(value).__module__ == "numpy" else value


def _listed(values: Iterable[Any]) -> str:
    return ",".join(map(str, values))
