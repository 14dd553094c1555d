"""Vehicle clashes: trips on the road at the same time that need more vehicles than the fleet has.

A trip is out from the start of its empty run or first call until it has come back and turned around.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.planned_trips import PlannedTrip


@dataclass(frozen=True)
class VehicleClash:
    """Departures that are out at once, the last of which has no vehicle; `free_from`: when one of the others is free again."""

    departures: tuple[Minute, ...]
    free_from: Minute


def vehicle_clashes(trips: Sequence[PlannedTrip], vehicles: int) -> tuple[VehicleClash, ...]:
    """A clash for each trip that leaves while all vehicles are out, in order of departure; it is then counted as out as well."""
    clashes: list[VehicleClash] = []
    out: list[PlannedTrip] = []
    for trip in sorted(trips, key=lambda each: (each.busy_from, each.busy_until)):
        out = [each for each in out if each.busy_until > trip.busy_from]
        if len(out) >= vehicles:
            departures = tuple(each.departs for each in (*out, trip))
            clashes.append(VehicleClash(departures, sorted(each.busy_until for each in out)[len(out) - vehicles]))
        out.append(trip)
    return tuple(clashes)
