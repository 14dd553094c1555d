"""The same service with less driving: among trips that cost passengers the same, the shorter ways.

The provers minimise passengers' time alone, and where a detour helps nobody they may take it all the same. Each trip is tried on
every shorter pattern at its minute; a change is kept when no passenger loses and no requirement breaks.
"""

from shuttle.domain.planned_trips import PlannedTrip
from shuttle.domain.rules import Plan, verdicts
from shuttle.domain.waiting import passenger_cost
from shuttle.planner.problem import Problem

EQUAL = 1e-9


def shortened(problem: Problem, numbers: list[int]) -> list[int]:
    """The candidates with detours taken out that serve nobody, in the same order."""
    at: dict[int, list[int]] = {}
    for number, trip in enumerate(problem.candidates):
        at.setdefault(trip.departs, []).append(number)
    chosen = list(numbers)
    cost = _cost(problem, chosen)
    for place, number in enumerate(numbers):
        trip = problem.candidates[number]
        shorter = [
            n for n in at[trip.departs] if problem.candidates[n].busy_minutes < trip.busy_minutes and n not in chosen
        ]
        for other in sorted(shorter, key=lambda n: problem.candidates[n].busy_minutes):
            trial = [*chosen[:place], other, *chosen[place + 1 :]]
            if _cost(problem, trial) <= cost + EQUAL and _holds(problem, problem.chosen(trial)):
                chosen = trial
                break
    return chosen


def _cost(problem: Problem, numbers: list[int]) -> float:
    return passenger_cost(problem.scenario, problem.day_type, problem.chosen(numbers))


def _holds(problem: Problem, trips: list[PlannedTrip]) -> bool:
    """Every requirement as it stands, the wishes too: a breach that was not paid for must not come in by the back door."""
    plan = Plan(problem.scenario, problem.day_type, tuple(trips), problem.base, problem.rates)
    return all(verdict.met for verdict in verdicts(plan))
