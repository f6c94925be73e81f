"""Records of a training run, yielded in the order in which they happen.

Units: loss in nats per image, accuracy from 0 to 1, norms are L2, seconds of wall clock since training began.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class NetStarted:
    """A net was built and begins to train.

    Attributes:
        net: the net's label, unique within the run.
        params: trainable parameters.
        macs: multiply-adds of one image's forward pass.
        convs: node names of its convolutions, in running order.
        blocks: names of its blocks, in running order.
        device: torch's name of the device ("cpu", "cuda:0").
    """

    net: str
    params: int
    macs: int
    convs: tuple[str, ...]
    blocks: tuple[str, ...]
    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One optimiser step of one net. Everything is measured on the step's own batch, before its update.

    Attributes:
        net: the net's label.
        step: number of the step, from 0.
        loss: mean cross-entropy of the batch; may be infinite or NaN in the last record of a net that diverged.
        accuracy: share of the batch that was classified correctly.
        lr: learning rate of this step.
        images_per_s: images trained per second of this net's own steps, without pauses, other nets' turns and
            evaluations.
        seconds: since the net's training began.
        grad_norm: conv node name -> norm of the loss's gradient with respect to its weight.
            Empty if the step was not probed.
        block_grad_norm: block name -> norm of the loss's gradient with respect to the block's output, whole batch.
        update_ratio: conv node name -> norm of this step's update of its weight / norm of the weight.
        activation_std: block name -> standard deviation of the block's output over images, channels and pixels.
        branch_share: name of a block with a shortcut -> norm of the branch / (norm of the branch + norm of the
            shortcut) at their addition, whole batch: 0 to 1; NaN where both are zero. Empty for plain nets.
        test_loss: mean cross-entropy over the test images, net in evaluation mode, after this step's update;
            None if it was not evaluated.
        test_accuracy: likewise.
    """

    net: str
    step: int
    loss: float
    accuracy: float
    lr: float
    images_per_s: float
    seconds: float
    grad_norm: Mapping[str, float] = field(default_factory=dict)
    block_grad_norm: Mapping[str, float] = field(default_factory=dict)
    update_ratio: Mapping[str, float] = field(default_factory=dict)
    activation_std: Mapping[str, float] = field(default_factory=dict)
    branch_share: Mapping[str, float] = field(default_factory=dict)
    test_loss: float | None = None
    test_accuracy: float | None = None


class Ending(StrEnum):
    """Endings of a net's training."""

    FINISHED = "finished"
    DIVERGED = "diverged"


@dataclass(frozen=True, kw_only=True, slots=True)
class NetEnded:
    """A net's training has ended.

    Attributes:
        net: the net's label.
        ending: finished, or diverged (its loss became infinite or NaN).
        sentence: message for the user; empty if it finished.
    """

    net: str
    ending: Ending
    sentence: str = ""


Record = NetStarted | Step | NetEnded

# Field of Step with one value per node -> field of NetStarted with the nodes' names, in the same order.
NODES_OF: Final[Mapping[str, str]] = {
    "grad_norm": "convs",
    "block_grad_norm": "blocks",
    "update_ratio": "convs",
    "activation_std": "blocks",
    "branch_share": "blocks",
}
