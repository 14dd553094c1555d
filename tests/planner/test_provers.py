"""What the choice of prover settings rests on, and that a plan is the same whichever way it is asked for."""

import time
from dataclasses import replace

import pytest
from ortools.sat.python import cp_model

from shuttle.domain.planning import scenario as ask
from shuttle.domain.timetable.opening_hours import Window
from shuttle.planner.model.program import Program
from shuttle.planner.model.variables import all_trips
from shuttle.planner.model.waiting_costs import WaitingCosts
from shuttle.planner.solvers import cpsat
from shuttle.planner.solvers.cpsat import Effort
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, a_question, an_optimiser, asked, profiles_of

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
    problem = asked(a_long_day(seed, grid=grid))
    found, agreed = an_optimiser(problem, workers=2).prove(lambda: 600.0)
    assert found.proven
    assert found.bound == found.cost
    assert agreed


@pytest.mark.slow
def test_the_default_portfolio_of_two_workers_does_not_prove_the_cover_chain(monkeypatch: pytest.MonkeyPatch) -> None:
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
    """The textbook form: a variable for every stretch without a departure, for those who get ready in each half hour."""
    problem = asked(scenario)
    optimiser = an_optimiser(problem)
    waiting = optimiser.waiting
    assert isinstance(waiting, WaitingCosts)
    program = Program(constant=optimiser.program.constant)
    for _ in problem.candidates:
        program.variable()
    for row in optimiser.program.rows:
        program.rows.append(row)
    for pair in waiting.pairs:
        chain: dict[tuple[int, int], int] = {}
        segments = sorted(
            (each for block in pair.blocks.values() for each in block), key=lambda each: (each.first, each.last)
        )
        for each in segments:
            variable = chain[each.first, each.last] = program.variable()
            program.pay(variable, each.price / waiting.units)
            terms = [(variable, 1.0), *((number, 1.0) for number in pair.numbers[each.last])]
            shorter = chain.get((each.first, each.last - 1))
            if shorter is None:
                inside = {n for index in range(each.first, each.last + 1) for n in pair.numbers[index]}
                program.at_least([(variable, 1.0), *((number, 1.0) for number in sorted(inside))], 1.0)
            else:
                program.at_least([*terms, (shorter, -1.0)], 0.0)
    return program, all_trips(problem)


def test_a_textbook_cover_chain_has_the_same_optimum() -> None:
    scenario = a_question(profiles_of(5), patterns=FOUR_WAYS, grid=20)
    program, trips = _cover_chain(scenario)
    by_chain = cpsat.solve(program, Effort(600.0, 1), extra=[(trips, 3.0)])
    by_tangents, agreed = an_optimiser(asked(scenario)).prove(lambda: 600.0, [(trips, 3.0)])
    assert by_chain.proven and by_tangents.proven and agreed
    assert by_tangents.cost == pytest.approx(by_chain.cost, abs=1e-6)


@pytest.mark.slow
def test_a_time_limit_gives_the_best_found_with_an_honest_bound() -> None:
    problem = asked(a_long_day(3, most=14))
    ends = time.monotonic() + 0.5
    found, agreed = an_optimiser(problem).prove(lambda: max(0.05, ends - time.monotonic()))
    exact, _ = an_optimiser(problem, workers=2).prove(lambda: 600.0)
    assert not agreed or found.proven
    assert found.bound <= exact.cost + 1e-6
    assert found.values is None or found.cost >= exact.cost - 1e-6
