"""Each requirement is stated twice: for any set of trips its rows can hold exactly where the plain check says that it is met."""

import random
from dataclasses import replace

import pytest

from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.rules import PlannedDay, penalty, slack, verdicts
from shuttle.domain.timetable.network import Supplement
from shuttle.planner.model.constraints import add_requirements
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.variables import add_trips
from shuttle.planner.solvers import cpsat, highs
from shuttle.planner.solvers.cpsat import Effort
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, RATES, a_question, asked, profiles_of, trips_at
from tests.planner.test_optimum import KINDS, any_of

pytestmark = pytest.mark.slow

ONE = Effort(20.0, workers=1)
WAYS = (
    (OUT_AND_HOME, OVER_BOTH),
    (("base", "near"), ("base", "near", "far")),
    (("base", "near", "base", "far", "base"), ("base", "near", "far", "near", "base")),
)
NIGHT = replace(
    RATES, supplements=(Supplement(name="night", day_types=("weekday",), starts=720, ends=640, nok_per_hour=33.3),)
)


def with_trips(problem: Problem, numbers: set[int]) -> Program:
    """The rows of the requirements, with just these trips."""
    program = Program()
    add_trips(program, problem)
    add_requirements(program, problem)
    for number in range(len(problem.candidates)):
        program.equal([(number, 1.0)], float(number in numbers))
    return program


def a_problem(kind: str, chance: random.Random, hard: bool) -> Problem:
    common = {"name": "wanted", "hard": hard, "weight": 0.0 if hard else chance.choice([1.0, 7.5, 200.0])}
    wanted = any_of(kind, chance, common)
    grid = chance.choice([20, 30, 60])
    vehicles = 9 if kind != "vehicles" else chance.choice([1, 2, 9])
    scenario = a_question(profiles_of(1), wanted, patterns=chance.choice(WAYS), vehicles=vehicles, last=960, grid=grid)
    fleet = replace(scenario.fleet, empty_returns=chance.random() < 0.7)
    return replace(asked(replace(scenario, fleet=fleet), trips_at(scenario, ("base", "near"), 620, 720)), rates=NIGHT)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_hold_exactly_where_the_plain_check_is_met(kind: str) -> None:
    seen = set()
    for seed in range(60 if kind == "last" else 25):
        chance = random.Random(f"{kind} {seed}")
        problem = a_problem(kind, chance, hard=True)
        numbers = set(chance.sample(range(len(problem.candidates)), chance.randint(0, min(6, len(problem.candidates)))))
        trips = tuple(problem.chosen(sorted(numbers)))
        if vehicles_needed(problem.scenario, trips) > problem.scenario.fleet.vehicles:
            continue
        plan = PlannedDay(
            scenario=problem.scenario, day_type="weekday", trips=trips, base=problem.base, costs=problem.rates
        )
        [wanted] = problem.requirements
        met = slack(plan, wanted) >= -1e-9
        program = with_trips(problem, numbers)
        assert cpsat.solve(program, ONE).infeasible == (not met), f"seed {seed}: {wanted}"
        assert highs.solve(program, ONE).infeasible == (not met), f"seed {seed}: {wanted}"
        seen.add(met)
    assert seen == {True, False}, "the numbers bind now and then"


@pytest.mark.parametrize("kind", KINDS)
def test_a_wish_costs_its_weight_for_each_unit_of_breach(kind: str) -> None:
    for seed in range(8):
        chance = random.Random(f"{kind} {seed}")
        problem = a_problem(kind, chance, hard=False)
        numbers = set(chance.sample(range(len(problem.candidates)), chance.randint(0, min(6, len(problem.candidates)))))
        trips = tuple(problem.chosen(sorted(numbers)))
        if vehicles_needed(problem.scenario, trips) > problem.scenario.fleet.vehicles:
            continue
        plan = PlannedDay(
            scenario=problem.scenario, day_type="weekday", trips=trips, base=problem.base, costs=problem.rates
        )
        found = cpsat.solve(with_trips(problem, numbers), ONE)
        assert found.cost == pytest.approx(penalty(verdicts(plan)), rel=1e-6, abs=1e-5), f"seed {seed}"
