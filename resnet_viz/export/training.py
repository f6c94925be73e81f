"""Training loops of an exported file: function `train` with the settings of a source, and a first try on noise."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from resnet_viz.export.formatter import STEP, docstring, indented
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec


class TrainingLoop(StrEnum):
    """Training loop of an exported net."""

    NONE = "none"
    D2L = "d2l"  # zh.d2l.ai, section 7.6: d2l.train_ch6
    NOTE = "note"  # Adam with cross entropy, as in course notes
    PAPER = "paper"  # He et al. 2015, sections 3.4 and 4.2


def training_name(loop: str) -> str:
    """Returns the name of a training loop in a menu."""
    return {
        TrainingLoop.NONE: _("none"),
        TrainingLoop.D2L: _("d2l: SGD, 0.05"),
        TrainingLoop.NOTE: _("course note: Adam, 0.001"),
        TrainingLoop.PAPER: _("He et al. 2015: SGD, 0.1, momentum 0.9"),
    }[TrainingLoop(loop)]


_EPOCHS: Final = (
    "def train(",
    "    net: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], num_epochs: int = {num_epochs}",
    ") -> list[float]:",
)
_STEPS: Final = (
    "def train(",
    "    net: nn.Module,",
    "    batches: Iterable[tuple[Tensor, Tensor]],",
    "    num_steps: int = {num_steps},",
    "    milestones: Sequence[int] = ({milestones}),",
    ") -> list[float]:",
)
_BATCHES: Final = "Batches are pairs of images and classes, such as a torch.utils.data.DataLoader of {data} gives."
_DEVICE: Final = (
    'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")',
    "net.to(device).train()",
)
_STEP_LINES: Final = (
    "loss = criterion(net(images.to(device)), labels.to(device))",
    "optimizer.zero_grad()",
    "loss.backward()",
    "optimizer.step()",
)
_XAVIER: Final = (
    "for module in net.modules():",
    "    if isinstance(module, nn.Conv2d | nn.Linear):",
    "        nn.init.xavier_uniform_(module.weight)",
)
_MAIN: Final = """\
    draw = torch.Generator().manual_seed(0)
    images = torch.randn({num_images}, {picture}, generator=draw)  # noise, to see the loop run
    labels = torch.randint({num_classes}, ({num_images},), generator=draw)
    losses = train(net, [(images, labels)], {few}=2)
    print("losses of two steps on noise: {{:.3f}}, {{:.3f}}".format(*losses))
    assert torch.tensor(losses).isfinite().all(), "the loss is not finite"
"""
_NUM_IMAGES: Final = 4

# He et al. 2015, section 4.2: CIFAR-10. Section 3.4: ImageNet in batches of 256 for 600,000 steps, "divided by 10 when
# the error plateaus"; He et al. 2016, appendix, drop at epochs 30 and 60 of 1,281,167 images.
_CIFAR: Final = (64_000, (32_000, 48_000))
_IMAGENET: Final = (600_000, (30 * 1_281_167 // 256, 60 * 1_281_167 // 256))


def training_imports(loop: TrainingLoop) -> tuple[list[str], list[str]]:
    """Returns the imports of whole modules and of names that a loop needs, from the standard library."""
    names = "Iterable, Sequence" if loop is TrainingLoop.PAPER else "Iterable"
    whole = ["import itertools"] if loop is TrainingLoop.PAPER else []
    return (whole, [f"from collections.abc import {names}"]) if loop is not TrainingLoop.NONE else ([], [])


def train_function(plan: Plan, loop: TrainingLoop) -> list[str]:
    """Returns the lines of the function `train`."""
    match loop:
        case TrainingLoop.D2L:
            return _d2l()
        case TrainingLoop.NOTE:
            return _note()
        case TrainingLoop.PAPER:
            return _paper(plan)
        case TrainingLoop.NONE:
            return []


def training_main(plan: Plan, loop: TrainingLoop) -> list[str]:
    """Returns the last lines of the file: two steps on noise."""
    text = _MAIN.format(
        num_images=_NUM_IMAGES,
        picture=", ".join(map(str, plan.input_shape)),
        num_classes=plan.spec.num_classes,
        few="num_steps" if loop is TrainingLoop.PAPER else "num_epochs",
    )
    return [] if loop is TrainingLoop.NONE else text.splitlines()


def _d2l() -> list[str]:
    summary = "Trains the net as d2l.train_ch6 does and returns the loss of each step."
    settings = (
        "Dive into Deep Learning, section 8.6 (7.6 of the Chinese edition, whose settings these are): SGD with a "
        "learning rate of 0.05, 10 epochs of batches of 256, weights drawn anew as Glorot and Bengio 2010 have it."
    )
    batches = _BATCHES.format(data="Fashion-MNIST at 96 x 96 pixels")
    optimizer = "optimizer = torch.optim.SGD(net.parameters(), lr=0.05)"
    return _by_epoch(summary, (settings, batches), 10, (*_XAVIER, *_DEVICE, optimizer))


def _note() -> list[str]:
    summary = "Trains the net with Adam and cross entropy and returns the loss of each step."
    settings = (
        "The settings of course notes: a learning rate of 0.001, the rest as PyTorch has it. They name no batch size "
        "and no number of epochs."
    )
    optimizer = "optimizer = torch.optim.Adam(net.parameters(), lr=0.001)"
    return _by_epoch(summary, (settings, _BATCHES.format(data="your images")), 10, (*_DEVICE, optimizer))


def _by_epoch(summary: str, paragraphs: Sequence[str], num_epochs: int, before: Sequence[str]) -> list[str]:
    body = [
        *docstring(summary, paragraphs, column=STEP),
        *before,
        "criterion = nn.CrossEntropyLoss()",
        "losses = []",
        "for _ in range(num_epochs):",
        "    for images, labels in batches:",
        *indented(indented([*_STEP_LINES, "losses.append(loss.item())"])),
        "return losses",
    ]
    return [*(line.format(num_epochs=num_epochs) for line in _EPOCHS), *indented(body)]


def _paper(plan: Plan) -> list[str]:
    is_cifar = isinstance(plan.spec, NetSpec) and plan.spec.stem is Stem.CIFAR
    num_steps, milestones = _CIFAR if is_cifar else _IMAGENET
    settings = (
        "He et al. 2015, section 4.2: SGD with momentum 0.9, weight decay 0.0001, a learning rate of 0.1 that is "
        "divided by 10 at the milestones, batches of 128. ResNet-110 began with 0.01 until the training error was "
        "below 80 %, for about 400 steps."
        if is_cifar
        else "He et al. 2015, section 3.4: SGD with momentum 0.9, weight decay 0.0001, a learning rate of 0.1, batches "
        "of 256. It is divided by 10 when the error plateaus: the milestones are epochs 30 and 60 of He et al. 2016."
    )
    data = "CIFAR-10, padded by 4 pixels, cropped and mirrored at random," if is_cifar else "ImageNet"
    body = [
        *docstring(
            "Trains the net with the paper's settings and returns the loss of each step.",
            (settings, _BATCHES.format(data=data)),
            column=STEP,
        ),
        *_DEVICE,
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)",
        "schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, list(milestones), gamma=0.1)",
        "criterion = nn.CrossEntropyLoss()",
        "losses = []",
        "endless = itertools.chain.from_iterable(itertools.repeat(batches))",
        "for images, labels in itertools.islice(endless, num_steps):",
        *indented([*_STEP_LINES, "schedule.step()", "losses.append(loss.item())"]),
        "return losses",
    ]
    first, second = (f"{milestone:_}" for milestone in milestones)
    head = (line.format(num_steps=f"{num_steps:_}", milestones=f"{first}, {second}") for line in _STEPS)
    return [*head, *indented(body)]
