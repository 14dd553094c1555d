"""API of passings: when a departure left a stop or arrived there, as its driver reported."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.passings import PassingKind
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.web.api.counting_keys import Counting
from shuttle.web.api.shapes import Identifier, RequestBody
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


class GivenPassing(RequestBody):
    """`at` null or left out withdraws an earlier report."""

    stop: Identifier
    kind: Literal["left", "arrived"]
    at: datetime | None = None


class PassingShape(BaseModel):
    """`id`: the Idempotency-Key under which it is stored."""

    id: str
    departure: str
    stop: str
    kind: Literal["left", "arrived"]
    at: datetime | None


@router.post("/departures/{departure_id}/passings", status_code=201, responses={200: {"model": PassingShape}})
def add_passing(
    request: Request,
    response: Response,
    departure_id: str,
    body: GivenPassing,
    asking: Counting,
    idempotency_key: Annotated[str | None, Header(max_length=120)] = None,
) -> PassingShape:
    """Report that a departure left a stop or arrived; 200 where the same was reported with the same key before."""
    if not idempotency_key:
        raise Invalid(
            "idempotency-key-missing",
            "the header Idempotency-Key is missing",
            allowed="a name of your own for this act, the same each time it is sent",
        )
    report = PassingReport(departure_id, body.stop, PassingKind(body.kind), body.at)
    passing, is_new = record_passing(state_of(request).context, asking, idempotency_key, report)
    if not is_new:
        response.status_code = 200
    return PassingShape(id=passing.key, departure=passing.departure, stop=passing.stop, kind=body.kind, at=passing.at)
