"""API of incidents: a driver or a centre says that a departure is late, stands, meets a closed road or needs help, and takes it back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.web.api.counting_keys import Counting
from shuttle.web.api.shapes import RequestBody
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


class GivenIncident(RequestBody):
    """`minutes` (1 to 180) with `delayed` alone. `withdrawn`: it and all earlier reports on its subject no longer hold; a delay, a
    bus that stands and a closed road are one subject, help is another. `recorded_at`: when it was tapped; left out: now."""

    kind: IncidentKind
    minutes: int | None = None
    withdrawn: bool = False
    recorded_at: datetime | None = None


class IncidentShape(BaseModel):
    """`id`: the Idempotency-Key under which it is stored."""

    id: str
    departure: str
    kind: IncidentKind
    minutes: int | None
    withdrawn: bool
    recorded_at: datetime


@router.post("/departures/{departure_id}/incident", status_code=201, responses={200: {"model": IncidentShape}})
def add_incident(
    request: Request,
    response: Response,
    departure_id: str,
    body: GivenIncident,
    asking: Counting,
    idempotency_key: Annotated[str | None, Header(max_length=120)] = None,
) -> IncidentShape:
    """Report an incident, or take it back; 200 where the same was reported with the same key before. Help is shown to staff and planners
    alone."""
    if not idempotency_key:
        raise Invalid(
            "idempotency-key-missing",
            "the header Idempotency-Key is missing",
            allowed="a name of your own for this act, the same each time it is sent",
        )
    report = IncidentReport(
        departure=departure_id,
        kind=body.kind,
        minutes=body.minutes,
        withdrawn=body.withdrawn,
        recorded_at=body.recorded_at,
    )
    incident, is_new = record_incident(state_of(request).context, asking, idempotency_key, report)
    if not is_new:
        response.status_code = 200
    return IncidentShape(
        id=incident.key,
        departure=incident.departure,
        kind=incident.kind,
        minutes=incident.minutes,
        withdrawn=incident.withdrawn,
        recorded_at=incident.recorded_at,
    )
