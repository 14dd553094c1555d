"""GTFS Realtime 2.0, trip updates: how the coming days differ from the static feed (reference: gtfs.org/realtime, 2025).

A moved departure is SCHEDULED at its id in the static feed, with new stop times. An extra one is NEW with all its stop times, one
that does not run is CANCELED, and a stop that was not served is SKIPPED. The ids are those of the static feed on that date,
since a trip may have another form, and so another id, on other dates. Of a bus that stands, nobody knows when it is at the stops that it
has not been at: NO_DATA.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from google.transit.gtfs_realtime_pb2 import FeedHeader, FeedMessage, TripDescriptor, TripUpdate

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import dates, days_after, instant
from shuttle.domain.ridership.expectations import Expectation, Progress
from shuttle.domain.ridership.skipped_stops import SkipReasons
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Call
from shuttle.feeds.gtfs.identifiers import gtfs_trip_id, stop_ids
from shuttle.feeds.gtfs.schedule import REALTIME_DAYS, Feed, published_feed
from shuttle.feeds.gtfs.tables import gtfs_date, gtfs_time

_Skipped = TripUpdate.StopTimeUpdate.SKIPPED
_NoData = TripUpdate.StopTimeUpdate.NO_DATA


@dataclass(frozen=True)
class Difference:
    """A departure in the static feed (None: it does not run there) and as it is (None: it does not run)."""

    static: Departure | None
    actual: Departure | None

    @property
    def id(self) -> str:
        departure = self.actual or self.static
        assert departure is not None
        return departure.id


def realtime_dates(schedule: Schedule, now: datetime, zone: tzinfo) -> list[date]:
    """Service dates that realtime tells about: yesterday's while it runs, and those on which a change may lack notice."""
    in_service = schedule.days_in_service(now, zone)
    return dates(in_service[0], days_after(in_service[-1], REALTIME_DAYS - 1))


def differences(schedule: Schedule, static: Schedule, days: Iterable[date]) -> Iterator[Difference]:
    """Every trip of each date that the static feed has otherwise than it is, in order of date and trip."""
    for day in days:
        planned = {each.trip: each for each in static.departures_on(day).departures if each.runs}
        actual = {each.trip: each for each in schedule.departures_on(day).departures if each.runs}
        for trip in sorted(planned.keys() | actual.keys()):
            yield Difference(planned.get(trip), actual.get(trip))


def trip_updates(
    schedule: Schedule,
    now: datetime,
    publisher: Publisher,
    timestamp: datetime,
    skipped: SkipReasons | None = None,
    expected: Mapping[str, Expectation] | None = None,
) -> bytes:
    """A FeedMessage with an update for each departure that is otherwise than the static feed has it, or that drivers reported.

    `timestamp`: moment of the last renewal of the content; `skipped`: stops that were not served; `expected`: expected times of
    today's departures; one that nobody reported and that does not follow a late one has no delay.
    """
    feed = published_feed(schedule, now, publisher)
    writer = _Writer(feed, publisher.zone, skipped or {}, expected or {})
    message = feed_message(feed, timestamp)
    for difference in differences(schedule, feed.schedule, realtime_dates(schedule, now, publisher.zone)):
        update = writer.update(difference)
        if update is not None:
            changed_at = difference.actual and difference.actual.changed_at
            update.timestamp = int(min(changed_at or timestamp, timestamp).timestamp())
            message.entity.add(id=difference.id).trip_update.CopyFrom(update)
    return bytes(message.SerializeToString())


def feed_message(feed: Feed, timestamp: datetime) -> FeedMessage:
    """An empty message that names the static feed which it belongs to, where there is one."""
    header = FeedHeader(
        gtfs_realtime_version="2.0", incrementality=FeedHeader.FULL_DATASET, timestamp=int(timestamp.timestamp())
    )
    with suppress(Refused):  # where a stop has no position, there is no static feed
        header.feed_version = feed.version
    return FeedMessage(header=header)


def trip_descriptor(feed: Feed, departure: Departure, is_new: bool = False) -> TripDescriptor:
    """A departure of the static feed by the id that it has there, or a new one by its own id."""
    identifier = (
        departure.id if is_new else gtfs_trip_id(departure.trip, stop_ids(feed.network, departure), departure.calls)
    )
    return TripDescriptor(
        trip_id=identifier,
        start_time=gtfs_time(departure.departs),
        start_date=gtfs_date(departure.date),
        route_id=departure.pattern,
        direction_id=departure.direction,
        schedule_relationship=TripDescriptor.NEW if is_new else TripDescriptor.SCHEDULED,
    )


class _Writer:
    """Writes the updates of one feed."""

    def __init__(
        self,
        feed: Feed,
        zone: tzinfo,
        skipped: Mapping[tuple[str, str], object],
        expected: Mapping[str, Expectation],
    ) -> None:
        self._feed = feed
        self._zone = zone
        self._skipped = skipped
        self._expected = expected

    def update(self, difference: Difference) -> TripUpdate | None:
        """None where the departure is as the static feed has it."""
        static, actual = difference.static, difference.actual
        if actual is None:
            assert static is not None
            cancelled = TripUpdate(trip=trip_descriptor(self._feed, static))
            cancelled.trip.schedule_relationship = TripDescriptor.CANCELED
            return cancelled
        calls = self._calls(actual)
        if static is not None and static.calls == calls and not self._skips(actual) and not self._stands(actual):
            return None
        update = TripUpdate(trip=trip_descriptor(self._feed, static or actual, is_new=static is None))
        if static is None:
            update.trip_properties.trip_headsign = self._feed.headsign(actual)
        self._add_stop_times(update, actual, calls)
        return update

    def _calls(self, departure: Departure) -> tuple[Call, ...]:
        """The calls as expected, where somebody reported this departure or one before it; else as planned."""
        expectation = self._expected.get(departure.id)
        if expectation is None or expectation.progress is Progress.UNREPORTED:
            return departure.calls
        return expectation.calls

    def _stands(self, departure: Departure) -> bool:
        expectation = self._expected.get(departure.id)
        return expectation is not None and expectation.stands

    def _skips(self, departure: Departure) -> bool:
        return any((departure.id, call.stop) in self._skipped for call in departure.calls)

    def _add_stop_times(self, update: TripUpdate, departure: Departure, calls: tuple[Call, ...]) -> None:
        """Every call with its expected moments; a stop that was not served has none."""
        stops = stop_ids(self._feed.network, departure)
        for call, stop in zip(calls, stops, strict=True):
            stop_time = update.stop_time_update.add(stop_sequence=call.sequence, stop_id=stop)
            if (departure.id, call.stop) in self._skipped:
                stop_time.schedule_relationship = _Skipped
                continue
            if self._stands(departure) and call == departure.calls[call.sequence - 1]:
                stop_time.schedule_relationship = _NoData
                continue
            if call is not calls[0]:
                stop_time.arrival.time = self._moment(departure.date, call.arrives)
            if call is not calls[-1]:
                stop_time.departure.time = self._moment(departure.date, call.departs)

    def _moment(self, day: date, minute: int) -> int:
        return int(instant(day, minute, self._zone).timestamp())
