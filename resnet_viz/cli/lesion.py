"""lesion: a trained net's accuracy without each of its blocks, or with some deleted and exchanged."""

import argparse
import json
import math
from typing import TYPE_CHECKING, Any, Final

from resnet_viz.cli.parser import add_command, whole_number
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.theory.trained.image_counts import IMAGES, MOST_IMAGES

if TYPE_CHECKING:
    from resnet_viz.theory.trained.lesions import DeletedBlock, RewiredAccuracy

_PAIR: Final = 2


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "lesion",
        _("accuracy of a trained net without its blocks, one at a time or as named"),
        examples=(
            "lesion shipped:resnet20",
            "lesion shipped:plain20 --images 1000 --json",
            "lesion shipped:resnet56 --delete stage2.block4,stage2.block5",
            "lesion shipped:resnet56 --swap stage1.block2,stage1.block5 --swap stage3.block2,stage3.block3",
            "lesion run:34ca81297230/0/last",
        ),
    )
    parser.add_argument(
        "trained_net",
        metavar="NET",
        help=_("shipped:NAME, run:ID/NET/STEP or upload:CHECKSUM, as in an address of the page Attribution"),
    )
    parser.add_argument("--delete", metavar="BLOCKS", default="", help=_("blocks to delete, with commas between them"))
    parser.add_argument(
        "--swap",
        metavar="ONE,OTHER",
        action="append",
        default=[],
        help=_("two blocks of a stage to exchange; again for further pairs"),
    )
    parser.add_argument(
        "--images",
        type=whole_number("--images", 1, MOST_IMAGES),
        default=IMAGES,
        metavar="N",
        help=_("number of test images; default {n}").format(n=IMAGES),
    )
    parser.add_argument("--json", action="store_true", help=_("print JSON"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    from resnet_viz.attribution.sources import uploads  # noqa: PLC0415 - numpy, for this command alone
    from resnet_viz.attribution.sources.refs import NetKind, NetRef  # noqa: PLC0415
    from resnet_viz.theory.trained.lesions import LesionQuestion, RewiringQuestion  # noqa: PLC0415

    ref = NetRef.parse(chosen.trained_net)
    if ref.kind is NetKind.UPLOAD:
        uploads.find(ref.name, uploads.UploadKind.NET)  # a refusal before torch is loaded
    deleted = tuple(name for name in chosen.delete.split(",") if name)
    pairs = [_pair(text) for text in chosen.swap]

    from resnet_viz.theory.engine import lesions  # noqa: PLC0415 - torch, for this command alone

    if deleted or pairs:
        order = lesions.order_after(ref, pairs, num_images=chosen.images)
        question = RewiringQuestion(nets=(ref,), deleted=deleted, order=order, images=chosen.images)
        (found,) = lesions.rewired_accuracy(question.pinned())
        _print_rewired(found, deleted, pairs, is_json=chosen.json)
        return
    records = []
    for record in lesions.block_lesions(LesionQuestion(nets=(ref,), images=chosen.images).pinned()):
        records.append(record)
        if not chosen.json:
            print(_line(record), flush=True)
    if chosen.json:
        print(json.dumps([_fields(record) for record in records], indent=2))


def _pair(text: str) -> tuple[str, str]:
    names = text.split(",")
    if len(names) != _PAIR or not all(names):
        raise SpecError(
            _("--swap takes two blocks, as in stage1.block2,stage1.block3; got {text!r}.").format(text=text)
        )
    return names[0], names[1]


def _line(record: "DeletedBlock") -> str:
    if math.isnan(record.accuracy):
        return f"{record.block:16} {'–':>6}  {record.refusal}"
    name = record.block or _("whole net")
    return f"{name:16} {100 * record.accuracy:5.1f} %"


def _fields(record: "DeletedBlock") -> dict[str, Any]:
    is_known = not math.isnan(record.accuracy)
    return {"block": record.block, "accuracy": record.accuracy if is_known else None, "refusal": record.refusal}


def _print_rewired(
    found: "RewiredAccuracy", deleted: tuple[str, ...], pairs: list[tuple[str, str]], *, is_json: bool
) -> None:
    tau = None if math.isnan(found.tau) else found.tau
    if is_json:
        fields = {"deleted": deleted, "swapped": pairs, "accuracy": found.accuracy, "whole": found.whole, "tau": tau}
        print(json.dumps(fields, indent=2))
        return
    print(_("{share:.1f} % instead of {whole:.1f} %").format(share=100 * found.accuracy, whole=100 * found.whole))
    if pairs and tau is not None:
        print(_("Kendall τ of the order: {tau:.2f}").format(tau=tau))
