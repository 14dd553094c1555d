"""Ids of stops and trips in GTFS: pure functions of content, equal for every span and day of a feed.

A stop that moved is one GTFS stop for each place, and a trip whose times or stop versions differ between dates is one GTFS trip
for each form. Ids numbered by frequency would swap over time; realtime, archives and TIDES need the id of one date.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256

from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Call, Network, Stop


def stop_version(network: Network, stop_id: str, day: date) -> Stop:
    """The stop as it is on the date; of one not in use then, the version before, else the first one after.

    A stop of which nothing is recorded has its id as its name and no position.
    """
    in_use = network.on(day).stops.get(stop_id)
    if in_use is not None:
        return in_use
    versions = sorted(
        (stop for stop in network.stops if stop.id == stop_id), key=lambda stop: stop.validity.first or date.min
    )
    before = [stop for stop in versions if (stop.validity.first or date.min) <= day]
    return (before[-1:] or versions[:1] or [Stop(id=stop_id, name=stop_id)])[0]


def gtfs_stop_id(stop: Stop) -> str:
    """`vagsbunnen`, and for a version with a first date `vagsbunnen_20270301`."""
    return f"{stop.id}_{stop.validity.first:%Y%m%d}" if stop.validity.first else stop.id


def stop_ids(network: Network, departure: Departure) -> tuple[str, ...]:
    """The GTFS stop of each call."""
    return tuple(gtfs_stop_id(stop_version(network, call.stop, departure.date)) for call in departure.calls)


def planned_trip_id(network: Network, departure: Departure) -> str:
    """The GTFS trip that the timetable has for a departure, however it was moved on the day."""
    late = 0 if departure.planned is None else departure.departs - departure.planned
    calls = [replace(call, arrives=call.arrives - late, departs=call.departs - late) for call in departure.calls]
    return gtfs_trip_id(departure.trip, stop_ids(network, departure), calls)


def gtfs_trip_id(trip: str, stops: Sequence[str], calls: Sequence[Call]) -> str:
    """The trip's id and a digest of its stops and times: `gyldenpris-weekday-1000_1f6e2b90`."""
    content = ";".join(f"{stop} {call.arrives} {call.departs}" for stop, call in zip(stops, calls, strict=True))
    return f"{trip}_{sha256(content.encode()).hexdigest()[:8]}"
