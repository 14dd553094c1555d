"""Page of the calendar: months with their day types and departures, and deciding what runs on a day or a span of days.

A decision (an override) replaces what weekday and holidays say, and needs a reason. "No departures" is a decision too.
"""

from collections.abc import Callable
from datetime import date as calendar_date
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.service_time import dates, parse_date
from shuttle.domain.timetable.changes import LONGEST_SPAN
from shuttle.domain.timetable.service_days import NO_DEPARTURES, Names
from shuttle.services.timetable import changes, day_types
from shuttle.services.timetable.undo import undoable
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.timetable.calendar_view import MONTHS, calendar_view, month_after, undecided_days
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

FIELD_OF = {
    "no-reason": "reason",
    "bad-date": "date",
    "date-outside": "date",
    "unknown-day-type": "day_type",
    "long-change": "last",
}
"""Where a fault of the form stands, by its code."""

FORM = ("date", "last", "day_type", "reason", "nb", "nn", "en", "like")

router = APIRouter(prefix="/plan/calendar", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
SHORTEST_REASON = 3
MONTHS_AHEAD, MONTHS_BACK = 24, 24
DONE = ("decided", "withdrawn", "as_last_year", "undone", "day_type", "week")


@router.api_route("", methods=["GET", "HEAD"])
async def calendar(request: Request) -> Response:
    """Two months, from that of the query on."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    return await run_in_threadpool(_page, request, person, (), {}, 200)


@router.post("/decide")
async def decide(
    request: Request, date: Text = "", last: Text = "", day_type: Text = "", reason: Text = ""
) -> Response:
    """Decide what runs on a date, or on each date of a span."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        if len(reason.strip()) < SHORTEST_REASON:
            raise Invalid("no-reason", "a decision needs a reason", given=reason, allowed="3 to 120 characters")
        first = parse_date(date)
        ends = parse_date(last) if last.strip() else first
        if (ends - first).days >= LONGEST_SPAN:
            raise Invalid("long-change", f"{first} to {ends}", given=last, allowed=f"at most {LONGEST_SPAN} days")
        with context.transaction() as session:
            decided = dict.fromkeys(dates(first, ends), day_type)
            changes.override_days(session, person, decided, reason[:120], context.now())

    typed = {"date": date, "last": last, "day_type": day_type, "reason": reason}
    return await run_in_threadpool(_done, request, person, act, "decided", typed)


@router.post("/as-last-year")
async def decide_as_last_year(request: Request) -> Response:
    """Decide each undecided day of the year as the same day was decided the year before."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        words = frame_of(request).words
        undecided = undecided_days(context.schedule().calendar, context.today(), words)
        decided = {each.day: each for each in undecided if each.last_year}
        with context.transaction() as session:
            day_types = {day: each.last_year[0] for day, each in decided.items() if each.last_year}
            reason = words.say("calendar.as_last_year_reason")
            changes.override_days(session, person, day_types, reason, context.now())

    return await run_in_threadpool(_done, request, person, act, "as_last_year", {})


@router.post("/day-types")
async def add_day_type(request: Request, nb: Text = "", nn: Text = "", en: Text = "", like: Text = "") -> Response:
    """Make a further day type."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            day_types.add_day_type(session, person, Names(nb, nn, en), like, context.now())

    typed = {"nb": nb, "nn": nn, "en": en, "like": like}
    return await run_in_threadpool(_done, request, person, act, "day_type", typed)


@router.post("/week")
async def set_week(request: Request, week: Annotated[list[str] | None, Form()] = None) -> Response:
    """Set the day types of the week."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            day_types.set_week(session, person, week or (), context.now(), context.today())

    return await run_in_threadpool(_done, request, person, act, "week", {})


@router.post("/withdraw")
async def withdraw(request: Request, date: Text = "") -> Response:
    """Withdraw the decision on a date: weekday and holidays apply again."""
    person = allow(await maybe_person(request), Action.OVERRIDE_CALENDAR)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            changes.withdraw_override(session, person, parse_date(date), context.now())

    return await run_in_threadpool(_done, request, person, act, "withdrawn", {"date": date})


def _done(request: Request, person: Person, act: Callable[[], None], done: str, typed: dict[str, str]) -> Response:
    try:
        act()
    except ShuttleError as error:
        field = FIELD_OF.get(error.code, "") if "reason" in typed else "nb" if "nb" in typed else ""
        if error.code in ("bad-date", "date-outside") and error.given == typed.get("last") != typed.get("date"):
            field = "last"
        fault = fault_of(error, frame_of(request).words, field)
        return _page(request, person, (fault,), typed if {"reason", "nb"} & typed.keys() else {}, 422)
    month = (
        f"&month={_month(typed['date'], state_of(request).context.today()).isoformat()[:7]}"
        if typed.get("date")
        else ""
    )
    return RedirectResponse(f"/plan/calendar?done={done}{month}", 303)


def _month(text: str, today: calendar_date) -> calendar_date:
    """The month of `2026-12` or of a date; the present one for anything else."""
    try:
        return parse_date(f"{text}-01" if len(text) == len("2026-12") else text).replace(day=1)
    except Invalid:
        return today.replace(day=1)


def _page(
    request: Request, person: Person, faults: tuple[FieldFault, ...], typed: dict[str, str], status: int
) -> Response:
    context = state_of(request).context
    schedule, today = context.schedule(), context.today()
    frame = frame_of(request, person)
    query = request.query_params
    month = _month(typed.get("date") or query.get("month", ""), today)
    this_month = today.replace(day=1)
    with context.reading() as session:
        act = undoable(session, context.now())
    done = query.get("done", "")
    monday = today - timedelta(days=today.weekday())
    kinds = (*schedule.calendar.day_types, NO_DEPARTURES)
    return show(
        request,
        frame,
        "plan/calendar.html",
        status=status,
        view=calendar_view(schedule, month, today, frame.words),
        today=today,
        month=month,
        before=month_after(month, -MONTHS),
        after=month_after(month, MONTHS),
        jumps=[month_after(this_month, number) for number in range(-MONTHS_BACK, MONTHS_AHEAD + 1)],
        day_types=[(each.id, each.names.of(frame.words.language)) for each in kinds],
        act=act,
        zone=context.zone,
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        given={**dict.fromkeys(FORM, ""), **typed},
        kinds=[(each.id, each.names.of(frame.words.language)) for each in schedule.calendar.day_types],
        like={each.id: each.like for each in schedule.calendar.day_types if each.like},
        week=[(monday + timedelta(days=day), runs_as) for day, runs_as in enumerate(schedule.calendar.week)],
        done=done if done in DONE and not faults else "",
    )
