"""A stop that a departure passed by: said, and taken back."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.ridership.skipped_stops import say_unserved
from shuttle.web.api.shapes import Given
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["boardings"], responses=ANY_PROBLEM)


class GivenUnserved(Given):
    reason: ReasonCode


class UnservedShape(BaseModel):
    """What holds now. `id` names the departure's call at the stop; `reason` null: it was served."""

    id: str
    departure: str
    stop: str
    reason: ReasonCode | None


@router.put("/departures/{departure_id}/unserved/{stop}")
def put_unserved(request: Request, departure_id: str, stop: str, given: GivenUnserved, asking: Asking) -> UnservedShape:
    """The departure did not call at the stop. The same again changes nothing; another reason replaces it."""
    say_unserved(state_of(request).house, asking, departure_id, stop, given.reason)
    return _shape(departure_id, stop, given.reason)


@router.delete("/departures/{departure_id}/unserved/{stop}")
def delete_unserved(request: Request, departure_id: str, stop: str, asking: Asking) -> UnservedShape:
    """It did call there: what was said is taken back, and stays in the history."""
    say_unserved(state_of(request).house, asking, departure_id, stop, None)
    return _shape(departure_id, stop, None)


def _shape(departure_id: str, stop: str, reason: ReasonCode | None) -> UnservedShape:
    """An answer with a body also where something was taken back: an empty one may come from any network in between."""
    return UnservedShape(id=f"{departure_id}/{stop}", departure=departure_id, stop=stop, reason=reason)
