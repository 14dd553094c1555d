"""API of skipped stops: report that a departure did not call at a stop, and withdraw the report."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.ridership.skipped_stops import record_skipped_stop
from shuttle.web.api.shapes import RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


class GivenSkippedStop(RequestBody):
    reason: ReasonCode


class SkippedStopShape(BaseModel):
    """The current state. `id` names the departure's call at the stop; `reason` null: the stop was served."""

    id: str
    departure: str
    stop: str
    reason: ReasonCode | None


@router.put("/departures/{departure_id}/unserved/{stop}")
def put_skipped_stop(
    request: Request, departure_id: str, stop: str, body: GivenSkippedStop, asking: Asking
) -> SkippedStopShape:
    """Report that the departure did not call at the stop. The same again changes nothing; another reason replaces it."""
    record_skipped_stop(state_of(request).context, asking, departure_id, stop, body.reason)
    return _shape(departure_id, stop, body.reason)


@router.delete("/departures/{departure_id}/unserved/{stop}")
def delete_skipped_stop(request: Request, departure_id: str, stop: str, asking: Asking) -> SkippedStopShape:
    """Withdraw the report: the departure did call there. The report stays in the history."""
    record_skipped_stop(state_of(request).context, asking, departure_id, stop, None)
    return _shape(departure_id, stop, None)


def _shape(departure_id: str, stop: str, reason: ReasonCode | None) -> SkippedStopShape:
    """A body also for a withdrawal: an empty response may come from any proxy in between."""
    return SkippedStopShape(id=f"{departure_id}/{stop}", departure=departure_id, stop=stop, reason=reason)
