"""Planner: seconds until a weekday of 10 trips is proven optimal, recomputed and checked; and a Pareto front of 13 points.

The scenario is the real one: 3 stops, 4 patterns, 07:00 to 23:00, a 5-minute grid, today's departures kept, unlimited seats. A new seed
each round. Once more with the bus's eight seats, where some passengers are left behind: without a bound.
"""

import time
from dataclasses import replace
from datetime import date

from scripts.benchmarks.rows import Row, at_most, measured
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import FrontRequest
from shuttle.feeds.scenario_files.reader import read_scenario_file
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.planner.model.constraints import add_requirements
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from shuttle.planner.search.conflicts import Explainer
from shuttle.planner.search.solve import Proposal, Solver
from shuttle.services.planning.requests import request_for
from shuttle.settings import SCHEDULES

NAME = "plan"
TRIPS = 10.0
LIMIT = 120.0
POINTS = FrontRequest("trips", 5, 17)
CLASHING: tuple[ask.Requirement, ...] = (
    ask.MaxGap(name="Nesttun hourly", to="mo-nesttun", minutes=60),
    ask.MaxGap(name="Gyldenpris hourly", to="mo-gyldenpris", minutes=60),
    ask.Budget(name="six hours", driver_hours=6),
    ask.Budget(name="three thousand kroner", nok=3000),
    ask.TripCount(name="at most seven", most=7),
    ask.TripCount(name="at least twelve", least=12),
    ask.MinGap(name="an hour apart", minutes=60),
    ask.CoverageShare(name="Nesttun covered", of="mo-nesttun", share=0.8),
    ask.Forbid(name="not at ten", pattern=0, at=600),
)
TODAY: date = parse_date("2026-11-23")


def weekday() -> tuple[PlanRequest, Problem]:
    """The real evening question on a weekday, without the gap and the budget, so that 5 to 17 trips are all possible."""
    schedule = read_schedules(SCHEDULES)
    scenario = read_scenario_file(SCHEDULES / "scenarios" / "nesttun-evening.toml", schedule, TODAY)
    scenario = replace(scenario, requirements=scenario.requirements[:1], front=POINTS)
    request = request_for(scenario, schedule, SCHEDULES)
    return request, Problem(scenario, "weekday", request.bases["weekday"], request.rates)


def with_room(request: PlanRequest, problem: Problem) -> tuple[PlanRequest, Problem]:
    """The same question with room for everybody."""
    scenario = replace(problem.scenario, fleet=replace(problem.scenario.fleet, seats=None))
    return replace(request, scenario=scenario), replace(problem, scenario=scenario)


def with_seats(request: PlanRequest, problem: Problem) -> tuple[float, float, bool]:
    """Seconds to a proposal of at most TRIPS trips, its gap in per cent, and whether two provers agree on it."""
    began = time.perf_counter()
    found = Solver(request=request, problem=problem, clock=TimeBudget(time.monotonic() + LIMIT)).propose("trips", TRIPS)
    assert isinstance(found, Proposal), found
    return time.perf_counter() - began, 100 * (found.cost - found.bound) / found.cost, found.crosschecked


def one(request: PlanRequest, problem: Problem) -> tuple[float, bool]:
    """Seconds to a proposal of at most TRIPS trips, building included, and whether both provers agree on it."""
    began = time.perf_counter()
    solver = Solver(request=request, problem=problem, clock=TimeBudget(time.monotonic() + LIMIT))
    found = solver.propose("trips", TRIPS)
    seconds = time.perf_counter() - began
    return seconds, isinstance(found, Proposal) and found.crosschecked


def clash() -> tuple[float, int]:
    """Seconds until all conflicts and relaxations of ten requirements are known, and how many there are of both."""
    _, problem = weekday()
    scenario = replace(problem.scenario, requirements=problem.scenario.requirements + CLASHING)
    problem = replace(problem, scenario=scenario)
    began = time.perf_counter()
    program = Program()
    add_trips(program, problem)
    add_requirements(program, problem)
    names = [requirement.name for requirement in scenario.requirements]
    found = Explainer(program=program, names=names, clock=TimeBudget(time.monotonic() + LIMIT)).explain()
    assert found.complete, "the time was over before all were found"
    return time.perf_counter() - began, len(found.conflicts) + len(found.relaxations)


def run(rounds: int) -> list[Row]:
    seated_request, seated = weekday()
    request, problem = with_room(seated_request, seated)
    singles = [one(replace(request, seed=seed), problem) for seed in range(rounds)]
    began = time.perf_counter()
    whole = replace(
        request, scenario=replace(request.scenario, day_types=("weekday",)), time_limit=LIMIT, hindsight_days=0
    )
    points = answer(whole, lambda _progress: None, lambda: False)["day_types"]["weekday"]["proposals"]
    front = time.perf_counter() - began
    clashing, number = clash()
    seconds, gap, agreed = with_seats(seated_request, seated)
    return [
        at_most("10 trips, seconds to both proofs", [seconds for seconds, _ in singles], "s", 5),
        at_most("not proven twice", [float(sum(not agreed for _, agreed in singles))], "", 0),
        at_most("front of 13 limits, seconds", [front], "s", 20),
        at_most("conflicts of 10 requirements, seconds", [clashing], "s", 5),
        measured("conflicts and relaxations", [float(number)], ""),
        measured("10 trips with eight seats, seconds", [seconds], "s"),
        measured("its gap", [gap], "%"),
        measured("proven twice", [float(agreed)], ""),
        measured("points that are not dominated", [float(len(points))], ""),
    ]
