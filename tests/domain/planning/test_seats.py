"""Seat model: Lagrangian lower bounds, without a solver."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.scenario import DemandProfile, Fleet, Scenario, Wish
from shuttle.domain.planning.seats import least_cost
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, a_question, profiles_of, trips_at

WISHES = st.sampled_from([Wish.NEXT, Wish.DISPLACEMENT])


def two_a_minute(seats: int = 4) -> Scenario:
    """Two passengers a minute to near, for three minutes from 10:40."""
    question = a_question(
        [
            DemandProfile(
                day_type="weekday", origin="base", destination="near", starts=640, slot_minutes=3, passengers=(6.0,)
            )
        ]
    )
    return replace(question, fleet=Fleet(vehicles=1, seats=seats, turnaround=5))


@given(seed=st.integers(0, 10_000), wish=WISHES, at=st.sets(st.sampled_from(range(600, 840, 30)), max_size=4))
def test_without_prices_the_bound_is_the_cost_without_seats(seed: int, wish: Wish, at: set[int]) -> None:
    question = replace(a_question(profiles_of(seed), wish=wish), fleet=Fleet(vehicles=1, seats=3, turnaround=5))
    trips = trips_at(question, OVER_BOTH, *sorted(at))
    assert least_cost(question, "weekday", trips, {}) == pytest.approx(passenger_cost(question, "weekday", trips))


@given(
    tolls=st.dictionaries(st.tuples(st.integers(0, 1), st.integers(0, 1)), st.floats(0, 200), max_size=4),
    boards=st.lists(st.floats(0, 1), min_size=6, max_size=6),
    seats=st.integers(1, 8),
)
def test_no_prices_give_a_bound_above_the_cost_of_a_seating(
    tolls: dict[tuple[int, int], float], boards: list[float], seats: int
) -> None:
    question = two_a_minute(seats)
    trips = trips_at(question, OUT_AND_HOME, 645, 700)
    free = {0: float(seats), 1: float(seats)}
    waits, served = 0.0, 0.0
    for place, part in enumerate(boards):
        trip, ready = place % 2, 640 + place // 2
        amount = min(free[trip], part)  # at most one of the two a minute on each trip
        free[trip] -= amount
        served += amount
        waits += amount * (trips[trip].departs - ready)
    cost = waits + question.demand.unserved * (6.0 - served)
    assert least_cost(question, "weekday", trips, tolls) <= cost + 1e-6
