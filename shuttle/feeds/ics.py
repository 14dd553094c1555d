"""Calendars to subscribe to: all departures, those of one stop, opening hours, and a driver's own duties.

Every departure is an event of its own in a rolling window, never a recurrence with exceptions: readers disagree about those,
and show the bus on holidays. The same departure keeps its UID for ever, a change raises its SEQUENCE, and a cancelled one
stays, marked in every way that some reader understands, until its date is past.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from shuttle.domain.clock import dates
from shuttle.domain.departures import DayOfService, Schedule
from shuttle.domain.errors import NotFound
from shuttle.domain.network import Stop
from shuttle.domain.roster import DutyOnDate
from shuttle.feeds.ical_components import calendar
from shuttle.feeds.ical_events import DepartureEvents, duty_event, opening_events
from shuttle.language import words

DAYS_BEHIND, DAYS_AHEAD = 7, 90


def rolling_window(today: date) -> list[date]:
    """The dates that a calendar shows: it changes with the date, not with the clock."""
    return dates(today - timedelta(days=DAYS_BEHIND), today + timedelta(days=DAYS_AHEAD))


def departures_calendar(
    schedule: Schedule, today: date, zone: ZoneInfo, language: str, days: Sequence[date] | None = None
) -> bytes:
    """Every departure of the rolling window, or of `days`."""
    said = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today)
    writer = DepartureEvents(schedule, zone, said)
    events = (event for day in _days_shown(schedule, today, days) for event in writer.of_day(day))
    name = said.say("feeds.departures-name", stop=base.name)
    return calendar(name, said.say("feeds.departures-about"), language, zone, events)


def stop_calendar(
    schedule: Schedule, stop: str, today: date, zone: ZoneInfo, language: str, days: Sequence[date] | None = None
) -> bytes:
    """What leaves from and arrives at one stop. Raises NotFound (`unknown-stop`)."""
    said = words(language)
    name = said.say("feeds.stop-name", stop=_stop_named(schedule, stop, today).name)
    writer = DepartureEvents(schedule, zone, said)
    events = (event for day in _days_shown(schedule, today, days) for event in writer.of_day_at_stop(day, stop))
    return calendar(name, said.say("feeds.departures-about"), language, zone, events)


def opening_hours_calendar(
    schedule: Schedule, stop: str, today: date, zone: ZoneInfo, language: str, days: Sequence[date] | None = None
) -> bytes:
    """When a centre is open. Raises NotFound (`unknown-stop`, `always-open`)."""
    said = words(language)
    known = _stop_named(schedule, stop, today)
    if stop not in schedule.opening_times.stops:
        allowed = ", ".join(sorted(schedule.opening_times.stops))
        raise NotFound(
            "always-open", f"{stop} has no opening hours; these have: {allowed}", given=stop, allowed=allowed
        )
    shown = rolling_window(today) if days is None else days
    events = (event for day in shown for event in opening_events(schedule, known, day, zone, said))
    name = said.say("feeds.hours-name", stop=known.name)
    return calendar(name, said.say("feeds.hours-about"), language, zone, events)


def duties_calendar(
    schedule: Schedule, duties: Iterable[DutyOnDate], today: date, zone: ZoneInfo, language: str
) -> bytes:
    """One driver's duties; nobody's name stands in it. One that was taken back is gone once its date is past."""
    said = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today).name
    events = (duty_event(duty, base, zone, said) for duty in duties if not duty.withdrawn or duty.date >= today)
    return calendar(said.say("feeds.duties-name"), said.say("feeds.duties-about"), language, zone, events)


def _days_shown(schedule: Schedule, today: date, days: Sequence[date] | None) -> Iterator[DayOfService]:
    """Without the departures that were cancelled and whose date is past."""
    for day in map(schedule.departures_on, rolling_window(today) if days is None else days):
        if day.date < today:
            yield replace(day, departures=tuple(departure for departure in day.departures if departure.runs))
        else:
            yield day


def _stop_named(schedule: Schedule, stop: str, today: date) -> Stop:
    """The stop as it is today, or else as it was or will be. Raises NotFound (`unknown-stop`)."""
    network = schedule.network.on(today)
    if stop in network.stops:
        return network.stops[stop]
    return next((other for other in schedule.network.stops if other.id == stop), None) or network.stop(stop)
