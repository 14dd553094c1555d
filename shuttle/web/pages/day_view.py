"""View of a day for the public page: departures between two places, the next one, and unconfirmed values.

A reader stands at a stop (`origin`), wants to a place (`destination`), or has said neither. Without a destination a row names
every place that the departure still goes to, with its arrival there. Built from the schedule, the passings that drivers
reported and a moment, so that a test can stand anywhere in time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import DAY, Minute, instant, minute_at
from shuttle.domain.ridership.expectations import GIVEN_UP_AFTER, LATE_FROM, Progress, Reported, left_at
from shuttle.domain.ridership.incidents import STANDING
from shuttle.domain.timetable.departures import Connection, DayOfService, Departure, Schedule
from shuttle.domain.timetable.network import Call, NetworkOnDay, Stop
from shuttle.feeds.places import Place, place_of
from shuttle.feeds.printed.timetable_view import rests_on_guesses
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign
from shuttle.services.ridership.live.day import LiveDay
from shuttle.web.pages.day_answers import CentreHours, Choice, Opening, Wheelchairs, opening_at, wheelchairs_on

LOOK_AHEAD = 14
"""Days within which the next departure is looked for when today has no more."""

MAY_BE_LATE = timedelta(minutes=GIVEN_UP_AFTER)
"""For so long a bus that nobody has reported as left may still come."""


@dataclass(frozen=True)
class Arrival:
    """Arrival of a departure at a place; `opening`: the place's state at that time and its closing time."""

    place: Place
    at: Minute
    opening: Opening | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One departure as the reader sees it. `at` is when it leaves or, at its end, arrives there.

    `via`: the stops on the way to the destination that was asked for. `left`: when it was reported as left. `is_gone`: nobody
    need wait for it. `is_unreported`: its time has passed, and nobody has said that it left. `late`: minutes after its time, 0 where it
    is not late or nobody knows; `expected`, `expected_moment`: when it then is here. `incident`: what the driver said of it, as a value of
    IncidentKind; empty: nothing.
    """

    id: str
    day: date
    at: Minute
    moment: datetime
    leaves: bool
    here: str
    headsign: str
    arrivals: tuple[Arrival, ...]
    via: tuple[str, ...]
    status: str
    reason: str
    planned: Minute | None
    assumed: bool
    left: Minute | None
    is_gone: bool
    is_unreported: bool
    late: int
    expected: Minute
    expected_moment: datetime
    incident: str

    @property
    def runs(self) -> bool:
        return self.status != "cancelled"

    @property
    def state(self) -> str:
        """State of the row by today's events: `cancelled`, `left`, `late-6` or the status."""
        if not self.runs or self.left is not None:
            return "left" if self.runs else "cancelled"
        return f"late-{self.late}" if self.late else self.status

    @property
    def is_waited_for(self) -> bool:
        return self.runs and not self.is_gone and not self.is_unreported

    @property
    def next_morning(self) -> date | None:
        """The date on the wall, where the departure leaves after midnight of its service day."""
        return self.day + timedelta(days=self.at // DAY) if self.at >= DAY else None


@dataclass(frozen=True)
class Stranded:
    """A place that nothing goes back from on the day, or not after `after`; `open_until`: when it closes."""

    place: Place
    here: str
    after: Minute | None
    open_until: Minute | None


@dataclass(frozen=True, kw_only=True)
class DayView:
    """A day of service for readers. `night`: what still runs of the day before; `next` may be of a later day than today."""

    day: date
    is_today: bool
    why: str
    table_name: str
    undecided: bool
    rows: tuple[Row, ...]
    night: tuple[Row, ...]
    next: Row | None
    afterwards: Row | None
    unreported: tuple[Row, ...]
    origin: Place | None
    destination: Place | None
    choices: tuple[Choice, ...]
    stranded: tuple[Stranded, ...]
    stops: tuple[Stop, ...]
    hours: tuple[CentreHours, ...]
    wheelchairs: Wheelchairs | None
    unsure: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reader of the page: origin and destination (stop ids; None: not chosen), moment, time zone and language."""

    origin: str | None
    destination: str | None
    now: datetime
    zone: tzinfo
    words: Words

    def place(self, schedule: Schedule, stop: str, day: date) -> Place:
        return place_of(schedule.network, stop, day, self.words.language)


def day_view(schedule: Schedule, day: date, reader: Reader, live: LiveDay | None = None) -> DayView:
    """The day for a reader. `live`: what drivers reported, and what is expected of it.

    Raises NotFound (`unknown-stop`) for a stop that is not in use on the day and Invalid (`bad-connection`) for two alike.
    """
    reader = _placed(schedule, day, reader)
    network = schedule.network.on(day)
    rows = _Rows(schedule, reader, live or LiveDay())
    resolved = schedule.departures_on(day)
    is_today = day == reader.now.astimezone(reader.zone).date()
    shown = rows.of_day(resolved)
    night = rows.of_night(day) if is_today else ()
    coming = [row for row in (*night, *shown) if row.is_waited_for] if is_today else []
    if is_today and len(coming) < 2:
        coming += rows.after(day, 2 - len(coming))
    places = [reader.place(schedule, stop, day) if stop else None for stop in (reader.origin, reader.destination)]
    return DayView(
        day=day,
        is_today=is_today,
        why=day_reason(resolved.service_day, reader.words),
        table_name=schedule.calendar.names_of(resolved.service_day.day_type).of(reader.words.language),
        undecided=resolved.service_day.undecided,
        rows=shown,
        night=night,
        next=coming[0] if coming else None,
        afterwards=coming[1] if len(coming) > 1 else None,
        unreported=tuple(row for row in (*night, *shown) if row.is_unreported) if is_today else (),
        origin=places[0],
        destination=places[1],
        choices=_choices(schedule, day, reader),
        stranded=tuple(_stranded(schedule, day, reader, coming[0] if coming else None)),
        stops=_served_stops(schedule, network, resolved),
        hours=_hours(schedule, network, resolved, reader),
        wheelchairs=wheelchairs_on(network),
        unsure=_unsure(schedule, network, resolved, shown, reader),
    )


def _placed(schedule: Schedule, day: date, reader: Reader) -> Reader:
    """The reader with an origin where only the destination was said: town, or else where something goes there from."""
    network = schedule.network.on(day)
    for stop in (reader.origin, reader.destination):
        if stop is not None:
            network.stop(stop)
    if reader.destination is None or reader.origin is not None:
        if reader.origin is not None and reader.origin == reader.destination:
            name = network.stop(reader.origin).name_in(reader.words.language)
            raise Invalid("bad-connection", f"from and to are both {reader.origin}", given=name)
        return reader
    origins = [schedule.network.base_stop, *network.stops]
    others = [stop for stop in dict.fromkeys(origins) if stop != reader.destination]
    served = (stop for stop in others if _is_served(schedule, day, stop, reader.destination))
    origin = next(served, others[0] if others else None)
    return Reader(origin=origin, destination=reader.destination, now=reader.now, zone=reader.zone, words=reader.words)


def _is_served(schedule: Schedule, day: date, origin: str, destination: str) -> bool:
    """True when a departure goes there on the day or soon after."""
    days = (day + timedelta(days=ahead) for ahead in range(LOOK_AHEAD + 1))
    return any(schedule.connections_on(each, origin, destination) for each in days)


class _Rows:
    """Makes the rows of one reader."""

    def __init__(self, schedule: Schedule, reader: Reader, live: LiveDay) -> None:
        self.schedule = schedule
        self.reader = reader
        self.live = live

    def of_day(self, day: DayOfService) -> tuple[Row, ...]:
        """In the order in which they leave or arrive."""
        origin, destination = self.reader.origin, self.reader.destination
        if origin and destination:
            rows = [self._connection(each) for each in day.connections.get((origin, destination), ())]
        else:
            calls = ((each, each.first_call(origin) if origin else each.calls[0]) for each in day.departures)
            rows = [self._row(departure, call) for departure, call in calls if call is not None]
        return tuple(sorted(rows, key=lambda row: (row.moment, row.id)))

    def of_night(self, day: date) -> tuple[Row, ...]:
        """Departures of the service day before that are still ahead or have just gone."""
        running = self.schedule.days_in_service(self.reader.now, self.reader.zone)
        before = (row for each in running if each < day for row in self.of_day(self.schedule.departures_on(each)))
        return tuple(row for row in before if row.moment > self.reader.now - timedelta(hours=1))

    def after(self, day: date, number: int) -> list[Row]:
        """The first departures of the days that follow."""
        rows: list[Row] = []
        for ahead in range(1, LOOK_AHEAD + 1):
            shown = self.of_day(self.schedule.departures_on(day + timedelta(days=ahead)))
            rows += [row for row in shown if row.is_waited_for and row.leaves]
            if len(rows) >= number:
                break
        return rows[:number]

    def _connection(self, connection: Connection) -> Row:
        departure, day = connection.departure, connection.departure.date
        arrival = self._arrival(connection)
        via = tuple(self.schedule.network.stop_name(stop, day, self.reader.words.language) for stop in connection.via)
        return self._row(departure, connection.boarding, (arrival,), via, rests_on_guesses(self.schedule, connection))

    def _arrival(self, connection: Connection) -> Arrival:
        day, stop = connection.departure.date, connection.leaving.stop
        opening = opening_at(self.schedule.windows(stop, day), connection.arrives)
        return Arrival(self.reader.place(self.schedule, stop, day), connection.arrives, opening)

    def _row(
        self,
        departure: Departure,
        call: Call,
        arrivals: tuple[Arrival, ...] | None = None,
        via: tuple[str, ...] = (),
        assumed: bool | None = None,
    ) -> Row:
        words, network = self.reader.words, self.schedule.network
        leaves = call is not departure.calls[-1]
        at = call.departs if leaves else call.arrives
        moment = instant(departure.date, at, self.reader.zone)
        onward = [departure.connection(call.stop, stop) for stop in departure.ahead(call)] if leaves else []
        connections = [connection for connection in onward if connection is not None]
        if arrivals is None:
            arrivals = tuple(self._arrival(connection) for connection in connections)
        if assumed is None:
            inward = departure.connection(departure.calls[0].stop, call.stop)
            resting = connections or ([inward] if inward else [])
            assumed = any(rests_on_guesses(self.schedule, connection) for connection in resting)
        left = self._left(departure, call)
        expected = self._expected(departure, call, at)
        expected_moment = instant(departure.date, expected, self.reader.zone)
        is_over = expected_moment < self.reader.now - timedelta(minutes=1)
        incident = self.live.told_of(departure)
        is_near = moment > self.reader.now - MAY_BE_LATE or incident in STANDING
        may_come = leaves and left is None and departure.runs and is_near
        return Row(
            id=departure.id,
            day=departure.date,
            at=at,
            moment=moment,
            leaves=leaves,
            here=network.stop_name(call.stop if leaves else departure.calls[0].stop, departure.date, words.language),
            headsign=headsign(network, departure, words, call),
            arrivals=arrivals,
            via=via,
            status=departure.status.value,
            reason=words.say(f"reason.{departure.reason}") if departure.reason else "",
            planned=departure.planned,
            assumed=assumed,
            left=left,
            is_gone=left is not None or (is_over and not may_come),
            is_unreported=is_over and may_come,
            late=expected - at if left is None else 0,
            expected=expected,
            expected_moment=expected_moment,
            incident=incident,
        )

    def _expected(self, departure: Departure, call: Call, at: Minute) -> Minute:
        """Expected minute of leaving or arriving here; the planned one where it is not late."""
        expectation = self.live.expectations.get(departure.id)
        if expectation is None or expectation.progress is Progress.UNREPORTED:
            return at
        there = expectation.call(call.sequence)
        minute = there.arrives if call is departure.calls[-1] else there.departs
        return minute if minute - at >= LATE_FROM else at

    def _left(self, departure: Departure, call: Call) -> Minute | None:
        """Reported minute at which the bus left here or was at a later stop; None without a report."""
        reported = [
            Reported(each.stop, each.kind, minute_at(each.at, departure.date, self.reader.zone))
            for each in self.live.passings.get(departure.id, ())
            if each.at is not None
        ]
        return left_at(departure, call, reported)


def _choices(schedule: Schedule, day: date, reader: Reader) -> tuple[Choice, ...]:
    """Destinations to choose from: every centre, and the other places served from here."""
    network, here = schedule.network.on(day), reader.origin or schedule.network.base_stop
    choices = []
    for stop in sorted(network.stops, key=lambda stop: stop != schedule.network.base_stop):
        is_centre = stop in schedule.opening_times.stops
        if stop == here or not (is_centre or _is_served(schedule, day, here, stop)):
            continue
        days = {*schedule.days_in_service(reader.now, reader.zone), day}
        running = (
            each
            for each_day in sorted(days)
            for each in schedule.connections_on(each_day, here, stop)
            if each.departure.runs
        )
        upcoming = (each for each in running if instant(each.departure.date, each.departs, reader.zone) >= reader.now)
        following = next(upcoming, None)
        choices.append(Choice(reader.place(schedule, stop, day), following.departs if following else None))
    return tuple(choices)


def _stranded(schedule: Schedule, day: date, reader: Reader, coming: Row | None) -> Iterator[Stranded]:
    """Places that something goes to on the day and nothing goes back from, or nothing after the next arrival there."""
    here = reader.origin or schedule.network.base_stop
    for stop in [reader.destination] if reader.destination else schedule.network.on(day).stops:
        there, back = (
            [each for each in schedule.connections_on(day, *pair) if each.departure.runs]
            for pair in ((here, stop), (stop, here))
        )
        arrivals = (
            [arrival.at for arrival in coming.arrivals if arrival.place.id == stop]
            if coming and coming.day == day
            else []
        )
        after = next(iter(arrivals), None) if back else None
        if not there or (back and (after is None or any(each.departs >= after for each in back))):
            continue
        windows = schedule.windows(stop, day)
        place = reader.place(schedule, stop, day)
        name = schedule.network.stop_name(here, day, reader.words.language)
        yield Stranded(place, name, after, windows[-1][1] if windows else None)


def _served_stops(schedule: Schedule, network: NetworkOnDay, resolved: DayOfService) -> tuple[Stop, ...]:
    """Stops at which something calls on the day, in the order of the network, the base stop first."""
    called = {call.stop for departure in resolved.departures for call in departure.calls}
    served = [stop for stop in network.stops.values() if stop.id in called]
    return tuple(sorted(served, key=lambda stop: stop.id != schedule.network.base_stop))


def _hours(
    schedule: Schedule, network: NetworkOnDay, resolved: DayOfService, reader: Reader
) -> tuple[CentreHours, ...]:
    """Of every centre, or of those that the reader is at and wants to."""
    asked = {reader.origin, reader.destination} - {None, schedule.network.base_stop}
    centres = []
    for place in network.stops.values():
        windows = schedule.opening_times.windows(place.id, resolved.service_day)
        if windows is not None and (not asked or place.id in asked):
            regular = schedule.opening_times.regular_of(place.id, resolved.service_day)
            special = any(h.stop == place.id and h.date == resolved.date for h in schedule.opening_times.special)
            assumed = bool(regular and regular.provenance.assumed and not special)
            centres.append(CentreHours(place.name_in(reader.words.language), windows, assumed))
    return tuple(centres)


def _unsure(
    schedule: Schedule, network: NetworkOnDay, resolved: DayOfService, rows: Iterable[Row], reader: Reader
) -> tuple[str, ...]:
    """Kind of unconfirmed values on this page, as the last word of a text key."""
    timetable = schedule.timetable_by_id.get(resolved.timetable or "")
    called = {call.stop for departure in resolved.departures for call in departure.calls}
    doubts = {
        "timetable": bool(timetable and timetable.provenance.assumed),
        "running": any(row.assumed for row in rows),
        "stops": any(network.stops[s].provenance.assumed for s in called if s in network.stops),
        "hours": any(centre.assumed for centre in _hours(schedule, network, resolved, reader)),
    }
    return tuple(name for name, doubted in doubts.items() if doubted)
