"""GTFS Schedule, as a zip that any journey planner reads (reference: gtfs.org/schedule).

Written from resolved days, not from rules: each trip has the dates on which it really runs, and calendar.txt with its
exceptions is worked out from those. So an exception cannot be lost on the way, whatever kind it was; a cancelled departure
is a date on which the trip does not run, a moved one is a trip of its own.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import Minute, dates
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Call, Network, Stop
from shuttle.language import Words, pick_language, words
from shuttle.language.headsigns import headsign

DAYS_AHEAD = 400
COLOURS = ("0B4F8A", "7A3E00", "2F5D1E", "6A1B5D", "5A4A00", "00585C")
"""Backgrounds on which white text has a contrast of at least 7 to 1."""

Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Who answers for the feed: the plan names the municipality as responsible for the transport."""

    id: str = "bergen-kommune"
    name: str = "Bergen kommune"
    url: str = "https://www.bergen.kommune.no"
    language: str = "nb"
    time_zone: str = "Europe/Oslo"


BERGEN = Publisher()


@dataclass(frozen=True, kw_only=True)
class GtfsTrip:
    """A trip of the feed: one way of running a trip of ours, and the dates on which it does.

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


@dataclass(frozen=True)
class Service:
    """Dates that trips share. `week` is what is usual in the span, `added` and `removed` what is not."""

    id: str
    dates: frozenset[date]

    @cached_property
    def week(self) -> tuple[bool, ...]:
        """Monday first: whether more than half of these weekdays, from the first date to the last, are in `dates`."""
        span = self._span
        return tuple(
            2 * sum(day.weekday() == weekday for day in self.dates) > sum(day.weekday() == weekday for day in span)
            for weekday in range(7)
        )

    @property
    def added(self) -> list[date]:
        return sorted(day for day in self.dates if not self.week[day.weekday()])

    @property
    def removed(self) -> list[date]:
        return [day for day in self._span if self.week[day.weekday()] and day not in self.dates]

    @cached_property
    def _span(self) -> list[date]:
        return dates(min(self.dates), max(self.dates)) if self.dates else []


def gtfs_zip(schedule: Schedule, first: date, last: date | None = None, publisher: Publisher = BERGEN) -> bytes:
    """The departures from `first` to `last` (both included; 400 days unless given), the same bytes for the same schedule.

    Raises Refused (`missing-position`) when a stop that is served has no position.
    """
    feed = Feed(schedule, first, last or first + timedelta(days=DAYS_AHEAD - 1), publisher)
    return zipped({name: text for name, text in feed.files().items() if text})


def zipped(files: dict[str, str]) -> bytes:
    """Texts as a zip archive without a clock in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


class Feed:
    """One feed: the trips with their dates, and the files made of them.

    `added` are departures outside the schedule that the feed shall know all the same, as trips that are not scheduled.
    """

    def __init__(
        self,
        schedule: Schedule,
        first: date,
        last: date,
        publisher: Publisher = BERGEN,
        added: Sequence[Departure] = (),
    ) -> None:
        self.schedule = schedule
        self.first = first
        self.last = last
        self.publisher = publisher
        self._added = added

    @property
    def network(self) -> Network:
        return self.schedule.network

    @cached_property
    def _words(self) -> Words:
        return words(pick_language(self.publisher.language))

    def headsign(self, departure: Departure, call: Call | None = None) -> str:
        """What the bus has on its front at a call (the first), in the feed's language."""
        return headsign(self.network, departure, self._words, call)

    @cached_property
    def trips(self) -> tuple[GtfsTrip, ...]:
        """Every way in which a trip runs in the span. The one that it runs most keeps the trip's own id."""
        days = dates(self.first, self.last)
        scheduled = (departure for day in days for departure in self.schedule.departures_on(day).departures)
        return (*self._ways(scheduled, is_added=False), *self._ways(self._added, is_added=True))

    def _ways(self, departures: Iterable[Departure], is_added: bool) -> Iterator[GtfsTrip]:
        runs: dict[str, dict[tuple[object, ...], tuple[Departure, tuple[str, ...], list[date]]]] = {}
        for departure in departures:
            if departure.runs:
                stops = tuple(self._stop_id(call.stop, departure.date) for call in departure.calls)
                key = (stops, departure.calls, self.headsign(departure))
                _, _, when = runs.setdefault(departure.trip, {}).setdefault(key, (departure, stops, []))
                when.append(departure.date)
        for trip, ways in sorted(runs.items()):
            usual_first = sorted(ways.values(), key=lambda way: (-len(way[2]), way[2][0]))
            for number, (departure, stops, when) in enumerate(usual_first, start=1):
                identifier = trip if number == 1 else f"{trip}.{number}"
                yield GtfsTrip(
                    id=identifier, departure=departure, stops=stops, dates=frozenset(when), is_added=is_added
                )

    @cached_property
    def services(self) -> dict[frozenset[date], Service]:
        """A service for each set of dates that trips share, named after the first of these trips."""
        found: dict[frozenset[date], Service] = {}
        for trip in self.trips:
            if trip.scheduled_dates not in found:
                found[trip.scheduled_dates] = Service(f"s-{trip.id}", trip.scheduled_dates)
        return found

    @cached_property
    def _stop_versions(self) -> dict[str, list[Stop]]:
        versions: dict[str, list[Stop]] = {}
        for stop in self.network.stops:
            begins, ends = stop.validity.first, stop.validity.last
            if (begins is None or begins <= self.last) and (ends is None or ends >= self.first):
                versions.setdefault(stop.id, []).append(stop)
        return versions

    def _stop_id(self, stop: str, day: date) -> str:
        """A stop that moves within the span is one stop for each place."""
        versions = self._stop_versions.get(stop, [])
        valid = next((version for version in versions if version.validity.covers(day)), None)
        if valid is None or len(versions) == 1:
            return stop
        return self._versioned(valid)

    def _versioned(self, stop: Stop) -> str:
        return f"{stop.id}_{stop.validity.first:%Y%m%d}" if stop.validity.first else stop.id

    def files(self) -> dict[str, str]:
        """Text by file name, feed_info last, since its version is a digest of the others."""
        files = {
            "agency.txt": self._agency(),
            "stops.txt": self._stops(),
            "routes.txt": self._routes(),
            "trips.txt": self._trips(),
            "stop_times.txt": self._stop_times(),
            "calendar.txt": self._calendar(),
            "calendar_dates.txt": self._calendar_dates(),
        }
        digest = sha256("".join(files.values()).encode()).hexdigest()[:12]
        return {**files, "feed_info.txt": self._feed_info(digest)}

    def _agency(self) -> str:
        names = ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang")
        by = self.publisher
        return table(names, [(by.id, by.name, by.url, by.time_zone, by.language)])

    def _stops(self) -> str:
        used = {stop for trip in self.trips for stop in trip.stops}
        rows: list[Row] = []
        for identifier, several in sorted(self._stop_versions.items()):
            for stop in several:
                name = identifier if len(several) == 1 else self._versioned(stop)
                if name in used:
                    rows.append((name, stop.name, *_position(stop), 0))
        rows.extend((name, *_closed(self.network, name), 0) for name in sorted(used - {str(row[0]) for row in rows}))
        return table(("stop_id", "stop_name", "stop_lat", "stop_lon", "wheelchair_boarding"), rows)

    def _routes(self) -> str:
        used = sorted({trip.departure.pattern for trip in self.trips})
        names = {stop.id: stop.name for stop in self.network.stops}
        order = [pattern.id for pattern in self.network.patterns]
        rows: list[Row] = []
        for pattern in map(self.network.pattern, used):
            colour = COLOURS[order.index(pattern.id) % len(COLOURS)]
            via = [names.get(stop, stop) for stop in pattern.stops]
            rows.append((pattern.id, self.publisher.id, " – ".join(via), 3, colour, "FFFFFF"))
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
        """Whether an arrival rests on a running time that nobody has confirmed."""
        if trip.departure.times_set_by_hand:
            return False
        known = self.network.on(min(trip.dates)).running_times
        legs = (known.get(leg) for leg in self.network.pattern(trip.departure.pattern).legs)
        return any(leg is not None and leg.provenance.assumed for leg in legs)

    def _calendar(self) -> str:
        rows = [
            (service.id, *map(int, service.week), *map(gtfs_date, self._bounds(service)))
            for service in self.services.values()
            if any(service.week) or not service.dates
        ]
        weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return table(("service_id", *weekdays, "start_date", "end_date"), rows) if rows else ""

    def _bounds(self, service: Service) -> tuple[date, date]:
        return (min(service.dates), max(service.dates)) if service.dates else (self.first, self.last)

    def _calendar_dates(self) -> str:
        rows: list[Row] = []
        for service in self.services.values():
            exceptions = [*((day, 1) for day in service.added), *((day, 2) for day in service.removed)]
            rows.extend((service.id, gtfs_date(day), kind) for day, kind in sorted(exceptions))
        return table(("service_id", "date", "exception_type"), rows) if rows else ""

    def _feed_info(self, version: str) -> str:
        by = self.publisher
        names = ("feed_publisher_name", "feed_publisher_url", "feed_lang", "feed_start_date", "feed_end_date")
        span = (gtfs_date(self.first), gtfs_date(self.last))
        row = (by.name, by.url, by.language, *span, version, by.url)
        return table((*names, "feed_version", "feed_contact_url"), [row])


def _position(stop: Stop) -> tuple[str, str]:
    if stop.lat is None or stop.lon is None:
        raise Refused(
            "missing-position",
            f"stop {stop.id} has no position, and GTFS needs one; enter lat and lon",
            given=stop.id,
            allowed="lat and lon for every stop that is served",
        )
    return f"{stop.lat:.6f}", f"{stop.lon:.6f}"


def _closed(network: Network, stop_id: str) -> tuple[str, str, str]:
    """Name and position of a stop that a timetable serves while it is not in use (the controls say so)."""
    stop = next((stop for stop in network.stops if stop.id == stop_id), None) or Stop(id=stop_id, name=stop_id)
    return (stop.name, *_position(stop))


def gtfs_time(minute: Minute) -> str:
    """HH:MM:SS since noon minus 12 hours, hours beyond 24 past midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def gtfs_date(day: date) -> str:
    return day.strftime("%Y%m%d")


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A file of the feed (CSV with CRLF)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()
