"""Counting drivers is never dearer than driving."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.duties.duty import TripWork
from shuttle.domain.duties.rules import THE_ACT
from shuttle.planner.duties.duty_bound import count_of_trips
from shuttle.planner.duties.set_partitioning import DutyPlan, DutyTask, plan_duties
from shuttle.planner.solvers import highs
from shuttle.planner.solvers.cpsat import Effort
from tests.builders import WEEKDAY_TIMES, trip_works

EFFORT = Effort(seconds=20.0, workers=1)


def test_the_count_of_the_weekday_pattern_is_near_its_duties() -> None:
    trips = trip_works(*WEEKDAY_TIMES)
    plan = plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=2), EFFORT)
    assert isinstance(plan, DutyPlan)
    bound = highs.solve(count_of_trips(trips, THE_ACT, 2), EFFORT).cost
    assert 0.5 * plan.paid_minutes < bound <= plan.paid_minutes


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    starts=st.lists(st.integers(70, 260).map(lambda n: 5 * n), min_size=1, max_size=7),
    drivers=st.integers(1, 4),
    two_after=st.sampled_from([None, 18 * 60]),
)
def test_no_duties_are_paid_less_than_the_count(starts: list[int], drivers: int, two_after: int | None) -> None:
    trips = tuple(TripWork(at, at + 30, at + 35, str(number)) for number, at in enumerate(starts))
    plan = plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=drivers, two_on_board_after=two_after), EFFORT)
    bound = highs.solve(count_of_trips(trips, THE_ACT, drivers, two_after), EFFORT)
    if isinstance(plan, DutyPlan):
        assert bound.cost <= plan.paid_minutes + 1e-6
