"""Staff page: today's departures at a centre, recording counts, and cancelling or adding a departure.

A shared tablet shows its own centre only; other staff choose one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Refused, ShuttleError
from shuttle.domain.basics.service_time import Minute, minute_at, parse_time_of_day
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode, reason_code
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.feeds.documents import question_document
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign
from shuttle.services.app_context import AppContext
from shuttle.services.operation import reminders
from shuttle.services.ridership.boardings import questions_on
from shuttle.services.ridership.live.day import LiveDay, live_day
from shuttle.services.ridership.live.events import told_to
from shuttle.services.ridership.live.incidents import sees_help
from shuttle.services.ridership.live.last_bus import last_buses, left_by_last_buses
from shuttle.services.timetable import changes, early_closings
from shuttle.web.pages.closings import closing_notes
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.staff.day_view import StaffTrip, staff_trips, staff_trips_among
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/staff", include_in_schema=False)

CANCEL_REASONS = tuple(code for code in ReasonCode if code is not ReasonCode.DEMAND)
EXTRA_REASONS = (ReasonCode.DEMAND, ReasonCode.EVENT, ReasonCode.VEHICLE_FAULT, ReasonCode.OTHER)
DONE = ("cancelled", "extra", "withdrawn", "closed", "opened")
QUARTER: Minute = 15

Text = Annotated[str, Form()]


@dataclass(frozen=True)
class StaffForm:
    """Values of the form for an extra departure."""

    pattern: str
    departs: str


@dataclass(frozen=True)
class RefusedForm:
    """A refused form: its faults, the typed values, the departure to show opened, the HTTP status, and a typed closing time."""

    faults: tuple[FieldFault, ...] = ()
    typed: StaffForm | None = None
    opened: str = ""
    status: int = 200
    closes: str = ""


@dataclass(frozen=True)
class Helpless:
    """A departure whose driver needs help: its id, when it leaves and where to, who said it, and at which minute of the day."""

    departure: str
    leaves: Minute
    headsign: str
    said_by: str
    clock: Minute


@router.api_route("", methods=["GET", "HEAD"])
async def staff(request: Request, stop: str = "") -> Response:
    """Today at the centre of the query, else at the one that this browser showed last."""
    return await _page(request, stop or request.cookies.get("centre", ""), RefusedForm())


@router.post("/cancel")
async def cancel(request: Request, departure: Text, reason: Text, stop: Text, despite_counts: Text = "") -> Response:
    """Cancel one departure of today."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            code, now = reason_code(reason), context.now()
            changes.change_departure(
                session, person, departure, ChangeKind.CANCEL, code, None, now, bool(despite_counts)
            )

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        opened = departure if isinstance(error, Refused) and error.code == "departure-has-counts" else ""
        return await _refuse(request, stop, error, opened=opened)
    return _back(stop, "cancelled")


@router.post("/extra")
async def extra(request: Request, pattern: Text, departs: Text, reason: Text, stop: Text) -> Response:
    """Add a departure to today."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    context = state_of(request).context

    def act() -> None:
        today = context.today()
        change = changes.ChangeRequest(
            kind=ChangeKind.EXTRA,
            first=today,
            last=today,
            reason=reason_code(reason),
            pattern=pattern,
            departs=parse_time_of_day(departs),
        )
        with context.transaction() as session:
            changes.change_departures(session, person, change, context.now())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        return await _refuse(request, stop, error, typed=StaffForm(pattern, departs), field="departs")
    return _back(stop, "extra")


@router.post("/withdraw")
async def withdraw(request: Request, change: Text, stop: Text) -> Response:
    """Withdraw a change."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            changes.withdraw_change(session, person, change, context.now())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        return await _refuse(request, stop, error)
    return _back(stop, "withdrawn")


@router.post("/close-early")
async def close_early(request: Request, stop: Text, closes: Text = "") -> Response:
    """Close a centre early today."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            at = parse_time_of_day(closes)
            early_closings.close_early(session, person, stop, at, context.now(), context.today())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        return await _refuse(request, stop, error, field="closes", closes=closes)
    return _back(stop, "closed")


@router.post("/open-after-all")
async def open_after_all(request: Request, stop: Text) -> Response:
    """Withdraw today's early closing."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    context = state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            early_closings.open_after_all(session, person, stop, context.now(), context.today())

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        return await _refuse(request, stop, error)
    return _back(stop, "opened")


def _back(stop: str, done: str) -> Response:
    return RedirectResponse(f"/staff?stop={stop}&done={done}", 303)


async def _refuse(
    request: Request,
    stop: str,
    error: ShuttleError,
    typed: StaffForm | None = None,
    opened: str = "",
    field: str = "",
    closes: str = "",
) -> Response:
    fault = fault_of(error, frame_of(request).words, field)
    status = 409 if isinstance(error, Refused) else 422
    return await _page(request, stop, RefusedForm((fault,), typed, opened, status, closes))


async def _page(request: Request, stop: str, refused: RefusedForm) -> Response:
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    return await run_in_threadpool(_rendered, request, person, stop, refused)


def _rendered(request: Request, person: Person, chosen: str, refused: RefusedForm) -> Response:
    context = state_of(request).context
    schedule, today = context.schedule(), context.today()
    frame = frame_of(request, person)
    stops = tuple(schedule.network.on(today).stops.values())
    if person.centre:  # a tablet shows its own centre
        stops = tuple(stop for stop in stops if stop.id == person.centre) or stops
    centre = _centre(schedule, stops, person.centre or chosen)
    days = schedule.days_in_service(context.now(), context.zone)
    live = live_day(context, schedule, context.now())
    trips = _trips(context, schedule, centre, days, live, frame.words)
    still_driven = {each.trip.id for day, several in trips for each in several if day != today}
    not_counted = reminders.counted(context, reminders.yesterday(context)).missing
    missed = [each for each in not_counted if each.id not in still_driven]
    services = [schedule.departures_on(day) for day in days]
    with context.reading() as session:
        left = left_by_last_buses(session, services, person)
    served = [pattern for pattern in schedule.network.patterns if centre.id in pattern.stops]
    done, may_count = request.query_params.get("done", ""), may(person, Action.RECORD_BOARDINGS)
    response = show(
        request,
        frame,
        "staff/day.html",
        status=refused.status,
        centre=centre,
        stops=stops,
        today=today,
        why=day_reason(schedule.calendar.service_day(today), frame.words),
        hours=schedule.windows(centre.id, today),
        closings=closing_notes(schedule, [today]),
        closing=schedule.opening_times.closing_on(centre.id, today),
        closes=refused.closes,
        closes_error=next((fault.message for fault in refused.faults if fault.field == "closes"), ""),
        days=[(day, several) for day, several in trips if several or day == today],
        missed=staff_trips_among(schedule, missed, centre.id, context.zone, frame.words),
        patterns=[(pattern.id, _stop_names(schedule, pattern.stops, today)) for pattern in served],
        given=refused.typed
        or StaffForm(served[0].id if served else "", frame.words.clock_text(_next_quarter(context, today))),
        departs_error=next((fault.message for fault in refused.faults if fault.field == "departs"), ""),
        faults=refused.faults,
        incidents=live.incidents,
        last_buses=" ".join(key for day in services for key in last_buses(day).values()),
        left_by_last=[(schedule.network.stop_name(each.stop, today, frame.words.language), each) for each in left],
        is_tablet=bool(person.centre),
        helpless=_helpless(context, schedule, live, person, frame.words) if sees_help(person) else [],
        opened=refused.opened,
        done=done if done in DONE and not refused.faults else "",
        cancel_reasons=CANCEL_REASONS,
        extra_reasons=EXTRA_REASONS,
        may_count=may_count,
        asked=_questions(context, person, days) if may_count else {},
        texts=frame.words.texts("driver."),
        theirs=told_to(context, person),
        count_wheelchairs=state_of(request).settings.count_wheelchairs,
    )
    secure = request.url.scheme == "https"
    response.set_cookie("centre", centre.id, max_age=365 * 24 * 3600, samesite="lax", secure=secure, httponly=True)
    return response


def _trips(
    context: AppContext, schedule: Schedule, centre: Stop, days: Sequence[date], live: LiveDay, words: Words
) -> list[tuple[date, tuple[StaffTrip, ...]]]:
    """The departures at the centre of each day on which it is a stop, with what was reported of them."""
    passings = {
        day: [each for key, several in live.passings.items() if key.startswith(day.isoformat()) for each in several]
        for day in days
    }
    return [
        (day, staff_trips(schedule, day, centre.id, passings[day], context.zone, words))
        for day in days
        if centre.id in schedule.network.on(day).stops
    ]


def _questions(context: AppContext, person: Person, days: Sequence[date]) -> dict[str, list[dict[str, object]]]:
    return {key: value for day in days for key, value in questions_asked(context, person, day).items()}


def _helpless(context: AppContext, schedule: Schedule, live: LiveDay, person: Person, words: Words) -> list[Helpless]:
    """The calls for help that hold, of all departures, at a centre's tablet of those that call there."""
    calls = []
    for key, standing in live.incidents.items():
        departure, told = schedule.departure(key), standing.help
        if told is None or (person.centre and departure.first_call(person.centre) is None):
            continue
        moment = told.recorded_at.astimezone(context.zone)
        clock = moment.hour * 60 + moment.minute
        calls.append(
            Helpless(key, departure.departs, headsign(schedule.network, departure, words), told.said_by, clock)
        )
    return calls


def questions_asked(context: AppContext, person: Person, day: date) -> dict[str, list[dict[str, object]]]:
    """Departure id -> the inconsistencies of its counts, as in the API."""
    questions = questions_on(context, person, day)
    return {departure: [question_document(each) for each in several] for departure, several in questions.items()}


def _centre(schedule: Schedule, stops: tuple[Stop, ...], stop_id: str) -> Stop:
    """The stop with the id, else the first centre (a stop with opening hours), else the first stop."""
    chosen = [stop for stop in stops if stop.id == stop_id]
    centres = [stop for stop in stops if stop.id in schedule.opening_times.stops]
    if not stops:
        raise Refused("no-stops", "this service has no stops yet", allowed="the stops first, at /admin/start")
    return [*chosen, *centres, *stops][0]


def _stop_names(schedule: Schedule, stops: tuple[str, ...], day: date) -> str:
    return " – ".join(schedule.network.stop_name(stop, day) for stop in stops)


def _next_quarter(context: AppContext, today: date) -> Minute:
    return (minute_at(context.now(), today, context.zone) // QUARTER + 1) * QUARTER % (24 * 60)
