"""What stands against what: every minimal set, nothing but minimal sets, and what dropping costs."""

import time
from dataclasses import replace
from itertools import combinations

import pytest

from shuttle.domain.planning import scenario as ask
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.search.conflicts import Explainer
from shuttle.planner.solvers import highs
from shuttle.planner.solvers.cpsat import Effort, Subsets
from tests.planner.questions import a_question, asked, cheapest, profiles_of, requirements_of, trips_at

pytestmark = pytest.mark.slow

REQUIREMENTS = (
    ask.Budget(name="money", nok=600),
    ask.MaxGap(name="far often", to="far", minutes=60),
    ask.MaxGap(name="near often", to="near", minutes=60),
    ask.TripCount(name="few trips", most=3),
    ask.KeepDepartures(name="today", tolerance=0),
    ask.Forbid(name="not at eleven", pattern=1, at=660),
)


@pytest.fixture
def problem() -> Problem:
    scenario = a_question(profiles_of(1), *REQUIREMENTS, last=840)
    return asked(scenario, trips_at(scenario, ("base", "near"), 600, 720))


def possible(problem: Problem, names: frozenset[str]) -> bool:
    kept = tuple(each for each in problem.scenario.requirements if each.name in names)
    return cheapest(replace(problem, scenario=replace(problem.scenario, requirements=kept))) is not None


def test_conflicts_are_all_minimal_sets_relaxations_all_smallest_sets(problem: Problem) -> None:
    names = [each.name for each in REQUIREMENTS]
    clash = Explainer(program=requirements_of(problem), names=names, clock=TimeBudget(time.monotonic() + 600)).explain()
    subsets = [frozenset(s) for size in range(len(names) + 1) for s in combinations(names, size)]
    fits = {subset: possible(problem, subset) for subset in subsets}
    minimal = {s for s in subsets if not fits[s] and all(fits[s - {name}] for name in s)}
    everything = frozenset(names)
    helps = {s for s in subsets if fits[everything - s] and not any(fits[everything - s | {name}] for name in s)}
    assert minimal and helps
    assert set(clash.conflicts) == minimal
    assert set(clash.relaxations) == helps
    assert clash.complete


def test_each_conflict_is_impossible_and_possible_without_any_one_of_it(problem: Problem) -> None:
    names = [each.name for each in REQUIREMENTS]
    clash = Explainer(program=requirements_of(problem), names=names, clock=TimeBudget(time.monotonic() + 600)).explain()
    for conflict in clash.conflicts:
        assert not possible(problem, conflict)
        assert all(possible(problem, conflict - {name}) for name in conflict)


def test_requirements_that_a_solution_meets_by_chance_are_known_to_hold(
    problem: Problem,
) -> None:
    program = requirements_of(problem)
    subsets, others = Subsets(program), highs.Subsets(program)
    names = [each.name for each in REQUIREMENTS]
    more = 0
    for asked_for in (frozenset(s) for size in range(3) for s in combinations(names, size)):
        holding = subsets.holding(asked_for, Effort(600.0, 1))
        assert (holding is not None) == possible(problem, asked_for)
        assert others.infeasible(asked_for, Effort(600.0, 1)) == (holding is None), "the other prover says the same"
        if holding is not None:
            assert asked_for <= holding
            assert possible(problem, holding)
            more += len(holding) - len(asked_for)
    assert more > 0
