"""How sure a figure is: the same timetable on many days that could have been.

Each day draws every slot's passengers anew (Poisson around the stated or estimated mean). The timetable stays; its cost does
not. At a hundred passengers a day the interval is wide, and says that one day's best is largely chance. Where seats are part of
the question the drawn days are played, seat by seat: who is left behind on a full day costs more than the mean day shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, waiting
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import DemandProfile, Scenario
from shuttle.domain.planning.simulation import Runs

DAYS = 400


@dataclass(frozen=True)
class Interval:
    """Passenger cost that 5 % of the days stay below, and 5 % exceed; of days that were played with seats, or without."""

    low: float
    high: float
    played: bool = False

    def document(self) -> dict[str, Any]:
        return {"cost_p5": self.low, "cost_p95": self.high, "model": "played" if self.played else "without seats"}


def cost_interval(
    scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0, played: bool = False
) -> Interval:
    """The 5 and 95 per cent points of passenger cost over DAYS drawn days. The same seed gives the same interval."""
    return interval_of((played_costs if played else drawn_costs)(scenario, day_type, trips, seed), played)


def interval_of(drawn: Sequence[float], played: bool = False) -> Interval:
    """The interval of passenger costs of drawn days."""
    costs = sorted(drawn)
    return Interval(costs[int(0.05 * len(costs))], costs[max(0, int(0.95 * len(costs)) - 1)], played)


def drawn_days(scenario: Scenario, day_type: str, seed: int = 0, days: int = DAYS) -> list[tuple[int, ...]]:
    """The passengers of every slot that has any, for each drawn day. The same seed draws the same, and fewer days the first ones."""
    random = Random(seed)
    means = [profile.passengers[slot] for profile, slot in _slots(scenario, day_type)]
    return [tuple(_poisson(random, mean) for mean in means) for _ in range(days)]


def on_day(scenario: Scenario, day_type: str, passengers: Sequence[int]) -> Scenario:
    """The question of a drawn day: so many passengers in the slots of a day type, in the order of `drawn_days`."""
    amounts = iter(passengers)
    profiles = [
        replace(profile, passengers=tuple(float(next(amounts)) if mean > 0 else 0.0 for mean in profile.passengers))
        if profile.day_type == day_type
        else profile
        for profile in scenario.demand.profiles
    ]
    return replace(scenario, demand=replace(scenario.demand, profiles=tuple(profiles)))


def drawn_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> list[float]:
    """Passenger cost without seats on each of DAYS drawn days. The same seed draws the same passengers, whatever the trips are."""
    each = _slot_costs(scenario, day_type, trips)
    return [sum(a * cost for a, cost in zip(day, each, strict=True)) for day in drawn_days(scenario, day_type, seed)]


def played_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> list[float]:
    """Passenger cost of the same drawn days as they are played with the vehicle's seats, first come, first served."""
    runs, unserved = Runs(scenario, day_type, trips), scenario.demand.unserved
    days = drawn_days(scenario, day_type, seed)
    return [runs.simulate(demand_of(on_day(scenario, day_type, day), day_type)).cost(unserved) for day in days]


def people_of_slots(scenario: Scenario, day_type: str) -> list[tuple[Pair, dict[Minute, float]]]:
    """For each slot of `drawn_days` its pair of stops, and how one passenger of it is spread over the minutes."""
    return [
        ((profile.origin, profile.destination), _one_passenger(profile, slot).per_minute())
        for profile, slot in _slots(scenario, day_type)
    ]


def _slots(scenario: Scenario, day_type: str) -> list[tuple[DemandProfile, int]]:
    """Every slot that has passengers, with its profile."""
    profiles = [profile for profile in scenario.demand.profiles if profile.day_type == day_type]
    return [(profile, slot) for profile in profiles for slot, mean in enumerate(profile.passengers) if mean > 0]


def _slot_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> list[float]:
    """What one passenger of each slot that has any costs: without seats the cost is linear in the amounts."""
    found = []
    for profile, slot in _slots(scenario, day_type):
        demand = {(profile.origin, profile.destination): _one_passenger(profile, slot).per_minute()}
        found.append(waiting(scenario, day_type, trips, demand).cost(scenario.demand.unserved))
    return found


def _one_passenger(profile: DemandProfile, slot: int) -> DemandProfile:
    return replace(profile, starts=profile.starts + slot * profile.slot_minutes, passengers=(1.0,))


def _poisson(random: Random, mean: float) -> int:
    """Knuth's product method; means of a slot are small."""
    if mean > 30:
        return max(0, round(random.gauss(mean, mean**0.5)))
    limit, product, count = 2.718281828459045**-mean, random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
