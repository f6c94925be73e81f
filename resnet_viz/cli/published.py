"""published: results of papers and packages with unit, protocol and source."""

import argparse
import json
from collections.abc import Sequence
from typing import Any, Final

from resnet_viz.cli.parser import add_command
from resnet_viz.i18n import _
from resnet_viz.present.published_results import result_rows
from resnet_viz.present.tables import in_columns
from resnet_viz.published import files
from resnet_viz.published.result import PublishedResult, to_json

_VALUE: Final = 3  # column of the numbers


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "published",
        _("results published in papers: value, unit, protocol and source"),
        examples=("published", "published orders", "published he2015 --json", "published cifar_resnet110"),
    )
    parser.add_argument(
        "published",
        nargs="?",
        metavar="NAME",
        help=_("a group of results, a source or a preset; without it, the groups are listed"),
    )
    parser.add_argument("--json", action="store_true", help=_("print the results as a JSON array"))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    found = files.results() if chosen.published is None else files.find(chosen.published)
    if chosen.json:
        print(json.dumps([to_json(result) for result in found], ensure_ascii=False))
    elif chosen.published is None:
        print(_group_table())
    else:
        print(_result_table(found))


def _group_table() -> str:
    rows = [(_("name"), _("results"), _("title"), _("sources"))]
    for group in files.groups().values():
        places: dict[str, dict[str, None]] = {}  # in their order
        for result in group.results:
            places.setdefault(result.source.citation, {})[result.where] = None
        sources = "; ".join(f"{citation}, {', '.join(where)}" for citation, where in places.items())
        rows.append((group.name, str(len(group.results)), _(group.title), sources))
    return in_columns(rows, left=(0, 2, 3))


def _result_table(found: Sequence[PublishedResult]) -> str:
    """Returns the results and the addresses of their sources, without columns in which no result has anything."""
    table = result_rows(found)
    heads = [head for head in table[0] if any(row[head] for row in table)]
    rows = [heads, *([row[head] for head in heads] for row in table)]
    left = [place for place, head in enumerate(heads) if head != list(table[0])[_VALUE]]
    urls = dict.fromkeys(f"{result.source.citation}: {result.source.url}" for result in found)
    return "\n".join([in_columns(rows, left=left), "", *urls])
