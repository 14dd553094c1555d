"""Naive resolver: departures and connections of a date, computed from the raw data as a reference for tests.

It uses no method of Schedule, Calendar or Network, so it cannot inherit their mistakes.
"""

from datetime import UTC, date, datetime

from shuttle.domain.timetable.changes import Change, ChangeKind
from shuttle.domain.timetable.departures import DepartureStatus, Schedule
from shuttle.domain.timetable.service_days import SpecialKind
from shuttle.domain.timetable.trips import Trip

Times = tuple[tuple[str, int, int], ...]
"""Stop, arrival and departure of each call."""


def naive_departures(schedule: Schedule, day: date) -> dict[str, tuple[DepartureStatus, Times]]:
    """Trip id -> (status, times) of every departure of the date."""
    departures: dict[str, tuple[DepartureStatus, Times]] = {}
    timetables: list[str] = []
    highest = (-1, date.min)
    for p in schedule.publications:
        if p.valid.first and p.valid.first <= day <= (p.valid.last or day) and (p.layer, p.valid.first) > highest:
            highest, timetables = (p.layer, p.valid.first), [p.timetable]
    day_type = naive_day_type(schedule, day)
    if any(override.date == day and override.day_type == "no-service" for override in schedule.calendar.overrides):
        timetables = []
    for timetable in schedule.timetables:
        own_day_type = _with_trips(schedule, timetable.trips, day_type)
        for trip in timetable.trips:
            if timetable.id in timetables and trip.day_type == own_day_type:
                times = _times(schedule, day, trip.pattern, trip.departs)
                if trip.calls:
                    times = tuple((call.stop, call.arrives, call.departs) for call in trip.calls)
                name = f"{trip.pattern}-{trip.day_type}-{trip.departs // 60:02d}{trip.departs % 60:02d}"
                departures[name] = _changed(schedule, day, name, DepartureStatus.SCHEDULED, times, trip.departs)
    regular = set(departures)
    for change in _in_order(schedule, day):
        if change.kind is ChangeKind.EXTRA and change.pattern and change.departs is not None:
            name = f"extra-{change.pattern}-{change.departs // 60:02d}{change.departs % 60:02d}"
            if name not in regular:
                times = _times(schedule, day, change.pattern, change.departs)
                departures[name] = _changed(schedule, day, name, DepartureStatus.EXTRA, times, change.departs)
    return departures


def _with_trips(schedule: Schedule, trips: tuple[Trip, ...], day_type: str) -> str:
    """The day type itself, or the nearest that it is like and that has trips; itself where none has."""
    like: str | None = day_type
    while like is not None:
        if any(trip.day_type == like for trip in trips):
            return like
        like = next((each.like for each in schedule.calendar.day_types if each.id == like), None)
    return day_type


def naive_day_type(schedule: Schedule, day: date) -> str:
    """The day type of a date."""
    calendar = schedule.calendar
    for override in calendar.overrides:
        if override.date == day and override.day_type != "no-service":
            return override.day_type
    for kinds in ({SpecialKind.PUBLIC_HOLIDAY, SpecialKind.HIGH_DAY}, {SpecialKind.EVE}):
        for special in calendar.special_days:
            if special.date == day and special.kind in kinds and special.day_type:
                return special.day_type
    return calendar.week[day.weekday()]


def _in_order(schedule: Schedule, day: date) -> list[Change]:
    """Changes in force on the date, the one made last at the end."""
    never = datetime(1970, 1, 1, tzinfo=UTC)
    covering = [c for c in schedule.changes if c.dates.first and c.dates.last and c.dates.first <= day <= c.dates.last]
    return sorted((c for c in covering if not c.withdrawn_at), key=lambda c: (c.made_at or never, c.id))


def _changed(
    schedule: Schedule, day: date, name: str, state: DepartureStatus, times: Times, planned: int
) -> tuple[DepartureStatus, Times]:
    now = (state, times)
    for change in _in_order(schedule, day):
        if change.trip == name and change.kind is ChangeKind.CANCEL:
            now = (DepartureStatus.CANCELLED, times)
        if change.trip == name and change.kind is ChangeKind.RETIME and change.departs is not None:
            by = change.departs - planned
            moved = tuple((stop, arrives + by, departs + by) for stop, arrives, departs in times)
            now = (state if state is DepartureStatus.EXTRA else DepartureStatus.RETIMED, moved)
    return now


def _times(schedule: Schedule, day: date, pattern_id: str, departs: int) -> Times:
    (pattern,) = [pattern for pattern in schedule.network.patterns if pattern.id == pattern_id]
    at, times = departs, [(pattern.stops[0], departs, departs)]
    for origin, destination in zip(pattern.stops, pattern.stops[1:], strict=False):
        for running in schedule.network.running_times:
            valid = (running.validity.first or day) <= day <= (running.validity.last or day)
            if (running.origin, running.destination) == (origin, destination) and valid:
                minutes = max((start, minutes) for start, minutes in running.bands if start <= departs)[1]
                at += minutes
                times.append((destination, at, at))
                break
    return tuple(times)


def naive_connections(schedule: Schedule, day: date, origin: str, destination: str) -> list[tuple[str, int, int]]:
    """(trip, departure, arrival) of each connection that runs: every pair of calls is tried, and the best one kept."""
    connections = []
    for trip, (state, times) in naive_departures(schedule, day).items():
        rides = [
            (arrives, -departs)
            for number, (here, _, departs) in enumerate(times)
            for there, arrives, _ in times[number + 1 :]
            if here == origin and there == destination
        ]
        if state is not DepartureStatus.CANCELLED and rides:
            arrives, minus_departs = min(rides)
            connections.append((trip, -minus_departs, arrives))
    return connections
