"""GTFS-ride: a GTFS of the timetable, with what was counted on it beside it (reference: ODOT-PTS/GTFS-ride).

The GTFS is the timetable without changes, since GTFS-ride tells those itself. The four states stay apart: a number and 0 are
rows with counts, a stop that is not recorded has no row, a cancelled departure or a skipped stop has a row without counts. A
total stands only where all of it was counted. There is no rider_trip.txt, since that is data of persons. Riders by destination are a file
of this program beside those of the format.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan, CountedStop, known_loads
from shuttle.domain.ridership.destination_sums import RidersByDeparture
from shuttle.domain.timetable.departures import DepartureStatus, Schedule, split_departure_id
from shuttle.domain.timetable.network import Call, Vehicle
from shuttle.feeds.counts.riders_table import BOUNDS, RIDERS, rider_rows
from shuttle.feeds.gtfs.schedule import Feed, GtfsTrip
from shuttle.feeds.gtfs.tables import Row, gtfs_date, table
from shuttle.language import Words

BOARD_ALIGHT = (
    "trip_id",
    "stop_id",
    "stop_sequence",
    "record_use",
    "schedule_relationship",
    "boardings",
    "alightings",
    "load_count",
    "load_type",
    "service_date",
    "source",
)
COUNTS, NO_COUNTS = 0, 1
"""record_use"""
OPERATED, CANCELLED, STOP_CANCELLED, ADDED = 0, 1, 3, 5
"""schedule_relationship"""
DEPARTING = 1
"""load_type"""
MANUAL = 0
"""source"""

RIDERSHIP = (
    "total_boardings",
    "total_alightings",
    "ridership_start_date",
    "ridership_end_date",
    "agency_id",
    "stop_id",
)
CAPACITY = ("agency_id", "service_date", "vehicle_description", "seated_capacity", "wheelchair_capacity")
RIDE_FEED_INFO = ("ride_files", "ride_start_date", "ride_end_date")
RIDER_KEYS = ("trip_id", "stop_id", "service_date")
ONLY_BOARD_ALIGHT, WITH_RIDERSHIP = 0, 4
"""ride_files"""


def gtfs_ride_files(
    schedule: Schedule,
    counted: CountedSpan,
    words: Words,
    publisher: Publisher,
    riders: RidersByDeparture = MappingProxyType({}),
) -> dict[str, str]:
    """Text by file name. Raises Refused (`missing-position`) as GTFS does. `riders`: riders by destination.

    Counts of trips that no timetable knows any more are left out: a row must name a trip of the feed.
    """
    feed = _RideFeed(schedule, counted, words, publisher)
    rows = list(rider_rows(counted, riders, feed.rider_keys))
    extra = {f"{RIDERS}.txt": table((*RIDER_KEYS, *BOUNDS), rows)} if rows else {}
    return {**feed.files(), **extra}


class _RideFeed:
    def __init__(self, schedule: Schedule, counted: CountedSpan, words: Words, publisher: Publisher) -> None:
        ran = [each.departure for each in counted.departures if each.is_extra and each.was_run]
        added = [replace(departure, status=DepartureStatus.EXTRA) for departure in ran]
        self._schedule = schedule
        self._counted = counted
        self._words = words
        self._publisher = publisher
        planned = replace(schedule, changes=())
        self._gtfs = Feed(planned, counted.span.first, counted.span.last, publisher, added)

    def files(self) -> dict[str, str]:
        gtfs = self._gtfs.files
        ridership, capacity = list(self._ridership()), list(self._capacity())
        files = {
            **gtfs,
            "board_alight.txt": table(BOARD_ALIGHT, self._board_alight()),
            "ridership.txt": table(RIDERSHIP, ridership) if ridership else "",
            "trip_capacity.txt": table(CAPACITY, capacity) if capacity else "",
            "ride_feed_info.txt": table(RIDE_FEED_INFO, [self._info(bool(ridership))]),
        }
        return {name: text for name, text in files.items() if text}

    @cached_property
    def _trip_on(self) -> dict[tuple[str, date], GtfsTrip]:
        return {(trip.departure.trip, day): trip for trip in self._gtfs.trips for day in trip.dates}

    def rider_keys(self, counted: CountedDeparture, stop: str) -> Row:
        """The cells of RIDER_KEYS; the stop as the trip's stop times name it."""
        departure = counted.departure
        trip = self._trip_on[departure.trip, departure.date]
        named = zip(departure.calls, trip.stops, strict=True)
        here = next(identifier for call, identifier in named if call == departure.last_call(stop))
        return (trip.id, here, gtfs_date(departure.date))

    def _board_alight(self) -> Iterator[Row]:
        for counted in self._counted.departures:
            if counted.was_run:
                yield from self._counts(counted)
            elif not counted.is_extra:  # one that was added and taken back was neither scheduled nor operated
                yield from self._cancellations(counted)

    def _counts(self, counted: CountedDeparture) -> Iterator[Row]:
        departure = counted.departure
        trip = self._trip_on[departure.trip, departure.date]
        relation = ADDED if counted.is_extra else OPERATED
        for here, stop, load in zip(counted.calls(), trip.stops, known_loads(counted), strict=True):
            if here.unserved:
                yield self._without_counts(trip, stop, here.call, STOP_CANCELLED, departure.date)
                continue
            if here.boardings is None and here.alightings is None:
                continue
            amounts = ["" if amount is None else amount for amount in (here.boardings, here.alightings, load)]
            load_type = "" if load is None else DEPARTING
            key = (trip.id, stop, here.call.sequence, COUNTS, relation)
            yield (*key, *amounts, load_type, gtfs_date(departure.date), MANUAL)

    def _cancellations(self, counted: CountedDeparture) -> Iterator[Row]:
        departure = counted.departure
        trip = self._trip_on[departure.trip, departure.date]
        for call, stop in zip(departure.calls, trip.stops, strict=True):
            yield self._without_counts(trip, stop, call, CANCELLED, departure.date)

    def _without_counts(self, trip: GtfsTrip, stop: str, call: Call, relation: int, day: date) -> Row:
        return (trip.id, stop, call.sequence, NO_COUNTS, relation, "", "", "", "", gtfs_date(day), "")

    def _ridership(self) -> Iterator[Row]:
        """Totals of a day: at each stop where every departure was counted, and of the whole day where boardings equal alightings."""
        for day, departures in self._whole_days():
            by_stop: defaultdict[str, list[CountedStop]] = defaultdict(list)
            for departure in departures:
                for stop in departure.stops:
                    if not stop.unserved:
                        by_stop[stop.stop].append(stop)
            for name, stops in sorted(by_stop.items()):
                counts = [stop.held.count for stop in stops if stop.held]
                if len(counts) == len(stops):
                    on, off = (count.boardings for count in counts), (count.alightings for count in counts)
                    yield self._total_row(day, _total(on), _total(off), self._stop_id(name, departures))
            calls = [here for departure in departures for here in departure.calls()]
            on_board = sum(here.boardings or 0 for here in calls)
            left = sum(here.alightings or 0 for here in calls)
            if on_board == left and all(known_loads(departure)[-1] == 0 for departure in departures):
                yield self._total_row(day, on_board, left, "")

    def _whole_days(self) -> Iterator[tuple[date, list[CountedDeparture]]]:
        """The departures that ran on each day that is over and of which every count has a trip in the timetable."""
        by_day: defaultdict[date, list[CountedDeparture]] = defaultdict(list)
        for counted in self._counted.departures:
            if counted.was_run:
                by_day[counted.departure.date].append(counted)
        without_trip = [stop.held for stop in self._counted.forgotten if stop.held]
        incomplete = {split_departure_id(observation.count.departure)[0] for observation in without_trip}
        for day, departures in by_day.items():
            counted_ids = {counted.departure.id for counted in departures}
            running = {departure.id for departure in self._schedule.departures_on(day).departures if departure.runs}
            if running <= counted_ids and day not in incomplete:
                yield day, departures

    def _total_row(self, day: date, on: int | None, off: int | None, stop: str) -> Row:
        amounts = ("" if amount is None else amount for amount in (on, off))
        return (*amounts, gtfs_date(day), gtfs_date(day), self._publisher.id, stop)

    def _stop_id(self, name: str, departures: list[CountedDeparture]) -> str:
        """The feed's name of a stop on the day of the departures."""
        trips = (self._trip_on[d.departure.trip, d.departure.date] for d in departures)
        pairs = (
            (call.stop, stop) for trip in trips for call, stop in zip(trip.departure.calls, trip.stops, strict=True)
        )
        return next(stop for ours, stop in pairs if ours == name)

    def _capacity(self) -> Iterator[Row]:
        """One row where the same bus ran every day; else one for each date on which there was only one."""
        days = dict.fromkeys(counted.departure.date for counted in self._counted.departures)
        by_day = {day: self._schedule.network.on(day).only_vehicle for day in days}
        if len(set(by_day.values())) == 1:
            by_day = {date.min: next(iter(by_day.values()))}
        for day, vehicle in by_day.items():
            if vehicle is not None:
                on = "" if day is date.min else gtfs_date(day)
                yield (self._publisher.id, on, self._described(vehicle), vehicle.seats, vehicle.wheelchair_places)

    def _described(self, vehicle: Vehicle) -> str:
        """Its name, and whether its seats are assumed only."""
        assumed = vehicle.provenance.assumed
        return self._words.say("gtfs-ride.assumed-vehicle", vehicle=vehicle.id) if assumed else vehicle.id

    def _info(self, has_ridership: bool) -> Row:
        """The last date must be later than the first: a single day is left to the rows."""
        first, last = self._counted.span.first, self._counted.span.last
        span = (gtfs_date(first), gtfs_date(last)) if first < last else ("", "")
        return (WITH_RIDERSHIP if has_ridership else ONLY_BOARD_ALIGHT, *span)


def _total(amounts: Iterable[int | None]) -> int | None:
    """The sum, where nothing of it is missing."""
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
