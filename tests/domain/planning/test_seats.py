"""Seat model: checks of a seating, and Lagrangian lower bounds, without a solver."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.scenario import DemandProfile, Fleet, Scenario, Wish
from shuttle.domain.planning.seats import Boarded, Seating, least_cost, seating_cost, seating_faults
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, a_question, profiles_of, trips_at

OUT = ("base", "near")
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


def a_seating(*boarded: Boarded) -> Seating:
    return Seating(boarded, {})


def test_a_seating_costs_its_waits_and_its_unserved_passengers() -> None:
    question = two_a_minute()
    trips = trips_at(question, OUT_AND_HOME, 645)
    seating = a_seating(
        Boarded(pair=OUT, ready=641, trip=0, leaves=645, amount=2.0),
        Boarded(pair=OUT, ready=642, trip=0, leaves=645, amount=2.0),
    )
    assert seating_faults(question, "weekday", trips, seating) == []
    assert seating_cost(question, "weekday", seating) == pytest.approx(2 * 4 + 2 * 3 + 2 * 180)


@pytest.mark.parametrize(
    ("seating", "fault"),
    [
        (a_seating(Boarded(pair=OUT, ready=640, trip=0, leaves=645, amount=2.5)), "more than there are"),
        (
            a_seating(*(Boarded(pair=OUT, ready=minute, trip=0, leaves=645, amount=2.0) for minute in (640, 641, 642))),
            "6.0 people on trip",
        ),
        (a_seating(Boarded(pair=OUT, ready=640, trip=0, leaves=646, amount=1.0)), "no ride"),
        (a_seating(Boarded(pair=OUT, ready=650, trip=0, leaves=645, amount=1.0)), "no ride"),
        (a_seating(Boarded(pair=OUT, ready=640, trip=0, leaves=645, amount=-1.0)), "no ride"),
    ],
    ids=["more-than-the-demand", "more-than-the-seats", "another-minute", "too-early", "negative"],
)
def test_a_faulty_seating_is_named(seating: Seating, fault: str) -> None:
    question = two_a_minute()
    faults = seating_faults(question, "weekday", trips_at(question, OUT_AND_HOME, 645), seating)
    assert any(fault in each for each in faults), faults


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
    boarded = []
    for place, part in enumerate(boards):
        trip, minute = place % 2, 640 + place // 2
        amount = min(free[trip], part)  # at most one of the two a minute on each trip
        free[trip] -= amount
        boarded.append(Boarded(pair=OUT, ready=minute, trip=trip, leaves=trips[trip].departs, amount=amount))
    seating = Seating(tuple(boarded), tolls)
    assert seating_faults(question, "weekday", trips, seating) == []
    assert least_cost(question, "weekday", trips, tolls) <= seating_cost(question, "weekday", seating) + 1e-6
