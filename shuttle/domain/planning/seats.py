"""Seat model: an assignment of passengers to trips (*seating*) in which no segment between two calls exceeds the seats.

The simulation is first come, first served; the optimal seating minimises the total cost instead. Its cost lies between the
cost without seats and the simulated cost. A lower bound needs no solver (Lagrangian relaxation): with a dual price on each
segment, every passenger chooses the cheapest trip alone; the sum, less the prices of full vehicles, bounds every seating.
A seating with exactly that cost is optimal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, is_useful
from shuttle.domain.planning.planned_trips import PlannedTrip, Ride
from shuttle.domain.planning.scenario import Scenario, Wish

TINY = 1e-6


@dataclass(frozen=True, kw_only=True)
class Boarded:
    """`amount` passengers of a pair, ready at a minute, board a trip (its index) that leaves at `leaves`."""

    pair: Pair
    ready: Minute
    trip: int
    leaves: Minute
    amount: float


@dataclass(frozen=True)
class Seating:
    """The boarded passengers; all others are unserved. `tolls`: dual prices in minutes, by trip and segment (from 0)."""

    boarded: tuple[Boarded, ...]
    tolls: Mapping[tuple[int, int], float]


def segments(trip: PlannedTrip, pair: Pair, ride: Ride) -> tuple[int, ...]:
    """The segments of its trip that a ride covers; segment `i` is from call `i` (from 0) to the next."""
    first = next(i for i, c in enumerate(trip.calls) if c.stop == pair[0] and c.departs == ride.leaves)
    last = next(i for i, c in enumerate(trip.calls) if i > first and c.stop == pair[1])
    return tuple(range(first, last))


def takes(scenario: Scenario, ready: Minute, leaves: Minute) -> int | None:
    """Cost in minutes of leaving at `leaves`; None when the wait is too long or, except by displacement, negative."""
    minutes = abs(leaves - ready)
    early = leaves < ready and scenario.demand.wish is not Wish.DISPLACEMENT
    return None if early or minutes > scenario.demand.max_wait else minutes


def seating_cost(scenario: Scenario, day_type: str, seating: Seating) -> float:
    """Passenger cost in minutes: the wait of each boarded passenger, `unserved` minutes for each other one."""
    passengers = sum(sum(rates.values()) for rates in demand_of(scenario, day_type).values())
    served = sum(each.amount for each in seating.boarded)
    waits = sum(each.amount * abs(each.leaves - each.ready) for each in seating.boarded)
    return waits + scenario.demand.unserved * (passengers - served)


def seating_faults(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seating: Seating) -> list[str]:
    """Faults of a seating, in words: a ride that does not exist, more passengers than the demand, more than the seats."""
    demand = demand_of(scenario, day_type)
    faults: list[str] = []
    people: dict[tuple[Pair, Minute], float] = {}
    loads: dict[tuple[int, int], float] = {}
    for each in seating.boarded:
        windows = scenario.useful_windows(each.pair[1], day_type)
        rides = [r for r in trips[each.trip].rides.get(each.pair, ()) if r.leaves == each.leaves]
        useful = [ride for ride in rides if is_useful(ride, windows)]
        if not useful or takes(scenario, each.ready, each.leaves) is None or each.amount < 0:
            faults.append(f"{each} is no ride that a passenger takes")
            continue
        people[each.pair, each.ready] = people.get((each.pair, each.ready), 0.0) + each.amount
        for segment in segments(trips[each.trip], each.pair, useful[0]):
            loads[each.trip, segment] = loads.get((each.trip, segment), 0.0) + each.amount
    for (pair, ready), amount in people.items():
        if amount > demand.get(pair, {}).get(ready, 0.0) + TINY:
            faults.append(f"{amount} of {pair} board who got ready at {ready}, more than there are")
    seats = scenario.fleet.seats or float("inf")
    return faults + [f"{load} people on trip and segment {at}" for at, load in loads.items() if load > seats + TINY]


def least_cost(
    scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], tolls: Mapping[tuple[int, int], float]
) -> float:
    """A lower bound on the passenger cost of every seating of these trips, for any dual prices `tolls` of at least 0."""
    total = -float(scenario.fleet.seats or 0) * sum(tolls.values())
    for pair, rates in demand_of(scenario, day_type).items():
        windows = scenario.useful_windows(pair[1], day_type)
        offers = [
            (ride.leaves, sum(tolls.get((number, segment), 0.0) for segment in segments(trip, pair, ride)))
            for number, trip in enumerate(trips)
            for ride in trip.rides.get(pair, ())
            if is_useful(ride, windows)
        ]
        for ready, rate in rates.items():
            prices = [
                minutes + price for leaves, price in offers if (minutes := takes(scenario, ready, leaves)) is not None
            ]
            total += rate * min([*prices, float(scenario.demand.unserved)])
    return total
