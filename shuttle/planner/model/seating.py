"""The cheapest seating of given trips: the least that passengers could pay if the seats were given to whoever gains most.

Found as a linear program, and proven by plain arithmetic from its tolls (`domain.planning.seats.least_cost`). It costs no more than
the day as it is played and no less than one with seats for everybody.
"""

from collections.abc import Sequence

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning.passenger_cost import demand_of
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.seats import least_cost
from shuttle.planner.model.passenger_flows import PassengerFlows
from shuttle.planner.model.program import Program
from shuttle.planner.solvers.highs import relaxed

SURE = 1e-6
"""Relative difference between a seating's cost and what its tolls prove."""


def cheapest_with_seats(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> float:
    """Passenger minutes. Raises Unavailable (`no-seating`) where HiGHS fails, AssertionError where the tolls do not prove the cost."""
    program = Program()
    for number in range(len(trips)):
        program.variable(choice=False)
        program.equal([(number, 1.0)], 1.0)
    flows = PassengerFlows(program, scenario, day_type, trips, demand_of(scenario, day_type), exact=True)
    best = relaxed(program)
    if best is None:
        raise Unavailable("no-seating", "the seats could not be given out")
    tolls = {at: max(0.0, -best.duals[row]) for at, row in flows.load_rows.items()}
    proven = least_cost(scenario, day_type, trips, tolls)
    assert abs(best.bound - proven) <= SURE * max(1.0, best.bound), f"seating: {best.bound}, its tolls: {proven}"
    return best.bound
