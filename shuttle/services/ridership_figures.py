"""The figures of a span together, from a handful of questions to the roll-up: for the page and for reports."""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.access import Person
from shuttle.domain.departures import Departure, Schedule
from shuttle.domain.ridership import Grouping, Line, Ridership, Span, counts_per_departure
from shuttle.domain.ridership_statistics import Mean, mean_of
from shuttle.feeds import ridership_sheets as sheets
from shuttle.feeds.ridership_sheets import Sheet
from shuttle.language import Words
from shuttle.services import ridership as acts
from shuttle.services.house import House
from shuttle.store.ridership import Dispute
from shuttle.store.ridership import disputed as stored_disputes
from shuttle.store.trials import trials as stored_trials

UNCOUNTED_SHOWN = 12
DISPUTES_LAST = timedelta(days=42)


@dataclass(frozen=True)
class Figures:
    """Sums, means and tables of a span. `uncounted`: the latest departures that nobody counted."""

    whole: Line
    mean: Mean | None
    weeks: Sheet
    months: Sheet
    heat: Sheet
    day: Sheet
    weekdays: Sheet
    stops: Sheet
    uncounted: tuple[Departure, ...]
    timetables: list[tuple[date, str]]
    phases: list[tuple[date, str]]
    disputed: list[Dispute]


def figures(house: House, person: Person, span: Span, words: Words, named: int = UNCOUNTED_SHOWN) -> Figures:
    """The figures of a span; of the departures that nobody counted the latest `named`."""
    schedule = house.schedule()

    def by(*groupings: Grouping) -> Ridership:
        return acts.ridership(house, person, span, groupings)

    by_day_and_trip = by(Grouping.DAY, Grouping.TRIP)
    by_day = by(Grouping.DAY)
    return Figures(
        by_day.total,
        mean_of(counts_per_departure(by_day_and_trip)),
        sheets.by_week(by_day),
        sheets.by_month(by_day),
        sheets.departure_by_week(by_day_and_trip, schedule, words),
        sheets.along_the_day(by(Grouping.TRIP), schedule, seats_on(schedule, span.last), words),
        sheets.by_weekday(by(Grouping.WEEKDAY), words),
        sheets.by_stop(by(Grouping.STOP), schedule),
        tuple(sheets.uncounted(schedule, by_day_and_trip, named)),
        sheets.new_timetables(schedule, span),
        phases(house, span),
        disputed(house, span),
    )


def disputed(house: House, span: Span) -> list[Dispute]:
    """Counts of the last weeks of the span about which two observers differ: later nobody remembers who was right."""
    recent = Span(max(span.first, span.last - DISPUTES_LAST), span.last)
    with house.reading() as session:
        return stored_disputes(session, recent, UNCOUNTED_SHOWN)


def phases(house: House, span: Span) -> list[tuple[date, str]]:
    """Where in the span the phase of a trial begins, with its question."""
    with house.reading() as session:
        found = stored_trials(session)
    return sorted((trial.starts, trial.question) for trial in found if span.first <= trial.starts <= span.last)


def seats_on(schedule: Schedule, day: date) -> int | None:
    """Seats of the smallest bus of the date: the one that fills first. None: no bus is known."""
    return min((vehicle.seats for vehicle in schedule.network.vehicles if vehicle.validity.covers(day)), default=None)
