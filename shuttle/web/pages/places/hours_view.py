"""View of a centre's opening hours: its week as bars, the hours by day type with what reaches it, and its history.

A bar is drawn over the 24 hours of a day; a window past midnight ends at the bar's edge. Ticks are departures at their arrival.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import DAY, Minute, time_of_day_text
from shuttle.domain.timetable.departures import Connection, Schedule
from shuttle.domain.timetable.facts.changes import value_of
from shuttle.domain.timetable.facts.reach import Reach, reach
from shuttle.domain.timetable.opening_hours import Window
from shuttle.language import Words

SPARE_WINDOWS = 1
"""Empty windows of each day type, for one more."""

Bar = tuple[Minute, int]
"""Where it begins and how long it is, in minutes of the day."""


@dataclass(frozen=True)
class Tick:
    """An arrival on a bar, and whether the centre is open then."""

    at: Minute
    open: bool


@dataclass(frozen=True, kw_only=True)
class WeekDay:
    """A day of the week ahead. `special`: the reason of special hours, else empty."""

    day: date
    windows: tuple[Window, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    special: str


@dataclass(frozen=True, kw_only=True)
class HoursOfDayType:
    """Hours of a day type as typed, and the reach of the centre with them (None: unknown)."""

    day_type: str
    name: str
    inputs: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    reach: Reach | None
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class PastHours:
    """A value of regular hours with its dates."""

    name: str
    windows: tuple[Window, ...]
    first: date | None
    last: date | None
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class CentreView:
    """A centre: the week ahead, the hours of each day type, special days to come, and every value that holds or has held."""

    stop: str
    name: str
    is_base: bool
    week: tuple[WeekDay, ...]
    day_types: tuple[HoursOfDayType, ...]
    special: tuple[tuple[date, tuple[Window, ...], str], ...]
    values: tuple[PastHours, ...]
    assumed: bool


def centre_view(
    schedule: Schedule,
    stop: str,
    today: date,
    words: Words,
    first: date | None = None,
    typed: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> CentreView:
    """A centre as of the date `first` (today); `typed`: texts of the inputs by day type, in place of the hours."""
    first, times = first or today, schedule.opening_times
    names = {each.id: each.names.of(words.language) for each in schedule.calendar.day_types}
    regular = [each for each in times.regular if each.stop == stop]
    return CentreView(
        stop=stop,
        name=schedule.network.stop_name(stop, first),
        is_base=stop == schedule.network.base_stop,
        week=tuple(_week_day(schedule, stop, today + timedelta(days=ahead)) for ahead in range(7)),
        day_types=tuple(
            _day_type(schedule, stop, day_type, name, first, (typed or {}).get(day_type))
            for day_type, name in names.items()
        ),
        special=tuple((h.date, h.windows, h.reason) for h in times.special if h.stop == stop and h.date >= today),
        values=tuple(
            PastHours(
                name=names.get(each.day_type, each.day_type),
                windows=each.windows,
                first=each.validity.first,
                last=each.validity.last,
                provenance=each.provenance,
            )
            for each in sorted(
                regular, key=lambda each: (list(names).index(each.day_type), each.validity.first or date.min)
            )
        ),
        assumed=any(each.provenance.assumed for each in regular if each.validity.covers(first)),
    )


def _week_day(schedule: Schedule, stop: str, day: date) -> WeekDay:
    windows = schedule.windows(stop, day) or ()
    special = next(
        (each.reason for each in schedule.opening_times.special if (each.stop, each.date) == (stop, day)), ""
    )
    try:
        arriving = schedule.connections_on(day, schedule.network.base_stop, stop)
    except ShuttleError:
        arriving = ()
    ticks = tuple(
        Tick(each.arrives, any(opens <= each.arrives < closes for opens, closes in windows))
        for each in arriving
        if each.departure.runs
    )
    return WeekDay(day=day, windows=windows, bars=bars_of(windows), ticks=ticks, special=special)


def _day_type(
    schedule: Schedule, stop: str, day_type: str, name: str, first: date, typed: tuple[tuple[str, str], ...] | None
) -> HoursOfDayType:
    own = [each for each in schedule.opening_times.regular if (each.stop, each.day_type) == (stop, day_type)]
    value = value_of(own, first)
    windows = value.windows if value else ()
    texts = typed if typed is not None else tuple((time_of_day_text(a), time_of_day_text(b)) for a, b in windows)
    try:
        reached = reach(schedule, stop, day_type, first)
    except ShuttleError:
        reached = None
    ticks = (*_ticks(reached.reaching, True), *_ticks(reached.closed, False)) if reached else ()
    return HoursOfDayType(
        day_type=day_type,
        name=name,
        inputs=(*[pair for pair in texts if any(pair)], *[("", "")] * SPARE_WINDOWS),
        bars=bars_of(windows),
        ticks=ticks,
        reach=reached,
        provenance=value.provenance if value else Provenance(),
    )


def _ticks(connections: tuple[Connection, ...], is_open: bool) -> tuple[Tick, ...]:
    return tuple(Tick(each.arrives, is_open) for each in connections)


def bars_of(windows: tuple[Window, ...]) -> tuple[Bar, ...]:
    """Windows as bars within the day."""
    return tuple((opens, min(closes, DAY) - opens) for opens, closes in windows if opens < DAY)
