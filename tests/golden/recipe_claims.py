"""Claims of the recipes' texts that carry numbers, each with its source: a measured run, a computation, a publication.

`test_recipe_claims.py` takes them out of a text; what is left must be a citation, the name of a net or a setting of the
recipe. A new number without a row here turns it red.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any, Final

from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.theory.loss_by_depth import Change, Protocol, loss_by_depth
from resnet_viz.training import recipe_files
from resnet_viz.training.lab_nets import NetType
from tools.measure_recipes import PATH


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers of one net in runs of this program, one for each run, or the least and the largest as "a to b".

    Attributes:
        text: as the recipe prints it; the numbers are what is left without the nets' names.
        runs: commands, keys of recipe_measurements.json.
        net: label of the net, or of several whose values are taken together.
        field: of the measurement.
    """

    text: str
    runs: Sequence[str]
    net: str | tuple[str, ...]
    field: str = "loss"


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences of two nets' losses, one for each run, or the least and the largest as "a to b"."""

    text: str
    runs: Sequence[str]
    net: str
    less: str


@dataclass(frozen=True, slots=True)
class Computed:
    """A number that is computed on the spot."""

    text: str
    value: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Numbers that come from outside of the runs, with their source."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Published:
    """A result of d2l in `assets/published`, by its quantity."""

    text: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Losses of the measured table of loss against depth, one for each printed number."""

    text: str
    values: Callable[[], Sequence[float]]


MEASURED: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = json.loads(PATH.read_text("utf-8"))
Claim = Measured | Differences | Stored | Published | Computed | Elsewhere


def _runs(command: str, seeds: int) -> tuple[str, ...]:
    return tuple(f"train {command} --seed {seed}" for seed in range(seeds))


PREACT: Final = ", full pre-activation"
BARE: Final = ", no norm"
DEGRADATION: Final = _runs("degradation", 3)
LONGER: Final = _runs("degradation --set steps=2000", 1)
PIXELS_28: Final = _runs("degradation_28", 2)
ORIGINAL: Final = _runs("original_order --set nets=residual", 3)
ORDERS: Final = _runs("activation_orders", 3)
GRATINGS: Final = _runs("gratings", 3)
NO_NORM: Final = _runs("no_norm", 3)
NO_NORM_HE: Final = _runs("no_norm_he --set steps=60", 3)
VERY_DEEP: Final = _runs("very_deep", 1)
DEEPEST_AT_0: Final = _runs("very_deep_1202 --set steps=1", 2)
PLAIN_998: Final = _runs("very_deep_1202 --set depth=998 --set nets=plain --set steps=1", 2)

D2L_SMALL: Final = _runs("d2l_small", 1)
D2L_NET: Final = "ResNet-18, biases, bare projections"

WEIGHTS, BLOCKS, STD = "weight_gradient_ratio", "block_gradient_ratio", "std_ratio"
_PLAIN: Final = (
    Measured("plain-20 0.60, 0.61, 0.60", DEGRADATION, "plain-20"),
    Measured("plain-56 1.46, 1.78, 1.23", DEGRADATION, "plain-56"),
)


def _losses(kind: NetType, depth: int) -> Sequence[float]:
    """Returns the losses of seeds 0 to 2."""
    (row,) = (row for row in loss_by_depth(Protocol.IDENTITY).of(kind) if row.depth == depth)
    return row.losses[:3]


def _trial() -> Change:
    return loss_by_depth(Protocol.IDENTITY).change(NetType.RESIDUAL, 20, 56)


def _epochs(recipe: str) -> float:
    run = recipe_files.make(recipe, {})
    return run.steps * run.batch_size / SIZES[run.data].train


CLAIMS: Final[Mapping[str, Sequence[Claim]]] = {
    "activation_orders": (
        Measured("ReLU alone in front 0.436, 0.436, 0.432", ORDERS, "ResNet-56, ReLU-only pre-activation"),
        Measured("original 0.435, 0.557, 0.507", ORDERS, "ResNet-56"),
        Measured("full pre-activation 0.495, 0.593, 0.528", ORDERS, "ResNet-56, full pre-activation"),
        Measured("ReLU before the addition 0.906, 1.551, 0.751", ORDERS, "ResNet-56, ReLU before addition"),
        Measured("norm behind the addition 1.065, 0.973, 0.915", ORDERS, "ResNet-56, BN after addition"),
        Measured("4, 11 and 2 of", ORDERS, "ResNet-56, ReLU before addition", "silent"),
        Computed("the 27 branches", lambda: sum(recipe_files.make("activation_orders", {}).nets[0].blocks)),
        Measured("step 30, 20 and 90 on", ORDERS, "ResNet-56, ReLU before addition", "first_silent_step"),
    ),
    "cifar10": (
        Elsewhere("0.01 until the training error falls below 80 %", "He et al. 2015, section 4.2"),
        Elsewhere("padded by 4 pixels", "He et al. 2015, section 4.2"),
        Elsewhere("with 16, 32 and 64 channels", "He et al. 2015, section 4.2"),
        Elsewhere("divided by 10 at 32,000 and 48,000 of 64,000 steps", "He et al. 2015, section 4.2"),
        Elsewhere("ResNet-20 8.75 %, ResNet-56 6.97 %, ResNet-110 6.43 %", "He et al. 2015, table 6"),
        Elsewhere("all but 5,000 images", "He et al. 2015, section 4.2"),
        Elsewhere("170 MB to download", "cs.toronto.edu/~kriz/cifar.html, 170,498,071 bytes"),
    ),
    "d2l": (
        Elsewhere("zh.d2l.ai, section 7.6", "zh.d2l.ai, section 7.6"),
        Elsewhere("section 8.6 of the English edition", "d2l.ai, section 8.6"),
        Elsewhere("a learning rate of 0.01 and batches of 128", "d2l.ai, section 8.6"),
        Elsewhere("loss 0.012, training accuracy 0.997, test accuracy 0.893", "zh.d2l.ai, section 7.6"),
        Elsewhere("(there from 0 to 1)", "zh.d2l.ai, section 7.6: transforms.ToTensor alone"),
        Elsewhere("begin at 0", "resnet_viz.nets.init; tests/contract/test_initial_weights.py"),
        Computed("(there 2,350,", lambda: 10 * -(-60_000 // 256)),
        Computed("every 235th", lambda: -(-60_000 // 256)),
        Computed("of 96 images)", lambda: 60_000 % 256),
        Elsewhere("31 MB to download", "github.com/zalandoresearch/fashion-mnist: 26.4, 4.4 and 0.04 MB"),
    ),
    "d2l_small": (
        Elsewhere("zh.d2l.ai, section 7.6", "zh.d2l.ai, section 7.6"),
        Measured("loss 0.0012,", D2L_SMALL, D2L_NET),
        Measured("training accuracy 1.000", D2L_SMALL, D2L_NET, "training_accuracy"),
        Measured("test accuracy 0.863", D2L_SMALL, D2L_NET, "test_accuracy"),
        Published("loss 0.012,", "training_loss"),
        Published("training accuracy 0.997", "training_accuracy"),
        Published("test accuracy 0.893", "test_accuracy"),
        Computed("10,000 training images", lambda: SIZES[DataName.FASHION_MNIST_SUBSET].train),
        Computed("(there 60,000)", lambda: SIZES[DataName.FASHION_MNIST].train),
        Computed("60 epochs", lambda: _epochs("d2l_small")),
        Computed("(there 10)", lambda: _epochs("d2l")),
        Computed("2,000 test images", lambda: SIZES[DataName.FASHION_MNIST_SUBSET].test),
        Computed("(there 10,000)", lambda: SIZES[DataName.FASHION_MNIST].test),
        Computed("(there 64)", lambda: recipe_files.make("d2l", {}).nets[0].widths[0]),
        Computed("(there 96)", lambda: recipe_files.make("d2l", {}).nets[0].square_side),
        Elsewhere("(there from 0 to 1)", "zh.d2l.ai, section 7.6: transforms.ToTensor alone"),
        Elsewhere("begin at 0", "resnet_viz.nets.init; tests/contract/test_initial_weights.py"),
    ),
    "deeper_is_better": (
        Stored("ResNet-8 0.45, 0.44, 0.45", partial(_losses, NetType.RESIDUAL, 8)),
        Stored("ResNet-20 0.38, 0.37, 0.40", partial(_losses, NetType.RESIDUAL, 20)),
        Stored("ResNet-56 0.32, 0.32, 0.32", partial(_losses, NetType.RESIDUAL, 56)),
        Stored("plain-8 0.34, 0.33, 0.36", partial(_losses, NetType.PLAIN, 8)),
        Stored("plain-20 0.33, 0.33, 0.38", partial(_losses, NetType.PLAIN, 20)),
        Stored("plain-56 1.07, 1.07, 1.36", partial(_losses, NetType.PLAIN, 56)),
        Computed("chosen on seeds 0 to 3", lambda: loss_by_depth(Protocol.IDENTITY).num_chosen - 1),
        Computed("fresh ones, 4 to 15", lambda: 3 + len(_trial().differences)),
        Computed("by 0.026", lambda: -_trial().mean),
        Computed("a standard error of 0.006", lambda: _trial().standard_error),
    ),
    "deeper_is_better_28": (
        Elsewhere("31 MB to download", "github.com/zalandoresearch/fashion-mnist: 26.4, 4.4 and 0.04 MB"),
    ),
    "degradation": (
        Computed("2.6 epochs", lambda: _epochs("degradation")),
        Elsewhere("64,000 steps", "He et al. 2015, section 4.2"),
        *_PLAIN,
        Measured("ResNet-20 0.43, 0.47, 0.51", DEGRADATION, f"ResNet-20{PREACT}"),
        Measured("ResNet-56 0.49, 0.59, 0.53", DEGRADATION, f"ResNet-56{PREACT}"),
        Computed("36 layers more", lambda: 56 - 20),
        Differences("the plain net 0.6 to 1.2", DEGRADATION, "plain-56", "plain-20"),
        Differences("the residual one 0.02 to 0.12", DEGRADATION, f"ResNet-56{PREACT}", f"ResNet-20{PREACT}"),
        Measured("2.8 to 8.6 in plain-20", DEGRADATION, "plain-20", WEIGHTS),
        Measured("870 to 3,300 in plain-56", DEGRADATION, "plain-56", WEIGHTS),
        Measured("2.1 to 3.0", DEGRADATION, f"ResNet-20{PREACT}", WEIGHTS),
        Measured("6.8 to 13", DEGRADATION, f"ResNet-56{PREACT}", WEIGHTS),
        Elsewhere("With 2,000 steps, seed 0", "the run's own settings"),
        Measured("plain-20 0.31", LONGER, "plain-20"),
        Measured("plain-56 1.03", LONGER, "plain-56"),
        Measured("ResNet-20 0.20", LONGER, f"ResNet-20{PREACT}"),
        Measured("ResNet-56 0.21", LONGER, f"ResNet-56{PREACT}"),
    ),
    "degradation_28": (
        Elsewhere("not pooled to 14 × 14", "the default of `image_size`"),
        Measured("plain-20 0.84, 0.96", PIXELS_28, "plain-20"),
        Measured("plain-56 1.41, 1.29", PIXELS_28, "plain-56"),
        Measured("ResNet-20 0.67, 0.66", PIXELS_28, "ResNet-20"),
        Measured("ResNet-56 0.68, 0.68", PIXELS_28, "ResNet-56"),
        Measured("7.3 and 6.7 in plain-20", PIXELS_28, "plain-20", WEIGHTS),
        Measured("1,900 and 1,400 in plain-56", PIXELS_28, "plain-56", WEIGHTS),
        Measured("1.3 and 1.9 in ResNet-20", PIXELS_28, "ResNet-20", WEIGHTS),
        Measured("6.9 and 5.1 in ResNet-56", PIXELS_28, "ResNet-56", WEIGHTS),
    ),
    "gratings": (
        Measured("plain-20 0.24, 0.31, 0.28", GRATINGS, "plain-20"),
        Measured("plain-56 1.23, 1.38, 1.13", GRATINGS, "plain-56"),
        Measured("ResNet-20 0.01, 0.00, 0.06", GRATINGS, "ResNet-20"),
        Measured("ResNet-56 0.02, 0.01, 0.11", GRATINGS, "ResNet-56"),
        Measured("plain-56 0.33, 0.27, 0.40", GRATINGS, "plain-56", "test_accuracy"),
        Measured("ResNet-20 1.00 each time", GRATINGS, "ResNet-20", "test_accuracy"),
        Measured("10 in plain-20", GRATINGS, "plain-20", WEIGHTS),
        Measured("1,000 to 2,600 in plain-56", GRATINGS, "plain-56", WEIGHTS),
        Measured("3 in ResNet-20", GRATINGS, "ResNet-20", WEIGHTS),
        Measured("7 to 11 in ResNet-56", GRATINGS, "ResNet-56", WEIGHTS),
    ),
    "no_norm": (
        Elsewhere("by about 0.4", "sqrt(1/6) = 0.408: Var W = 1 / (3 fan_in), of which ReLU keeps half"),
        Computed("ln 10 = 2.303", lambda: log(SIZES[DataName.FASHION_MNIST_SUBSET].classes)),
        Measured("both plain nets 2.304 to 2.305", NO_NORM, (f"plain-20{BARE}", f"plain-56{BARE}")),
        Measured("ResNet-20 0.79, 0.87, 0.89", NO_NORM, f"ResNet-20{BARE}"),
        Measured("ResNet-56 0.95, 0.97, 1.46", NO_NORM, f"ResNet-56{BARE}"),
        Measured("2.0e-7, 1.5e-7, 1.2e-7 in plain-20", NO_NORM, f"plain-20{BARE}", BLOCKS),
        Measured("3.1e-22, 8.5e-23, 3.4e-22 in plain-56", NO_NORM, f"plain-56{BARE}", BLOCKS),
        Measured("0.41 to 0.45 in ResNet-20", NO_NORM, f"ResNet-20{BARE}", BLOCKS),
        Measured("0.43 to 0.50 in ResNet-56", NO_NORM, f"ResNet-56{BARE}", BLOCKS),
        Measured("0.38, 0.64, 0.78 in plain-20", NO_NORM, f"plain-20{BARE}", WEIGHTS),
        Measured("0.36, 2.5, 1.2 in plain-56", NO_NORM, f"plain-56{BARE}", WEIGHTS),
        Computed("to 0 below 2.6e-23", lambda: (2.0**-150) ** 0.5),
    ),
    "no_norm_he": (
        Measured("1,230, 144 and 5,234", NO_NORM_HE, f"ResNet-56{BARE}", "first_loss"),
        Measured("2 and 3 steps from seeds 0 and 1", NO_NORM_HE[:2], f"ResNet-56{BARE}", "steps"),
        Measured("from seed 2 it falls back to guessing (2.30)", NO_NORM_HE[2:], f"ResNet-56{BARE}"),
        Measured("ResNet-20 begins at 2.6, 2.5, 2.9", NO_NORM_HE, f"ResNet-20{BARE}", "first_loss"),
        Elsewhere("last 50 of 60 steps", "the runs' own settings"),
        Measured("plain-20 2.30, 2.30, 2.36", NO_NORM_HE, f"plain-20{BARE}"),
        Measured("plain-56 2.31, 2.31, 2.30", NO_NORM_HE, f"plain-56{BARE}"),
        Measured("3.0, 4.6, 5.7 in ResNet-20", NO_NORM_HE, f"ResNet-20{BARE}", STD),
        Measured("2,800, 780, 8,000 in ResNet-56", NO_NORM_HE, f"ResNet-56{BARE}", STD),
    ),
    "original_order": (
        Measured("ResNet-20 0.43, 0.45, 0.47", ORIGINAL, "ResNet-20"),
        Measured("ResNet-56 0.43, 0.56, 0.51", ORIGINAL, "ResNet-56"),
        Differences("which is 0.01, 0.11 and 0.04 more", ORIGINAL, "ResNet-56", "ResNet-20"),
        *_PLAIN,
    ),
    "plain": _PLAIN,
    "quick": (),
    "shipped_nets": (
        Elsewhere("plain-20 92.1 %", "assets/nets/nets.json, plain20"),
        Elsewhere("ResNet-20 92.5 %", "assets/nets/nets.json, resnet20"),
        Elsewhere("ResNet-56 (width 8) 91.5 %", "assets/nets/nets.json, resnet56"),
        Elsewhere("full pre-activation ResNet-20 92.6 %", "assets/nets/nets.json, preact_resnet20"),
        Computed("all 10,000 test images", lambda: SIZES[DataName.FASHION_MNIST].test),
        Elsewhere("31 MB to download", "github.com/zalandoresearch/fashion-mnist: 26.4, 4.4 and 0.04 MB"),
    ),
    "very_deep": (
        Elsewhere("1,202 layers, which is for a GPU", "the recipe very_deep_1202"),
        Measured("plain-20 0.60", VERY_DEEP, "plain-20"),
        Measured("plain-110 2.27", VERY_DEEP, "plain-110"),
        Measured("test accuracy 0.11", VERY_DEEP, "plain-110", "test_accuracy"),
        Measured("ResNet-20 0.43", VERY_DEEP, f"ResNet-20{PREACT}"),
        Measured("ResNet-110 0.51", VERY_DEEP, f"ResNet-110{PREACT}"),
        Measured("1.7e7 in plain-110", VERY_DEEP, "plain-110", WEIGHTS),
        Elsewhere("1.5e7 in double precision", "tests/training/engine/test_single_precision.py"),
        Measured("49 in ResNet-110", VERY_DEEP, f"ResNet-110{PREACT}", WEIGHTS),
    ),
    "very_deep_1202": (
        Elsewhere("7.93 % against 6.43 % errors", "He et al. 2015, table 6"),
        Elsewhere("He et al. 2015 trained 1,202 layers on CIFAR-10", "He et al. 2015, table 6"),
        Elsewhere("plain net of 998 layers", "the run's own settings"),
        Measured("49 and 39 in ResNet-110", DEEPEST_AT_0, f"ResNet-110{PREACT}", WEIGHTS),
        Measured("13,500 and 1,300 in ResNet-1202", DEEPEST_AT_0, f"ResNet-1202{PREACT}", WEIGHTS),
        Measured("335 and 379", PLAIN_998, "plain-998", "not_a_number"),
        Computed("of 997 convolutions", lambda: 998 - 1),
    ),
}
