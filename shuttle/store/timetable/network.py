"""Network in the database: stops, patterns, running times, vehicles and cost rates."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.network import Costs, Network, Pattern, RunningTime, Stop, Supplement, Vehicle
from shuttle.store.engine.rows import insert_all, readable, without_overlaps
from shuttle.store.tables.base import dated, sourced
from shuttle.store.tables.network import CostsRow, PatternRow, RunningTimeRow, ServiceRow, StopRow, VehicleRow


def read_network(session: Session, service: ServiceRow) -> Network:
    """The network with the cost rates; invalid and overlapping rows are skipped (`engine/rows.py`)."""
    return Network(
        base_stop=service.base_stop,
        stops=without_overlaps(
            readable(session.scalars(select(StopRow).order_by(StopRow.row)), _stop), lambda stop: stop.id
        ),
        patterns=tuple(
            Pattern(
                id=row.id,
                stops=tuple(row.stops),
                headsign=row.headsign,
                direction=row.direction,
                provenance=row.provenance,
            )
            for row in session.scalars(select(PatternRow).order_by(PatternRow.id))
        ),
        running_times=without_overlaps(
            readable(session.scalars(select(RunningTimeRow).order_by(RunningTimeRow.row)), _running_time),
            lambda link: (link.origin, link.destination),
        ),
        vehicles=without_overlaps(
            readable(session.scalars(select(VehicleRow).order_by(VehicleRow.row)), _vehicle), lambda vehicle: vehicle.id
        ),
        costs=without_overlaps(
            readable(session.scalars(select(CostsRow).order_by(CostsRow.row)), _costs), lambda costs: "costs"
        ),
    )


_STOP = ("id", "name", "lat", "lon", "name_nn", "name_en", "way", "wheelchair", "quay", "mark")
"""Columns of a stop that are named as in the domain, beside its dates and source."""


def _stop(row: StopRow) -> Stop:
    values = {name: getattr(row, name) for name in _STOP}
    return Stop(**values, address=row.street, validity=row.validity, provenance=row.provenance)


def _running_time(row: RunningTimeRow) -> RunningTime:
    bands = tuple((start, minutes) for start, minutes in row.bands)
    return RunningTime(
        origin=row.origin,
        destination=row.destination,
        bands=bands,
        km=row.km,
        validity=row.validity,
        provenance=row.provenance,
    )


def _vehicle(row: VehicleRow) -> Vehicle:
    return Vehicle(
        id=row.id,
        seats=row.seats,
        wheelchair_places=row.wheelchair_places,
        validity=row.validity,
        provenance=row.provenance,
    )


def write_network(session: Session, network: Network) -> None:
    """Replace the network. A pattern that is missing in `network` stays: trips refer to it."""
    service = session.get_one(ServiceRow, 1)
    service.base_stop = network.base_stop
    for table in (StopRow, RunningTimeRow, VehicleRow, CostsRow):
        session.execute(delete(table))
    for pattern in network.patterns:
        add_pattern(session, pattern)
    stops = [
        {**{name: getattr(stop, name) for name in _STOP}, "street": stop.address, **_dated_and_sourced(stop)}
        for stop in network.stops
    ]
    insert_all(session, StopRow, stops)
    links = [
        {
            "origin": link.origin,
            "destination": link.destination,
            "bands": [list(band) for band in link.bands],
            "km": link.km,
            **_dated_and_sourced(link),
        }
        for link in network.running_times
    ]
    insert_all(session, RunningTimeRow, links)
    vehicles = [
        {"id": v.id, "seats": v.seats, "wheelchair_places": v.wheelchair_places, **_dated_and_sourced(v)}
        for v in network.vehicles
    ]
    insert_all(session, VehicleRow, vehicles)
    insert_all(session, CostsRow, [_costs_values(costs) for costs in network.costs])
    session.flush()


def add_pattern(session: Session, pattern: Pattern) -> None:
    """Add a pattern, or replace the one with its id."""
    session.merge(
        PatternRow(
            id=pattern.id,
            headsign=pattern.headsign,
            direction=pattern.direction,
            stops=list(pattern.stops),
            **sourced(pattern.provenance),
        )
    )
    session.flush()


def _dated_and_sourced(fact: Stop | RunningTime | Vehicle | Costs) -> dict[str, Any]:
    return {**dated(fact.validity), **sourced(fact.provenance)}


def _costs(row: CostsRow) -> Costs:
    return Costs(
        nok_per_driver_hour=row.nok_per_driver_hour,
        nok_per_km=row.nok_per_km,
        supplements=tuple(
            Supplement(
                name=each["name"],
                day_types=tuple(each["day_types"]),
                starts=each["starts"],
                ends=each["ends"],
                nok_per_hour=each["nok_per_hour"],
                provenance=Provenance(**each["provenance"]),
            )
            for each in row.supplements
        ),
        validity=row.validity,
        provenance=row.provenance,
    )


def _costs_values(costs: Costs) -> dict[str, Any]:
    return {
        "nok_per_driver_hour": costs.nok_per_driver_hour,
        "nok_per_km": costs.nok_per_km,
        "supplements": [
            {**vars(each), "day_types": list(each.day_types), "provenance": vars(each.provenance)}
            for each in costs.supplements
        ],
        **_dated_and_sourced(costs),
    }
