"""The search by exchange: its quick figures are those of the plain rules, and what it ends with is as good as it looks."""

import time
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.robustness.uncertainty import simulated_costs
from shuttle.domain.planning.scenario import Wish
from shuttle.domain.planning.simulation import simulate
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget, Work
from shuttle.planner.search.admissible import Admissible, in_order
from shuttle.planner.search.day_costs import DayCosts
from shuttle.planner.search.drawn_days import DrawnDays
from shuttle.planner.search.exchange import Exchange
from shuttle.planner.search.first_choice import NoChoice, first_choice
from tests.planner.questions import OUT_AND_HOME, a_question, asked, price, profiles_of, trips_at

KINDS: tuple[ask.Requirement, ...] = (
    ask.MaxGap(name="no long gap", to="near", minutes=120),
    ask.MinGap(name="apart", minutes=60),
    ask.FirstArrivalByOpening(name="in time", to="near", minutes=30),
    ask.LastReturnAfterClosing(name="home", origin="near", minutes=30),
    ask.TripCount(name="two or three", least=2, most=3),
    ask.Budget(name="two hours", driver_hours=2),
    ask.ClockFace(name="memorable", minutes=(0, 30)),
    ask.CoverageShare(name="covered", of="near", share=0.4),
    ask.KeepDepartures(name="today stays", tolerance=30),
    ask.MaxChange(name="little moves", moved=1, by=60),
    ask.Pin(name="at noon", pattern=0, at=720),
    ask.Forbid(name="not at eleven", pattern=1, at=660),
    ask.VehicleLimit(name="one bus", most=1),
)


def a_problem(seed: int, *requirements: ask.Requirement, seats: int | None = None, wish: Wish = Wish.NEXT) -> Problem:
    question = a_question(profiles_of(seed), *requirements, grid=30, wish=wish, vehicles=2)
    question = replace(question, fleet=replace(question.fleet, seats=seats))
    return asked(question, trips_at(question, OUT_AND_HOME, 660, 780))


def work(seconds: float = 30.0) -> Work:
    return Work(TimeBudget(time.monotonic() + 120), seconds)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 50), wish=st.sampled_from(list(Wish)), vehicles=st.sampled_from([1, 2, 3]), data=st.data())
def test_no_trips_stay_below_the_quick_bound(seed: int, wish: Wish, vehicles: int, data: st.DataObject) -> None:
    problem = a_problem(seed, seats=data.draw(st.sampled_from([None, 2])), wish=wish)
    fleet = replace(problem.scenario.fleet, vehicles=vehicles)
    problem = replace(problem, scenario=replace(problem.scenario, fleet=fleet))
    several = st.lists(st.integers(0, len(problem.candidates) - 1), unique=True, max_size=5)
    numbers, others = data.draw(several), sorted(data.draw(several))
    assume(vehicles_needed(problem.scenario, in_order(problem.chosen(others))) <= vehicles)
    costs = DayCosts(problem)
    assert costs.least(numbers, len(others)) <= costs.played(others) + 1e-6
    assert costs.least((), 1) == pytest.approx(min(costs.waiting([n]) for n in range(len(problem.candidates))))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 50), wish=st.sampled_from(list(Wish)), data=st.data())
def test_the_quick_figures_of_a_day_are_those_of_the_plain_rules(seed: int, wish: Wish, data: st.DataObject) -> None:
    problem = a_problem(seed, seats=data.draw(st.sampled_from([None, 2, 4])), wish=wish)
    costs, scenario = DayCosts(problem), problem.scenario
    several = st.lists(st.integers(0, len(problem.candidates) - 1), unique=True, max_size=5)
    numbers = sorted(data.draw(several))
    trips = in_order(problem.chosen(numbers))
    assert costs.waiting(numbers) == pytest.approx(passenger_cost(scenario, "weekday", trips), abs=1e-6)
    assert costs.played(numbers) == pytest.approx(simulate(scenario, "weekday", trips).cost(180), abs=1e-6)
    for one in range(0, len(problem.candidates), 5):
        more = passenger_cost(scenario, "weekday", problem.chosen([*numbers, one]))
        assert costs.with_one_more(numbers)[one] == pytest.approx(more, abs=1e-6)


@pytest.mark.parametrize("wish", list(Wish))
def test_drawn_days_played_at_once_are_those_played_one_by_one(wish: Wish) -> None:
    problem = a_problem(3, seats=3, wish=wish)
    trips = in_order(problem.chosen([2, 7, 12]))
    one_by_one = simulated_costs(problem.scenario, "weekday", trips, seed=5)
    assert DrawnDays(problem.scenario, "weekday", 5).costs(trips) == pytest.approx(one_by_one, abs=1e-6)


@pytest.mark.parametrize("wanted", KINDS, ids=lambda each: each.name)
def test_what_may_join_a_set_is_what_the_plain_checks_admit(wanted: ask.Requirement) -> None:
    problem = a_problem(1, wanted)
    admissible = Admissible(problem)
    everything = Exchange(DayCosts(problem), admissible)._everything
    trips = range(len(problem.candidates))
    for numbers in [(), *combinations(trips, 1), *list(combinations(trips, 2))[::7]]:
        joining = set(admissible.may_join(numbers, None, everything).tolist())
        admitted = {
            number
            for number in trips
            if number not in numbers and admissible.penalty(sorted([*numbers, number])) is not None
        }
        assert admitted <= joining, "the quick question never leaves out what is allowed"
        for number in admitted:
            assert price(problem, problem.chosen(sorted([*numbers, number]))) is not None


@pytest.mark.parametrize("wanted", KINDS, ids=lambda each: each.name)
def test_a_first_timetable_keeps_each_kind_of_requirement(wanted: ask.Requirement) -> None:
    problem = a_problem(2, wanted, seats=4)
    exchange = Exchange(DayCosts(problem), Admissible(problem))
    found = first_choice(exchange, None, [], work())
    assert not isinstance(found, NoChoice)
    better = exchange.improve(found, None, work(0.2), Random(1))
    assert better.total <= found.total
    assert price(problem, problem.chosen(better.numbers)) is not None
    played = simulate(problem.scenario, "weekday", in_order(problem.chosen(better.numbers)))
    assert better.cost == pytest.approx(played.cost(180), abs=1e-6)


def test_that_nothing_keeps_the_requirements_is_said_and_not_searched_for() -> None:
    problem = a_problem(1, ask.Pin(name="in", pattern=0, at=720), ask.Forbid(name="out", pattern=0, at=720))
    exchange = Exchange(DayCosts(problem), Admissible(problem))
    assert first_choice(exchange, None, [], work()) == NoChoice(impossible=True)


@pytest.mark.parametrize("seed", range(6))
def test_exchange_finds_the_best_of_all_pairs_of_trips(seed: int) -> None:
    problem = a_problem(seed, ask.TripCount(name="two", most=2), seats=3)
    costs = DayCosts(problem)
    exchange = Exchange(costs, Admissible(problem))
    first = first_choice(exchange, None, [], work())
    assert not isinstance(first, NoChoice)
    found = exchange.improve(first, None, work(0.5), Random(seed))
    pairs = (exchange.priced(pair, None) for pair in combinations(range(len(problem.candidates)), 2))
    assert found.total == pytest.approx(min(pair.total for pair in pairs if pair is not None))
