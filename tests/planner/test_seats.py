"""The seat model: who is seated at best, what a trip's seats are worth, and the best trips where seats run short."""

import random
import time
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
from shuttle.planner.model.constraints import add_requirements
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.seat_costs import SeatCosts
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips
from shuttle.planner.process.evaluate import evaluate
from shuttle.planner.process.request import EvaluateRequest, PlanRequest
from shuttle.planner.search.solve import Proposal, Solver
from shuttle.planner.solvers import optimum
from shuttle.planner.solvers.cpsat import Effort
from shuttle.planner.solvers.highs import Relaxation
from shuttle.planner.solvers.seat_tree import Rows, SeatTree
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, RATES, a_question, asked, profiles_of, trips_at

pytestmark = pytest.mark.slow

WISHES = st.sampled_from([Wish.NEXT, Wish.DISPLACEMENT])
SEEDS = st.integers(0, 10_000)
FEW_SEATS = st.integers(1, 6)


def with_seats(scenario: Scenario, seats: int) -> Scenario:
    return replace(scenario, fleet=replace(scenario.fleet, seats=seats))


def a_small_bus(seed: int, seats: int, wish: Wish = Wish.NEXT, most: int = 2) -> Problem:
    people = profiles_of(seed, slot_minutes=10, slots=5, starts=660)
    return asked(with_seats(a_question(people, TripCount(name="trips", most=most), wish=wish), seats))


def a_solver(problem: Problem, seconds: float = 60.0) -> Solver:
    request = PlanRequest(scenario=problem.scenario, bases={}, rates=RATES, workers=1)
    return Solver(request=request, problem=problem, clock=TimeBudget(time.monotonic() + seconds))


def proposed(problem: Problem) -> Proposal:
    found = a_solver(problem).propose()
    assert isinstance(found, Proposal)
    return found


def costs(problem: Problem) -> tuple[Program, SeatCosts]:
    program = Program()
    add_trips(program, problem)
    return program, SeatCosts(program, problem).pay(program)


@settings(max_examples=20)
@given(seed=SEEDS, seats=FEW_SEATS, wish=WISHES, at=st.sets(st.sampled_from(range(600, 840, 30)), max_size=4))
def test_the_cheapest_seating_lies_between_a_bus_without_limits_and_the_day_as_it_is_played(
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


@settings(max_examples=8)
@given(seed=SEEDS, seats=FEW_SEATS, wish=WISHES, data=st.data())
def test_what_is_learned_of_some_trips_holds_for_all_others_and_is_exact_where_it_was_learned(
    seed: int, seats: int, wish: Wish, data: st.DataObject
) -> None:
    problem = a_small_bus(seed, seats, wish)
    number = len(problem.candidates)
    program, cost = costs(problem)
    nothing = [0.0] * len(program.upper)
    seated = {}
    for _ in range(4):
        running = data.draw(st.sets(st.integers(0, number - 1), max_size=3))
        runs = [float(n in running) for n in range(number)]
        cost.learn(runs, nothing)
        seated[frozenset(running)] = cost.cost(runs)
    others = [frozenset(pair) for pair in combinations(range(0, number, 2), 2)]
    for trips in [*seated, *others]:
        truth = cheapest_with_seats(problem.scenario, "weekday", problem.chosen(sorted(trips)))
        least = _least(program, cost, trips)
        assert least <= truth + 1e-4 * max(1.0, truth)
        if trips in seated:
            assert seated[trips] == pytest.approx(truth)
            assert least == pytest.approx(truth, rel=1e-4, abs=1e-3)


def _least(program: Program, cost: SeatCosts, running: frozenset[int]) -> float:
    """The most that the cuts at hand say the trips cost; a cut is worth - cost <= most."""
    (variable,) = program.cost
    cuts = [(dict(terms), most) for terms, most in cost.tangents if (variable, -1.0) in terms]
    return max(sum(terms.get(number, 0.0) for number in running) - most for terms, most in cuts)


@settings(max_examples=6)
@given(seed=SEEDS, seats=FEW_SEATS, wish=WISHES)
def test_the_best_trips_with_few_seats_are_the_best_of_all_sets(seed: int, seats: int, wish: Wish) -> None:
    problem = a_small_bus(seed, seats, wish)
    found = proposed(problem)
    sets = (trips for size in range(3) for trips in combinations(problem.candidates, size))
    alone = (trips for trips in sets if not _meet(trips))
    best = min(cheapest_with_seats(problem.scenario, "weekday", trips) for trips in alone)
    assert found.proven
    assert found.cost == pytest.approx(best, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("wish", [Wish.NEXT, Wish.DISPLACEMENT])
@pytest.mark.parametrize("seed", range(3))
def test_the_search_tree_alone_finds_the_best_of_all_sets_and_a_second_prover_agrees(seed: int, wish: Wish) -> None:
    problem = a_small_bus(seed, 2, wish)
    program, cost = costs(problem)
    add_requirements(program, problem)
    nothing = cheapest_with_seats(problem.scenario, "weekday", ())
    tree = SeatTree(program, cost)
    found = tree.solve([], nothing, Effort(600.0, 1, 0))
    sets = (trips for size in range(3) for trips in combinations(problem.candidates, size))
    best = min(cheapest_with_seats(problem.scenario, "weekday", trips) for trips in sets if not _meet(trips))
    assert found.proven
    assert found.cost == pytest.approx(best, rel=1e-6)
    says = {part: tree.agrees([], best * part, Effort(600.0, 1, 0)) for part in (0.99, 1.0, 1.01)}
    assert says == {0.99: False, 1.0: True, 1.01: False}, "a second prover says so of the best, and of no other cost"


def test_a_plan_that_the_search_tree_ends_is_crosschecked_as_the_second_prover_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(optimum, "ROUNDS_FOR_TREE", 0)  # so that the cuts do not end it before
    monkeypatch.setattr(optimum, "CUT_ROUNDS", 1)
    said: list[bool] = []
    agrees = SeatTree.agrees

    def noted(tree: SeatTree, rows: Rows, cost: float, effort: Effort) -> bool:
        said.append(agrees(tree, rows, cost, effort))
        return said[-1]

    monkeypatch.setattr(SeatTree, "agrees", noted)
    found = proposed(a_small_bus(3, 2))
    assert found.with_seats is not None and found.proven
    assert (said, found.crosschecked) == ([True], True)


@pytest.mark.parametrize("sharp", [True, False], ids=["a solver's duals", "nonsense"])
def test_what_trips_are_left_out_by_holds_whatever_duals_it_is_reckoned_from(sharp: bool) -> None:
    problem = a_small_bus(5, 2)
    program, cost = costs(problem)
    add_requirements(program, problem)
    number = len(problem.candidates)
    for running in ([], [2], [number // 2], [1, number - 2]):
        cost.learn([float(n in running) for n in range(number)], [0.0] * len(program.upper))
    rows = cost.tangents
    relaxed = Relaxation(program, rows).solve(60.0)
    assert relaxed is not None
    chance = random.Random(3)
    duals = relaxed.duals if sharp else [chance.uniform(-2, 2) for _ in relaxed.duals]
    least, dearer = program.below(rows, duals)
    if sharp:
        assert least == pytest.approx(relaxed.bound, rel=1e-6)
        assert max(dearer) > 0
    sets = [s for size in range(3) for s in combinations(range(number), size) if not _meet(tuple(problem.chosen(s)))]
    for trips in sets[:: 1 if sharp else 7]:
        truth = cheapest_with_seats(problem.scenario, "weekday", problem.chosen(trips))
        assert truth >= least + max((dearer[n] for n in trips), default=0.0) - 1e-6 * max(1.0, truth)


def _meet(trips: tuple[PlannedTrip, ...]) -> bool:
    return any(one.departs <= other.departs < one.busy_until for one, other in combinations(trips, 2))


def test_seats_are_part_of_the_question_only_where_somebody_is_left_behind() -> None:
    roomy, tight = proposed(a_small_bus(7, 1000)), proposed(a_small_bus(7, 2))
    assert roomy.with_seats is None and not roomy.assessment.leaves_somebody_behind
    assert tight.with_seats is not None and tight.cost > tight.assessment.cost


def test_where_time_is_short_the_best_found_is_given_with_an_honest_gap() -> None:
    question = a_question(profiles_of(3, slots=5), TripCount(name="trips", most=3), grid=10)
    problem = asked(with_seats(question, 3))
    without = proposed(asked(with_seats(question, 1000)))
    found = a_solver(problem).propose(share=1e-4)
    assert isinstance(found, Proposal)
    assert found.cost == pytest.approx(cheapest_with_seats(problem.scenario, "weekday", found.assessment.trips))
    assert not found.proven
    assert without.cost - 1e-6 <= found.bound < found.cost


def test_a_timetable_is_judged_by_the_cost_that_it_was_proposed_with() -> None:
    problem = a_small_bus(7, 2)
    found = proposed(problem)
    said = evaluate(EvaluateRequest(scenario=problem.scenario, trips={"weekday": found.assessment.trips}, rates=RATES))
    assert said["weekday"]["with_seats"] == pytest.approx(found.cost)
    again = assess(problem.scenario, "weekday", found.assessment.trips, (), RATES)
    assert again.leaves_somebody_behind
