"""What waits for a person: departures that have left and that nobody counted, days that nobody has decided, tables that end.

The clock asks by night and writes it down; the pages of those who can do something about it ask anew, so that what has been
done meanwhile is not asked for again.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable import quality_checks
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.quality_checks import QualityFinding
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import gaps_in
from shuttle.store.ridership.releases import first_counted
from shuttle.store.ridership.sums import counted_trips

AHEAD = 60
"""Days that are looked at for what a planner has not decided."""

BEHIND = 7
"""Days for which a planner is told what was not counted: further back nobody remembers."""


@dataclass(frozen=True)
class CountedDay:
    """Departures of a span that have left, and those of them on which there is no count, in order."""

    due: int
    missing: tuple[Departure, ...]


@dataclass(frozen=True)
class Upcoming:
    """Dates that nobody has decided, dates without a timetable, and what the controls say of tables that end."""

    undecided: tuple[date, ...]
    without: tuple[date, ...]
    tables: tuple[QualityFinding, ...]


def counted(context: AppContext, span: Span) -> CountedDay:
    """What has left in a span and who was counted on it. A departure with a count at any stop counts as counted.

    One that passed by every stop at which people get on had nobody to count, and is not here.

    Nothing is asked for of the days before the first count: nobody counted then.
    """
    schedule, now = context.schedule(), context.now()
    with context.reading() as session:
        begun = first_counted(session)
        known = counted_trips(session, span)
        passed_by = {key for key, gap in gaps_in(session, schedule, span).items() if gap.passed_by}
    left = [
        departure
        for day in span
        if begun and begun <= day
        for departure in schedule.departures_on(day).departures
        if departure.runs
        and (day, departure.trip) not in passed_by
        and instant(day, departure.departs, context.zone) <= now
    ]
    missing = tuple(departure for departure in left if departure.trip not in known.get(departure.date, ()))
    return CountedDay(len(left), missing)


def yesterday(context: AppContext) -> Span:
    """The last service day that is over."""
    day = context.today() - timedelta(days=1)
    return Span(day, day)


def last_days(context: AppContext) -> Span:
    """The days that are over and that somebody may still remember."""
    return Span(context.today() - timedelta(days=BEHIND), context.today() - timedelta(days=1))


def upcoming(context: AppContext) -> Upcoming:
    """What a planner has to decide in the coming days."""
    schedule, today = context.schedule(), context.today()
    days = [schedule.departures_on(day) for day in dates(today, today + timedelta(days=AHEAD))]
    return Upcoming(
        tuple(day.date for day in days if day.service_day.undecided),
        tuple(day.date for day in days if day.timetable is None),
        quality_checks.check_tables(schedule, today),
    )
