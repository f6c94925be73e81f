"""Attribution of trained nets: queries to a process with torch and Captum, results kept on the disk. No torch here."""

from typing import Final

from resnet_viz.attribution import result_cache
from resnet_viz.attribution.cost import QuerySpeed
from resnet_viz.attribution.query import AttributionQuery, to_json
from resnet_viz.attribution.result import QueryResult, from_npz
from resnet_viz.attribution.sources.net_sources import pin_steps
from resnet_viz.errors import Refusal
from resnet_viz.jobs.queries.kinds import ATTRIBUTION
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService


def _save(request: Request, content: bytes) -> QueryResult:
    result = from_npz(content)
    result_cache.save(request.key, content)
    return result


QUERY_SPEED: Final = QuerySpeed()  # of this machine, whoever asked
SERVICE: Final = QueryService(ATTRIBUTION, parse=_save, recall=lambda request: result_cache.load(request.key))


def request_for(query: AttributionQuery) -> Request:
    """Returns a query under the weights that it is about now, for those of an unfinished run change.

    Its result is a `QueryResult`.
    """
    try:
        pinned = pin_steps(query)
        return Request(key=result_cache.key_of(pinned), fields=to_json(pinned))
    except Refusal:  # a net is not there; the process gives the reason
        return Request(key=query.key(), fields=to_json(query))
