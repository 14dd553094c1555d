"""Calendars to subscribe to: all departures, those of one stop, opening hours, and a driver's own duties.

Every departure is an event of its own in a rolling window, never a recurrence with exceptions: readers disagree about those,
and show the bus on holidays. The same departure keeps its UID for ever, a change raises its SEQUENCE, and a cancelled one
stays, marked in every way that some reader understands, until its date is past.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.service_time import dates
from shuttle.domain.duties.roster import DutyOnDate
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import DayOfService, Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.feeds.ical.components import SITE, Site, calendar
from shuttle.feeds.ical.events import DepartureEvents, duty_event, opening_events
from shuttle.language import Words, words

DAYS_BEHIND, DAYS_AHEAD = 7, 90

MOST_EVENTS = 1000
"""Events of a calendar of departures: where a large calendar program stops reading at some 1,100."""


def rolling_window(today: date) -> list[date]:
    """The dates that a calendar shows: it changes with the date, not with the clock."""
    return dates(today - timedelta(days=DAYS_BEHIND), today + timedelta(days=DAYS_AHEAD))


def departures_calendar(
    schedule: Schedule,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
) -> bytes:
    """Every departure of the rolling window, or of `days`."""
    said = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today)
    name = said.say("feeds.departures-name", stop=base.name)
    return _calendar(schedule, today, days, name, DepartureEvents(schedule, zone, said, site).of_day, zone, said)


def stop_calendar(
    schedule: Schedule,
    stop: str,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
) -> bytes:
    """What leaves from and arrives at one stop. Raises NotFound (`unknown-stop`)."""
    said = words(language)
    name = said.say("feeds.stop-name", stop=_stop_named(schedule, stop, today).name)
    writer = DepartureEvents(schedule, zone, said, site)
    return _calendar(schedule, today, days, name, lambda day: writer.of_day_at_stop(day, stop), zone, said)


def connections_calendar(
    schedule: Schedule,
    pair: Pair,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
) -> bytes:
    """What takes people from one stop to another. Raises NotFound (`unknown-stop`)."""
    said = words(language)
    origin, destination = (_stop_named(schedule, stop, today).name for stop in pair)
    name = said.say("feeds.connections-name", origin=origin, destination=destination)
    writer = DepartureEvents(schedule, zone, said, site)
    return _calendar(schedule, today, days, name, lambda day: writer.of_day_between(day, pair), zone, said)


def _calendar(
    schedule: Schedule,
    today: date,
    days: Sequence[date] | None,
    name: str,
    of_day: Callable[[DayOfService], Iterable[bytes]],
    zone: ZoneInfo,
    said: Words,
) -> bytes:
    """A calendar of departures. The rolling window ends earlier where it would have too many events, and says so."""
    about = said.say("feeds.departures-about")
    if days is not None:
        events = [event for day in _days_shown(schedule, today, days) for event in of_day(day)]
        return calendar(name, about, said.language, zone, events)
    window = rolling_window(today)
    by_day = [list(of_day(day)) for day in _days_shown(schedule, today, window)]
    first, last = _within_limit([len(events) for events in by_day], window.index(today))
    if last < len(window) - 1:
        about = said.say("feeds.departures-about-until", last=said.date_short(window[last]))
    events = [event for several in by_day[first : last + 1] for event in several][:MOST_EVENTS]
    return calendar(name, about, said.language, zone, events)


def _within_limit(numbers: Sequence[int], today: int) -> tuple[int, int]:
    """First and last day whose events together are at most MOST_EVENTS: the days to come go before those that are over."""
    total, last = numbers[today], today
    while last + 1 < len(numbers) and total + numbers[last + 1] <= MOST_EVENTS:
        last += 1
        total += numbers[last]
    first = today
    while first > 0 and total + numbers[first - 1] <= MOST_EVENTS:
        first -= 1
        total += numbers[first]
    return first, last


def opening_hours_calendar(
    schedule: Schedule,
    stop: str,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
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
    events = (event for day in shown for event in opening_events(schedule, known, day, zone, said, site))
    name = said.say("feeds.hours-name", stop=known.name)
    return calendar(name, said.say("feeds.hours-about"), language, zone, events)


def duties_calendar(
    schedule: Schedule,
    duties: Iterable[DutyOnDate],
    today: date,
    zone: ZoneInfo,
    language: str,
    site: Site = SITE,
) -> bytes:
    """One driver's duties; nobody's name stands in it. One that was taken back is gone once its date is past."""
    said = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today).name
    events = (
        duty_event(schedule.network, duty, base, zone, said, site)
        for duty in duties
        if not duty.withdrawn or duty.date >= today
    )
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
