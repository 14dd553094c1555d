"""Passenger cost without seat limits: the definition that the solver's models refer to, in passenger minutes.

A ride is *usable* when it arrives at a stop with opening hours within a useful window. A passenger who is ready at a minute
takes the first usable ride from then on. A passenger without one, or with a wait above the limit, is unserved.
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
    """True when the ride arrives within one of the windows; `windows` None: always open."""
    return windows is None or any(first <= ride.arrives <= last for first, last in windows)


def usable_rides(scenario: Scenario, day_type: str, trips: Iterable[PlannedTrip], pair: Pair) -> list[Ride]:
    """Usable rides of a pair of stops, in order of departure."""
    windows = scenario.useful_windows(pair[1], day_type)
    rides = [ride for trip in trips for ride in trip.rides.get(pair, ()) if is_useful(ride, windows)]
    return sorted(rides, key=lambda ride: (ride.leaves, ride.arrives))


def demand_of(scenario: Scenario, day_type: str) -> dict[Pair, dict[Minute, float]]:
    """Pair of stops -> minute -> passengers who become ready; profiles of one pair are added up."""
    demand: dict[Pair, dict[Minute, float]] = {}
    for profile in scenario.demand.profiles:
        if profile.day_type == day_type:
            minutes = demand.setdefault((profile.origin, profile.destination), {})
            for minute, rate in profile.per_minute().items():
                minutes[minute] = minutes.get(minute, 0.0) + rate
    return demand


def wait_for(scenario: Scenario, leaves: Sequence[Minute], ready: Minute) -> int | None:
    """Minutes from `ready` to the next departure (or, by displacement, to the nearest); None when above the limit.

    `leaves`: departure minutes, in order.
    """
    index = bisect_left(leaves, ready)
    waits = [leaves[index] - ready] if index < len(leaves) else []
    if scenario.demand.wish is Wish.DISPLACEMENT and index > 0:
        waits.append(ready - leaves[index - 1])
    shortest = min(waits, default=None)
    return None if shortest is None or shortest > scenario.demand.max_wait else shortest


@dataclass(frozen=True)
class Waiting:
    """Passengers served and unserved, and the total wait of the served, in minutes."""

    served: float
    unserved: float
    minutes: float

    def cost(self, unserved_minutes: int) -> float:
        """Passenger cost in minutes; `unserved_minutes`: the cost of an unserved passenger."""
        return self.minutes + unserved_minutes * self.unserved


def waiting(
    scenario: Scenario,
    day_type: str,
    trips: Sequence[PlannedTrip],
    demand: dict[Pair, dict[Minute, float]] | None = None,
) -> Waiting:
    """The waiting that the trips cause for the demand (default: the scenario's own)."""
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
    """Minutes of waiting, plus the scenario's `unserved` minutes for each unserved passenger."""
    return waiting(scenario, day_type, trips).cost(scenario.demand.unserved)


def waits(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], stop: str) -> dict[Minute, int | None]:
    """Open minute of a stop -> minutes until the next usable ride from the base stop; None where there is none within the longest wait."""
    leaves = [ride.leaves for ride in usable_rides(scenario, day_type, trips, (scenario.base_stop, stop))]
    return {
        ready: wait_for(scenario, leaves, ready)
        for first, last in scenario.inner_windows(stop, day_type)
        for ready in range(first, last + 1)
    }


def covered_minutes(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], stop: str) -> dict[Minute, bool]:
    """Open minute of a stop -> True when a passenger ready at the base stop then arrives within `coverage_minutes`."""
    rides = usable_rides(scenario, day_type, trips, (scenario.base_stop, stop))
    return {
        ready: any(ride.leaves >= ready and ride.arrives - ready <= scenario.demand.coverage_minutes for ride in rides)
        for first, last in scenario.inner_windows(stop, day_type)
        for ready in range(first, last + 1)
    }


def coverage(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], stop: str) -> float:
    """The covered share (0 to 1) of a stop's open minutes, see `covered_minutes`; 1 when it is closed all day."""
    minutes = covered_minutes(scenario, day_type, trips, stop)
    return sum(minutes.values()) / len(minutes) if minutes else 1.0
