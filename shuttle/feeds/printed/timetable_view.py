"""Timetable by destination: from each stop, a block for each served place and day type.

A departure that reaches two places stands in both blocks, with its arrival there and the way where that differs. Regular
departures alone make the blocks; dates on which other times hold are listed beneath. They are found by asking the resolver,
never worked out again here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import Connection, Schedule
from shuttle.domain.timetable.trips import Timetable, stretch_of
from shuttle.feeds.places import Place, place_of
from shuttle.language import Words
from shuttle.language.days import day_reason

AHEAD = 120
"""Days ahead for which special dates are listed."""

Connections = Mapping[Pair, tuple[Connection, ...]]


@dataclass(frozen=True)
class Time:
    """A departure with its arrival at the block's destination; `via` names the stops between."""

    departs: Minute
    arrives: Minute
    via: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The departures to a destination on a day type. `open_until`: when it closes that day, None where it never does.

    `way_back`: whether something goes back to where the block begins, on that day type.
    """

    day_type: str
    day_name: str
    times: tuple[Time, ...]
    way_back: bool
    open_until: Minute | None
    hours_assumed: bool


@dataclass(frozen=True)
class Destination:
    """A place that something goes to, with a block for each day type. `ways_differ`: not all departures go the same way."""

    place: Place
    blocks: tuple[Block, ...]
    assumed: bool

    @property
    def ways_differ(self) -> bool:
        return len({time.via for block in self.blocks for time in block.times}) > 1

    @property
    def only_via(self) -> tuple[str, ...]:
        """The stops on the way of all departures; none where ways differ."""
        ways = {time.via for block in self.blocks for time in block.times}
        return next(iter(ways)) if len(ways) == 1 else ()


@dataclass(frozen=True)
class Link:
    """From one stop of a course to the next: the stop, and the shortest and longest minutes on, None at the last stop."""

    place: Place
    minutes: tuple[int, int] | None


Course = tuple[Link, ...]
"""The stops that a departure serves from a stop on, in order."""


@dataclass(frozen=True)
class Origin:
    """A stop with all the places that something goes to from there, and the courses by which it goes."""

    place: Place
    destinations: tuple[Destination, ...]
    courses: tuple[Course, ...]


@dataclass(frozen=True)
class SpecialDate:
    """A date on which other times hold: all of them by destination. `undecided`: the timetable is not decided yet."""

    day: date
    why: str
    undecided: bool
    times: tuple[tuple[Place, tuple[Minute, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class TimetableView:
    """View of a timetable. `origins`: the base stop first; `special`: from the stop that was asked for.

    `coming`: the first date of the next timetable that is published already; it is shown also where none is in force yet.
    """

    day: date
    name: str
    first: date | None
    last: date | None
    source: str
    here: Place
    origins: tuple[Origin, ...]
    special: tuple[SpecialDate, ...]
    coming: date | None = None

    @property
    def from_here(self) -> Origin | None:
        return next((origin for origin in self.origins if origin.place.id == self.here.id), None)


def timetable_view(
    schedule: Schedule, day: date, words: Words, stop: str | None = None, changes: bool = True
) -> TimetableView:
    """The timetable in force on a date; without origins when none is.

    `stop` is where its reader stands (the base stop). Without `changes`, special dates are as the calendar has them: cancelled,
    moved and extra departures of a date are not for paper.
    """
    here = place_of(schedule.network, stop or schedule.network.base_stop, day, words.language)
    stretch = stretch_of(schedule.periods, day)
    timetable = schedule.timetable_on(day)
    coming = _coming(schedule, timetable, day)
    if stretch is None or timetable is None:
        return TimetableView(
            day=day, name="", first=None, last=None, source="", here=here, origins=(), special=(), coming=coming
        )
    last = min(day + timedelta(days=AHEAD), stretch.last or date.max)
    return TimetableView(
        day=day,
        name=timetable.name,
        first=stretch.first,
        last=stretch.last,
        source=timetable.provenance.source,
        here=here,
        origins=_origins(schedule, timetable, day, words),
        special=tuple(_special(schedule, day, last, here.id, words, changes)),
        coming=coming,
    )


def _coming(schedule: Schedule, current: Timetable | None, day: date) -> date | None:
    """The first date after `day` on which another version comes into force."""
    later = (
        publication.valid.first
        for publication in schedule.periods
        if publication.valid.first is not None and publication.valid.first > day
        if current is None or publication.timetable != current.id
    )
    return min(later, default=None)


def _origins(schedule: Schedule, timetable: Timetable, day: date, words: Words) -> tuple[Origin, ...]:
    tables = {
        day_type.id: schedule.regular_connections(timetable, day_type.id, day)
        for day_type in schedule.calendar.day_types
        if timetable.trips_on(day_type.id)
    }
    pairs = {pair for connections in tables.values() for pair in connections}
    order = _in_order(schedule, {stop for pair in pairs for stop in pair})
    return tuple(
        Origin(
            place_of(schedule.network, origin, day, words.language),
            tuple(
                _destination(schedule, (origin, destination), tables, day, words)
                for destination in order
                if (origin, destination) in pairs
            ),
            _courses(schedule, origin, tables, day),
        )
        for origin in order
        if any(begins == origin for begins, _ in pairs)
    )


def _courses(schedule: Schedule, origin: str, tables: Mapping[str, Connections], day: date) -> tuple[Course, ...]:
    """Each order of stops that some departure serves from `origin` on, with the minutes of its links over all departures."""
    courses: dict[tuple[str, ...], list[list[Minute]]] = {}
    for table in tables.values():
        departures = {
            each.departure.id: each.departure
            for (begins, _), several in table.items()
            if begins == origin
            for each in several
        }
        for departure in departures.values():
            boarding = next(index for index, call in enumerate(departure.calls) if call.stop == origin)
            calls = departure.calls[boarding:]
            minutes = [later.arrives - call.departs for call, later in pairwise(calls)]
            courses.setdefault(tuple(call.stop for call in calls), []).append(minutes)
    return tuple(
        tuple(
            Link(place_of(schedule.network, stop, day), (min(column), max(column)) if column else None)
            for stop, column in zip(stops, [*zip(*several, strict=True), ()], strict=True)
        )
        for stops, several in sorted(courses.items(), key=lambda course: (len(course[0]), course[0]))
    )


def _in_order(schedule: Schedule, stops: set[str]) -> list[str]:
    """The base stop first, then as the network has them."""
    in_order = [schedule.network.base_stop, *(stop.id for stop in schedule.network.stops), *sorted(stops)]
    return [stop for stop in dict.fromkeys(in_order) if stop in stops]


def _destination(
    schedule: Schedule, pair: Pair, tables: Mapping[str, Connections], day: date, words: Words
) -> Destination:
    several = [connection for table in tables.values() for connection in table.get(pair, ())]
    return Destination(
        place_of(schedule.network, pair[1], day, words.language),
        tuple(_block(schedule, pair, day_type, tables[day_type], day, words) for day_type in tables),
        assumed=any(rests_on_guesses(schedule, connection) for connection in several),
    )


def _block(schedule: Schedule, pair: Pair, day_type: str, table: Connections, day: date, words: Words) -> Block:
    origin, destination = pair
    times = (
        Time(
            each.departs,
            each.arrives,
            tuple(schedule.network.stop_name(stop, day, words.language) for stop in each.via),
        )
        for each in table.get(pair, ())
    )
    hours = schedule.opening_times.regular_on(destination, day_type, day)
    return Block(
        day_type=day_type,
        day_name=schedule.calendar.names_of(day_type).of(words.language),
        times=tuple(times),
        way_back=bool(table.get((destination, origin))),
        open_until=hours.windows[-1][1] if hours and hours.windows else None,
        hours_assumed=bool(hours and hours.provenance.assumed),
    )


def rests_on_guesses(schedule: Schedule, connection: Connection) -> bool:
    """True when the arrival comes from an assumed running time."""
    departure = connection.departure
    if departure.times_set_by_hand:
        return False
    running_times = schedule.network.on(departure.date).running_times
    stops = [call.stop for call in departure.calls[: connection.leaving.sequence]]
    legs = (running_times.get(leg) for leg in pairwise(stops))
    return any(leg is not None and leg.provenance.assumed for leg in legs)


def _special(schedule: Schedule, first: date, last: date, stop: str, words: Words, changes: bool) -> list[SpecialDate]:
    special = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        resolved = schedule.departures_on(day)
        service_day = resolved.service_day
        changed = changes and any(departure.change for departure in resolved.departures)
        as_usual = service_day.day_type == schedule.calendar.week[day.weekday()] and service_day.runs
        if as_usual and not changed and not service_day.undecided:
            continue
        timetable = schedule.timetable_on(day)
        connections: Connections = resolved.connections
        if not changes and timetable is not None and service_day.runs:
            connections = schedule.regular_connections(timetable, timetable.day_type_of(service_day.day_types), day)
        times = () if service_day.undecided else _times_of(schedule, connections, stop, day)
        special.append(SpecialDate(day, day_reason(service_day, words), service_day.undecided, times))
    return special


def _times_of(
    schedule: Schedule, connections: Connections, stop: str, day: date
) -> tuple[tuple[Place, tuple[Minute, ...]], ...]:
    """Departures from the stop, by destination."""
    there = {destination for origin, destination in connections if origin == stop}
    times = (
        (destination, tuple(each.departs for each in connections[stop, destination] if each.departure.runs))
        for destination in _in_order(schedule, there)
    )
    return tuple((place_of(schedule.network, destination, day), several) for destination, several in times if several)
