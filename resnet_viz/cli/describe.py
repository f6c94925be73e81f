"""describe: shapes and costs of a net as a table or as JSON."""

import argparse
import json
from typing import Any

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.analysis.report import describe as describe_analysis
from resnet_viz.cli.parser import add_command, add_net_arguments, spec_of
from resnet_viz.graph.labels import shape_text
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.tables import in_columns
from resnet_viz.present.work_counts import layers_note, work_columns
from resnet_viz.spec.codec import to_json
from resnet_viz.spec.resolve import resolve
from resnet_viz.spec.titles import depth_note, title


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "describe",
        _("shapes, parameters, MACs (FLOPs by several programs) and receptive fields of a net"),
        examples=(
            "describe resnet50",
            "describe cifar_resnet56 --set order=full_preact --set dim_match=projection",
            "describe resnet50 --set num_classes=10 --json",
        ),
    )
    add_net_arguments(parser)
    parser.add_argument("--json", action="store_true", help=_("print one JSON object with all layers"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    spec = spec_of(chosen)
    analysis = analyse(lower(spec))
    if chosen.json:
        print(json.dumps(describe_analysis(analysis, name=resolve(chosen.net).preset, spec=to_json(spec))))
    else:
        print(_table(analysis))


def _table(analysis: Analysis) -> str:
    spec, sums = analysis.plan.spec, analysis.totals
    head = _("{title}: {params:,} parameters, {macs:,} MACs, {depth} layers, input {shape}").format(
        title=title(spec),
        params=sums.params,
        macs=sums.macs,
        depth=spec.depth,
        shape=shape_text(analysis.plan.input_shape),
    )
    rows = [(_("part"), _("shape"), _("params"), _("MACs"), _("field"), _("jump"))]
    for row in analysis.parts:
        field, jump = _sides(row.field_sides), _sides(row.jumps)
        rows.append((row.name, shape_text(row.shape), f"{row.params:,}", f"{row.macs:,}", field, jump))
    head = "\n".join(filter(None, (head, layers_note(analysis.plan), depth_note(spec))))
    return f"{head}\n\n{in_columns(rows)}\n\n{work_columns(spec)}"


def _sides(sides: tuple[int, int]) -> str:
    return "×".join(map(str, sides[:1] if sides[0] == sides[1] else sides))
