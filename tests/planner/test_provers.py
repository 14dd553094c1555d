"""What the choice of prover settings rests on, and that a plan is the same whichever way it is asked for."""

from dataclasses import replace
from itertools import pairwise

import pytest
from ortools.sat.python import cp_model

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.passenger_cost import is_useful
from shuttle.domain.timetable.opening_hours import Window
from shuttle.planner.model.program import Program
from shuttle.planner.model.variables import all_trips
from shuttle.planner.solvers import cpsat, highs
from shuttle.planner.solvers.cpsat import Effort
from shuttle.planner.solvers.highs import Relaxation
from tests.planner.questions import (
    OUT_AND_HOME,
    OVER_BOTH,
    a_question,
    a_solver,
    asked,
    profiles_of,
    proposed,
    requirements_of,
)

FOUR_WAYS = (OUT_AND_HOME, ("base", "far", "base"), OVER_BOTH, ("base", "far", "near", "base"))


def a_long_day(seed: int, most: int = 10, grid: int = 10) -> ask.Scenario:
    """Sixteen hours, four ways, some hundred passengers: 372 possible trips, or 742 on a grid of five minutes."""
    question = a_question(
        profiles_of(seed, 60, 14, starts=480),
        ask.TripCount(name="trips", most=most),
        patterns=FOUR_WAYS,
        first=420,
        last=1380,
        grid=grid,
        max_wait=120,
    )
    open_all_day: tuple[Window, ...] = ((480, 1320),)
    hours = {stop: {"weekday": open_all_day} for stop in ("near", "far")}
    return replace(question, hours=hours)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "grid"), [(1, 5), (2, 10)])
def test_a_day_of_ten_trips_is_proven_by_both(seed: int, grid: int) -> None:
    proposed(asked(a_long_day(seed, grid=grid)))


@pytest.mark.slow
def test_the_default_portfolio_does_not_prove_the_cover_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for naming subsolvers; when this fails, the default has become good enough."""
    program, trips = _cover_chain(a_long_day(2))
    monkeypatch.setattr(cpsat, "configured", _default)
    by_default = cpsat.solve(program, Effort(6.0, 2), extra=[(trips, 10.0)])
    assert not by_default.proven
    assert by_default.bound < 0.9 * by_default.cost


def _default(effort: Effort) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = effort.seconds
    solver.parameters.num_workers = effort.workers
    return solver


def _cover_chain(scenario: ask.Scenario) -> tuple[Program, list[tuple[int, float]]]:
    """The textbook form, written from the words: a variable for each row of departures that somebody looks through in vain."""
    problem = asked(scenario)
    program, demand = requirements_of(problem), scenario.demand
    for pair, rates in problem.demand.items():
        windows = scenario.useful_windows(pair[1], "weekday")
        trips: dict[int, set[int]] = {}
        for number, trip in enumerate(problem.candidates):
            for ride in trip.rides.get(pair, ()):
                if is_useful(ride, windows):
                    trips.setdefault(ride.leaves, set()).add(number)
        prices: dict[tuple[int, int], float] = {}
        for ready, rate in rates.items():
            reach = [minute for minute in sorted(trips) if ready <= minute <= ready + demand.max_wait]
            waits = [*(minute - ready for minute in reach), demand.unserved]
            program.constant += rate * waits[0]
            for minute, (wait, longer) in zip(reach, pairwise(waits), strict=True):
                key = (reach[0], minute)
                prices[key] = prices.get(key, 0.0) + rate * (longer - wait)
        for (first, last), price in prices.items():
            inside = sorted({n for minute, numbers in trips.items() if first <= minute <= last for n in numbers})
            vain = program.variable()
            program.pay(vain, price)
            program.at_least([(vain, 1.0), *((number, 1.0) for number in inside)], 1.0)
    return program, all_trips(problem)


def test_a_textbook_cover_chain_has_the_same_optimum_and_relaxation() -> None:
    scenario = a_question(profiles_of(5), patterns=FOUR_WAYS, grid=20)
    program, trips = _cover_chain(scenario)
    by_chain = highs.solve(program, Effort(600.0, 1), extra=[(trips, 3.0)])
    assert by_chain.proven
    problem = asked(scenario)
    assert proposed(problem, "trips", 3.0).cost == pytest.approx(by_chain.cost, abs=1e-5)
    chain, flows = (
        Relaxation(program).solve([(trips, 3.0)]),
        Relaxation(a_solver(problem).programs.priced).solve([(trips, 3.0)]),
    )
    assert chain is not None and flows is not None
    assert flows.bound == pytest.approx(chain.bound, rel=1e-6)
