"""API of counts: one idempotent, durable POST per count, and reading of counts.

A count left out (null) is not 0: null means not recorded.
"""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.service_time import parse_iso_date
from shuttle.domain.ridership.boardings import MOST, Count, Observation, check_wheelchairs, left_behind_class
from shuttle.feeds.documents import question_document
from shuttle.services.ridership import boardings
from shuttle.web.api.counting_keys import Counting
from shuttle.web.api.shapes import RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)

Number = Annotated[int, Field(ge=0, le=MOST, strict=True)]


class GivenCount(RequestBody):
    """Boardings at a stop; a value that was not observed is left out. `left_behind` is a lower bound.

    `wheelchairs`, how many of them boarded in one, is refused unless the service has decided to count them.
    """

    stop: Annotated[str, Field(min_length=1, max_length=80)]
    boardings: Number
    alightings: Number | None = None
    left_behind: Number | None = None
    full: bool | None = None
    wheelchairs: Number | None = None
    recorded_at: datetime | None = None


class StoredQuestion(BaseModel):
    question: str
    stop: str
    on_board: int


class StoredCount(BaseModel):
    """A count on disk; `replayed`: it had been stored under this key before."""

    id: str
    departure: str
    stop: str
    boardings: int
    replayed: bool
    questions: list[StoredQuestion] | None = None


IDEMPOTENCY_KEY = Header(
    alias="Idempotency-Key",
    description="A new one for each count",
    json_schema_extra={
        "minLength": 1,
        "maxLength": boardings.LONGEST_KEY,
    },  # checked by the service, whose problems have types of their own
)


async def may_count(request: Request, asking: Counting) -> Person:
    """The person who counts. Permission and Idempotency-Key are checked before the body is validated."""
    person = allow(asking, Action.RECORD_BOARDINGS)
    boardings.check_key(request.headers.get("idempotency-key"))
    return person


@router.post(
    "/departures/{departure_id}/boardings",
    status_code=201,
    response_model=None,
    responses={
        201: {"description": "Stored on disk", "model": StoredCount},
        200: {"description": "The same count had been stored under this key", "model": StoredCount},
    },
)
async def record(
    request: Request,
    asking: Annotated[Person, Depends(may_count)],
    departure_id: str,
    body: GivenCount,
    key: Annotated[str, IDEMPOTENCY_KEY],
    ask: Annotated[bool, Query(description="true: also give the inconsistencies of the departure's counts")] = False,
) -> Response:
    """Store a count. It is on disk before the answer; the same key and body again change nothing."""
    state = state_of(request)
    context = state.context
    check_wheelchairs(body.wheelchairs, state.settings.count_wheelchairs)
    count = Count(
        departure=departure_id,
        stop=body.stop,
        boardings=body.boardings,
        alightings=body.alightings,
        left_behind=body.left_behind,
        full=body.full,
        recorded_at=body.recorded_at,
        wheelchairs=body.wheelchairs,
    )
    with state.metrics.queued.track_inprogress():
        stored = await boardings.record(context, asking, count, key)
    document: dict[str, Any] = {
        "id": stored.id,
        "departure": departure_id,
        "stop": body.stop,
        "boardings": body.boardings,
        "replayed": stored.replayed,
    }
    if ask:
        questions = await asyncio.to_thread(boardings.questions_after, context, asking, departure_id)
        document["questions"] = [question_document(question) for question in questions]
    return Response(orjson.dumps(document), 200 if stored.replayed else 201, media_type="application/json")


@router.get("/departures/{departure_id}/boardings")
def counts(request: Request, departure_id: str, asking: Asking) -> dict[str, Any]:
    """Counts of a departure: per stop the state, the valid observation and the history; and inconsistencies."""
    allow(asking, Action.READ_BOARDINGS)  # before any look-up, so that a refusal does not tell what exists
    context = state_of(request).context
    with context.reading() as session:
        departure = context.schedule().departure(departure_id)
        stops = boardings.counts_of(session, asking, departure)
        questions = boardings.questions_about(context, departure, stops)
    return {
        "departure": departure.id,
        "status": departure.status.value,
        "stops": [
            {
                "stop": counts.stop,
                "state": counts.state.value,
                "unserved": counts.unserved.value if counts.unserved else None,
                "disputed": counts.disputed,
                "holds": counts.held.id if counts.held else None,
                "observations": [observation_document(observation) for observation in counts.observations],
            }
            for counts in stops
        ],
        "questions": [question_document(question) for question in questions],
    }


@router.get("/boardings")
def observations(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first service date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last service date, YYYY-MM-DD")],
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
) -> dict[str, Any]:
    """Observations in order of arrival, one page per request; `next` is null on the last page."""
    context = state_of(request).context
    with context.reading() as session:
        page = boardings.observations_between(
            session, asking, parse_iso_date(first), parse_iso_date(last), limit, cursor
        )
    return {
        "boardings": [observation_document(observation) for observation in page],
        "next": page[-1].order if len(page) == limit else None,
    }


def observation_document(observation: Observation) -> dict[str, Any]:
    """One observation; null is not recorded, which is not 0."""
    count = observation.count
    return {
        "id": observation.id,
        "idempotency_key": observation.key,
        "departure": count.departure,
        "stop": count.stop,
        "state": "number" if count.boardings else "zero",
        "boardings": count.boardings,
        "alightings": count.alightings,
        "left_behind": count.left_behind,
        "left_behind_class": None if count.left_behind is None else left_behind_class(count.left_behind),
        "full": count.full,
        "wheelchairs": count.wheelchairs,
        "recorded_at": count.recorded_at.isoformat() if count.recorded_at else None,
        "received_at": observation.received_at.isoformat(),
        "recorded_by": observation.source,
        "role": observation.role,
        "supersedes": observation.supersedes,
        "reason": observation.reason,
    }
