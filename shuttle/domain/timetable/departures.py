"""Departures of a date: the single resolver behind every page, feed and export.

A `Departure` is a trip on a service date, with its status. A `Schedule` holds all its inputs: network, calendar,
timetables, publications, opening hours and changes. `departures_on(day)` depends on these alone: neither on the current
time nor on the order in which they were entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, instant, parse_iso_date
from shuttle.domain.timetable.changes import Change, ChangeKind, ReasonCode
from shuttle.domain.timetable.connections import Pair, rides, stops_ahead
from shuttle.domain.timetable.fact_edits import Fact, FactEdit, FactEdits, FactKind
from shuttle.domain.timetable.facts.pictures import StopPicture
from shuttle.domain.timetable.network import Call, Network, Pattern
from shuttle.domain.timetable.opening_hours import ALWAYS_OPEN, OpeningTimes, Window
from shuttle.domain.timetable.service_days import Calendar, ServiceDay
from shuttle.domain.timetable.service_details import NO_DETAILS, ServiceDetails
from shuttle.domain.timetable.trips import Publication, Timetable, Trip, periods_of, publication_on


class DepartureStatus(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    RETIMED = "retimed"
    EXTRA = "extra"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A trip on a date.

    `revision` rises with every change that touched it, withdrawn ones included, and with every edit of a fact that it rests on
    (iCalendar's SEQUENCE). `changed_at` is the moment of the last of these.
    """

    date: date
    trip: str
    pattern: str
    direction: int
    status: DepartureStatus
    calls: tuple[Call, ...]
    reason: ReasonCode | None = None
    planned: Minute | None = None
    change: str | None = None
    revision: int = 0
    changed_at: datetime | None = None
    times_set_by_hand: bool = False

    @property
    def id(self) -> str:
        return f"{self.date.isoformat()}.{self.trip}"

    @property
    def departs(self) -> Minute:
        return self.calls[0].departs

    @property
    def runs(self) -> bool:
        return self.status is not DepartureStatus.CANCELLED

    def first_call(self, stop: str) -> Call | None:
        """The first call at a stop, where passengers board if the trip calls there twice; None: no call there."""
        return next((call for call in self.calls if call.stop == stop), None)

    def last_call(self, stop: str) -> Call | None:
        """The last call at a stop, where passengers alight if the trip calls there twice; None: no call there."""
        return next((call for call in reversed(self.calls) if call.stop == stop), None)

    def ahead(self, call: Call | None = None) -> tuple[str, ...]:
        """Stops after a call (default: the first), see `stops_ahead`; `language.headsigns` makes the text."""
        return stops_ahead([each.stop for each in self.calls], call.sequence if call else 1)

    @cached_property
    def connections(self) -> "dict[Pair, Connection]":
        return {pair: Connection(self, *ride) for pair, ride in rides(self.calls).items()}

    def connection(self, origin: str, destination: str) -> "Connection | None":
        """The departure as a connection from one stop to another; None when it does not connect them."""
        return self.connections.get((origin, destination))

    def planned_hour(self, stop: str) -> int | None:
        """The planned hour of the stop's first call: retiming does not move counts to another hour. None: no call there."""
        call = self.first_call(stop)
        if call is None:
            return None
        shift = 0 if self.planned is None else self.planned - self.departs
        return (call.departs + shift) // 60


@dataclass(frozen=True)
class Connection:
    """A departure from the call `boarding` to the later call `leaving`: the unit of passenger information."""

    departure: Departure
    boarding: Call
    leaving: Call

    @property
    def departs(self) -> Minute:
        return self.boarding.departs

    @property
    def arrives(self) -> Minute:
        return self.leaving.arrives

    @property
    def via(self) -> tuple[str, ...]:
        """Stops called at between boarding and leaving, in order and each once."""
        between = (call.stop for call in self.departure.calls[self.boarding.sequence : self.leaving.sequence - 1])
        return tuple(stop for stop in dict.fromkeys(between) if stop not in (self.boarding.stop, self.leaving.stop))


@dataclass(frozen=True)
class DayOfService:
    """A service day with all its departures, cancelled ones included, in order of time."""

    service_day: ServiceDay
    timetable: str | None
    departures: tuple[Departure, ...]

    @property
    def date(self) -> date:
        return self.service_day.date

    def at_stop(self, stop: str) -> "DayOfService":
        """Only the departures that call at the stop."""
        return replace(self, departures=tuple(d for d in self.departures if d.first_call(stop)))

    @cached_property
    def connections(self) -> dict[Pair, tuple[Connection, ...]]:
        """Connections of the day by pair of stops, cancelled ones included, in order of time."""
        return connections_by_pair(self.departures)


def connections_by_pair(departures: Iterable[Departure]) -> dict[Pair, tuple[Connection, ...]]:
    """Connections of the departures by pair of stops, ordered by departure, arrival and trip."""
    by_pair: dict[Pair, list[Connection]] = {}
    for departure in departures:
        for pair, connection in departure.connections.items():
            by_pair.setdefault(pair, []).append(connection)
    return {
        pair: tuple(sorted(several, key=lambda each: (each.departs, each.arrives, each.departure.trip)))
        for pair, several in by_pair.items()
    }


def split_departure_id(departure_id: str) -> tuple[date, str]:
    """`2026-12-24.gyldenpris-weekday-1000` -> its service date and trip. Raises NotFound (`unknown-departure`)."""
    day, dot, trip = departure_id.partition(".")
    try:
        if dot and trip:
            return parse_iso_date(day), trip
    except Invalid:
        pass
    raise NotFound(
        "unknown-departure",
        f"there is no departure {departure_id!r}; a departure is named <date>.<trip>, as 2026-12-24.gyldenpris-weekday-1000",
        given=departure_id,
        allowed="<service date>.<trip id>",
    )


AFTER_LAST_ARRIVAL: Minute = 60
"""Minutes after its last arrival during which a service day is still shown, for a late bus."""

MOST_DAYS = 1000
"""Largest number of resolved days in the cache, some kilobytes each; more than any feed or calendar needs."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All inputs that decide the departures of a date. Immutable: a change makes a new schedule."""

    network: Network
    calendar: Calendar
    timetables: tuple[Timetable, ...] = ()
    publications: tuple[Publication, ...] = ()
    opening_times: OpeningTimes = ALWAYS_OPEN
    changes: tuple[Change, ...] = ()
    edits: tuple[FactEdit, ...] = field(default=(), compare=False)
    changed_at: datetime | None = field(default=None, compare=False)
    """When it became what it is; None: when it was filled."""
    details: ServiceDetails = NO_DETAILS
    pictures: tuple[StopPicture, ...] = ()

    @cached_property
    def fact_edits(self) -> FactEdits:
        return FactEdits(self.edits)

    @cached_property
    def timetable_by_id(self) -> dict[str, Timetable]:
        return {timetable.id: timetable for timetable in self.timetables}

    @cached_property
    def periods(self) -> tuple[Publication, ...]:
        """The spans of dates on which the publications apply, in order and without overlap."""
        return periods_of(self.publications)

    @cached_property
    def _changes_by_date(self) -> dict[date, tuple[Change, ...]]:
        """Changes of each date, the one made last at the end."""
        by_date: dict[date, list[Change]] = {}
        for change in sorted(self.changes, key=_made):
            for day in _dates(change.dates):
                by_date.setdefault(day, []).append(change)
        return {day: tuple(changes) for day, changes in by_date.items()}

    def timetable_on(self, day: date) -> Timetable | None:
        publication = publication_on(self.periods, day)
        return self.timetable_by_id.get(publication.timetable) if publication else None

    def windows(self, stop: str, day: date) -> tuple[Window, ...] | None:
        """Opening windows of a stop on a date: None = always open, () = closed."""
        return self.opening_times.windows(stop, self.calendar.service_day(day))

    def departures_on(self, day: date) -> DayOfService:
        """Every departure of the date, ordered by departure time and trip id.

        Raises Refused (`missing-running-time`) when a trip cannot be timed on the date.
        """
        resolved = self._days.get(day)
        if resolved is None:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            resolved = self._days[day] = self._resolved(day)
        return resolved

    @cached_property
    def _days(self) -> dict[date, DayOfService]:
        """Cache of resolved days: feeds, pages and yearly sums use the same ones."""
        return {}

    def _resolved(self, day: date) -> DayOfService:
        service_day = self.calendar.service_day(day)
        publication = publication_on(self.periods, day)
        timetable = self.timetable_by_id.get(publication.timetable) if publication else None
        changes = self._changes_by_date.get(day, ())
        published_at = publication.published_at if publication else None
        trips: tuple[Trip, ...] = ()
        if timetable is not None and service_day.runs:
            trips = timetable.trips_on(timetable.day_type_of(service_day.day_types))
        departures = [self._departure(day, trip, changes, published_at) for trip in trips]
        departures += self._extras(day, changes, {trip.id for trip in trips})
        departures.sort(key=lambda departure: (departure.departs, departure.trip))
        return DayOfService(service_day, timetable.id if timetable else None, tuple(departures))

    def connections_on(self, day: date, origin: str, destination: str) -> tuple[Connection, ...]:
        """Connections from one stop to another on a date, in order of time; cancelled departures included."""
        return self.departures_on(day).connections.get((origin, destination), ())

    def regular_connections(self, timetable: Timetable, day_type: str, day: date) -> dict[Pair, tuple[Connection, ...]]:
        """A timetable's connections on a day type, without changes, at the running times of the date `day`."""
        return connections_by_pair(self._departure(day, trip, (), None) for trip in timetable.trips_on(day_type))

    def days_in_service(self, now: datetime, zone: tzinfo) -> tuple[date, ...]:
        """Service days in progress: today, and yesterday until an hour after its last arrival."""
        today = now.astimezone(zone).date()
        yesterday = today - timedelta(days=1)
        arrivals = [departure.calls[-1].arrives for departure in self.departures_on(yesterday).departures]
        is_over = not arrivals or now >= instant(yesterday, max(arrivals) + AFTER_LAST_ARRIVAL, zone)
        return (today,) if is_over else (yesterday, today)

    def departure(self, departure_id: str) -> Departure:
        """The departure with this id. Raises NotFound (`unknown-departure`)."""
        day, trip = split_departure_id(departure_id)
        for departure in self.departures_on(day).departures:
            if departure.trip == trip:
                return departure
        raise NotFound(
            "unknown-departure", f"there is no departure {departure_id!r} on {day.isoformat()}", given=departure_id
        )

    def _departure(
        self, day: date, trip: Trip, changes: tuple[Change, ...], published_at: datetime | None
    ) -> Departure:
        touching = [change for change in changes if change.trip == trip.id]
        applied = next((change for change in reversed(touching) if change.in_force), None)
        status, calls, reason = DepartureStatus.SCHEDULED, self._calls(day, trip), None
        if applied is not None:
            reason = applied.reason
            status = DepartureStatus.CANCELLED if applied.kind is ChangeKind.CANCEL else DepartureStatus.RETIMED
            if applied.departs is not None:
                calls = _shifted(calls, applied.departs - trip.departs)
        pattern = self.network.pattern(trip.pattern)
        edit = self._last_edit(day, trip.id, pattern, calls, computed=trip.departs if trip.calls is None else None)
        return Departure(
            date=day,
            trip=trip.id,
            pattern=pattern.id,
            direction=pattern.direction,
            status=status,
            calls=calls,
            reason=reason,
            planned=trip.departs,
            change=applied.id if applied else None,
            revision=_revision(touching, edit),
            changed_at=_latest(touching, published_at, edit),
            times_set_by_hand=trip.calls is not None,
        )

    def _extras(self, day: date, changes: tuple[Change, ...], regular: set[str]) -> list[Departure]:
        """Extra departures; one that was added and then cancelled by name has the status cancelled."""
        departures: list[Departure] = []
        extras = {change.touches: change for change in changes if change.kind is ChangeKind.EXTRA and change.in_force}
        for trip_name, change in extras.items():
            assert change.pattern is not None and change.departs is not None
            touching = [other for other in changes if other.touches == trip_name]
            later = next((o for o in reversed(touching) if o.in_force and o.kind is not ChangeKind.EXTRA), None)
            pattern = self.network.pattern(change.pattern)
            calls = self.network.on(day).calls(pattern, change.departs)
            status = DepartureStatus.EXTRA
            if later is not None and later.kind is ChangeKind.CANCEL:
                status = DepartureStatus.CANCELLED
            elif later is not None and later.departs is not None:
                calls = _shifted(calls, later.departs - change.departs)
            edit = self._last_edit(day, trip_name, pattern, calls, computed=change.departs)
            departures.append(
                Departure(
                    date=day,
                    trip=trip_name,
                    pattern=pattern.id,
                    direction=pattern.direction,
                    status=status,
                    calls=calls,
                    reason=(later or change).reason,
                    planned=change.departs,
                    change=(later or change).id,
                    revision=_revision(touching, edit),
                    changed_at=_latest(touching, None, edit),
                )
            )
        return [departure for departure in departures if departure.trip not in regular]

    def _last_edit(
        self, day: date, trip: str, pattern: Pattern, calls: tuple[Call, ...], computed: Minute | None
    ) -> FactEdit | None:
        """The last edit of what a departure rests on. `computed`: the start from which running times make its times, if any."""
        if not self.edits:
            return None
        facts: list[Fact] = [(FactKind.TRIP, trip), (FactKind.PATTERN, pattern.id)]
        for stop in dict.fromkeys(call.stop for call in calls):
            facts += [(FactKind.STOP, stop), (FactKind.POSITION_ASSUMED, stop)]
        if computed is not None:
            facts += [(FactKind.RUNNING_TIME, f"{origin} {destination}") for origin, destination in pattern.legs]
        return self.fact_edits.last(facts, day, computed)

    def _calls(self, day: date, trip: Trip) -> tuple[Call, ...]:
        if trip.calls is not None:
            return trip.calls
        network = self.network.on(day)
        calls = self._calls_of.setdefault(id(network), {})
        key = (trip.pattern, trip.departs)
        if key not in calls:
            calls[key] = network.calls(self.network.pattern(trip.pattern), trip.departs)
        return calls[key]

    @cached_property
    def _calls_of(self) -> dict[int, dict[tuple[str, Minute], tuple[Call, ...]]]:
        """Cache of calls by network epoch, pattern and minute; it makes a year resolve in milliseconds."""
        return {}


def _made(change: Change) -> tuple[float, str]:
    return (change.made_at.timestamp() if change.made_at else 0.0, change.id)


def _dates(span: Validity) -> Iterable[date]:
    assert span.first is not None and span.last is not None
    return (date.fromordinal(n) for n in range(span.first.toordinal(), span.last.toordinal() + 1))


def _shifted(calls: tuple[Call, ...], minutes: int) -> tuple[Call, ...]:
    return tuple(replace(call, arrives=call.arrives + minutes, departs=call.departs + minutes) for call in calls)


def _revision(touching: list[Change], edit: FactEdit | None) -> int:
    return sum(1 if change.in_force else 2 for change in touching) + (edit.version if edit else 0)


def _latest(touching: list[Change], published_at: datetime | None, edit: FactEdit | None) -> datetime | None:
    moments = [moment for change in touching if (moment := change.latest_moment)]
    return max([*moments, *([published_at] if published_at else []), *([edit.at] if edit else [])], default=None)
