"""TIDES 1.0, the transit industry's tables of what was run and counted (spec: TIDES-transit/TIDES), as a Frictionless package.

The four states stay apart: a number and 0 are figures, a stop without a count has empty figures and is `Missing` (no
data), a stop that was passed by is `Skipped`, and a cancelled departure is a trip `Canceled` without stop visits. There are no passenger
events, since no moment is recorded for each passenger, and no operators, since TIDES means persons by them. Actual
times are those that drivers reported, and are empty where nobody did. Riders by destination are a table of this program beside those
of the standard, with its own schema in the package.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from types import MappingProxyType

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import Minute, instant
from shuttle.domain.ridership.boardings import CountState
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan, known_loads
from shuttle.domain.ridership.destination_sums import RidersByDeparture
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Network
from shuttle.feeds.counts.riders_table import BOUNDS, RIDERS, rider_rows
from shuttle.feeds.gtfs.identifiers import planned_trip_id, stop_ids
from shuttle.feeds.gtfs.tables import Row, table
from shuttle.language import Words

SPEC = "https://raw.githubusercontent.com/TIDES-transit/TIDES/main/spec/"
"""Where the profile and the tables' schemas are published; the package names them and does not carry them."""

VEHICLE_NOT_RECORDED = "vehicle-not-recorded"
"""TIDES requires a vehicle for every trip; this one stands for a trip whose bus is not recorded."""

Reported = Mapping[str, Sequence[Passing]]
"""Departure id -> its passings in force."""

COUNTED = (CountState.NUMBER, CountState.ZERO)

TRIPS = (
    "service_date",
    "trip_id_performed",
    "vehicle_id",
    "trip_id_scheduled",
    "route_id",
    "route_type",
    "pattern_id",
    "direction_id",
    "trip_start_stop_id",
    "trip_end_stop_id",
    "schedule_trip_start",
    "schedule_trip_end",
    "actual_trip_start",
    "actual_trip_end",
    "trip_type",
    "schedule_relationship",
)
VISITS = (
    "service_date",
    "trip_id_performed",
    "trip_stop_sequence",
    "scheduled_stop_sequence",
    "pattern_id",
    "vehicle_id",
    "stop_id",
    "schedule_arrival_time",
    "schedule_departure_time",
    "actual_arrival_time",
    "actual_departure_time",
    "boarding_1",
    "alighting_1",
    "departure_load",
    "schedule_relationship",
)
VEHICLES = ("vehicle_id", "capacity_seated", "capacity_wheelchair")
RIDER_KEYS = ("service_date", "trip_id_performed", "stop_id")
RIDER_SCHEMA = {
    "primaryKey": list(RIDER_KEYS),
    "missingValues": [""],
    "fields": [
        {"name": "service_date", "type": "date", "constraints": {"required": True}},
        {"name": "trip_id_performed", "type": "string", "constraints": {"required": True}},
        {"name": "stop_id", "type": "string", "constraints": {"required": True}},
        {"name": BOUNDS[0], "type": "integer", "constraints": {"required": True, "minimum": 0}},
        {"name": BOUNDS[1], "type": "integer", "constraints": {"minimum": 0}},
    ],
}


def tides_files(
    counted: CountedSpan,
    network: Network,
    words: Words,
    publisher: Publisher,
    reported: Reported = MappingProxyType({}),
    riders: RidersByDeparture = MappingProxyType({}),
) -> dict[str, str]:
    """Text by file name, datapackage.json last. Counts of trips that stand in no timetable are left out: they have no stops.

    `reported`: the passings in force, by departure id. `riders`: riders by destination; without any there is no such table.
    """
    package = _Package(counted, network, publisher.zone, reported)
    tables = {
        "vehicles": table(VEHICLES, package.vehicle_rows()),
        "trips_performed": table(TRIPS, package.trip_rows()),
        "stop_visits": table(VISITS, package.visit_rows()),
    }
    if rows := list(rider_rows(counted, riders, package.rider_keys)):
        tables[RIDERS] = table((*RIDER_KEYS, *BOUNDS), rows)
    files = {f"{name}.csv": text for name, text in tables.items()}
    if rows:
        files[f"{RIDERS}.schema.json"] = json.dumps(RIDER_SCHEMA, indent=2) + "\n"
    return {**files, "datapackage.json": _descriptor(list(tables), counted, words, publisher)}


def _descriptor(tables: list[str], counted: CountedSpan, words: Words, publisher: Publisher) -> str:
    first, last = counted.span.first, counted.span.last
    document = {
        "profile": f"{SPEC}tides-datapackage-profile.json",
        "name": f"{publisher.id}-shuttle-{first}-{last}",
        "title": words.say("tides.title", first=first.isoformat(), last=last.isoformat()),
        "description": words.say("tides.description"),
        "agency": publisher.name,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "title": words.say(f"tides.{name}"),
                "path": f"{name}.csv",
                **({} if name == RIDERS else {"tides-table": name}),
                "schema": f"{RIDERS}.schema.json" if name == RIDERS else f"{SPEC}{name}.schema.json",
            }
            for name in tables
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class _Package:
    """The rows of the tables, made of the departures of the span."""

    def __init__(self, counted: CountedSpan, network: Network, zone: tzinfo, reported: Reported) -> None:
        self._departures = counted.departures
        self._network = network
        self._zone = zone
        self._reported = reported

    def vehicle_rows(self) -> Iterator[Row]:
        """Every vehicle that a trip names, and the one that stands for those not recorded where it is needed."""
        used = dict.fromkeys(self._vehicle_id(counted.departure.date) for counted in self._departures)
        by_id = {vehicle.id: vehicle for vehicle in self._network.vehicles}
        for identifier in used:
            vehicle = by_id.get(identifier)
            confirmed = vehicle is not None and not vehicle.provenance.assumed
            yield (identifier, *((vehicle.seats, vehicle.wheelchair_places) if vehicle and confirmed else ("", "")))

    def trip_rows(self) -> Iterator[Row]:
        for counted in self._departures:
            departure = counted.departure
            calls, stops = departure.calls, stop_ids(self._network, departure)
            actual = self._actual(counted)
            yield (
                departure.date.isoformat(),
                departure.trip,
                self._vehicle_id(departure.date),
                "" if counted.is_extra else planned_trip_id(self._network, departure),
                departure.pattern,
                "Shuttle Bus",
                departure.pattern,
                departure.direction,
                stops[0],
                stops[-1],
                self._planned(departure, calls[0].departs),
                self._planned(departure, calls[-1].arrives),
                actual.get((calls[0].stop, PassingKind.LEFT), ""),
                actual.get((calls[-1].stop, PassingKind.ARRIVED), ""),
                "In service",
                "Canceled" if not counted.was_run else "Added" if counted.is_extra else "Scheduled",
            )

    def visit_rows(self) -> Iterator[Row]:
        """A row for each call of each departure that ran, counted or not."""
        for counted in self._departures:
            if counted.was_run:
                yield from self._visits(counted)

    def _visits(self, counted: CountedDeparture) -> Iterator[Row]:
        departure = counted.departure
        stops = stop_ids(self._network, departure)
        came = "Added" if counted.is_extra else "Scheduled"
        actual = self._actual(counted)
        for sequence, (here, load) in enumerate(zip(counted.calls(), known_loads(counted), strict=True), start=1):
            yield (
                departure.date.isoformat(),
                departure.trip,
                sequence,
                "" if counted.is_extra else here.call.sequence,
                departure.pattern,
                self._vehicle_id(departure.date),
                stops[sequence - 1],
                self._planned(departure, here.call.arrives),
                self._planned(departure, here.call.departs),
                actual.get((here.call.stop, PassingKind.ARRIVED), "")
                if here.call == departure.last_call(here.call.stop)
                else "",
                actual.get((here.call.stop, PassingKind.LEFT), "")
                if here.call == departure.first_call(here.call.stop)
                else "",
                _cell(here.boardings),
                _cell(here.alightings),
                _cell(load),
                "Skipped" if here.unserved else came if here.state in COUNTED else "Missing",
            )

    def rider_keys(self, counted: CountedDeparture, stop: str) -> Row:
        """The cells of RIDER_KEYS; the stop as the trip's visits name it."""
        departure = counted.departure
        named = zip(departure.calls, stop_ids(self._network, departure), strict=True)
        here = next(identifier for call, identifier in named if call == departure.last_call(stop))
        return (departure.date.isoformat(), departure.trip, here)

    def _actual(self, counted: CountedDeparture) -> dict[tuple[str, PassingKind], str]:
        """(stop, kind) -> the reported moment; none of a departure that did not run."""
        passings = self._reported.get(counted.departure.id, ()) if counted.was_run else ()
        return {
            (each.stop, each.kind): each.at.astimezone(self._zone).isoformat(timespec="seconds")
            for each in passings
            if each.at is not None
        }

    def _vehicle_id(self, day: date) -> str:
        vehicle = self._network.on(day).only_vehicle
        return vehicle.id if vehicle else VEHICLE_NOT_RECORDED

    def _planned(self, departure: Departure, minute: Minute) -> str:
        """The moment by the timetable, with its offset; a departure that was moved has its time before that."""
        moved = 0 if departure.planned is None else departure.planned - departure.departs
        return instant(departure.date, minute + moved, self._zone).isoformat()


def _cell(value: int | None) -> int | str:
    return "" if value is None else value
