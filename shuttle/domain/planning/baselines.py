"""Baselines: simple timetables made without a solver, for comparison with proposals.

`even headway`: equal time between departures. `even load`: equal passengers per departure (Ceder, Public Transit Planning
and Operation). Both use demand and opening hours, choose the pattern with the least passenger cost, and ignore the
requirements. A baseline that breaks a hard requirement, or needs too many vehicles, is marked as not allowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.planning.passenger_cost import demand_of, usable_rides
from shuttle.domain.planning.planned_trips import PlannedTrip, candidates
from shuttle.domain.planning.proposals import Assessment, assess, document
from shuttle.domain.planning.result import BaselineResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Costs


@dataclass(frozen=True)
class Baseline:
    """A baseline with its figures. `allowed`: it meets every hard requirement with the existing vehicles."""

    name: str
    assessment: Assessment
    allowed: bool

    @property
    def id(self) -> str:
        return f"{self.name}-{len(self.assessment.trips)}"

    def document(self, scenario: Scenario, with_seats: float | None = None) -> BaselineResult:
        figures = document(scenario, self.assessment, with_seats=with_seats)
        return {"id": self.id, "name": self.name, "allowed": self.allowed, **figures}


def baselines(
    scenario: Scenario, day_type: str, counts: Sequence[int], base: Sequence[PlannedTrip], rates: Costs
) -> list[Baseline]:
    """Even headway and even load for each number of trips in `counts`."""
    patterns = _useful_trips(scenario, day_type)
    loads = _passengers_by_minute(scenario, day_type)
    best = []
    for count in sorted(set(counts)):
        for name, choose in (("even-headway", even_headway), ("even-load", even_load)):
            several = [choose(trips, count, loads) for trips in patterns if 0 < count <= len(trips)]
            by_pattern = [_baseline(name, scenario, day_type, trips, base, rates) for trips in several]
            if by_pattern:
                best.append(min(by_pattern, key=lambda each: (not each.allowed, each.assessment.cost)))
    return best


def even_headway(trips: Sequence[PlannedTrip], count: int, _loads: Sequence[tuple[int, float]]) -> list[PlannedTrip]:
    """`count` of the trips, from the first to the last, as evenly spaced as the grid allows."""
    if count == 1:
        return [trips[len(trips) // 2]]
    return [trips[round(step * (len(trips) - 1) / (count - 1))] for step in range(count)]


def even_load(trips: Sequence[PlannedTrip], count: int, loads: Sequence[tuple[int, float]]) -> list[PlannedTrip]:
    """A departure whenever another equal share of the day's passengers is ready; never two in one minute.

    `loads`: (minute, passengers who become ready), in order.
    """
    total = sum(amount for _, amount in loads)
    minutes: list[int] = []
    so_far = 0.0
    for minute, amount in loads:
        so_far += amount
        while len(minutes) < count and so_far >= (len(minutes) + 1) * total / count - 1e-9:
            minutes.append(minute + 1)
    chosen: list[int] = []
    for step, minute in enumerate(minutes):
        first = chosen[-1] + 1 if chosen else 0
        last = len(trips) - (count - step)
        in_time = (index for index in range(first, last + 1) if trips[index].departs >= minute)
        chosen.append(next(in_time, last))
    return [trips[index] for index in chosen]


def _useful_trips(scenario: Scenario, day_type: str) -> list[list[PlannedTrip]]:
    """The trips of each pattern between the first and the last passenger's readiness, in order of time."""
    demand = demand_of(scenario, day_type)
    ready = {pair: (min(rates), max(rates) + scenario.grid) for pair, rates in demand.items() if rates}
    by_pattern: dict[tuple[str, ...], list[PlannedTrip]] = {stops: [] for stops in scenario.patterns}
    for trip in candidates(scenario):
        if any(
            first <= ride.leaves <= last
            for pair, (first, last) in ready.items()
            for ride in usable_rides(scenario, day_type, [trip], pair)
        ):
            by_pattern[trip.stops].append(trip)
    return [trips for trips in by_pattern.values() if trips]


def _passengers_by_minute(scenario: Scenario, day_type: str) -> list[tuple[int, float]]:
    by_minute: dict[int, float] = {}
    for rates in demand_of(scenario, day_type).values():
        for minute, amount in rates.items():
            by_minute[minute] = by_minute.get(minute, 0.0) + amount
    return sorted(by_minute.items())


def _baseline(
    name: str,
    scenario: Scenario,
    day_type: str,
    trips: Sequence[PlannedTrip],
    base: Sequence[PlannedTrip],
    rates: Costs,
) -> Baseline:
    assessment = assess(scenario, day_type, trips, base, rates)
    enough = max(assessment.vehicles, default=0) <= scenario.fleet.vehicles
    return Baseline(name, assessment, assessment.keeps_what_is_hard and enough)
