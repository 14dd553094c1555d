"""Figures of a draft as a time is typed: one day type's figures and broken rules, alone and without storing anything.

The page of the draft (`drafts.py`) shows the same part for the stored draft; a script replaces it during typing and dragging.
"""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.errors import NotFound, ShuttleError
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.services.planning.draft_figures import draft_figures, question
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.pictures import stop_names
from shuttle.web.pages.timetable.draft_view import scenario_text_of
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/timetables/{timetable_id}", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]


@router.post("/tried")
def tried(
    request: Request,
    asking: Asking,
    timetable_id: str,
    departs: Short = "",
    trip: Short = "",
    pattern: Short = "",
    day_type: Short = "",
) -> Response:
    """The figures with a departure at another time, or with one more; an unreadable input gives its fault instead."""
    person = allow(asking, Action.EDIT_TIMETABLES)
    state, frame = state_of(request), frame_of(request, person)
    schedule, scenario = state.context.schedule(), request.query_params.get("scenario", "")
    timetable = schedule.timetable_by_id.get(timetable_id)
    if timetable is None:
        raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
    text = scenario_text_of(state.context, state.settings.schedules, timetable_id, scenario, frame.words)
    measured, fault = None, ""
    try:
        wanted, day = _with(timetable, trip, departs, pattern, day_type)
        measured = draft_figures(question(state.context, text), schedule, wanted, day)
    except ShuttleError as error:
        fault = fault_of(error, frame.words).message
    template = "plan/draft_figures.html" if measured else "plan/draft_fault.html"
    return show(request, frame, template, measured=measured, names=stop_names(schedule), fault=fault)


def _with(timetable: Timetable, trip_id: str, departs: str, pattern: str, day_type: str) -> tuple[Timetable, str]:
    """The timetable with one departure moved, or added where no trip is named; and the day type. Raises NotFound (`unknown-trip`),
    Invalid (`bad-time`, `two-trips-alike`)."""
    at = parse_time_of_day(departs)
    if not trip_id:
        return replace(timetable, trips=(*timetable.trips, Trip(pattern, day_type, at))), day_type
    for old in timetable.trips:
        if old.id == trip_id:
            by = at - old.departs
            calls = tuple(Call(c.stop, c.sequence, c.arrives + by, c.departs + by) for c in old.calls or ()) or None
            moved = Trip(old.pattern, old.day_type, at, calls)
            return replace(timetable, trips=tuple(moved if t is old else t for t in timetable.trips)), old.day_type
    raise NotFound("unknown-trip", f"timetable {timetable.id} has no trip {trip_id!r}", given=trip_id)
