"""What pages ask about trained nets: a line to one process with torch and Captum, answers kept on the disk. No torch.

What lives here is the server's, not a cache of Streamlit's, which any visitor can clear.
"""

from typing import Final

from resnet_viz.attribution import result_cache
from resnet_viz.attribution.cost import QuerySpeed
from resnet_viz.attribution.query import AttributionQuery, to_json
from resnet_viz.attribution.result import QueryResult, from_npz
from resnet_viz.attribution.sources.net_sources import pin_steps
from resnet_viz.errors import Refusal
from resnet_viz.jobs.queries.service import Asked, QueryService, QueryStatus


def _kept(asked: Asked, content: bytes) -> QueryResult:
    answer = from_npz(content)
    result_cache.save(asked.key, content)
    return answer


QUERY_SPEED: Final = QuerySpeed()  # of this machine, whoever asked
SERVICE: Final = QueryService("resnet_viz.attribution.engine.worker:serve", read=_kept)


def ask(question: AttributionQuery, *, owner: str) -> None:
    """Asks a question; one that was answered before costs no process. Of one owner only the newest question stays.

    Args:
        question: what is asked.
        owner: who asks; a page that asks several things at once gives each an owner of its own.

    Raises:
        QueueError: too many questions wait.
    """
    asked = _asked(question)
    is_new = SERVICE.look(asked, owner=owner) is None
    SERVICE.ask(asked, owner=owner, answer=result_cache.load(asked.key) if is_new else None)


def recall(question: AttributionQuery, *, owner: str) -> bool:
    """Returns whether a question is answered already, or asked; where it was answered before, the answer is fetched."""
    asked = _asked(question)
    if SERVICE.look(asked, owner=owner) is not None:
        return True
    answer = result_cache.load(asked.key)
    if answer is None:
        return False
    SERVICE.ask(asked, owner=owner, answer=answer)
    return True


def look(question: AttributionQuery, *, owner: str) -> QueryStatus | None:
    """Returns how a question stands, its `answer` an `QueryResult`; None where this owner has not asked it."""
    return SERVICE.look(_asked(question), owner=owner)


def leave(question: AttributionQuery, *, owner: str) -> None:
    """Takes back what an owner asked; work on it ends when nobody else waits for it."""
    SERVICE.leave(_asked(question), owner=owner)


def warm_up() -> None:
    """Starts the process if there is none: torch and Captum take seconds to import."""
    SERVICE.warm_up()


def _asked(question: AttributionQuery) -> Asked:
    """Returns a question under the weights that it is about: those of a run that goes on change."""
    try:
        now = pin_steps(question)
        return Asked(result_cache.key_of(now), to_json(now))
    except Refusal:  # a net is not there; the process says which and why
        return Asked(question.key(), to_json(question))
