"""torchinfo's report on a net: a query to a process that sends one image through the torch module. No torch here."""

import json
from typing import Final

from resnet_viz.analysis.torchinfo import TorchinfoReport, from_json
from resnet_viz.jobs.queries.kinds import TORCHINFO
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.spec import codec
from resnet_viz.spec.vgg import AnySpec


def _parse(_request: Request, content: bytes) -> TorchinfoReport:
    return from_json(json.loads(content))


SERVICE: Final = QueryService(TORCHINFO, parse=_parse)


def request_for(spec: AnySpec) -> Request:
    """Returns the query about a net; its result is a `TorchinfoReport`."""
    fields = codec.to_json(spec)
    return Request(key=json.dumps(fields, sort_keys=True), fields=fields)
