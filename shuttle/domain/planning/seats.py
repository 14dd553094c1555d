"""Seat model: an assignment of passengers to trips (*seating*) in which no segment between two calls exceeds the seats.

The simulation is first come, first served; the optimal seating minimises the total cost instead. Its cost lies between the
cost without seats and the simulated cost. A lower bound needs no solver (Lagrangian relaxation): with a dual price on each
segment, every passenger chooses the cheapest trip alone; the sum, less the prices of full vehicles, bounds every seating.
A seating with exactly that cost is optimal.
"""

from collections.abc import Mapping, Sequence

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, is_useful
from shuttle.domain.planning.planned_trips import PlannedTrip, Ride
from shuttle.domain.planning.scenario import Scenario, Wish


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
