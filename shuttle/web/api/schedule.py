"""Public reading of the schedule: departures, calendar, stops, opening hours and timetables.

Dates are service dates: a departure at 00:10 after midnight stands under the date before. Each answer is cached by schedule version.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import dates, parse_iso_date
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import TimetableStatus
from shuttle.feeds import documents
from shuttle.web.api import shapes
from shuttle.web.api.queries import ConnectionQuery, DateText, Language, QueryModel
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["schedule"], responses=ANY_PROBLEM)

LONGEST_CALENDAR = 800
"""Days that one answer of the calendar may span."""

SHORT_CALENDAR = 62
"""Days from which an answer is built in the bounded executor; two months take milliseconds."""


class DateQuery(QueryModel):
    date: DateText | None = None


class DateLanguageQuery(DateQuery):
    lang: Language = None


class DeparturesQuery(DateQuery, ConnectionQuery):
    stop: str | None = None


class CalendarQuery(QueryModel):
    first: Annotated[str, Field(alias="from", description="The first date, YYYY-MM-DD")]
    last: Annotated[str, Field(alias="to", description="The last date, YYYY-MM-DD")]
    lang: Language = None


async def _json(
    request: Request,
    key: tuple[object, ...],
    build: Callable[[Schedule], Any],
    takes_long: bool = False,
    is_private: bool = False,
) -> Response:
    """`is_private`: with drafts, which no shared cache keeps; `key` tells the two apart."""
    return await state_of(request).answers.give(
        request,
        key,
        lambda schedule: orjson.dumps(build(schedule)),
        "application/json",
        "private, no-cache" if is_private else "no-cache",
        takes_long=takes_long,
    )


def _day(request: Request, text: str | None) -> date:
    """A date as text, or today. Raises Invalid (`bad-date`, `date-outside`)."""
    return parse_iso_date(text) if text is not None else state_of(request).context.today()


@router.get(
    "/departures",
    response_model=None,
    responses={200: {"model": shapes.DayShape}},
    openapi_extra=DeparturesQuery.openapi(),
)
async def departures(request: Request) -> Response:
    """The departures of a service date, with the day type and why.

    `stop` keeps those that call there. `from` and `to` keep those that one may board at the one and leave at a later call at
    the other, each with `departs_at` and `arrives_at` of that connection.
    """
    state, query = state_of(request), DeparturesQuery.of(request)
    day, words = _day(request, query.date), state.words(query.lang)

    def build(schedule: Schedule) -> documents.Document:
        resolved = schedule.departures_on(day)
        if pair := pair_of_stops(schedule, query.origin, query.destination, query.stop):
            return documents.connections_document(schedule, resolved, pair, state.context.zone, words)
        if query.stop is not None:
            schedule.network.on(day).stop(query.stop)
        return documents.departures_document(schedule, resolved, state.context.zone, words, query.stop)

    key = ("departures", day, query.stop, query.origin, query.destination, words.language)
    return await _json(request, key, build)


def pair_of_stops(
    schedule: Schedule, origin: str | None, destination: str | None, stop: str | None = None
) -> Pair | None:
    """The stops to travel between; None where neither is named. Raises Invalid (`bad-connection`).

    A stop that is not in use on the date is allowed: the answer has no departures.
    """
    if origin is None and destination is None:
        return None
    names = dict.fromkeys(each.id for each in schedule.network.stops)
    allowed = f"two different stops of {', '.join(names)}"
    query = f"from={origin or ''}&to={destination or ''}"
    if origin is None or destination is None:
        missing = "from" if origin is None else "to"
        raise Invalid("bad-connection", f"from and to go together; {missing} is missing", given=query, allowed=allowed)
    if stop is not None:
        raise Invalid(
            "bad-connection",
            "stop cannot be asked for together with from and to",
            given=f"stop={stop}&{query}",
            allowed="stop alone, or from and to",
        )
    if unknown := [each for each in (origin, destination) if each not in names]:
        raise Invalid(
            "bad-connection",
            f"there is no stop {unknown[0]!r}; the stops are {', '.join(names)}",
            given=query,
            allowed=allowed,
        )
    if origin == destination:
        raise Invalid("bad-connection", f"from and to are both {origin}", given=query, allowed=allowed)
    return origin, destination


@router.get(
    "/calendar",
    response_model=None,
    responses={200: {"model": list[shapes.CalendarDayShape]}},
    openapi_extra=CalendarQuery.openapi(),
)
async def calendar(request: Request) -> Response:
    """Each date's day type, the reason for it, and how many departures run."""
    query = CalendarQuery.of(request)
    begins, ends, words = parse_iso_date(query.first), parse_iso_date(query.last), state_of(request).words(query.lang)
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


@router.get(
    "/stops",
    response_model=None,
    responses={200: {"model": list[shapes.StopShape]}},
    openapi_extra=DateQuery.openapi(),
)
async def stops(request: Request) -> Response:
    """The stops that exist on a date (today), and their assumed values."""
    day = _day(request, DateQuery.of(request).date)
    return await _json(request, ("stops", day), lambda schedule: documents.stops_document(schedule, day))


@router.get(
    "/opening-hours",
    response_model=None,
    responses={200: {"model": shapes.OpeningHoursShape}},
    openapi_extra=DateLanguageQuery.openapi(),
)
async def opening_hours(request: Request) -> Response:
    """When each centre is open on a date (today)."""
    query = DateLanguageQuery.of(request)
    day, words = _day(request, query.date), state_of(request).words(query.lang)

    def build(schedule: Schedule) -> documents.Document:
        return documents.opening_hours_document(schedule, day, words)

    return await _json(request, ("opening-hours", day, words.language), build)


@router.get("/timetables", response_model=None, responses={200: {"model": list[shapes.TimetableShape]}})
async def timetables(request: Request) -> Response:
    """Published timetables; a planner sees drafts and withdrawn ones too."""
    drafts_too = await _may_see_drafts(request)

    def build(schedule: Schedule) -> list[documents.Document]:
        return [
            documents.timetable_document(schedule, timetable)
            for timetable in schedule.timetables
            if drafts_too or timetable.status is TimetableStatus.PUBLISHED
        ]

    return await _json(request, ("timetables", drafts_too), build, is_private=drafts_too)


@router.get("/timetables/{timetable_id}", response_model=None, responses={200: {"model": shapes.TimetableShape}})
async def timetable(request: Request, timetable_id: str) -> Response:
    """One timetable with its trips and the dates on which it applies."""
    drafts_too = await _may_see_drafts(request)

    def build(schedule: Schedule) -> documents.Document:
        timetable = schedule.timetable_by_id.get(timetable_id)
        if timetable is None or not (drafts_too or timetable.status is TimetableStatus.PUBLISHED):
            raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
        return documents.timetable_document(schedule, timetable)

    return await _json(request, ("timetable", timetable_id, drafts_too), build, is_private=drafts_too)


async def _may_see_drafts(request: Request) -> bool:
    person = await maybe_person(request)
    return person is not None and person.role in ("planner", "admin")
