"""The coordinator's page: how many rode, how much of it was counted, and what stands out."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from shuttle.domain.access import Action, Person, allow, may
from shuttle.domain.clock import parse_date
from shuttle.domain.departures import Departure, Schedule
from shuttle.domain.errors import Invalid, NotFound
from shuttle.domain.ridership import Grouping, Line, Ridership, Span, counts_per_departure
from shuttle.domain.ridership_statistics import Mean, mean_of
from shuttle.language import Words
from shuttle.services import ridership as acts
from shuttle.services.house import House
from shuttle.services.releases import released
from shuttle.web.identity import maybe_person
from shuttle.web.pages import ridership_charts as charts
from shuttle.web.pages import ridership_view as view
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.ridership_view import Sheet
from shuttle.web.state import state_of

router = APIRouter(prefix="/ridership", include_in_schema=False)

WEEKS = 6
"""What is shown before anybody has chosen: the six weeks between two meetings of the coordination group."""

LONGEST = 2 * 366
UNCOUNTED_SHOWN = 12


@dataclass(frozen=True)
class Figures:
    """Everything on the page, from a handful of questions to the roll-up."""

    whole: Line
    mean: Mean | None
    weeks: Sheet
    heat: Sheet
    day: Sheet
    weekdays: Sheet
    stops: Sheet
    uncounted: tuple[Departure, ...]
    timetables: list[tuple[date, str]]


def figures(house: House, person: Person, span: Span, words: Words) -> Figures:
    """The figures of a span."""
    schedule = house.schedule()

    def by(*groupings: Grouping) -> Ridership:
        return acts.ridership(house, person, span, groupings)

    by_day_and_trip = by(Grouping.DAY, Grouping.TRIP)
    by_day = by(Grouping.DAY)
    return Figures(
        by_day.total,
        mean_of(counts_per_departure(by_day_and_trip)),
        view.by_week(by_day),
        view.departure_by_week(by_day_and_trip, schedule, words),
        view.along_the_day(by(Grouping.TRIP), schedule, seats_on(schedule, span.last), words),
        view.by_weekday(by(Grouping.WEEKDAY), words),
        view.by_stop(by(Grouping.STOP), schedule),
        tuple(view.uncounted(schedule, by_day_and_trip, UNCOUNTED_SHOWN)),
        view.new_timetables(schedule, span),
    )


def seats_on(schedule: Schedule, day: date) -> int | None:
    """Seats of the smallest bus of the date: the one that fills first. None: no bus is known."""
    return min((vehicle.seats for vehicle in schedule.network.vehicles if vehicle.validity.covers(day)), default=None)


@router.api_route("", methods=["GET", "HEAD"])
async def ridership(request: Request) -> Response:
    """The span that was asked for, or the last six weeks; to a reader what has been released."""
    person = allow(await maybe_person(request), Action.READ_RIDERSHIP)
    exact = may(person, Action.READ_EXACT_RIDERSHIP)
    return await run_in_threadpool(_page if exact else _released, request, person)


@router.get("/charts/{name}.json")
async def chart(request: Request, name: str) -> Response:
    """A picture of the page as a Vega-Lite document."""
    person = allow(await maybe_person(request), Action.READ_EXACT_RIDERSHIP)
    return await run_in_threadpool(_chart, request, person, name)


def _page(request: Request, person: Person) -> Response:
    house, frame = state_of(request).house, frame_of(request, person)
    faults: tuple[FieldFault, ...] = ()
    span = default_span(house.today())
    try:
        span = asked_span(request, span)
    except Invalid as error:
        faults = (fault_of(error, frame.words, "from"),)
    return show(
        request,
        frame,
        "ridership/overview.html",
        status=422 if faults else 200,
        faults=faults,
        span=span,
        asked={
            "from": request.query_params.get("from", span.first.isoformat()),
            "to": request.query_params.get("to", span.last.isoformat()),
        },
        found=figures(house, person, span, frame.words),
        zone=house.zone,
        sheet=lambda sheet: cells(sheet, frame.words),
    )


def _released(request: Request, person: Person) -> Response:
    house, frame = state_of(request).house, frame_of(request, person)
    schedule = house.schedule()
    names = {stop.id: stop.name for stop in schedule.network.stops}
    names |= {known.id: known.names.of(frame.words.language) for known in schedule.calendar.day_types}
    found = released(house, person)[::-1]
    return show(request, frame, "ridership/released.html", found=found, names=names)


def _chart(request: Request, person: Person, name: str) -> Response:
    house, frame = state_of(request).house, frame_of(request, person)
    found = figures(house, person, asked_span(request, default_span(house.today())), frame.words)
    drawn = {
        "trend": lambda: charts.trend(found.weeks, found.timetables, frame.words),
        "heat": lambda: charts.heat_map(found.heat, frame.words),
        "day": lambda: charts.load_along_the_day(found.day, frame.words),
    }
    if name not in drawn:
        raise NotFound("unknown-chart", f"there is no picture {name!r}", given=name, allowed=", ".join(drawn))
    return JSONResponse(drawn[name](), headers={"cache-control": "no-store"})


def default_span(today: date) -> Span:
    """The last six whole weeks and the one that runs."""
    return Span(view.monday_of(today) - timedelta(weeks=WEEKS), today)


def asked_span(request: Request, otherwise: Span) -> Span:
    """`?from=&to=`. Raises Invalid (`bad-date`, `bad-span`, `span-too-long`)."""
    given = request.query_params
    first = parse_date(given["from"]) if given.get("from") else otherwise.first
    last = parse_date(given["to"]) if given.get("to") else max(otherwise.last, first)
    span = Span(first, last)
    if span.days > LONGEST:
        raise Invalid(
            "span-too-long",
            f"{first} to {last} is {span.days} days",
            given=f"{span.days} days",
            allowed=f"at most {LONGEST} days",
        )
    return span


def cells(sheet: Sheet, words: Words) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """A sheet as the macro `ui.table` wants it: columns with their kind, rows as texts."""
    columns = [
        (words.say(f"ridership.column.{name}"), "" if name in ("week", "departure", "weekday", "stop") else "number")
        for name in sheet.columns
    ]
    return columns, [
        [_cell(name, value, words) for name, value in zip(sheet.columns, row, strict=True)] for row in sheet.rows
    ]


def _cell(column: str, value: str | int | float | None, words: Words) -> str:
    if value is None:
        return "–"
    if column == "week":
        return words.date_short(date.fromisoformat(str(value)))
    if isinstance(value, str):
        return value
    return words.number(value, 1 if column == "mean" else 0)
