"""Notice period: separates changes in the static feed (gtfs.zip) from those in GTFS Realtime alone.

Something decided at a moment has notice for a service date when that date begins at least seven days later. With notice it is in
the static feed. Without, the static feed keeps the date as it was, and realtime tells the difference. So a static feed that is
at most seven days old when a date begins, together with realtime, gives that date as it is. Withdrawing a change is a
decision with a moment of its own. Publications, running times and stops enter the static feed at once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import days_after
from shuttle.domain.timetable.changes import Change
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_days import Calendar, Override

NOTICE = timedelta(days=7)


def has_notice(moment: datetime | None, day: date, zone: tzinfo) -> bool:
    """Whether a decision of `moment` is in the static feed for the service date. True where no moment is recorded."""
    return moment is None or first_date_with_notice(moment, zone) <= day


def is_in_static_feed(change: Change | Override, day: date, zone: tzinfo) -> bool:
    """Whether the static feed shows the change on one of its dates: it was made, and not withdrawn, with notice."""
    is_withdrawn = change.withdrawn_at is not None and has_notice(change.withdrawn_at, day, zone)
    return has_notice(change.made_at, day, zone) and not is_withdrawn


def static_schedule(schedule: Schedule, zone: tzinfo) -> Schedule:
    """The schedule as the static feed shows it: each change on the dates for which it has notice."""
    changes = tuple(_parts_with_notice(schedule.changes, zone))
    return replace(schedule, changes=changes, calendar=_calendar_with_notice(schedule.calendar, zone))


def first_date_with_notice(moment: datetime, zone: tzinfo) -> date:
    """The first service date of which the static feed shows a decision of that moment: one that begins NOTICE later or more.

    The days are counted in UTC: arithmetic within a zone overlooks a change of clocks.
    """
    given_notice = (moment.astimezone(UTC) + NOTICE).astimezone(zone)
    is_midnight = given_notice.time() == time()
    return given_notice.date() if is_midnight else days_after(given_notice.date(), 1)


def _parts_with_notice(changes: tuple[Change, ...], zone: tzinfo) -> Iterator[Change]:
    """Each change cut to the dates from which it has notice, until its withdrawal has."""
    for change in changes:
        first, last = change.dates.first, change.dates.last
        assert first is not None and last is not None
        if change.made_at is not None:
            first = max(first, first_date_with_notice(change.made_at, zone))
        if change.withdrawn_at is not None:
            last = min(last, days_after(first_date_with_notice(change.withdrawn_at, zone), -1))
        if first <= last:
            yield replace(change, dates=Validity(first, last), withdrawn_by="", withdrawn_at=None)


def _calendar_with_notice(calendar: Calendar, zone: tzinfo) -> Calendar:
    by_date: dict[date, Override] = {}
    for override in (*calendar.withdrawn_overrides, *calendar.overrides):
        if is_in_static_feed(override, override.date, zone):
            by_date[override.date] = override
    overrides = tuple(override for _, override in sorted(by_date.items()))
    return calendar if overrides == calendar.overrides else replace(calendar, overrides=overrides)
