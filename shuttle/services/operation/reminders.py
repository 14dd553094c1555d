"""Reminders of open tasks: departures without a count, undecided days, timetables that end.

A nightly job records them. Pages compute them anew, so that completed tasks disappear at once.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE, dates, instant
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable import quality_checks
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.quality_checks import Limits, QualityFinding
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import gaps_in
from shuttle.store.ridership.releases import first_counted
from shuttle.store.ridership.sums import counted_trips

AHEAD = 60
"""Days ahead that are checked for a planner's decisions."""

AS_FAR_AS_THEY_REACH = Limits(days_before_end=(LAST_DATE - FIRST_DATE).days)
"""Reminders without a horizon: a gap between timetables, and the end of the last one."""

BEHIND = 7
"""Days back for which missing counts are listed; older ones cannot be recalled."""


@dataclass(frozen=True)
class CountedDay:
    """Number of departures of a span that have left, and those of them without a count, in order."""

    due: int
    missing: tuple[Departure, ...]


@dataclass(frozen=True)
class Upcoming:
    """Undecided dates, dates without a timetable, and quality findings about timetables that end."""

    undecided: tuple[date, ...]
    without: tuple[date, ...]
    tables: tuple[QualityFinding, ...]


def counted(context: AppContext, span: Span) -> CountedDay:
    """Departures of a span that have left, and those without a count. A count at any stop suffices.

    A departure that skipped every stop with boardings is left out, and so are all days before the first count.
    """
    schedule, now = context.schedule(), context.now()
    with context.reading() as session:
        first = first_counted(session)
        trips = counted_trips(session, span)
        passed_by = {key for key, gap in gaps_in(session, schedule, span).items() if gap.passed_by}
    left = [
        departure
        for day in span
        if first is not None and first <= day
        for departure in schedule.departures_on(day).departures
        if departure.runs
        and (day, departure.trip) not in passed_by
        and instant(day, departure.departs, context.zone) <= now
    ]
    missing = tuple(departure for departure in left if departure.trip not in trips.get(departure.date, ()))
    return CountedDay(len(left), missing)


def yesterday(context: AppContext) -> Span:
    """The last completed service day."""
    day = context.today() - timedelta(days=1)
    return Span(day, day)


def last_days(context: AppContext) -> Span:
    """The completed days of which missing counts are listed."""
    return Span(context.today() - timedelta(days=BEHIND), context.today() - timedelta(days=1))


def upcoming(context: AppContext) -> Upcoming:
    """Decisions of the coming days that a planner has to take."""
    schedule, today = context.schedule(), context.today()
    days = [schedule.departures_on(day) for day in dates(today, today + timedelta(days=AHEAD))]
    return Upcoming(
        tuple(day.date for day in days if day.service_day.undecided),
        tuple(day.date for day in days if day.timetable is None),
        quality_checks.check_tables(schedule, today, AS_FAR_AS_THEY_REACH),
    )
