"""Timetable periods of dated trips: GTFS has dates where a timetable has day types, and one feed may hold several timetables.

A trip is regular on a day type while it runs on every weekday of that day type. It begins and ends to be so on dates that are known
to within some days, since it does not run every day; the fewest dates that lie in all of these intervals are where one timetable
follows another (interval stabbing). Dates on which the timetables so found differ from the feed are given back, none is lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import dates, days_after
from shuttle.domain.timetable.service_days import Calendar

LONG = timedelta(days=28)
"""What runs, or does not run, for less than this between two dates of the feed is an exception and no timetable."""

WEEK = timedelta(days=7)
"""What runs for less than this says nothing about a kind of day."""

_Class = tuple[str, int]
"""A day type and a weekday that the week gives to it; weekday -1: a day type that only single dates have."""

_DAY = timedelta(days=1)
_WEEKEND = timedelta(days=2)


@dataclass(frozen=True)
class Period:
    """From `first` to `last`: which trips (by their numbers) each day type has."""

    first: date
    last: date
    trips: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """Dates on which a trip runs although the period has it not (`added`), and on which it does not run although it has."""

    trip: int
    added: tuple[date, ...]
    removed: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class _Block:
    """A trip is regular on a day type from `first` to `last`. It begins after `before`, and is over by `after`.

    None: it begins with the feed, or ends with it.
    """

    trip: int
    day_type: str
    first: date
    last: date
    before: date | None
    after: date | None


def timetable_periods(running: list[frozenset[date]], calendar: Calendar) -> tuple[list[Period], list[Deviation]]:
    """Periods, in order and without those in which nothing is regular; and how the feed's dates differ from them.

    `running` holds the dates of each trip; trips are known by their place in it.
    """
    every_day = [day for days in running for day in days]
    if not every_day:
        return [], []
    span = dates(min(every_day), max(every_day))
    day_types = {day: calendar.service_day(day).day_type for day in span}
    classes = _classes(span, day_types, calendar)
    blocks = [block for trip, days in enumerate(running) for block in _blocks(trip, days, classes)]
    firsts = [span[0], *_turning_dates(blocks)]
    lasts = [*(days_after(first, -1) for first in firsts[1:]), span[-1]]
    periods = [_period(first, last, blocks) for first, last in zip(firsts, lasts, strict=True)]
    return [period for period in periods if period.trips], _deviations(running, periods, day_types)


def _classes(span: list[date], day_types: Mapping[date, str], calendar: Calendar) -> dict[_Class, list[date]]:
    """The ordinary dates of each weekday; public holidays and overrides are no measure of what is regular."""
    in_week = set(calendar.week)
    classes: dict[_Class, list[date]] = {}
    for day in span:
        day_type, weekday = day_types[day], day.weekday()
        if day_type == calendar.week[weekday]:
            classes.setdefault((day_type, weekday), []).append(day)
        elif day_type not in in_week:
            classes.setdefault((day_type, -1), []).append(day)
    return classes


def _blocks(trip: int, running: frozenset[date], classes: Mapping[_Class, list[date]]) -> Iterator[_Block]:
    """The spans in which a trip runs on all weekdays of a day type, apart from single dates."""
    for day_type in sorted({day_type for day_type, _ in classes}):
        several = [days for (name, _), days in classes.items() if name == day_type]
        ordinary = sorted(day for days in several for day in days)
        runs = [day for day in ordinary if day in running]
        for first, last in _without_long_gaps(runs):
            within = [[day for day in days if first <= day <= last] for days in several]
            shares = [2 * sum(day in running for day in days) - len(days) for days in within]
            is_regular = min(shares) >= 0 and sum(shares) > 0
            before = max((day for day in ordinary if day < first), default=None)
            after = min((day for day in ordinary if day > last), default=None)
            shortest = LONG - _WEEKEND if before and after else WEEK
            if is_regular and last - first + _DAY >= shortest:
                yield _Block(trip=trip, day_type=day_type, first=first, last=last, before=before, after=after)


def _without_long_gaps(days: list[date]) -> Iterator[tuple[date, date]]:
    """First and last of each run of dates between which none is further from the next than LONG."""
    first = previous = None
    for day in days:
        if previous is None or day - previous > LONG:
            if first is not None and previous is not None:
                yield first, previous
            first = day
        previous = day
    if first is not None and previous is not None:
        yield first, previous


def _turning_dates(blocks: Iterable[_Block]) -> list[date]:
    """The fewest first dates of later periods: one in each interval (after, until] in which a block begins or ends."""
    intervals = [(block.before, block.first) for block in blocks if block.before is not None]
    intervals += [(block.last, block.after) for block in blocks if block.after is not None]
    turns: list[date] = []
    for after, until in sorted(intervals, key=lambda interval: interval[1]):
        if not turns or turns[-1] <= after:
            turns.append(until)
    return turns


def _period(first: date, last: date, blocks: Iterable[_Block]) -> Period:
    trips: dict[str, list[int]] = {}
    for block in blocks:
        begins = block.before is None or block.before < first
        ends = block.after is None or last < block.after
        if begins and ends and block.first <= last and first <= block.last:
            trips.setdefault(block.day_type, []).append(block.trip)
    return Period(first, last, {day_type: tuple(numbers) for day_type, numbers in sorted(trips.items())})


def _deviations(
    running: list[frozenset[date]], periods: list[Period], day_types: Mapping[date, str]
) -> list[Deviation]:
    expected: list[set[date]] = [set() for _ in running]
    for period in periods:
        for day in dates(period.first, period.last):
            for trip in period.trips.get(day_types[day], ()):
                expected[trip].add(day)
    return [
        Deviation(trip=trip, added=tuple(sorted(days - expected[trip])), removed=tuple(sorted(expected[trip] - days)))
        for trip, days in enumerate(running)
        if days != expected[trip]
    ]
