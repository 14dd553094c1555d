"""Page of the calendar: the coming days with their day types, and deciding the day type of a date.

A decision (an override) replaces what weekday and holidays say, and needs a reason.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.service_time import parse_date
from shuttle.services.timetable import changes
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.timetable.calendar_view import AHEAD, calendar_view
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

FIELD_OF = {"no-reason": "reason", "bad-date": "date", "date-outside": "date", "unknown-day-type": "day_type"}
"""Where a fault of the form stands, by its code."""

router = APIRouter(prefix="/plan/calendar", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
SHORTEST_REASON = 3


@router.api_route("", methods=["GET", "HEAD"])
async def calendar(request: Request) -> Response:
    """The coming sixty days."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    return await run_in_threadpool(_page, request, person, (), {}, 200)


@router.post("/decide")
async def decide(request: Request, date: Text = "", day_type: Text = "", reason: Text = "") -> Response:
    """Decide the day type of a date."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        if len(reason.strip()) < SHORTEST_REASON:
            raise Invalid("no-reason", "a decision needs a reason", given=reason, allowed="3 to 120 characters")
        with context.transaction() as session:
            changes.override_day(session, person, parse_date(date), day_type, reason[:120], context.now())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        field = FIELD_OF.get(error.code, "")
        fault = fault_of(error, frame_of(request).words, field)
        given = {"date": date, "day_type": day_type, "reason": reason}
        return await run_in_threadpool(_page, request, person, (fault,), given, 422)
    return RedirectResponse("/plan/calendar?done=decided", 303)


@router.post("/withdraw")
async def withdraw(request: Request, date: Text = "") -> Response:
    """Withdraw the decision on a date: weekday and holidays apply again."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            changes.withdraw_override(session, person, parse_date(date), context.now())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words)
        return await run_in_threadpool(_page, request, person, (fault,), {}, 422)
    return RedirectResponse("/plan/calendar?done=withdrawn", 303)


def _page(
    request: Request, person: Person, faults: tuple[FieldFault, ...], given: dict[str, str], status: int
) -> Response:
    context = state_of(request).context
    schedule, today = context.schedule(), context.today()
    frame = frame_of(request, person)
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "plan/calendar.html",
        status=status,
        view=calendar_view(schedule, today, frame.words),
        today=today,
        last=today + timedelta(days=AHEAD - 1),
        day_types=[(each.id, each.names.of(frame.words.language)) for each in schedule.calendar.day_types],
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        given={"date": "", "day_type": "", "reason": "", **given},
        done=done if done in ("decided", "withdrawn") and not faults else "",
    )
