"""API of changes: cancel, retime or add departures on dates, and override a date's day type.

A withdrawn change stays in the history. The last act on publications or the calendar can be undone for ten minutes.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, parse_iso_date, parse_time_of_day
from shuttle.domain.timetable.changes import ChangeKind
from shuttle.domain.timetable.service_days import Names
from shuttle.feeds import documents
from shuttle.services.timetable import changes as change_service
from shuttle.services.timetable import day_types, early_closings
from shuttle.services.timetable import undo as undo_service
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
    request: Request, departure_id: str, body: shapes.GivenDepartureChange, asking: Asking
) -> documents.Document:
    """Cancel a departure (with a reason), or give it another time."""
    context = state_of(request).context
    with context.transaction() as session:
        change = change_service.change_departure(
            session,
            asking,
            departure_id,
            ChangeKind(body.kind),
            body.reason,
            _minute(body.departs_at),
            context.now(),
            body.despite_counts,
        )
        return documents.change_document(change)


@router.post("/changes", status_code=201, responses={201: {"model": shapes.ChangeShape}})
def add_change(request: Request, body: shapes.GivenChange, asking: Asking) -> documents.Document:
    """Cancel or retime a trip on a span of dates, or add an extra departure."""
    context = state_of(request).context
    change = change_service.ChangeRequest(
        kind=ChangeKind(body.kind),
        first=body.from_,
        last=body.to or body.from_,
        reason=body.reason,
        trip=body.trip,
        pattern=body.pattern,
        departs=_minute(body.departs_at),
        despite_counts=body.despite_counts,
    )
    with context.transaction() as session:
        return documents.change_document(change_service.change_departures(session, asking, change, context.now()))


@router.get("/changes", responses={200: {"model": list[shapes.ChangeShape]}})
def changes(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last date, YYYY-MM-DD")],
) -> list[documents.Document]:
    """Changes that touch a date of the span, withdrawn ones too, in the order in which they were made."""
    allow(asking, Action.READ_CHANGES)
    begins, ends = parse_iso_date(first), parse_iso_date(last)
    check_span(begins, ends, LONGEST_CALENDAR)
    return [
        documents.change_document(change)
        for change in state_of(request).context.schedule().changes
        if change.dates.overlaps(Validity(begins, ends))
    ]


@router.delete("/changes/{change_id}", responses={200: {"model": shapes.ChangeShape}})
def withdraw_change(request: Request, change_id: str, asking: Asking) -> documents.Document:
    """Withdraw a change; it stays in the history."""
    context = state_of(request).context
    with context.transaction() as session:
        return documents.change_document(change_service.withdraw_change(session, asking, change_id, context.now()))


@router.put("/calendar/{day}", responses={200: {"model": shapes.CalendarDayShape}})
def override_day(request: Request, day: str, body: shapes.GivenOverride, asking: Asking) -> documents.Document:
    """Override a date's day type, with the reason."""
    state, date_ = state_of(request), parse_iso_date(day)
    with state.context.transaction() as session:
        change_service.override_day(session, asking, date_, body.day_type, body.reason, state.context.now())
    return _calendar_day(request, date_)


@router.delete("/calendar/{day}", responses={200: {"model": shapes.CalendarDayShape}})
def withdraw_override(request: Request, day: str, asking: Asking) -> documents.Document:
    """Withdraw the override: weekday and public holidays decide the day type again."""
    state, date_ = state_of(request), parse_iso_date(day)
    with state.context.transaction() as session:
        change_service.withdraw_override(session, asking, date_, state.context.now())
    return _calendar_day(request, date_)


class GivenDayType(shapes.RequestBody):
    """`like`: the day type whose trips and opening hours apply while it has none of its own."""

    nb: Annotated[str, Field(min_length=1, max_length=60)]
    nn: Annotated[str, Field(max_length=60)] = ""
    en: Annotated[str, Field(max_length=60)] = ""
    like: shapes.Identifier


class GivenWeek(shapes.RequestBody):
    """The day types of Monday to Sunday."""

    day_types: Annotated[list[shapes.Identifier], Field(min_length=7, max_length=7)]


@router.post("/day-types", status_code=201)
def add_day_type(request: Request, body: GivenDayType, asking: Asking) -> documents.Document:
    """Make a further day type. It changes no departure until a timetable has trips of its own for it."""
    context = state_of(request).context
    with context.transaction() as session:
        names = Names(body.nb, body.nn, body.en)
        day_type = day_types.add_day_type(session, asking, names, body.like, context.now())
    return {"id": day_type.id, **vars(day_type.names), "like": day_type.like}


@router.put("/week")
def set_week(request: Request, body: GivenWeek, asking: Asking) -> documents.Document:
    """Set which day type each weekday uses."""
    context = state_of(request).context
    with context.transaction() as session:
        day_types.set_week(session, asking, body.day_types, context.now(), context.today())
    return {"day_types": list(body.day_types)}


class GivenEarlyClosing(shapes.RequestBody):
    closes_at: shapes.Clock


@router.put("/stops/{stop}/early-closing")
def close_early(request: Request, stop: str, body: GivenEarlyClosing, asking: Asking) -> documents.Document:
    """Close a centre early today; passengers, drivers and planners see the departures that arrive after that."""
    context = state_of(request).context
    with context.transaction() as session:
        closes = parse_time_of_day(body.closes_at)
        closing = early_closings.close_early(session, asking, stop, closes, context.now(), context.today())
    return {"stop": stop, "date": closing.date.isoformat(), "closes_at": body.closes_at}


@router.delete("/stops/{stop}/early-closing")
def open_after_all(request: Request, stop: str, asking: Asking) -> documents.Document:
    """Withdraw today's early closing of a centre."""
    context = state_of(request).context
    with context.transaction() as session:
        early_closings.open_after_all(session, asking, stop, context.now(), context.today())
    return {"stop": stop, "date": context.today().isoformat(), "closes_at": None}


@router.get("/undo")
def undoable_act(request: Request, asking: Asking) -> documents.Document | None:
    """The last act on publications or the calendar, while it can be undone; null afterwards."""
    allow(asking, Action.PUBLISH_TIMETABLES)
    context = state_of(request).context
    with context.reading() as session:
        act = undo_service.undoable(session, context.now())
    return _act(act) if act else None


@router.post("/undo")
def undo(request: Request, asking: Asking) -> documents.Document:
    """Undo the last act on publications or the calendar, within ten minutes; 409 afterwards."""
    context = state_of(request).context
    with context.transaction() as session:
        return _act(undo_service.undo(session, asking, context.now(), context.today()))


def _act(act: undo_service.UndoableAct) -> documents.Document:
    return {"number": act.number, "act": act.act, "subject": act.subject, "until": act.until.isoformat()}


def _calendar_day(request: Request, day: date) -> documents.Document:
    state = state_of(request)
    return documents.calendar_document(state.context.schedule(), [day], state.words(None))[0]
