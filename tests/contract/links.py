"""Deep links of every page that use all names an address can have there, each with a value that is not the default."""

from typing import Final, NamedTuple

RUN: Final = "583785b3b68b"  # of golden/promises/store_v3.sql: two nets of 8 layers, pinned and renamed
OTHER_SEED: Final = "be6346291dc0"
PAUSED: Final = "969deab98c96"
QUEUED: Final = "fc84d109d60e"
RUNS: Final = (RUN, OTHER_SEED, "d433629a8cfb", "d52a83b31fa1", "f0d23bab8201", PAUSED, QUEUED)  # oldest first


class Link(NamedTuple):
    """An address.

    Attributes:
        page: stem of the page's file.
        query: names and texts.
        sent: texts that a component of the page gets under this address and not under an empty one.
        num_messages: messages on the page: results that need another process, or wrong values.
    """

    page: str
    query: dict[str, str]
    sent: tuple[str, ...] = ()
    num_messages: int = 0


NETS: Final[tuple[dict[str, str], ...]] = (
    {
        "net": "resnet50", "stem": "cifar", "order": "bn_after_add", "shortcut": "constant_scaling",
        "shortcut_scale": "0.25", "residual_scale": "0.75", "dim_match": "zero_pad", "stride_on": "first_1x1",
        "norm": "none", "blocks": "1,2,1,1", "widths": "8,16,32,64", "conv_bias": "true", "in_channels": "1",
        "image_size": "64", "num_classes": "7",
    },
    {
        "net": "cifar_preact_resnet20", "block": "bottleneck", "shortcut": "shortcut_only_gating", "gate_bias": "-3",
        "dim_match": "projection", "projection_norm": "false", "cardinality": "2", "width_per_group": "16",
        "dilated_stages": "3",
    },
    {"net": "cifar_resnet20", "shortcut": "dropout", "dropout": "0.25", "zero_init_residual": "true"},
    {"net": "vgg16", "hidden_features": "512", "norm": "batch"},
)  # fmt: skip
_SHARED: Final = ("in_channels", "image_size", "num_classes", "hidden_features")  # no field of one net of a run


def _compared(first: int) -> dict[str, str]:
    """Returns three of the nets beside each other."""
    prefixed = zip(("", "b.", "c."), range(first, first + 3), strict=True)
    return {prefix + name: text for prefix, at in prefixed for name, text in NETS[at % len(NETS)].items()}


def _raced() -> dict[str, str]:
    """Returns six nets of a run: all fields that a net of a run may have, and every letter."""
    nets = [*NETS[:3], {"net": "cifar_plain8"}, {"net": "cifar_resnet8"}, {"net": "cifar_preact_resnet8"}]
    return {
        f"{letter}.{name}": text
        for letter, net in zip("abcdef", nets, strict=True)
        for name, text in net.items()
        if name not in _SHARED
    }


_TRAINED: Final = {"net": "cifar_plain8", "widths": "4,8,16", "in_channels": "1", "image_size": "14"}
_THREE: Final = {"net": "cifar_plain8", "b.net": "cifar_resnet8", "c.net": "vgg16"}
_INSIDE: Final = ("stage2.block1.branch.conv1",)
_IMAGE: Final = "/".join(["1 2 3 4 5 6"] * 6)
_OTHER_IMAGE: Final = "data:fashion_mnist_subset/1777"

LINKS: Final[tuple[Link, ...]] = (
    Link("architecture", NETS[0]),
    *(Link("architecture", _compared(first)) for first in range(len(NETS))),
    Link(
        "architecture",
        {"net": "resnet18", "level": "block", "part": "stage2", "fold": "false", "color": "macs", "details": "layer",
         "kinds": "conv,head", "open": "stage2.block1", "node": "stage2.block1.branch.conv2"},
        _INSIDE,
    ),
    Link("architecture", {**_TRAINED, "color": "gradient", "run": RUN, "at": "last"}),
    Link("architecture", {**_THREE, "details": "layer", "differences": "false", "against": "c"}),
    Link("architecture", {**_THREE, "details": "code", "code": "b"}),
    Link(
        "blocks",
        {"block": "option_a,d2l_residual,e_full_preact", "convs": "bottleneck", "shape": "halves", "width": "16",
         "size": "28", "details": "layers", "of": "e_full_preact"},
        ("full",),
    ),
    Link("blocks", {"details": "inception", "paths": "1x1,pool"}),
    Link("blocks", {"details": "inception", "join": "fixed"}, ("[I I]",)),
    Link(
        "blocks",
        {"norm": "false", "input": "own", "image": _IMAGE, "zero": "true", "step": "2"},
        ('"step": 2', '"input": "own"', '"zero": true', '"own.1.0"'),
    ),
    Link("blocks", {"block": "d2l_residual", "sample": "4", "channel": "3"}, ('"sample": 4', '"channel": 3')),
    Link(
        "parameters",
        {"basic_width": "16", "bottleneck_width": "128", "norm": "true", "bias": "true", "projection": "true",
         "which": "11,181,642", "family": "cifar"},
    ),
    Link("training", {"run": RUN, "band": "false"}, (RUN,)),
    Link(
        "gradients",
        {"depth": "110", "width": "8", "norm": "none", "init": "torch_default", "nets": "plain,lambda", "lambda": "0.5",
         "seeds": "2", "view": "share"},
        (),
        1,
    ),
    Link("gradients", {"at": "steps", "view": "block"}),
    Link("theory", {"show": "functions", "target": "sine", "n": "9"}),
    Link("theory", {"show": "functions", "view": "noise", "degree": "9", "seed": "2"}),
    Link("theory", {"show": "construction", "blocks": "9", "new": "random"}),
    Link("theory", {"show": "nothing", "n": "9"}),
    Link("theory", {"show": "layers", "a1": "-1", "a2": "0.5", "zero": "true"}),
    Link("theory", {"show": "depth", "from": "20", "to": "56"}),
    Link("theory", {"show": "sum", "blocks": "4", "value": "1.1", "seed": "5"}),
    Link("theory", {"show": "lambda", "value": "0.5"}),
    Link("theory", {"show": "orders", "unit": "12", "quantity": "std"}),
    Link("theory", {"show": "shattering", "layers": "10", "norm": "false"}),
    Link("theory", {"show": "tables", "table": "field", "n": "40"}),
    Link("attribution", {"net": "shipped:resnet56", "b.net": "none", "view": "sanity", "pick": "class", "class": "3"}),
    Link(
        "attribution",
        {"view": "sanity", "p.window": "7", "p.stride": "3", "target": "4", "baseline": "white", "one_scale": "false"},
    ),
    Link("attribution", {"view": "sanity", "method": "gradient_shap", "p.samples": "7", "p.noise": "0.2", "seed": "5"}),
    Link("attribution", {"view": "sanity", "method": "feature_ablation", "p.square": "7"}),
    Link("attribution", {"view": "sanity", "method": "layer_conductance", "p.steps": "9", "layer": "stage2.block1"}),
    Link("attribution", {"view": "methods", "methods": "saliency,grad_cam", "layer": "stage1.block2"}, (), 1),
    Link(
        "attribution",
        {"view": "features", "node": "stage2.block1", "channel": "5", "open": "stage2.block1"},
        _INSIDE,
        1,
    ),
    Link("attribution", {"view": "sanity", "pick": "random", "draw": "3", "picture": _OTHER_IMAGE}, (_OTHER_IMAGE,)),
    Link("attribution", {"view": "training", "run": RUN}),
    Link("attribution", {"view": "sanity", "net": f"run:{RUN}/1/0", "b.net": f"run:{RUN}/0/last"}),
    Link("runs", {"q": "shell", "state": "done,cancelled", "pinned": "true"}),
    Link("runs", {"runs": f"no_norm,{RUN}", "at": "last", "page": "2"}),
    Link("parameters", {"scene": "degradation"}, ('"kind": "bar"',)),
    Link(
        "scene",
        {"name": "degradation", "room": "7K2M", "stage": "reveal", "run": "degradation"},
        ('"kind": "reveal"', '"is_right": true'),
    ),
    Link("scene", {"name": "parameters", "class": "1"}, (), 1),
    Link("vote", {"room": "7K2M"}, (), 1),
)  # fmt: skip

RECIPES: Final[tuple[Link, ...]] = (  # of runs that are started from the page of training
    Link("training", {"recipe": "no_norm", "norm": "batch"}),
    Link(
        "training",
        {
            "depth": "8,14", "nets": "residual", "order": "original", "width": "5", "steps": "13", "seeds": "2",
            "data": "gratings", "image_size": "28", "augment": "pad_crop_flip", "batch_size": "32", "lr": "0.05",
            "momentum": "0.8", "weight_decay": "0.001", "schedule": "constant", "warmup_steps": "2", "norm": "none",
            "init": "xavier_uniform", "seed": "3", "device": "cpu", "probe_every": "4", "eval_every": "6",
            "dim_match": "projection", "conv_bias": "true", "projection_norm": "false", "num_classes": "11",
            "in_channels": "3",
        },
    ),
    Link("training", {**_raced(), "steps": "13"}),
    Link(
        "training",
        {
            "depth": "8", "nets": "plain", "steps": "13", "optimizer": "adamw", "lr": "0.002", "weight_decay": "0.02",
            "betas": "0.8,0.99", "eps": "1e-06", "schedule": "steps", "drops": "5,9", "drop_factor": "0.5",
        },
    ),
    Link("training", {"depth": "8", "nets": "plain", "steps": "13", "nesterov": "true"}),
)  # fmt: skip
