"""Seats, as the planner's model sees them: on no stretch between two calls does a trip carry more people than it has seats.

Apart from `played`, which is what people do. Here a *seating* says who boards what so that all together wait least; it lies
between the waiting without seats and the day as it is played. Whether one is the cheapest can be seen without a solver: put a
toll on each stretch and let everybody choose for themselves. What they then pay in minutes and tolls, less the tolls of full
vehicles, no seating can stay below (Lagrange); where a seating costs just that, none is cheaper.
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
    """So many of a pair who got ready in that minute leave on the trip (its number) at `leaves`."""

    pair: Pair
    ready: Minute
    trip: int
    leaves: Minute
    amount: float


@dataclass(frozen=True)
class Seating:
    """Who boards what, who is not in it is unserved; `tolls`: minutes by trip and stretch (0 is from the first call)."""

    boarded: tuple[Boarded, ...]
    tolls: Mapping[tuple[int, int], float]


def segments(trip: PlannedTrip, pair: Pair, ride: Ride) -> tuple[int, ...]:
    """Over which stretches of its trip a ride goes; stretch `i` is between call `i` and the next."""
    first = next(i for i, c in enumerate(trip.calls) if c.stop == pair[0] and c.departs == ride.leaves)
    last = next(i for i, c in enumerate(trip.calls) if i > first and c.stop == pair[1])
    return tuple(range(first, last))


def takes(scenario: Scenario, ready: Minute, leaves: Minute) -> int | None:
    """Minutes that it costs to leave then, None where nobody would: too long, or (but by displacement) too early."""
    minutes = abs(leaves - ready)
    early = leaves < ready and scenario.demand.wish is not Wish.DISPLACEMENT
    return None if early or minutes > scenario.demand.max_wait else minutes


def seating_cost(scenario: Scenario, day_type: str, seating: Seating) -> float:
    """Passenger cost in minutes: waiting of who boards, `unserved` minutes for everybody else."""
    everybody = sum(sum(rates.values()) for rates in demand_of(scenario, day_type).values())
    served = sum(each.amount for each in seating.boarded)
    waits = sum(each.amount * abs(each.leaves - each.ready) for each in seating.boarded)
    return waits + scenario.demand.unserved * (everybody - served)


def seating_faults(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], seating: Seating) -> list[str]:
    """What is wrong with a seating, in words: a ride that is none, more people than there are, more than the seats."""
    demand = demand_of(scenario, day_type)
    faults: list[str] = []
    people: dict[tuple[Pair, Minute], float] = {}
    loads: dict[tuple[int, int], float] = {}
    for each in seating.boarded:
        windows = scenario.useful_windows(each.pair[1], day_type)
        rides = [r for r in trips[each.trip].rides.get(each.pair, ()) if r.leaves == each.leaves]
        useful = [ride for ride in rides if is_useful(ride, windows)]
        if not useful or takes(scenario, each.ready, each.leaves) is None or each.amount < 0:
            faults.append(f"{each} is no ride that anybody takes")
            continue
        people[each.pair, each.ready] = people.get((each.pair, each.ready), 0.0) + each.amount
        for stretch in segments(trips[each.trip], each.pair, useful[0]):
            loads[each.trip, stretch] = loads.get((each.trip, stretch), 0.0) + each.amount
    for (pair, ready), amount in people.items():
        if amount > demand.get(pair, {}).get(ready, 0.0) + TINY:
            faults.append(f"{amount} of {pair} board who got ready at {ready}, more than there are")
    seats = scenario.fleet.seats or float("inf")
    return faults + [f"{load} people on trip and stretch {at}" for at, load in loads.items() if load > seats + TINY]


def least_cost(
    scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], tolls: Mapping[tuple[int, int], float]
) -> float:
    """A passenger cost that no seating of these trips stays below, whatever the tolls (at least 0) are."""
    total = -float(scenario.fleet.seats or 0) * sum(tolls.values())
    for pair, rates in demand_of(scenario, day_type).items():
        windows = scenario.useful_windows(pair[1], day_type)
        offers = [
            (ride.leaves, sum(tolls.get((number, stretch), 0.0) for stretch in segments(trip, pair, ride)))
            for number, trip in enumerate(trips)
            for ride in trip.rides.get(pair, ())
            if is_useful(ride, windows)
        ]
        for ready, rate in rates.items():
            prices = [
                minutes + toll for leaves, toll in offers if (minutes := takes(scenario, ready, leaves)) is not None
            ]
            total += rate * min([*prices, float(scenario.demand.unserved)])
    return total
