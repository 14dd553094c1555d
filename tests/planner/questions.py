"""Small questions for the planner, and an answer to each by trying every set of trips."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.rules import PlannedDay, slack
from shuttle.domain.planning.scenario import Demand, DemandProfile, Fleet, Requirement, Scenario, Wish
from shuttle.domain.timetable.network import Costs, RunningTime
from shuttle.planner.model.constraints import add_requirements
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.search.proposal import NoTimetable, Proposal
from shuttle.planner.search.solve import Solver

RATES = Costs(nok_per_driver_hour=450, nok_per_km=6)
LEGS = {("base", "near"): 10, ("near", "base"): 10, ("base", "far"): 18, ("far", "base"): 18}
LEGS |= {("near", "far"): 16, ("far", "near"): 16}
OUT_AND_HOME = ("base", "near", "base")
OVER_BOTH = ("base", "near", "far", "base")


def running_times(legs: dict[tuple[str, str], int]) -> dict[tuple[str, str], RunningTime]:
    return {
        (here, there): RunningTime(origin=here, destination=there, bands=((0, m),), km=2.0)
        for (here, there), m in legs.items()
    }


def a_question(
    profiles: Sequence[DemandProfile],
    *requirements: Requirement,
    patterns: tuple[tuple[str, ...], ...] = (OUT_AND_HOME, OVER_BOTH),
    first: int = 600,
    last: int = 900,
    grid: int = 60,
    wish: Wish = Wish.NEXT,
    vehicles: int = 1,
    max_wait: int = 90,
) -> Scenario:
    """From ten to three, two ways to go, one bus; both centres open from half past ten."""
    return Scenario(
        id="question",
        name="Question",
        day_types=("weekday",),
        grid=grid,
        base_stop="base",
        first_departure=first,
        last_arrival=last,
        patterns=patterns,
        fleet=Fleet(vehicles=vehicles, turnaround=5),
        running_times=running_times(LEGS),
        hours={"near": {"weekday": ((630, 840),)}, "far": {"weekday": ((630, 840),)}},
        demand=Demand(profiles=tuple(profiles), max_wait=max_wait, unserved=180, wish=wish),
        requirements=requirements,
    )


def profiles_of(seed: int, slot_minutes: int = 60, slots: int = 4, starts: int = 600) -> list[DemandProfile]:
    """Random demand both ways, in halves of passengers."""
    chance = random.Random(seed)
    pairs = [("base", "near"), ("near", "base"), ("base", "far"), ("far", "base")]
    return [
        DemandProfile(
            day_type="weekday",
            origin=here,
            destination=there,
            starts=starts,
            slot_minutes=slot_minutes,
            passengers=tuple(chance.randint(0, 8) / 2 for _ in range(slots)),
        )
        for here, there in pairs
    ]


def trips_at(scenario: Scenario, stops: tuple[str, ...], *minutes: int) -> tuple[PlannedTrip, ...]:
    return tuple(plan_trip(scenario, stops, minute) for minute in minutes)


def a_solver(problem: Problem, seconds: float = 600.0, seed: int = 0) -> Solver:
    request = PlanRequest(scenario=problem.scenario, bases={}, rates=problem.rates, workers=1, seed=seed)
    return Solver(request=request, problem=problem, clock=TimeBudget(time.monotonic() + seconds))


def proposed(problem: Problem, by: str = "trips", limit: float | None = None) -> Proposal:
    """The best of the model, proven, and a second solver agrees."""
    solver = a_solver(problem)
    best = solver.propose(by, limit)
    assert isinstance(best, Proposal) and best.proven
    assert solver.agrees(by, limit, best, solver.clock)
    return best


def impossible(problem: Problem) -> bool:
    """Whether two solvers say that there is no timetable."""
    none = a_solver(problem).propose()
    return isinstance(none, NoTimetable) and none.impossible


def requirements_of(problem: Problem) -> Program:
    """The rows of the requirements alone."""
    program = Program()
    add_trips(program, problem)
    add_requirements(program, problem)
    return program


def price(problem: Problem, trips: Sequence[PlannedTrip]) -> float | None:
    """Passenger cost and the price of broken wishes, by the plain checks alone; None where something hard is broken."""
    scenario = problem.scenario
    plan = PlannedDay(
        scenario=scenario, day_type=problem.day_type, trips=tuple(trips), base=problem.base, costs=problem.rates
    )
    breaches = [(requirement, -slack(plan, requirement)) for requirement in problem.requirements]
    if any(requirement.hard and breach > 1e-9 for requirement, breach in breaches):
        return None
    penalty = sum(requirement.weight * breach for requirement, breach in breaches if breach > 1e-9)
    return passenger_cost(scenario, problem.day_type, trips) + penalty


def cheapest(problem: Problem) -> float | None:
    """The least price of any set of trips that the fleet can drive; None where there is none."""
    sets = (
        trips
        for size in range(len(problem.candidates) + 1)
        for trips in combinations(problem.candidates, size)
        if _busy(problem, trips) <= problem.scenario.fleet.vehicles
    )
    return min((cost for trips in sets if (cost := price(problem, trips)) is not None), default=None)


def _busy(problem: Problem, trips: Sequence[PlannedTrip]) -> int:
    return max((sum(t.departs <= one.departs < t.busy_until for t in trips) for one in trips), default=0)


def asked(scenario: Scenario, base: Sequence[PlannedTrip] = ()) -> Problem:
    return Problem(replace(scenario, base_timetable="today" if base else None), "weekday", tuple(base), RATES)
