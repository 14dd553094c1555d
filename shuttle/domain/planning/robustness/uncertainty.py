"""Uncertainty of a proposal's cost: the same timetable on many random demand days (Monte Carlo simulation).

The passengers of every slot are drawn from a Poisson distribution around its mean. With a hundred passengers a day the
interval is wide: which timetable is best on one day is largely chance. With seat limits the drawn days are simulated,
because passengers left behind on a full day cost more than the mean day shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, waiting
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import IntervalResult
from shuttle.domain.planning.scenario import DemandProfile, Scenario
from shuttle.domain.planning.simulation import SimulationRuns

DAYS = 400


@dataclass(frozen=True)
class Interval:
    """The 5th and 95th percentile of passenger cost. `played`: of days simulated with seats."""

    low: float
    high: float
    played: bool = False

    def document(self) -> IntervalResult:
        return {"cost_p5": self.low, "cost_p95": self.high, "model": "played" if self.played else "without seats"}


def cost_interval(
    scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0, played: bool = False
) -> Interval:
    """The interval of passenger cost over DAYS drawn days. An equal seed gives an equal interval."""
    return interval_of((simulated_costs if played else drawn_costs)(scenario, day_type, trips, seed), played)


def interval_of(drawn: Sequence[float], played: bool = False) -> Interval:
    """The interval of the passenger costs of drawn days (at least one)."""
    costs = sorted(drawn)
    return Interval(costs[int(0.05 * len(costs))], costs[max(0, int(0.95 * len(costs)) - 1)], played)


def drawn_days(scenario: Scenario, day_type: str, seed: int = 0, days: int = DAYS) -> list[tuple[int, ...]]:
    """For each drawn day the passengers of every slot with a mean above 0.

    An equal seed gives equal days; fewer days are the first of more.
    """
    random = Random(seed)
    means = [profile.passengers[slot] for profile, slot in _slots(scenario, day_type)]
    return [tuple(_poisson(random, mean) for mean in means) for _ in range(days)]


def on_day(scenario: Scenario, day_type: str, passengers: Sequence[int]) -> Scenario:
    """The scenario of a drawn day: these passengers in the slots of a day type, in the order of `drawn_days`."""
    amounts = iter(passengers)
    profiles = [
        replace(profile, passengers=tuple(float(next(amounts)) if mean > 0 else 0.0 for mean in profile.passengers))
        if profile.day_type == day_type
        else profile
        for profile in scenario.demand.profiles
    ]
    return replace(scenario, demand=replace(scenario.demand, profiles=tuple(profiles)))


def drawn_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> list[float]:
    """Passenger cost without seats on each of DAYS drawn days. An equal seed draws equal passengers for any trips."""
    each = _slot_costs(scenario, day_type, trips)
    return [sum(a * cost for a, cost in zip(day, each, strict=True)) for day in drawn_days(scenario, day_type, seed)]


def simulated_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> list[float]:
    """Passenger cost of the same drawn days, simulated with the vehicle's seats."""
    runs, unserved = SimulationRuns(scenario, day_type, trips), scenario.demand.unserved
    days = drawn_days(scenario, day_type, seed)
    return [runs.simulate(demand_of(on_day(scenario, day_type, day), day_type)).cost(unserved) for day in days]


def slot_distributions(scenario: Scenario, day_type: str) -> list[tuple[Pair, dict[Minute, float]]]:
    """For each slot of `drawn_days` its pair of stops, and the distribution of one passenger over its minutes."""
    return [
        ((profile.origin, profile.destination), _one_passenger(profile, slot).per_minute())
        for profile, slot in _slots(scenario, day_type)
    ]


def _slots(scenario: Scenario, day_type: str) -> list[tuple[DemandProfile, int]]:
    """(profile, slot index) of every slot with a mean above 0."""
    profiles = [profile for profile in scenario.demand.profiles if profile.day_type == day_type]
    return [(profile, slot) for profile in profiles for slot, mean in enumerate(profile.passengers) if mean > 0]


def _slot_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> list[float]:
    """The cost of one passenger of each slot; without seats, the cost of a day is linear in its passengers."""
    costs = []
    for profile, slot in _slots(scenario, day_type):
        demand = {(profile.origin, profile.destination): _one_passenger(profile, slot).per_minute()}
        costs.append(waiting(scenario, day_type, trips, demand).cost(scenario.demand.unserved))
    return costs


def _one_passenger(profile: DemandProfile, slot: int) -> DemandProfile:
    return replace(profile, starts=profile.starts + slot * profile.slot_minutes, passengers=(1.0,))


def _poisson(random: Random, mean: float) -> int:
    """A Poisson number: Knuth's product method, a rounded normal number for means above 30."""
    if mean > 30:
        return max(0, round(random.gauss(mean, mean**0.5)))
    limit, product, count = 2.718281828459045**-mean, random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
