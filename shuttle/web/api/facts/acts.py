"""API of the acts on facts: the latest ones, undoing, and the list of assumed facts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from shuttle.domain.access.permissions import Action, allow
from shuttle.services.timetable import facts
from shuttle.services.timetable.assumed_facts import assumed_facts
from shuttle.store.timetable.fact_acts import latest_acts
from shuttle.web.api.facts.shapes import FactActShape, act_document, moment_of
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/facts", tags=["facts"], responses=ANY_PROBLEM)

MOST = 200


class AssumedFactShape(BaseModel):
    """An unconfirmed fact. `key`: as in an act; `day_type`: of opening hours."""

    kind: str
    key: str
    day_type: str | None
    name: str
    value: str
    reason: str


@router.get("/acts", responses={200: {"model": list[FactActShape]}})
def acts(request: Request, asking: Asking, limit: Annotated[int, Query(ge=1, le=MOST)] = 50) -> list[dict[str, object]]:
    """The latest acts on facts, the newest first."""
    allow(asking, Action.EDIT_FACTS)
    with state_of(request).context.reading() as session:
        return [act_document(row) for row in latest_acts(session, limit)]


@router.post("/acts/{act_id}/undo", responses={200: {"model": FactActShape}})
def undo(request: Request, act_id: str, asking: Asking) -> dict[str, object]:
    """Put back what an act has changed; answers with the act of undoing, which can be undone as well."""
    with state_of(request).context.transaction() as session:
        return act_document(facts.undo(session, asking, act_id, moment_of(request)))


@router.get("/assumed", responses={200: {"model": list[AssumedFactShape]}})
def assumed(request: Request, asking: Asking) -> list[dict[str, object]]:
    """Every fact that is assumed now or later."""
    allow(asking, Action.EDIT_FACTS)
    state = state_of(request)
    several = assumed_facts(state.context.schedule(), state.context.today(), state.words(None))
    return [
        {
            "kind": fact.kind,
            "key": fact.key,
            "day_type": fact.day_type or None,
            "name": fact.name,
            "value": fact.value,
            "reason": fact.reason,
        }
        for fact in several
    ]
