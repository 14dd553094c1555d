"""GTFS Schedule: the timetable of the coming days as a zip that any journey planner reads (reference: gtfs.org/schedule).

A feed is written from resolved days, not from rules: each GTFS trip has the dates on which it runs, and calendar.txt with its
exceptions follows from those. The static feed shows changes that have notice (`domain/timetable/static_feed`); realtime tells
the others. A cancelled departure is a date on which the trip does not run, a moved one is another GTFS trip.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import dates, days_after
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Call, Network, Stop
from shuttle.domain.timetable.static_feed import NOTICE, static_schedule
from shuttle.feeds.gtfs.identifiers import gtfs_stop_id, gtfs_trip_id, stop_ids, stop_version
from shuttle.feeds.gtfs.services import Service
from shuttle.feeds.gtfs.tables import Row, gtfs_date, gtfs_time, table, zipped
from shuttle.language import Words, pick_language, words
from shuttle.language.headsigns import headsign

DAYS_AHEAD = 400
REALTIME_DAYS = NOTICE.days + 1
"""Service dates from today on that realtime tells about: from the next one on, every change has notice."""

COLOURS = ("0B4F8A", "7A3E00", "2F5D1E", "6A1B5D", "5A4A00", "00585C")
"""Backgrounds on which white text has a contrast of at least 7 to 1."""


@dataclass(frozen=True, kw_only=True)
class GtfsTrip:
    """A trip of the feed: one form of a trip of the timetable, and the dates on which it runs so. `stops` are GTFS stop ids.

    One that `is_added` ran on those dates without having been scheduled; the calendar has no date for it.
    """

    id: str
    departure: Departure
    stops: tuple[str, ...]
    dates: frozenset[date]
    is_added: bool = False

    @property
    def scheduled_dates(self) -> frozenset[date]:
        return frozenset() if self.is_added else self.dates


def published_span(schedule: Schedule, now: datetime, publisher: Publisher) -> tuple[date, date]:
    """First and last service date of a feed made at `now`: from yesterday's while it runs, to 400 days from today.

    Constant within an hour of the clock, so that the zip and realtime agree.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    in_service = schedule.days_in_service(hour, publisher.zone)
    return in_service[0], days_after(in_service[-1], DAYS_AHEAD - 1)


def published_feed(schedule: Schedule, now: datetime, publisher: Publisher) -> "Feed":
    """The static feed as it is published at `now`, of `published_span`.

    Where few trips run on the first date it begins on a fuller one of the six days before: validators take the first date with
    most of the trips for the beginning of the service, which on a Saturday would be next Monday.
    """
    first, last = published_span(schedule, now, publisher)
    week = {day: _trips_on(schedule, day) for day in dates(days_after(first, -6), days_after(first, 6))}
    most = max(trips for day, trips in week.items() if day >= first)
    full = [day for day, trips in week.items() if day <= first and 4 * trips >= 3 * most]
    return static_feed(schedule, max(full, default=first), last, publisher)


def _trips_on(schedule: Schedule, day: date) -> int:
    return sum(departure.runs for departure in schedule.departures_on(day).departures)


def gtfs_zip(schedule: Schedule, first: date, last: date | None = None, *, publisher: Publisher) -> bytes:
    """The static feed from `first` to `last` (both included; 400 days unless given): the same bytes for the same schedule.

    Raises Refused (`missing-position`) when a stop that is served has no position.
    """
    return zipped(static_feed(schedule, first, last or days_after(first, DAYS_AHEAD - 1), publisher).files)


def static_feed(schedule: Schedule, first: date, last: date, publisher: Publisher) -> "Feed":
    """The static feed; the same object when asked for again, as realtime does every minute."""
    global _latest
    question = (first, last, publisher)
    if _latest is not None and _latest[0] is schedule and _latest[1] == question:
        return _latest[2]
    horizon = dates(first, min(last, days_after(first, REALTIME_DAYS + 6)))
    departures = [departure for day in horizon for departure in schedule.departures_on(day).departures]
    named = [departure for departure in departures if departure.runs]
    with_notice = static_schedule(schedule, publisher.zone)
    feed = Feed(with_notice, first, last, publisher, named=named)
    _latest = (schedule, question, feed)
    return feed


_latest: "tuple[Schedule, tuple[date, date, Publisher], Feed] | None" = None
"""What was asked for last. Compared by identity: comparing two schedules takes longer than making a feed."""


class Feed:
    """One feed: the trips with their dates, and the files made of them.

    `added` are departures outside the schedule that the feed lists as trips without a date in the calendar.
    `named` are departures that realtime may add: the feed has their stops and routes, but not the departures themselves.
    """

    def __init__(
        self,
        schedule: Schedule,
        first: date,
        last: date,
        publisher: Publisher,
        added: Sequence[Departure] = (),
        named: Sequence[Departure] = (),
    ) -> None:
        self.schedule = schedule
        self.first = first
        self.last = last
        self.publisher = publisher
        self._added = added
        self._named = named

    @property
    def network(self) -> Network:
        return self.schedule.network

    @cached_property
    def _words(self) -> Words:
        return words(pick_language(self.publisher.language))

    def headsign(self, departure: Departure, call: Call | None = None) -> str:
        """Headsign at a call (the first), in the feed's language."""
        return headsign(self.network, departure, self._words, call)

    @cached_property
    def trips(self) -> tuple[GtfsTrip, ...]:
        """Every form in which a trip runs in the span, by trip and then by first date."""
        days = dates(self.first, self.last)
        scheduled = (departure for day in days for departure in self.schedule.departures_on(day).departures)
        return (*self._forms(scheduled, is_added=False), *self._forms(self._added, is_added=True))

    def _forms(self, departures: Iterable[Departure], is_added: bool) -> Iterator[GtfsTrip]:
        forms: dict[tuple[str, tuple[str, ...], tuple[Call, ...]], tuple[Departure, list[date]]] = {}
        for departure in departures:
            if departure.runs:
                key = (departure.trip, stop_ids(self.network, departure), departure.calls)
                forms.setdefault(key, (departure, []))[1].append(departure.date)
        by_trip = sorted(forms.items(), key=lambda form: (form[0][0], form[1][1][0]))
        for (trip, stops, calls), (departure, days) in by_trip:
            yield GtfsTrip(
                id=gtfs_trip_id(trip, stops, calls),
                departure=departure,
                stops=stops,
                dates=frozenset(days),
                is_added=is_added,
            )

    @cached_property
    def services(self) -> dict[frozenset[date], Service]:
        """A service for each set of dates that trips share, named after the first of these trips."""
        services: dict[frozenset[date], Service] = {}
        for trip in self.trips:
            if trip.scheduled_dates not in services:
                services[trip.scheduled_dates] = Service(f"s-{trip.id}", trip.scheduled_dates)
        return services

    @cached_property
    def files(self) -> dict[str, str]:
        """Text by file name; a file without a row is left out."""
        files = {**self._tables, "feed_info.txt": self._feed_info()}
        return {name: text for name, text in files.items() if text}

    @cached_property
    def version(self) -> str:
        """feed_version: a digest of the content."""
        return sha256("".join(self._tables.values()).encode()).hexdigest()[:12]

    @cached_property
    def _tables(self) -> dict[str, str]:
        return {
            "agency.txt": self._agency(),
            "stops.txt": self._stops(),
            "routes.txt": self._routes(),
            "trips.txt": self._trips(),
            "stop_times.txt": self._stop_times(),
            "calendar.txt": self._calendar(),
            "calendar_dates.txt": self._calendar_dates(),
        }

    def _agency(self) -> str:
        by = self.publisher
        names = ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang")
        contact = {"agency_phone": by.telephone, "agency_email": by.contact_email}
        stated = {name: text for name, text in contact.items() if text}
        return table((*names, *stated), [(by.id, by.name, by.url, by.time_zone, by.language, *stated.values())])

    @cached_property
    def _departures(self) -> list[Departure]:
        """One departure of each trip, on its first date, and those that realtime may add."""
        return [*(trip.departure for trip in self.trips), *self._named]

    def _stops(self) -> str:
        versions: dict[str, Stop] = {}
        for departure in self._departures:
            for call in departure.calls:
                stop = stop_version(self.network, call.stop, departure.date)
                versions[gtfs_stop_id(stop)] = stop
        rows = [
            (name, stop.name, *_position(stop), {None: 0, True: 1, False: 2}[stop.wheelchair], stop.quay)
            for name, stop in sorted(versions.items())
        ]
        return table(("stop_id", "stop_name", "stop_lat", "stop_lon", "wheelchair_boarding", "platform_code"), rows)

    def _routes(self) -> str:
        """Routes under the names that their stops have when they are first served in the span."""
        first_dates: dict[str, date] = {}
        for departure in self._departures:
            first_dates[departure.pattern] = min(departure.date, first_dates.get(departure.pattern, departure.date))
        order = [pattern.id for pattern in self.network.patterns]
        rows: list[Row] = []
        for pattern_id, day in sorted(first_dates.items()):
            colour = COLOURS[order.index(pattern_id) % len(COLOURS)]
            names = (stop_version(self.network, stop, day).name for stop in self.network.pattern(pattern_id).stops)
            rows.append((pattern_id, self.publisher.id, " – ".join(names), 3, colour, "FFFFFF"))
        columns = ("route_id", "agency_id", "route_long_name", "route_type", "route_color", "route_text_color")
        return table(columns, rows)

    def _trips(self) -> str:
        rows = [
            (
                trip.departure.pattern,
                self.services[trip.scheduled_dates].id,
                trip.id,
                self.headsign(trip.departure),
                trip.departure.direction,
                self._wheelchairs(trip),
            )
            for trip in self.trips
        ]
        names = ("route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "wheelchair_accessible")
        return table(names, rows)

    def _wheelchairs(self, trip: GtfsTrip) -> int:
        """1 or 2 (yes, no) only where every vehicle is confirmed and they agree; else 0, which is "not known"."""
        vehicles = self.network.on(min(trip.dates)).vehicles.values()
        answers = {0 if vehicle.provenance.assumed else 1 if vehicle.wheelchair_places else 2 for vehicle in vehicles}
        return answers.pop() if len(answers) == 1 else 0

    def _stop_times(self) -> str:
        rows: list[Row] = []
        for trip in self.trips:
            exact = int(not self._is_estimated(trip))
            calls = trip.departure.calls
            for call, stop in zip(calls, trip.stops, strict=True):
                first, last = call is calls[0], call is calls[-1]
                times = (gtfs_time(call.arrives), gtfs_time(call.departs))
                ahead = "" if last else self.headsign(trip.departure, call)
                allowed = (int(last), int(first))
                rows.append((trip.id, *times, stop, call.sequence, ahead, *allowed, 1 if first else exact))
        names = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "stop_headsign")
        return table((*names, "pickup_type", "drop_off_type", "timepoint"), rows)

    def _is_estimated(self, trip: GtfsTrip) -> bool:
        """True when an arrival rests on an assumed running time."""
        if trip.departure.times_set_by_hand:
            return False
        running_times = self.network.on(min(trip.dates)).running_times
        links = (running_times.get(link) for link in self.network.pattern(trip.departure.pattern).legs)
        return any(link is not None and link.provenance.assumed for link in links)

    def _calendar(self) -> str:
        rows = [
            (service.id, *map(int, service.week), *map(gtfs_date, service.bounds(self.first, self.last)))
            for service in self.services.values()
            if any(service.week) or not service.dates
        ]
        weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return table(("service_id", *weekdays, "start_date", "end_date"), rows) if rows else ""

    def _calendar_dates(self) -> str:
        rows: list[Row] = []
        for service in self.services.values():
            exceptions = [*((day, 1) for day in service.added), *((day, 2) for day in service.removed)]
            rows.extend((service.id, gtfs_date(day), kind) for day, kind in sorted(exceptions))
        return table(("service_id", "date", "exception_type"), rows) if rows else ""

    def _feed_info(self) -> str:
        by = self.publisher
        name, url = by.publisher_name or by.name, by.publisher_url or by.url
        span = (gtfs_date(self.first), gtfs_date(self.last))
        names = ("feed_publisher_name", "feed_publisher_url", "feed_lang", "feed_start_date", "feed_end_date")
        row = (name, url, by.language, *span, self.version, by.contact_email, url)
        return table((*names, "feed_version", "feed_contact_email", "feed_contact_url"), [row])


def _position(stop: Stop) -> tuple[str, str]:
    if stop.lat is None or stop.lon is None:
        raise Refused(
            "missing-position",
            f"stop {stop.id} has no position, and GTFS needs one; enter lat and lon",
            given=stop.id,
            allowed="lat and lon for every stop that is served",
        )
    return f"{stop.lat:.6f}", f"{stop.lon:.6f}"
