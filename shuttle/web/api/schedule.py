"""What leaves when: departures, calendar, stops, opening hours and timetables, for everyone to read."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import dates, parse_date
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import TimetableStatus
from shuttle.feeds import documents
from shuttle.web.api import shapes
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["schedule"], responses=ANY_PROBLEM)

LONGEST_CALENDAR = 800
"""Days that one answer of the calendar may span."""

SHORT_CALENDAR = 62
"""Days that are answered in milliseconds: two months on a screen."""

DateText = Annotated[str, Query(description="A service date, YYYY-MM-DD", examples=["2026-05-14"])]
Language = Annotated[str | None, Query(alias="lang", description="nb, nn or en", pattern="^(nb|nn|en)$")]


async def _json(
    request: Request,
    question: tuple[object, ...],
    build: Callable[[Schedule], Any],
    takes_long: bool = False,
) -> Response:
    return await state_of(request).answers.give(
        request,
        question,
        lambda schedule: orjson.dumps(build(schedule)),
        "application/json",
        takes_long=takes_long,
    )


def _day(today: date, text: str | None) -> date:
    return parse_date(text) if text is not None else today


@router.get("/departures", response_model=None, responses={200: {"model": shapes.DayShape}})
async def departures(
    request: Request,
    date: DateText | None = None,
    stop: str | None = None,
    origin: Annotated[str | None, Query(alias="from", description="The stop to board at; goes with `to`")] = None,
    destination: Annotated[str | None, Query(alias="to", description="The stop to leave at; goes with `from`")] = None,
    lang: Language = None,
) -> Response:
    """The departures of a service date, with the day type and why.

    `stop` keeps those that call there. `from` and `to` keep those that one may board at the one and leave at a later call at
    the other, each with `departs_at` and `arrives_at` of that connection.
    """
    state = state_of(request)
    today, words = state.context.today(), state.words(lang)
    day = _day(today, date)

    def build(schedule: Schedule) -> documents.Document:
        resolved = schedule.departures_on(day)
        if pair := asked_pair(schedule, origin, destination, stop):
            return documents.connections_document(schedule, resolved, pair, state.context.zone, words)
        if stop is not None:
            schedule.network.on(day).stop(stop)
        return documents.departures_document(schedule, resolved, state.context.zone, words, stop)

    return await _json(request, ("departures", day, stop, origin, destination, words.language), build)


def asked_pair(schedule: Schedule, origin: str | None, destination: str | None, stop: str | None = None) -> Pair | None:
    """The stops to travel between, None where neither is given. Raises Invalid (`bad-connection`).

    A stop that is not in use on the date is no mistake: nothing is known to leave from there.
    """
    if origin is None and destination is None:
        return None
    names = dict.fromkeys(each.id for each in schedule.network.stops)
    allowed = f"two different stops of {', '.join(names)}"
    asked = f"from={origin or ''}&to={destination or ''}"
    if origin is None or destination is None:
        missing = "from" if origin is None else "to"
        raise Invalid("bad-connection", f"from and to go together; {missing} is missing", given=asked, allowed=allowed)
    if stop is not None:
        raise Invalid(
            "bad-connection",
            "stop cannot be asked for together with from and to",
            given=f"stop={stop}&{asked}",
            allowed="stop alone, or from and to",
        )
    if unknown := [each for each in (origin, destination) if each not in names]:
        raise Invalid(
            "bad-connection",
            f"there is no stop {unknown[0]!r}; the stops are {', '.join(names)}",
            given=asked,
            allowed=allowed,
        )
    if origin == destination:
        raise Invalid("bad-connection", f"from and to are both {origin}", given=asked, allowed=allowed)
    return origin, destination


@router.get("/calendar", response_model=None, responses={200: {"model": list[shapes.CalendarDayShape]}})
async def calendar(
    request: Request,
    first: Annotated[str, Query(alias="from", description="The first date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last date, YYYY-MM-DD")],
    lang: Language = None,
) -> Response:
    """Each date's day type, the reason for it, and how many departures run."""
    state = state_of(request)
    begins, ends, words = parse_date(first), parse_date(last), state.words(lang)
    check_span(begins, ends, LONGEST_CALENDAR)

    def build(schedule: Schedule) -> list[documents.Document]:
        return documents.calendar_document(schedule, dates(begins, ends), words)

    takes_long = (ends - begins).days >= SHORT_CALENDAR
    return await _json(request, ("calendar", begins, ends, words.language), build, takes_long)


def check_span(first: date, last: date, longest: int) -> None:
    """Raises Invalid (`bad-span`) for a span that runs backwards or is too long."""
    if last < first or (last - first).days >= longest:
        raise Invalid(
            "bad-span",
            f"from {first} to {last} is not a span that can be asked for; it goes forwards and has at most {longest} days",
            given=f"{first} to {last}",
            allowed=f"1 to {longest} days, forwards",
        )


@router.get("/stops", response_model=None, responses={200: {"model": list[shapes.StopShape]}})
async def stops(request: Request, date: DateText | None = None) -> Response:
    """The stops that exist on a date (today), and what is assumed about them."""
    day = _day(state_of(request).context.today(), date)
    return await _json(request, ("stops", day), lambda schedule: documents.stops_document(schedule, day))


@router.get("/opening-hours", response_model=None, responses={200: {"model": shapes.OpeningHoursShape}})
async def opening_hours(request: Request, date: DateText | None = None, lang: Language = None) -> Response:
    """When each centre is open on a date (today)."""
    state = state_of(request)
    today, words = state.context.today(), state.words(lang)
    day = _day(today, date)

    def build(schedule: Schedule) -> documents.Document:
        return documents.opening_hours_document(schedule, day, words)

    return await _json(request, ("opening-hours", day, words.language), build)


@router.get("/timetables", response_model=None, responses={200: {"model": list[shapes.TimetableShape]}})
async def timetables(request: Request) -> Response:
    """Published timetables; a planner sees drafts and withdrawn ones too."""
    all_of_them = await _may_see_drafts(request)

    def build(schedule: Schedule) -> list[documents.Document]:
        return [
            documents.timetable_document(schedule, timetable)
            for timetable in schedule.timetables
            if all_of_them or timetable.status is TimetableStatus.PUBLISHED
        ]

    return await _json(request, ("timetables", all_of_them), build)


@router.get("/timetables/{timetable_id}", response_model=None, responses={200: {"model": shapes.TimetableShape}})
async def timetable(request: Request, timetable_id: str) -> Response:
    """One timetable with its trips and the dates on which it applies."""
    all_of_them = await _may_see_drafts(request)

    def build(schedule: Schedule) -> documents.Document:
        found = schedule.timetable_by_id.get(timetable_id)
        if found is None or not (all_of_them or found.status is TimetableStatus.PUBLISHED):
            raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
        return documents.timetable_document(schedule, found)

    return await _json(request, ("timetable", timetable_id, all_of_them), build)


async def _may_see_drafts(request: Request) -> bool:
    person = await maybe_person(request)
    return person is not None and person.role in ("planner", "admin")
