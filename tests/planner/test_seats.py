"""The model with seats: who is seated at best, what its relaxation proves, and the best trips where seats run short."""

import random
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.scenario import DemandProfile, Scenario, TripCount, Wish
from shuttle.domain.planning.simulation import simulate
from shuttle.planner.model.passenger_flows import PassengerFlows
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.model.variables import all_trips
from shuttle.planner.process.evaluate import evaluate
from shuttle.planner.process.request import EvaluateRequest
from shuttle.planner.search.proposal import Proposal
from shuttle.planner.solvers import highs, scip
from shuttle.planner.solvers.cpsat import Effort
from shuttle.planner.solvers.dual_bound import least_cost, rows_of, sharpened
from shuttle.planner.solvers.highs import Relaxation
from tests.planner.questions import (
    OUT_AND_HOME,
    OVER_BOTH,
    RATES,
    a_question,
    a_solver,
    asked,
    profiles_of,
    proposed,
    requirements_of,
    trips_at,
)

pytestmark = pytest.mark.slow

WISHES = st.sampled_from([Wish.NEXT, Wish.DISPLACEMENT])
SEEDS = st.integers(0, 10_000)
FEW_SEATS = st.integers(1, 6)


def with_seats(scenario: Scenario, seats: int) -> Scenario:
    return replace(scenario, fleet=replace(scenario.fleet, seats=seats))


def a_small_bus(seed: int, seats: int, wish: Wish = Wish.NEXT, most: int = 2) -> Problem:
    people = profiles_of(seed, slot_minutes=10, slots=5, starts=660)
    return asked(with_seats(a_question(people, TripCount(name="trips", most=most), wish=wish), seats))


def priced(problem: Problem) -> Program:
    return a_solver(problem).programs.priced


def sets_of(problem: Problem, most: int = 2) -> list[tuple[int, ...]]:
    """Every set of at most so many trips that one bus can drive."""
    several = (s for size in range(most + 1) for s in combinations(range(len(problem.candidates)), size))
    return [numbers for numbers in several if not _meet(tuple(problem.chosen(numbers)))]


@settings(max_examples=20)
@given(seed=SEEDS, seats=FEW_SEATS, wish=WISHES, at=st.sets(st.sampled_from(range(600, 840, 30)), max_size=4))
def test_the_cheapest_seating_lies_between_no_limits_and_the_played_day(
    seed: int, seats: int, wish: Wish, at: set[int]
) -> None:
    question = with_seats(a_question(profiles_of(seed), wish=wish), seats)
    trips = trips_at(question, OVER_BOTH, *sorted(at))
    cost = cheapest_with_seats(question, "weekday", trips)  # which its tolls prove, or it raises
    played = simulate(question, "weekday", trips)
    assert passenger_cost(question, "weekday", trips) - 1e-6 <= cost <= played.cost(question.demand.unserved) + 1e-6
    if played.left_behind < 1e-9:
        assert cost == pytest.approx(passenger_cost(question, "weekday", trips))


@settings(max_examples=25)
@given(
    ready=st.lists(st.integers(635, 700), min_size=1, max_size=5, unique=True),
    at=st.sets(st.sampled_from(range(640, 720, 10)), max_size=3),
    wish=WISHES,
)
def test_the_cheapest_seating_is_the_best_of_all_ways_to_seat_them(ready: list[int], at: set[int], wish: Wish) -> None:
    profiles = [
        DemandProfile(
            day_type="weekday", origin="base", destination="near", starts=minute, slot_minutes=1, passengers=(1.0,)
        )
        for minute in ready
    ]
    question = with_seats(a_question(profiles, wish=wish), 1)
    trips = trips_at(question, OUT_AND_HOME, *sorted(at))

    def price(choice: tuple[int | None, ...]) -> float:
        taken = [trip for trip in choice if trip is not None]
        if len(taken) > len(set(taken)):
            return float("inf")
        return sum(_price_of(question, minute, trip) for minute, trip in zip(ready, choice, strict=True))

    ways = product([None, *(trip.departs for trip in trips)], repeat=len(ready))
    assert cheapest_with_seats(question, "weekday", trips) == pytest.approx(min(price(way) for way in ways))


def _price_of(question: Scenario, ready: int, departs: int | None) -> float:
    """What one person pays in minutes, by planner's words: next or displacement, at most the longest wait."""
    if departs is None:
        return question.demand.unserved
    wait = departs - ready
    if question.demand.wish is Wish.DISPLACEMENT:
        wait = abs(wait)
    return wait if 0 <= wait <= question.demand.max_wait else float("inf")


@settings(max_examples=6)
@given(seed=SEEDS, seats=FEW_SEATS, wish=WISHES)
def test_the_best_trips_with_few_seats_are_the_best_of_all_sets(seed: int, seats: int, wish: Wish) -> None:
    problem = a_small_bus(seed, seats, wish)
    every = [cheapest_with_seats(problem.scenario, "weekday", problem.chosen(numbers)) for numbers in sets_of(problem)]
    assert proposed(problem).cost == pytest.approx(min(every), rel=1e-6, abs=1e-4)


@settings(max_examples=10)
@given(seed=SEEDS, seats=st.sampled_from([None, 1, 2, 4]), wish=WISHES, most=st.integers(1, 3))
def test_no_bound_is_above_the_played_cost_of_any_set(seed: int, seats: int | None, wish: Wish, most: int) -> None:
    question = a_small_bus(seed, 1, wish, most).scenario
    problem = asked(replace(question, fleet=replace(question.fleet, seats=seats)))
    solver = a_solver(problem)
    relaxed = solver.relax("trips", float(most), solver.clock)
    assert relaxed is not None
    best = solver.propose("trips", float(most))
    assert relaxed.bound <= best.bound + 1e-6
    for numbers in sets_of(problem, most)[::3]:
        played = simulate(problem.scenario, "weekday", problem.chosen(numbers)).cost(180)
        assert best.bound <= played + 1e-6 * played
        assert relaxed.bound + max((relaxed.dearer[n] for n in numbers), default=0.0) <= played + 1e-6 * played


@pytest.mark.parametrize("wish", [Wish.NEXT, Wish.DISPLACEMENT])
@pytest.mark.parametrize("seed", range(3))
def test_a_second_solver_agrees_to_the_best_and_to_no_other_cost(seed: int, wish: Wish) -> None:
    problem = a_small_bus(seed, 2, wish)
    best = proposed(problem)
    words = {part: scip.agrees(priced(problem), best.cost * part, Effort(600.0, 1, 0)) for part in (0.99, 1.0, 1.01)}
    assert words == {0.99: False, 1.0: True, 1.01: False}


@pytest.mark.parametrize("interior_rows", [0, 10**9], ids=["interior point", "simplex"])
def test_a_bound_is_the_same_from_a_basis_and_anew(interior_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs, "INTERIOR_ROWS", interior_rows)
    problem = a_small_bus(4, 2, most=3)
    program, trips = priced(problem), len(problem.candidates)
    warm = Relaxation(program)
    for most in (3.0, 1.0, 2.0):
        limit = [([(number, 1.0) for number in range(trips)], most)]
        first, again = warm.solve(limit), Relaxation(program).solve(limit)
        assert first is not None and again is not None
        assert first.bound == pytest.approx(again.bound, rel=1e-9)


@settings(max_examples=12)
@given(seed=SEEDS, seats=st.sampled_from([None, 1, 3]), merged=st.sampled_from([60, 90, 120]), most=st.integers(1, 3))
def test_merged_groups_lower_the_bound_and_never_raise_it(seed: int, seats: int | None, merged: int, most: int) -> None:
    question = a_small_bus(seed, 1, Wish.NEXT, most).scenario
    problem = asked(replace(question, fleet=replace(question.fleet, seats=seats)))
    program, limit = requirements_of(problem), [(all_trips(problem), float(most))]
    PassengerFlows(program, problem.scenario, "weekday", problem.candidates, problem.demand, merged=merged)
    assert len(program.rows) <= len(priced(problem).rows)
    relaxed, whole = Relaxation(program).solve(limit), Relaxation(priced(problem)).solve(limit)
    assert relaxed is not None and whole is not None
    assert relaxed.bound <= whole.bound + 1e-6
    for numbers in sets_of(problem, most)[::3]:
        played = simulate(problem.scenario, "weekday", problem.chosen(numbers)).cost(180)
        assert relaxed.bound + max((relaxed.dearer[n] for n in numbers), default=0.0) <= played + 1e-6 * played


@settings(max_examples=12)
@given(seed=SEEDS, wish=WISHES, sharp=st.booleans())
def test_sharpened_duals_keep_the_bound_and_lower_no_trip(seed: int, wish: Wish, sharp: bool) -> None:
    problem = a_small_bus(seed, 2, wish)
    program = priced(problem)
    matrix, trips = rows_of(program), len(problem.candidates)
    relaxed, chance = Relaxation(program).solve(), random.Random(seed)
    assert relaxed is not None
    duals = [dual if sharp else chance.uniform(-9, 9) for dual in relaxed.duals]
    (before, dearer), (after, sharper) = (
        least_cost(program, matrix, each) for each in (duals, sharpened(program, matrix, duals))
    )
    assert after >= before - 1e-6 * max(1.0, abs(before))
    assert after == pytest.approx(before, rel=1e-6) or not sharp
    assert all(sharper[:trips] >= dearer[:trips] - 1e-6)
    for numbers in sets_of(problem)[::5]:
        truth = cheapest_with_seats(problem.scenario, "weekday", problem.chosen(numbers))
        assert truth >= after + max((sharper[n] for n in numbers), default=0.0) - 1e-6 * max(1.0, truth)


@pytest.mark.parametrize("sharp", [True, False], ids=["a solver's duals", "nonsense"])
def test_reduced_costs_exclude_trips_validly_whatever_the_duals(sharp: bool) -> None:
    problem = a_small_bus(5, 2)
    program = priced(problem)
    relaxed = Relaxation(program).solve()
    assert relaxed is not None
    chance = random.Random(3)
    duals = relaxed.duals if sharp else [chance.uniform(-2, 2) for _ in relaxed.duals]
    least, dearer = least_cost(program, rows_of(program), duals)
    if sharp:
        assert max(dearer[: len(problem.candidates)]) > 0
    for trips in sets_of(problem)[:: 1 if sharp else 7]:
        truth = cheapest_with_seats(problem.scenario, "weekday", problem.chosen(trips))
        assert truth >= least + max((dearer[n] for n in trips), default=0.0) - 1e-6 * max(1.0, truth)


def _meet(trips: tuple[PlannedTrip, ...]) -> bool:
    return any(one.departs <= other.departs < one.busy_until for one, other in combinations(trips, 2))


def test_where_time_is_short_the_bound_is_honest() -> None:
    question = a_question(profiles_of(3, slots=5), TripCount(name="trips", most=3), grid=10)
    problem = asked(with_seats(question, 3))
    hasty = a_solver(problem, seconds=0.05).propose()
    exact = proposed(problem)
    assert hasty.bound <= exact.bound + 1e-6
    assert not isinstance(hasty, Proposal) or hasty.total >= exact.total - 1e-6


def test_a_timetable_is_judged_by_the_cost_that_it_was_proposed_with() -> None:
    problem = a_small_bus(7, 2)
    best = proposed(problem)
    figures = evaluate(
        EvaluateRequest(scenario=problem.scenario, trips={"weekday": best.assessment.trips}, rates=RATES)
    )
    assert figures["weekday"]["with_seats"] == pytest.approx(best.cost)
    again = assess(problem.scenario, "weekday", best.assessment.trips, (), RATES)
    assert again.leaves_somebody_behind
