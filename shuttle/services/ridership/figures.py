"""All figures of a span, for the ridership page and for reports, from a few queries of the roll-up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from shuttle.domain.access.permissions import Person
from shuttle.domain.ridership.counted_departures import CountedSpan, Crowding, crowding, highest_loads
from shuttle.domain.ridership.statistics import Mean, Week, weekly_mean
from shuttle.domain.ridership.summaries import Grouping, Ridership, RidershipRow, Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.feeds.printed import ridership_sheets as sheets
from shuttle.feeds.printed.ridership_sheets import RidershipTable
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import ridership as ridership_service
from shuttle.services.ridership.recorded_demand import counted_between
from shuttle.services.ridership.riders.operated import Operated, operated
from shuttle.store.ridership.skipped_stops import skipped_stops_between
from shuttle.store.ridership.sums import Dispute
from shuttle.store.ridership.sums import disputed as stored_disputes
from shuttle.store.ridership.trials import trials as stored_trials

UNCOUNTED_SHOWN = 12
MAX_COUNTS_FOR_LOADS = 50_000
"""Counts up to which loads are computed. Eight departures a day with three stops give 9,000 a year."""

DISPUTES_SPAN = timedelta(days=42)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Sums, means and tables of a span. `uncounted`: the latest departures without a count; `unserved`: reasons of
    skipped stops with their numbers; `loads_known`: number of departures whose highest load is known; `crowding`: None
    where the counts are too many to read.
    """

    whole: RidershipRow
    mean: Mean | None
    weeks: RidershipTable
    months: RidershipTable
    heat: RidershipTable
    day: RidershipTable
    weekdays: RidershipTable
    stops: RidershipTable
    hours: RidershipTable
    weekday_hours: RidershipTable
    uncounted: tuple[Departure, ...]
    unserved: list[tuple[ReasonCode, int]]
    loads_known: int
    crowding: Crowding | None
    timetables: list[tuple[date, str]]
    phases: list[tuple[date, str]]
    disputed: list[Dispute]
    operated: Operated

    @property
    def coverage(self) -> float:
        """Share of the departures that have left and were counted."""
        return self.whole.run.counted / self.whole.run.due if self.whole.run.due else 0.0

    @property
    def nok_per_rider(self) -> float | None:
        """Cost of driving for each rider, with departures that were not counted at the mean of the counted ones."""
        estimate = None if self.whole.mean is None else self.whole.mean * self.whole.run.due
        return self.operated.nok_per_rider(estimate, self.coverage)


@ridership_service.no_garbage_collection()
def figures(context: AppContext, person: Person, span: Span, words: Words, named: int = UNCOUNTED_SHOWN) -> Figures:
    """The figures of a span; of the departures without a count the latest `named`."""
    schedule = context.schedule()

    def by(*groupings: Grouping) -> Ridership:
        return ridership_service.ridership(context, person, span, groupings)

    by_day_and_trip = by(Grouping.DAY, Grouping.TRIP)
    by_day = by(Grouping.DAY)
    counted = counted_of(context, schedule, span, by_day.total.amounts.counts)
    loads = highest_loads(counted) if counted else {}
    reasons = unserved(context, schedule, span)
    return Figures(
        whole=by_day.total,
        mean=weekly_mean(list(_weeks(by_day))),
        weeks=sheets.by_week(by_day),
        months=sheets.by_month(by_day),
        heat=sheets.departure_by_week(by_day_and_trip, schedule, words),
        day=sheets.along_the_day(by(Grouping.TRIP), loads, schedule, seats_on(schedule, span.last), words),
        weekdays=sheets.by_weekday(by(Grouping.WEEKDAY), words),
        stops=sheets.by_stop(by(Grouping.STOP), schedule),
        hours=sheets.by_hour(by(Grouping.HOUR)),
        weekday_hours=sheets.weekday_by_hour(by(Grouping.DAY, Grouping.HOUR), schedule, words),
        uncounted=tuple(sheets.uncounted(schedule, by_day_and_trip, named)),
        unserved=reasons,
        loads_known=sum(map(len, loads.values())),
        crowding=crowding(counted) if counted else None,
        timetables=sheets.new_timetables(schedule, span),
        phases=phases(context, span),
        disputed=disputed(context, span),
        operated=operated(context, span, reasons),
    )


def _weeks(by_day: Ridership) -> Iterator[Week]:
    """Boardings on counted departures, over those departures, of each week from its Monday."""
    for _, lines in groupby(by_day.lines, key=lambda line: sheets.monday_of(date.fromisoformat(str(line.key[0])))):
        of_week = sheets.added(list(lines))
        yield Week(of_week.amounts.boardings - of_week.run.aside, of_week.run.counted)


def counted_of(context: AppContext, schedule: Schedule, span: Span, counts: int) -> CountedSpan | None:
    """Every count of the span, for what no sum tells; None above MAX_COUNTS_FOR_LOADS counts."""
    return counted_between(context, schedule, span) if counts <= MAX_COUNTS_FOR_LOADS else None


def unserved(context: AppContext, schedule: Schedule, span: Span) -> list[tuple[ReasonCode, int]]:
    """Reasons of skipped stops with their numbers, the most frequent first."""
    with context.reading() as session:
        reasons = skipped_stops_between(session, span.first, span.last)
        gaps = ridership_service.gaps_in(session, schedule, span)
    places = ((gap.departure.id, stop) for gap in gaps.values() for stop in gap.unserved)
    return Counter(reasons[place] for place in places).most_common()


def disputed(context: AppContext, span: Span) -> list[Dispute]:
    """Disputed counts of the last weeks of the span: later no observer remembers the departure."""
    recent = Span(max(span.first, span.last - DISPUTES_SPAN), span.last)
    with context.reading() as session:
        return stored_disputes(session, recent, UNCOUNTED_SHOWN)


def phases(context: AppContext, span: Span) -> list[tuple[date, str]]:
    """Starts of trial phases within the span, with the trial's question."""
    with context.reading() as session:
        all_trials = stored_trials(session)
    return sorted((trial.starts, trial.question) for trial in all_trials if span.first <= trial.starts <= span.last)


def seats_on(schedule: Schedule, day: date) -> int | None:
    """Seats of the smallest vehicle on the date, which fills first; None without a vehicle."""
    return min((vehicle.seats for vehicle in schedule.network.vehicles if vehicle.validity.covers(day)), default=None)
