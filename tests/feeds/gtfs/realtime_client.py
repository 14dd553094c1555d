"""A client of GTFS Realtime: the bindings of other programs, and a static feed of any age with trip updates applied to it."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from google.transit import gtfs_realtime_pb2

from tests.feeds.gtfs.gtfs_readers import lines

TRIP = gtfs_realtime_pb2.TripDescriptor
STOP = gtfs_realtime_pb2.TripUpdate.StopTimeUpdate
Times = tuple[tuple[str, int, int], ...]
"""Stop, arrival and departure of each call that is served, in minutes of the service day."""


def read(content: bytes) -> Any:
    """A FeedMessage that is complete and has nothing behind it."""
    message = gtfs_realtime_pb2.FeedMessage()
    assert message.ParseFromString(content) == len(content)
    assert message.IsInitialized()
    return message


def _minute(text: str) -> int:
    hours, minutes, _ = text.split(":")
    return int(hours) * 60 + int(minutes)


def static_trips(content: bytes, day: date) -> dict[str, list[list[Any]]]:
    """Calls (sequence, stop, arrival, departure) of each trip that runs on the date, by trip id."""
    written, weekday = f"{day:%Y%m%d}", f"{day:%A}".lower()
    services = {
        row["service_id"]
        for row in lines(content, "calendar.txt")
        if row["start_date"] <= written <= row["end_date"] and row[weekday] == "1"
    }
    for row in lines(content, "calendar_dates.txt"):
        if row["date"] == written:
            (services.add if row["exception_type"] == "1" else services.discard)(row["service_id"])
    trips: dict[str, list[list[Any]]] = {
        row["trip_id"]: [] for row in lines(content, "trips.txt") if row["service_id"] in services
    }
    for row in lines(content, "stop_times.txt"):
        if row["trip_id"] in trips:
            times = _minute(row["arrival_time"]), _minute(row["departure_time"])
            trips[row["trip_id"]].append([int(row["stop_sequence"]), row["stop_id"], *times])
    return trips


def applied(content: bytes, updates: bytes, day: date, zone: ZoneInfo) -> list[Times]:
    """What a passenger is shown for the date by who holds a static feed and has applied trip updates to it."""
    trips = static_trips(content, day)
    ids = {row["trip_id"] for row in lines(content, "trips.txt")}
    stops = {row["stop_id"] for row in lines(content, "stops.txt")}
    for entity in read(updates).entity:
        trip = entity.trip_update.trip
        if trip.start_date != f"{day:%Y%m%d}":
            continue
        if trip.schedule_relationship == TRIP.CANCELED:
            assert trip.trip_id in trips, "what does not run cannot be cancelled"
            del trips[trip.trip_id]
        elif trip.schedule_relationship == TRIP.NEW:
            assert trip.trip_id not in ids, "a new trip has an id of its own"
            trips[trip.trip_id] = [
                [each.stop_sequence, each.stop_id, 0, 0] for each in entity.trip_update.stop_time_update
            ]
            assert {call[1] for call in trips[trip.trip_id]} <= stops, "a new trip calls at stops of the static feed"
            _move(trips[trip.trip_id], entity.trip_update, day, zone)
        else:
            assert trip.schedule_relationship == TRIP.SCHEDULED
            assert _minute(trip.start_time) == trips[trip.trip_id][0][3], "the start time is that of the static feed"
            _move(trips[trip.trip_id], entity.trip_update, day, zone)
    return sorted(tuple((stop, arrives, departs) for _, stop, arrives, departs in calls) for calls in trips.values())


def _move(calls: list[list[Any]], update: Any, day: date, zone: ZoneInfo) -> None:
    by_sequence = {each.stop_sequence: each for each in update.stop_time_update}
    for call in list(calls):
        told = by_sequence[call[0]]
        assert told.stop_id == call[1]
        if told.schedule_relationship == STOP.SKIPPED:
            calls.remove(call)
            continue
        arrives = told.arrival.time or told.departure.time
        departs = told.departure.time or told.arrival.time
        call[2:] = [_minute_of(moment, day, zone) for moment in (arrives, departs)]


def _minute_of(moment: int, day: date, zone: ZoneInfo) -> int:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).timestamp()
    return 720 + round((moment - noon) / 60)
