"""The same service with less driving: among trips that cost passengers the same, the shorter ways.

The provers minimise passengers' time alone, and where a detour helps nobody they may take it all the same. Each trip is tried on
every shorter pattern at its minute; a change is kept when no passenger loses and no requirement breaks.
"""

from collections.abc import Callable

from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.rules import PlannedDay, verdicts
from shuttle.planner.model.problem import Problem

EQUAL = 1e-9


CostOf = Callable[[list[PlannedTrip]], float]


def shortened(problem: Problem, numbers: list[int], *costs_of: CostOf) -> list[int]:
    """The candidates with detours taken out that serve nobody, in the same order.

    `costs_of` trips, in passenger minutes: what none of may rise, those that are soon computed first.
    """
    at: dict[int, list[int]] = {}
    for number, trip in enumerate(problem.candidates):
        at.setdefault(trip.departs, []).append(number)
    chosen = list(numbers)
    most = [cost_of(problem.chosen(chosen)) + EQUAL for cost_of in costs_of]
    for place, number in enumerate(numbers):
        trip = problem.candidates[number]
        shorter = [
            n for n in at[trip.departs] if problem.candidates[n].busy_minutes < trip.busy_minutes and n not in chosen
        ]
        for other in sorted(shorter, key=lambda n: problem.candidates[n].busy_minutes):
            trial = [*chosen[:place], other, *chosen[place + 1 :]]
            trips = problem.chosen(trial)
            costs = zip(costs_of, most, strict=True)
            if _holds(problem, trips) and all(cost_of(trips) <= at_most for cost_of, at_most in costs):
                chosen = trial
                break
    return chosen


def _holds(problem: Problem, trips: list[PlannedTrip]) -> bool:
    """Every requirement as it stands, the wishes too: a breach that was not paid for must not come in by the back door.

    And the fleet: where trips end elsewhere, a shorter one may leave its bus where the next is not.
    """
    plan = PlannedDay(
        scenario=problem.scenario, day_type=problem.day_type, trips=tuple(trips), base=problem.base, costs=problem.rates
    )
    return vehicles_needed(problem.scenario, trips) <= problem.scenario.fleet.vehicles and all(
        verdict.met for verdict in verdicts(plan)
    )
