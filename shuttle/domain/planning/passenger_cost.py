"""How long people wait: the exact meaning of a timetable's passenger cost, without a solver and without seats.

A departure is *usable* for a stop with opening hours if it arrives there in a useful window. Someone who is ready at minute `a`
takes the first usable departure at or after `a`; who would wait longer than the limit, or finds none, is unserved.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.planned_trips import PlannedTrip, Ride
from shuttle.domain.planning.scenario import Scenario, Wish
from shuttle.domain.timetable.opening_hours import Window

Pair = tuple[str, str]


def is_useful(ride: Ride, windows: tuple[Window, ...] | None) -> bool:
    return windows is None or any(first <= ride.arrives <= last for first, last in windows)


def usable_rides(scenario: Scenario, day_type: str, trips: Iterable[PlannedTrip], pair: Pair) -> list[Ride]:
    """Rides from one stop to another that arrive while it is of use, in order of leaving."""
    windows = scenario.useful_windows(pair[1], day_type)
    rides = [ride for trip in trips for ride in trip.rides.get(pair, ()) if is_useful(ride, windows)]
    return sorted(rides, key=lambda ride: (ride.leaves, ride.arrives))


def demand_of(scenario: Scenario, day_type: str) -> dict[Pair, dict[Minute, float]]:
    """Passengers who get ready, per pair of stops and minute; profiles of one pair add up."""
    found: dict[Pair, dict[Minute, float]] = {}
    for profile in scenario.demand.profiles:
        if profile.day_type == day_type:
            minutes = found.setdefault((profile.origin, profile.destination), {})
            for minute, rate in profile.per_minute().items():
                minutes[minute] = minutes.get(minute, 0.0) + rate
    return found


def wait_for(scenario: Scenario, leaves: Sequence[Minute], ready: Minute) -> int | None:
    """Minutes until the first of the departures (or, by displacement, to the nearest); None where nobody would wait so long."""
    index = bisect_left(leaves, ready)
    waits = [leaves[index] - ready] if index < len(leaves) else []
    if scenario.demand.wish is Wish.DISPLACEMENT and index > 0:
        waits.append(ready - leaves[index - 1])
    shortest = min(waits, default=None)
    return None if shortest is None or shortest > scenario.demand.max_wait else shortest


@dataclass(frozen=True)
class Waiting:
    """Passengers served and not, and the minutes that the served ones wait."""

    served: float
    unserved: float
    minutes: float

    def cost(self, unserved_minutes: int) -> float:
        """Passenger cost in minutes."""
        return self.minutes + unserved_minutes * self.unserved


def waiting(
    scenario: Scenario,
    day_type: str,
    trips: Sequence[PlannedTrip],
    demand: dict[Pair, dict[Minute, float]] | None = None,
) -> Waiting:
    """What the trips mean for the demand (the scenario's own unless another is given)."""
    served = unserved = minutes = 0.0
    for pair, rates in (demand_of(scenario, day_type) if demand is None else demand).items():
        leaves = [ride.leaves for ride in usable_rides(scenario, day_type, trips, pair)]
        for ready, rate in rates.items():
            wait = wait_for(scenario, leaves, ready)
            if wait is None:
                unserved += rate
            else:
                served += rate
                minutes += rate * wait
    return Waiting(served, unserved, minutes)


def passenger_cost(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> float:
    """Wait minutes plus `unserved` minutes for each passenger unserved."""
    return waiting(scenario, day_type, trips).cost(scenario.demand.unserved)


def covered_minutes(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], stop: str) -> dict[Minute, bool]:
    """Each open minute of a stop, and whether who is ready at the base stop then arrives in time."""
    rides = usable_rides(scenario, day_type, trips, (scenario.base_stop, stop))
    return {
        ready: any(ride.leaves >= ready and ride.arrives - ready <= scenario.demand.coverage_minutes for ride in rides)
        for first, last in scenario.inner_windows(stop, day_type)
        for ready in range(first, last + 1)
    }


def coverage(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], stop: str) -> float:
    """Of a stop's open minutes, the share at which who is ready at the base stop arrives in time; 1 where it is closed all day."""
    minutes = covered_minutes(scenario, day_type, trips, stop)
    return sum(minutes.values()) / len(minutes) if minutes else 1.0
