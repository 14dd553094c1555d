"""Calendars to subscribe to: departures, those of one stop or between two, opening hours, and a driver's own duties.

Every departure is an event of its own in a rolling window. Recurrence with exceptions is not used: readers disagree about it,
and show the bus on holidays. A departure never changes its UID. A change raises its SEQUENCE. A cancelled departure stays, with
STATUS, TRANSP and a word in its title, until its date is past.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.service_time import dates
from shuttle.domain.duties.roster import DutyOnDate
from shuttle.domain.ridership.expectations import Told
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import DayOfService, Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.feeds.ical.components import SITE, Site, calendar
from shuttle.feeds.ical.events import DepartureEvents, duty_event, opening_events
from shuttle.language import Words, words

DAYS_BEHIND, DAYS_AHEAD = 7, 90

NOTHING_TOLD: Mapping[str, Told] = MappingProxyType({})

MOST_EVENTS = 1000
"""Events of a calendar of departures at most: a large calendar program is reported to stop reading at some 1,100."""


def rolling_window(today: date) -> list[date]:
    """Dates that a calendar shows, from a week back to 90 days ahead. They change at midnight only, as the ETag must."""
    return dates(today - timedelta(days=DAYS_BEHIND), today + timedelta(days=DAYS_AHEAD))


def departures_calendar(
    schedule: Schedule,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
    told: Mapping[str, Told] = NOTHING_TOLD,
) -> bytes:
    """Every departure of the rolling window, or of `days`. `told`: what drivers reported, by departure."""
    texts = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today)
    name = texts.say("feeds.departures-name", stop=base.name)
    return _calendar(
        schedule, today, days, name, DepartureEvents(schedule, zone, texts, site, told).of_day, zone, texts
    )


def stop_calendar(
    schedule: Schedule,
    stop: str,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
    told: Mapping[str, Told] = NOTHING_TOLD,
) -> bytes:
    """Departures from and arrivals at one stop, as events. Raises NotFound (`unknown-stop`)."""
    texts = words(language)
    name = texts.say("feeds.stop-name", stop=_stop_named(schedule, stop, today).name)
    writer = DepartureEvents(schedule, zone, texts, site, told)
    return _calendar(schedule, today, days, name, lambda day: writer.of_day_at_stop(day, stop), zone, texts)


def connections_calendar(
    schedule: Schedule,
    pair: Pair,
    today: date,
    zone: ZoneInfo,
    language: str,
    days: Sequence[date] | None = None,
    site: Site = SITE,
    told: Mapping[str, Told] = NOTHING_TOLD,
) -> bytes:
    """Connections from one stop to another, as events. Raises NotFound (`unknown-stop`)."""
    texts = words(language)
    origin, destination = (_stop_named(schedule, stop, today).name for stop in pair)
    name = texts.say("feeds.connections-name", origin=origin, destination=destination)
    writer = DepartureEvents(schedule, zone, texts, site, told)
    return _calendar(schedule, today, days, name, lambda day: writer.of_day_between(day, pair), zone, texts)


def _calendar(
    schedule: Schedule,
    today: date,
    days: Sequence[date] | None,
    name: str,
    of_day: Callable[[DayOfService], Iterable[bytes]],
    zone: ZoneInfo,
    texts: Words,
) -> bytes:
    """A calendar of departures. The rolling window ends earlier where it would have too many events, and says so."""
    about = texts.say("feeds.departures-about")
    if days is not None:
        events = [event for day in _days_shown(schedule, today, days) for event in of_day(day)]
        return calendar(name, about, texts.language, zone, events)
    window = rolling_window(today)
    by_day = [list(of_day(day)) for day in _days_shown(schedule, today, window)]
    first, last = _within_limit([len(events) for events in by_day], window.index(today))
    if last < len(window) - 1:
        about = texts.say("feeds.departures-about-until", last=texts.date_short(window[last]))
    events = [event for several in by_day[first : last + 1] for event in several][:MOST_EVENTS]
    return calendar(name, about, texts.language, zone, events)


def _within_limit(numbers: Sequence[int], today: int) -> tuple[int, int]:
    """Indices of the first and last day whose events together are at most MOST_EVENTS. Days to come precede past ones."""
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
    """Opening windows of a centre, as events. Raises NotFound (`unknown-stop`, `always-open`)."""
    texts = words(language)
    centre = _stop_named(schedule, stop, today)
    if stop not in schedule.opening_times.stops:
        allowed = ", ".join(sorted(schedule.opening_times.stops))
        raise NotFound(
            "always-open", f"{stop} has no opening hours; these have: {allowed}", given=stop, allowed=allowed
        )
    shown = rolling_window(today) if days is None else days
    events = (event for day in shown for event in opening_events(schedule, centre, day, zone, texts, site))
    name = texts.say("feeds.hours-name", stop=centre.name)
    return calendar(name, texts.say("feeds.hours-about"), language, zone, events)


def duties_calendar(
    schedule: Schedule,
    duties: Iterable[DutyOnDate],
    today: date,
    zone: ZoneInfo,
    language: str,
    site: Site = SITE,
) -> bytes:
    """Duties of one driver, without any name. A duty that was taken back is left out once its date is past."""
    texts = words(language)
    base = _stop_named(schedule, schedule.network.base_stop, today).name
    events = (
        duty_event(schedule.network, duty, base, zone, texts, site)
        for duty in duties
        if not duty.withdrawn or duty.date >= today
    )
    return calendar(texts.say("feeds.duties-name"), texts.say("feeds.duties-about"), language, zone, events)


def _days_shown(schedule: Schedule, today: date, days: Sequence[date] | None) -> Iterator[DayOfService]:
    """Days with their departures. On past dates the cancelled ones are left out."""
    for day in map(schedule.departures_on, rolling_window(today) if days is None else days):
        if day.date < today:
            yield replace(day, departures=tuple(departure for departure in day.departures if departure.runs))
        else:
            yield day


def _stop_named(schedule: Schedule, stop: str, today: date) -> Stop:
    """The stop's version of today, else any other version. Raises NotFound (`unknown-stop`)."""
    network = schedule.network.on(today)
    if stop in network.stops:
        return network.stops[stop]
    return next((other for other in schedule.network.stops if other.id == stop), None) or network.stop(stop)
