"""What people get: the best played day of a small question is that of all sets, and `room` holds as the day is simulated."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.result import PlanResult
from shuttle.domain.planning.rules import PlannedDay, penalty, verdicts
from shuttle.domain.planning.scenario import FrontRequest, MaxGap, Requirement, Room, Scenario, TripCount, Wish
from shuttle.domain.planning.simulation import simulate
from shuttle.planner.model.passenger_flows import PassengerFlows, slot_minutes
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from shuttle.planner.search.admissible import Admissible, in_order
from shuttle.planner.search.all_sets import best_of_all_sets, is_small
from shuttle.planner.search.day_costs import DayCosts
from shuttle.planner.search.exchange import Exchange
from shuttle.planner.solvers import highs
from shuttle.planner.solvers.cpsat import Effort
from tests.planner.questions import RATES, a_question, a_solver, asked, profiles_of, requirements_of

CROWDED = {"slot_minutes": 10, "slots": 5, "starts": 660}


def a_small_bus(seed: int, *requirements: Requirement, seats: int = 3, wish: Wish = Wish.NEXT) -> Scenario:
    """Fourteen candidate trips or fewer."""
    question = a_question(profiles_of(seed, **CROWDED), *requirements, grid=45, wish=wish, vehicles=2, max_wait=45)
    return replace(question, fleet=replace(question.fleet, seats=seats))


def played_totals(problem: Problem) -> Iterator[float]:
    """Played cost and penalty of every set that is allowed, by the plain checks alone."""
    for size in range(len(problem.candidates) + 1):
        for several in combinations(problem.candidates, size):
            trips = tuple(in_order(several))
            if vehicles_needed(problem.scenario, trips) > problem.scenario.fleet.vehicles:
                continue
            plan = PlannedDay(
                scenario=problem.scenario, day_type="weekday", trips=trips, base=problem.base, costs=problem.rates
            )
            checks = verdicts(plan)
            if all(check.met for check in checks if check.requirement.hard):
                yield simulate(problem.scenario, "weekday", trips).cost(180) + penalty(checks)


def answered(scenario: Scenario) -> PlanResult:
    request = PlanRequest(scenario=scenario, bases={}, rates=RATES, workers=1, time_limit=600.0)
    return answer(request, lambda _progress: None, lambda: False)


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize(
    "requirements",
    [
        (TripCount(name="few", most=3),),
        (TripCount(name="few", most=3), Room(name="room", max_left_behind=1.5, to="near")),
        (TripCount(name="few", most=2), Room(name="room", max_left_behind=1, hard=False, weight=20.0)),
    ],
    ids=["few", "room", "room as a wish"],
)
def test_the_best_played_day_of_a_small_question_is_that_of_all_sets(
    wish: Wish, requirements: tuple[Requirement, ...]
) -> None:
    scenario = a_small_bus(2, *requirements, wish=wish)
    problem = asked(scenario)
    exchange = Exchange(DayCosts(problem), Admissible(problem))
    assert is_small(exchange)
    best, complete = best_of_all_sets(exchange, None, None, TimeBudget(time.monotonic() + 600))
    assert complete and best is not None
    assert best.total == pytest.approx(min(played_totals(problem)))
    [proposal] = answered(scenario)["day_types"]["weekday"]["proposals"]
    assert proposal["cost"] + proposal["penalty"] == pytest.approx(best.total)
    assert proposal["proven"] and proposal["gap"] == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("most", [0.0, 1.5, 4.0])
def test_no_bound_under_room_is_above_the_best_played_day(seed: int, most: float) -> None:
    room = Room(name="room", max_left_behind=most)
    problem = asked(a_small_bus(seed, TripCount(name="few", most=2), room))
    best = a_solver(problem).propose()
    least = min(played_totals(problem))
    assert best.bound <= least + 1e-6 * least
    assert best.bound == pytest.approx(least, rel=0.02), "the rows of room make it sharp"


@pytest.mark.slow
def test_room_that_no_timetable_keeps_is_a_conflict() -> None:
    """A bus with one seat goes to near while many want to go there, and nobody may be left behind."""
    room = Room(name="nobody is left behind", max_left_behind=0)
    question = a_question(profiles_of(2), MaxGap(name="often", to="near", minutes=80), room, grid=30)
    question = replace(question, fleet=replace(question.fleet, seats=1), front=FrontRequest("trips", 4, 4))
    found = answered(question)
    assert found["status"] == "infeasible"
    assert found["conflicts"] == [["at most 4 trips", "nobody is left behind", "often"]]


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("seats", [None, 2])
def test_boarding_by_slots_only_lowers_the_bound(wish: Wish, seats: int | None) -> None:
    scenario = a_small_bus(1, TripCount(name="few", most=2), wish=wish)
    problem = asked(replace(scenario, fleet=replace(scenario.fleet, seats=seats)))
    bounds = []
    for slot in (1, 2, 5, 15):
        program = requirements_of(problem)
        PassengerFlows(program, problem.scenario, "weekday", problem.candidates, problem.demand, slot=slot)
        bounds.append(highs.solve(program, Effort(60.0, 1)).cost)
    assert bounds == sorted(bounds, reverse=True) and bounds[0] > bounds[-1]
    assert bounds[0] <= min(played_totals(problem)) + 1e-6


def test_a_fine_grid_is_boarded_by_slots() -> None:
    few, many = (asked(a_question(profiles_of(1), grid=grid, first=420, last=1380, max_wait=120)) for grid in (5, 1))
    slots = [slot_minutes(each.scenario, each.candidates, list(each.demand)) for each in (few, many)]
    assert slots[0] == 1 < slots[1]
