"""gradients: gradients and signals of untrained nets by depth, as the page /gradients measures them."""

import argparse
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.cli.parser import add_command, add_set_option, changes_of, spec_with, whole_number
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Init
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.resolve import resolve
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.training.lab_nets import widths
from resnet_viz.training.recipe import MAX_SEEDS
from resnet_viz.training.recipe_values import MAX_SEED

_SIDE: Final = 14  # pixels
_WIDTH: Final = 4
INITS: Final[Mapping[str, Init]] = MappingProxyType(
    {"he": Init.HE, "torch": Init.TORCH_DEFAULT, "xavier": Init.XAVIER_UNIFORM}
)


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "gradients",
        _("gradients and signals of untrained nets by depth"),
        examples=(
            "gradients cifar_plain56 cifar_resnet56",
            "gradients cifar_plain20 cifar_plain56 cifar_plain110 --seeds 3",
            "gradients cifar_resnet56 --set order=full_preact --set widths=8,16,32",
            "gradients cifar_plain56 --set norm=none --init torch --json",
        ),
    )
    parser.add_argument(
        "nets",
        nargs="+",
        metavar="NET",
        help=_(
            "presets, such as cifar_plain56, for grey images of 14 px and with widths 4, 8, 16, unless set otherwise"
        ),
    )
    add_set_option(parser, _("change of a field of all nets; repeatable"))
    parser.add_argument(
        "--seeds",
        type=whole_number("--seeds", 1, MAX_SEEDS),
        default=1,
        metavar="N",
        help=_("number of consecutive seeds of weights and batch; default 1"),
    )
    parser.add_argument(
        "--seed",
        type=whole_number("--seed", 0, MAX_SEED - MAX_SEEDS),
        default=0,
        metavar="N",
        help=_("the first seed; default 0"),
    )
    parser.add_argument(
        "--init", choices=tuple(INITS), default="he", help=_("initial weights of the convolutions; default he")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON list, a net and seed an entry"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    from resnet_viz.present.gradients.listing import (  # noqa: PLC0415 - numpy
        NamedCurves,
        has_ratio,
        messages,
        table,
        to_json,
    )
    from resnet_viz.theory.gradients import GradientQuestion  # noqa: PLC0415 - numpy

    changes = changes_of(chosen.changes)
    question = GradientQuestion(
        nets=tuple(_bench_net(name, changes) for name in chosen.nets),
        init=INITS[chosen.init],
        seeds=tuple(range(chosen.seed, chosen.seed + chosen.seeds)),
    )
    from resnet_viz.theory.engine.worker import compute  # noqa: PLC0415 - torch, for this command alone

    names = [resolve(name).preset for name in chosen.nets]
    found = [NamedCurves(names[curves.place], curves) for curves in compute(question, lambda _share: None)]
    if chosen.json:
        print(json.dumps([to_json(named) for named in found], allow_nan=False))
        for message in messages([named for named in found if not has_ratio(named)]):
            print(message, file=sys.stderr)
    else:
        print(table(found), end="\n\n")
        print(*messages(found), sep="\n")


def _bench_net(name: str, changes: Mapping[str, str]) -> AnySpec:
    """Returns a net as small as those of the bench, but for what is set."""
    spec = spec_with(name, {})
    small = {"in_channels": "1", "image_size": str(_SIDE)}
    if isinstance(spec, NetSpec) and _WIDTH * spec.width_per_group % USUAL_WIDTH_PER_GROUP == 0:
        small["widths"] = ",".join(map(str, widths(_WIDTH, stages=len(spec.blocks))))
    return spec_with(name, {**small, **changes}) if isinstance(spec, NetSpec) else spec
