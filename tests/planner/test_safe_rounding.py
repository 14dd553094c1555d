"""What a prover is given in whole numbers allows no less and costs no more than what was meant; so what it proves holds."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import DemandProfile, Fleet
from shuttle.planner.model.program import Program
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.solvers import cpsat
from shuttle.planner.solvers.cpsat import Effort
from tests.planner.questions import OUT_AND_HOME, a_question, asked, proposed

ONE = Effort(20.0, workers=1)
DENOMINATORS = (10, 3, 7, 2, 11)
AMOUNTS = st.builds(Fraction, st.integers(-500, 500), st.sampled_from([1, 3, 7, 10, 30, 210, 360, 600]))
DEMANDS = st.lists(st.builds(Fraction, st.integers(0, 40), st.sampled_from(DENOMINATORS)), min_size=2, max_size=3)


@settings(max_examples=60, deadline=None)
@example(amounts=[Fraction(239, 210), Fraction(1, 10)], steps=[1260, 600, 1, 1], values=[6299, 2999, 0, 0])
@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=4),
    steps=st.lists(st.sampled_from([1, 600, 10**6, 1260]), min_size=4, max_size=4),
    values=st.lists(st.integers(0, 10**6), min_size=4, max_size=4),
)
def test_a_point_on_the_edge_of_a_row_stays_allowed(
    amounts: list[Fraction], steps: list[int], values: list[int]
) -> None:
    """The point is whole in the steps of its variables, and the row's edge is just what it comes to."""
    program = Program()
    point = []
    for _, step, value in zip(amounts, steps, values, strict=False):
        program.variable(choice=False, upper=5.0, steps=step)
        point.append(Fraction(value % (5 * step + 1), step))
    edge = sum((a * x for a, x in zip(amounts, point, strict=True)), Fraction(0))
    terms = [(number, float(amount)) for number, amount in enumerate(amounts)]
    program.at_least(terms, float(edge))
    program.at_most(terms, float(edge))
    program.equal(terms, float(edge))
    fixed = [([(number, sign)], sign * float(x)) for number, x in enumerate(point) for sign in (1.0, -1.0)]
    assert not cpsat.solve(program, ONE, extra=fixed).infeasible


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(out=DEMANDS, home=DEMANDS, seats=st.integers(1, 3), slot=st.sampled_from([60, 45, 35]))
def test_with_fractions_of_passengers_the_seat_optimum_is_the_best_set(
    out: list[Fraction], home: list[Fraction], seats: int, slot: int
) -> None:
    people = [
        DemandProfile(
            day_type="weekday",
            origin="base",
            destination="near",
            starts=600,
            slot_minutes=slot,
            passengers=tuple(map(float, out)),
        ),
        DemandProfile(
            day_type="weekday",
            origin="near",
            destination="base",
            starts=620,
            slot_minutes=slot,
            passengers=tuple(map(float, home)),
        ),
    ]
    question = a_question(people, ask.TripCount(name="few", most=2), patterns=(OUT_AND_HOME,), grid=60)
    problem = asked(replace(question, fleet=Fleet(vehicles=1, seats=seats, turnaround=5)))
    every = [
        cheapest_with_seats(problem.scenario, "weekday", problem.chosen(numbers))
        for numbers in _sets(problem.candidates)
    ]
    best = proposed(problem)
    assert best.cost == pytest.approx(min(every), rel=1e-6, abs=1e-6)
    assert best.bound <= min(every) * (1 + 1e-6) + 1e-6


def _sets(trips: list[Any]) -> Iterator[list[int]]:
    yield []
    for one in range(len(trips)):
        yield [one]
        yield from ([one, other] for other in range(one))
