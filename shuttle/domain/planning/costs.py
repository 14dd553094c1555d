"""Operating costs of a set of trips: paid driver minutes, kilometres, NOK.

Without duties, the paid time of a trip is from start to end, plus turnaround and its empty runs. Supplements are paid per
hour of that time within their window. With duties, their pay from `duties.costs` (`Paid`) applies instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Costs


@dataclass(frozen=True)
class Paid:
    """The pay of a day's duties: `minutes`, and `nok` without kilometres."""

    minutes: int
    nok: float


def driver_minutes(trips: Sequence[PlannedTrip], paid: Paid | None = None) -> int:
    """Paid driver minutes of a day: by trips, or with `paid` those of the duties."""
    return paid.minutes if paid is not None else sum(trip.busy_minutes for trip in trips)


def km(scenario: Scenario, trips: Sequence[PlannedTrip]) -> float | None:
    """Kilometres of trips and empty runs; None when a link's length is unknown. An empty run of unknown length adds none."""
    total = 0.0
    for trip in trips:
        for link in pairwise(trip.stops):
            length = scenario.running_times[link].km
            if length is None:
                return None
            total += length
        total += sum(run.km or 0.0 for run in trip.empty_runs)
    return total


def trip_nok(scenario: Scenario, costs: Costs, day_type: str, trip: PlannedTrip) -> float:
    """NOK of one trip; an unknown length costs nothing (the result then has no km)."""
    nok = trip.busy_minutes / 60 * costs.nok_per_driver_hour
    for supplement in costs.supplements:
        if day_type in supplement.day_types:
            nok += supplement.minutes(trip.busy_from, trip.busy_until) / 60 * supplement.nok_per_hour
    return nok + (km(scenario, [trip]) or 0.0) * costs.nok_per_km


def nok(
    scenario: Scenario, costs: Costs, day_type: str, trips: Sequence[PlannedTrip], paid: Paid | None = None
) -> float:
    """NOK of a day: by trips, or with `paid` by the pay of the duties plus kilometres."""
    if paid is not None:
        return paid.nok + (km(scenario, trips) or 0.0) * costs.nok_per_km
    return sum(trip_nok(scenario, costs, day_type, trip) for trip in trips)
