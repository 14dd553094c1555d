"""How sure a figure is: the same timetable on many days that could have been.

Each day draws every slot's passengers anew (Poisson around the stated or estimated mean). The timetable stays; its cost does
not. At a hundred passengers a day the interval is wide, and says that one day's best is largely chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from shuttle.domain.planned_trips import PlannedTrip
from shuttle.domain.scenario import DemandProfile, Scenario
from shuttle.domain.waiting import waiting

DAYS = 400


@dataclass(frozen=True)
class Interval:
    """Passenger cost that 5 % of the days stay below, and 5 % exceed."""

    low: float
    high: float


def cost_interval(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> Interval:
    """The 5 and 95 per cent points of passenger cost over DAYS drawn days. The same seed gives the same interval."""
    return interval_of(drawn_costs(scenario, day_type, trips, seed))


def interval_of(drawn: Sequence[float]) -> Interval:
    """The interval of passenger costs of drawn days."""
    costs = sorted(drawn)
    return Interval(costs[int(0.05 * len(costs))], costs[max(0, int(0.95 * len(costs)) - 1)])


def drawn_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seed: int = 0) -> list[float]:
    """Passenger cost on each of DAYS drawn days. The same seed draws the same passengers, whatever the trips are."""
    slots = _slot_costs(scenario, day_type, trips)
    random = Random(seed)
    return [sum(_poisson(random, mean) * each for mean, each in slots) for _ in range(DAYS)]


def _slot_costs(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> list[tuple[float, float]]:
    """(mean passengers, passenger cost of one of them) for each slot that has any: the cost is linear in the amounts."""
    found = []
    for profile in scenario.demand.profiles:
        if profile.day_type != day_type:
            continue
        for slot, mean in enumerate(profile.passengers):
            if mean <= 0:
                continue
            one = _one_passenger(profile, slot)
            demand = {(profile.origin, profile.destination): one.per_minute()}
            found.append((mean, waiting(scenario, day_type, trips, demand).cost(scenario.demand.unserved)))
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
