"""gradients: gradients and signals of untrained nets by depth, as the page /gradients measures them."""

import argparse
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.cli.parser import add_command, add_set_option, changes_of, spec_with, whole_number
from resnet_viz.i18n import _
from resnet_viz.present.gradients.listing import NamedCurves, messages, table, to_json
from resnet_viz.spec.enums import Init
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.resolve import resolve
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import BENCH_SIDE, BENCH_WIDTH, MOST_SEEDS, GradientQuestion
from resnet_viz.training.lab_nets import widths
from resnet_viz.training.recipe_values import MAX_SEED

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
            "presets, such as cifar_plain56; grey images of {side} px and widths from {width} on, unless set"
        ).format(side=BENCH_SIDE, width=BENCH_WIDTH),
    )
    add_set_option(parser, _("change of a field of all nets; repeatable"))
    parser.add_argument(
        "--seeds",
        type=whole_number("--seeds", 1, MOST_SEEDS),
        default=1,
        metavar="N",
        help=_("number of consecutive seeds of weights and batch; default 1"),
    )
    parser.add_argument(
        "--seed",
        type=whole_number("--seed", 0, MAX_SEED - MOST_SEEDS),
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
    else:
        print(table(found), end="\n\n")
    print(*messages(found), sep="\n", file=sys.stderr if chosen.json else sys.stdout)


def _bench_net(name: str, changes: Mapping[str, str]) -> AnySpec:
    """Returns a net as small as those of the bench, but for what is set."""
    spec = spec_with(name, {})
    small = {"in_channels": "1", "image_size": str(BENCH_SIDE)}
    if isinstance(spec, NetSpec) and BENCH_WIDTH * spec.width_per_group % USUAL_WIDTH_PER_GROUP == 0:
        small["widths"] = ",".join(map(str, widths(BENCH_WIDTH, stages=len(spec.blocks))))
    return spec_with(name, {**small, **changes}) if isinstance(spec, NetSpec) else spec
