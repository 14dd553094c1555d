"""Changing what runs on a date: cancel, retime or add departures, and give a date another day type."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, parse_date, parse_time_of_day
from shuttle.domain.timetable.changes import ChangeKind
from shuttle.feeds import documents
from shuttle.services.timetable import changes as acts
from shuttle.web.api import shapes
from shuttle.web.api.schedule import LONGEST_CALENDAR, check_span
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["changes"], responses=ANY_PROBLEM)


def _minute(text: str | None) -> Minute | None:
    return None if text is None else parse_time_of_day(text)


@router.put("/departures/{departure_id}/change", responses={200: {"model": shapes.ChangeShape}})
def change_departure(
    request: Request, departure_id: str, given: shapes.GivenDepartureChange, asking: Asking
) -> documents.Document:
    """Cancel a departure (with a reason), or give it another time."""
    context = state_of(request).context
    with context.transaction() as session:
        change = acts.change_departure(
            session,
            asking,
            departure_id,
            ChangeKind(given.kind),
            given.reason,
            _minute(given.departs_at),
            context.now(),
            given.despite_counts,
        )
        return documents.change_document(change)


@router.post("/changes", status_code=201, responses={201: {"model": shapes.ChangeShape}})
def add_change(request: Request, given: shapes.GivenChange, asking: Asking) -> documents.Document:
    """Cancel or retime a trip on a span of dates, or add an extra departure."""
    context = state_of(request).context
    wanted = acts.WantedChange(
        kind=ChangeKind(given.kind),
        first=given.from_,
        last=given.to or given.from_,
        reason=given.reason,
        trip=given.trip,
        pattern=given.pattern,
        departs=_minute(given.departs_at),
        despite_counts=given.despite_counts,
    )
    with context.transaction() as session:
        return documents.change_document(acts.change_departures(session, asking, wanted, context.now()))


@router.get("/changes", responses={200: {"model": list[shapes.ChangeShape]}})
def changes(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last date, YYYY-MM-DD")],
) -> list[documents.Document]:
    """Every change that touches a date of the span, withdrawn ones too, the latest made last."""
    allow(asking, Action.READ_CHANGES)
    begins, ends = parse_date(first), parse_date(last)
    check_span(begins, ends, LONGEST_CALENDAR)
    return [
        documents.change_document(change)
        for change in state_of(request).context.schedule().changes
        if change.dates.overlaps(Validity(begins, ends))
    ]


@router.delete("/changes/{change_id}", responses={200: {"model": shapes.ChangeShape}})
def withdraw_change(request: Request, change_id: str, asking: Asking) -> documents.Document:
    """Take a change back; it stays in the history."""
    context = state_of(request).context
    with context.transaction() as session:
        return documents.change_document(acts.withdraw_change(session, asking, change_id, context.now()))


@router.put("/calendar/{day}", responses={200: {"model": shapes.CalendarDayShape}})
def override_day(request: Request, day: str, given: shapes.GivenOverride, asking: Asking) -> documents.Document:
    """Give a date another day type, with the reason."""
    state, of = state_of(request), parse_date(day)
    with state.context.transaction() as session:
        acts.override_day(session, asking, of, given.day_type, given.reason, state.context.now())
    return _calendar_day(request, of)


@router.delete("/calendar/{day}", responses={200: {"model": shapes.CalendarDayShape}})
def withdraw_override(request: Request, day: str, asking: Asking) -> documents.Document:
    """Let week and holidays decide the date again."""
    state, of = state_of(request), parse_date(day)
    with state.context.transaction() as session:
        acts.withdraw_override(session, asking, of, state.context.now())
    return _calendar_day(request, of)


def _calendar_day(request: Request, day: date) -> documents.Document:
    state = state_of(request)
    return documents.calendar_document(state.context.schedule(), [day], state.words(None))[0]
