"""The rows of the drivers' days cut off nothing that can be driven, and say no to what plainly cannot."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.duties.duty import TripWork
from shuttle.domain.duties.rules import THE_ACT, RuleProfile
from shuttle.planner.duties.driver_days import DriverDays
from shuttle.planner.duties.set_partitioning import DutyPlan, DutyTask, plan_duties
from shuttle.planner.model.program import Program
from shuttle.planner.solvers import cpsat
from shuttle.planner.solvers.cpsat import Effort
from tests.builders import trip_works
from tests.planner.test_duties import COARSE

ONE = Effort(20.0, workers=1)
SHORT = replace(COARSE, sign_on_minutes=0, sign_off_minutes=15, shortest_break_minutes=20, break_minutes=20)


def least_paid(trips: tuple[TripWork, ...], profile: RuleProfile, drivers: int, two: int | None = None) -> float | None:
    """The least paid minutes that the rows allow with all of these trips; None where they allow nothing."""
    program = Program()
    numbers = [program.variable() for _ in trips]
    days = DriverDays(
        program=program,
        works=trips,
        drivers_on=[t.drivers(two) for t in trips],
        profile=profile,
        drivers=drivers,
        requirement="duties",
    )
    for number in numbers:
        program.at_least([(number, 1.0)], 1.0)
    for variable, minutes in days.paid_minutes:
        program.pay(variable, minutes)
    result = cpsat.solve(program, ONE)
    return None if result.infeasible else result.cost


@st.composite
def works(draw: st.DrawFn) -> tuple[TripWork, ...]:
    """Up to six trips of 20 to 100 minutes between 07:00 and 20:00, on tens of minutes."""
    starts = draw(st.lists(st.integers(42, 120), min_size=2, max_size=6, unique=True))
    lengths = draw(st.lists(st.integers(2, 10), min_size=len(starts), max_size=len(starts)))
    return tuple(
        TripWork(10 * at, 10 * (at + length), 10 * (at + length) + 5, str(at))
        for at, length in sorted(zip(starts, lengths, strict=True))
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    trips=works(),
    profile=st.sampled_from([THE_ACT, COARSE, SHORT, replace(THE_ACT, breaks_are_paid=True)]),
    drivers=st.integers(1, 3),
    two=st.sampled_from([None, 18 * 60]),
)
def test_whatever_can_be_driven_keeps_every_row_and_is_paid_no_less(
    trips: tuple[TripWork, ...], profile: RuleProfile, drivers: int, two: int | None
) -> None:
    made = plan_duties(DutyTask(trips=trips, profile=profile, drivers=drivers, two_on_board_after=two), ONE)
    if isinstance(made, DutyPlan):
        least = least_paid(trips, profile, drivers, two)
        assert least is not None and least <= made.paid_minutes + 1e-6


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(trips=works())
def test_one_driver_s_trips_that_keep_the_rows_have_a_duty(trips: tuple[TripWork, ...]) -> None:
    """With one driver and breaks of the lengths that the rows know they are not only needed but enough."""
    if any(one.overlaps(other) for one, other in combinations(trips, 2)):
        return
    made = plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=1), ONE)
    assert isinstance(made, DutyPlan) == (least_paid(trips, THE_ACT, 1) is not None)


@pytest.mark.parametrize(
    ("times", "minutes", "drivers", "fits"),
    [
        (("10:00", "11:00", "12:00", "13:00", "14:00", "15:00"), 55, 1, False),  # six hours without a break
        (("10:00", "11:00", "12:00", "13:20", "14:20", "15:20"), 55, 1, True),  # the same with 15 minutes more at 13:00
        (("08:00", "18:30"), 20, 1, False),  # signed on for eleven hours
        (("08:00", "18:30"), 20, 2, True),
        (("10:00", "10:10"), 20, 1, False),  # two at once
        (("10:00", "10:10"), 20, 2, True),
    ],
)
def test_what_one_or_two_drivers_can_do(times: tuple[str, ...], minutes: int, drivers: int, fits: bool) -> None:
    trips = trip_works(*times, minutes=minutes)
    assert (least_paid(trips, THE_ACT, drivers) is not None) == fits
    assert isinstance(plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=drivers), ONE), DutyPlan) == fits


def test_so_many_drivers_or_slots_are_counted_only() -> None:
    trips = trip_works("10:00", "12:00")
    assert DriverDays.fit(trips, 1) and DriverDays.fit(trips, 4)
    assert not DriverDays.fit(trips, None) and not DriverDays.fit(trips, 5) and not DriverDays.fit((), 1)
