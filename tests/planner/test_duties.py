"""The solver's duties argue with the plain checks and with a brute force that knows neither shells nor models."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.duties.costs import Pay, PayWindow, duties_nok
from shuttle.domain.duties.duty import Break, Duty, TripWork, check_duties, check_duty
from shuttle.domain.duties.rules import THE_ACT, RuleProfile
from shuttle.planner.duties.set_partitioning import DutyPlan, DutyTask, NoDuties, plan_duties
from shuttle.planner.solvers.cpsat import Effort
from tests.builders import HOLIDAY_TIMES, WEEKDAY_TIMES, trip_works

COARSE = replace(
    THE_ACT,
    longest_duty_minutes=300,
    break_after_minutes=180,
    break_minutes=30,
    shortest_break_minutes=30,
    long_duty_minutes=240,
    long_duty_break_minutes=60,
    longest_break_minutes=60,
    longest_piece_minutes=180,
    sign_on_minutes=30,
    sign_off_minutes=30,
)
"""Rules in half hours, so that a brute force over half hours misses nothing."""

HALF_HOUR = 30
ONE_WORKER = Effort(workers=1)


def solved(task: DutyTask) -> DutyPlan:
    plan = plan_duties(task, ONE_WORKER)
    assert isinstance(plan, DutyPlan), str(plan)
    assert check_duties(plan.duties, task.trips, task.profile, task.drivers, task.two_on_board_after) == ()
    return plan


def test_the_weekday_pattern_is_one_duty_with_a_break_in_a_gap() -> None:
    """Its last trip back at 18:50 and five minutes to turn: with 5 to sign on and off, the day spans 9 h 05."""
    profile = replace(THE_ACT, sign_on_minutes=15, sign_off_minutes=0)
    plan = solved(DutyTask(trips=trip_works(*WEEKDAY_TIMES, minutes=15), profile=profile, drivers=1))
    [duty] = plan.duties
    assert (time_of_day_text(duty.starts), time_of_day_text(duty.ends), duty.break_minutes) == ("09:45", "18:50", 30)
    assert plan.paid_minutes == 515


def test_a_paid_break_makes_the_weekday_pattern_too_long_for_one_driver() -> None:
    profile = replace(THE_ACT, sign_off_minutes=0, breaks_are_paid=True)
    refusal = plan_duties(DutyTask(trips=trip_works(*WEEKDAY_TIMES, minutes=15), profile=profile, drivers=1))
    assert isinstance(refusal, NoDuties)
    assert refusal.drivers_needed == 2


@pytest.mark.parametrize(("last", "drivers"), [("18:35", 1), ("18:40", 2), ("19:00", 2), ("21:00", 2)])
def test_a_later_last_departure_on_weekdays_needs_a_second_duty(last: str, drivers: int) -> None:
    """Signed on at 09:45, a driver may stay until 19:15: 9 hours of work and a break of 30 minutes."""
    trips = trip_works(*WEEKDAY_TIMES[:-1], last)
    assert len(solved(DutyTask(trips=trips, profile=THE_ACT, drivers=drivers)).duties) >= drivers
    if drivers == 2:
        assert str(plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=1))).startswith(
            "the trips need 2 drivers"
        )


def test_the_holiday_pattern_is_one_short_duty_with_its_break() -> None:
    [duty] = solved(DutyTask(trips=trip_works(*HOLIDAY_TIMES), profile=THE_ACT, drivers=1)).duties
    assert (time_of_day_text(duty.starts), time_of_day_text(duty.ends)) == ("10:45", "16:10")
    assert duty.breaks == ()  # 5 h 25


def test_a_trip_that_no_duty_may_hold_is_named() -> None:
    refusal = plan_duties(DutyTask(trips=trip_works("10:00", "23:50"), profile=THE_ACT, drivers=9))
    assert isinstance(refusal, NoDuties)
    assert str(refusal) == "no duty within the rules can hold 23:50"


def test_two_on_board_in_the_evening_share_what_only_one_must_drive() -> None:
    task = DutyTask(trips=trip_works("18:00", "20:00", "21:00"), profile=THE_ACT, drivers=2, two_on_board_after=20 * 60)
    plan = solved(task)
    assert sorted(len(duty.trips) for duty in plan.duties) == [2, 3]


def test_two_buses_at_once_are_driven_by_two_who_may_change_buses() -> None:
    trips = (*trip_works("10:00", "11:00"), TripWork(610, 650, 655, "other bus"))
    plan = solved(DutyTask(trips=trips, profile=THE_ACT, drivers=2))
    assert plan.proven and len(plan.duties) == 2
    refusal = plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=1))
    assert str(refusal) == "the trips need 2 drivers within the rules; there are 1"


def test_dear_hours_are_kept_short() -> None:
    """With unpaid breaks the break falls where an hour costs most."""
    evening = Pay(45_000, (PayWindow(17 * 60, 24 * 60, 5_600),))
    task = DutyTask(trips=trip_works("12:00", "14:00", "18:00", "19:00"), profile=THE_ACT, drivers=1, pay=evening)
    plan = solved(task)
    [(starts, _)] = plan.duties[0].breaks
    assert starts >= 17 * 60
    assert plan.nok == duties_nok(plan.duties, THE_ACT, evening) == plan.cost / 6000


@pytest.mark.slow
def test_the_same_seed_and_one_worker_give_the_same_duties() -> None:
    trips = trip_works(*(f"{hour:02d}:{minute:02d}" for hour in range(9, 20) for minute in (0, 30)))
    plans = [
        plan_duties(DutyTask(trips=trips, profile=THE_ACT, drivers=3), Effort(seed=7, workers=1)) for _ in range(2)
    ]
    assert plans[0] == plans[1]


half_hours = st.integers(16, 34).map(lambda n: n * HALF_HOUR)


@st.composite
def coarse_trips(draw: st.DrawFn) -> tuple[TripWork, ...]:
    """Up to four trips of half an hour or an hour, of which some may overlap."""
    starts = draw(st.lists(half_hours, min_size=1, max_size=4))
    lengths = [draw(st.sampled_from([30, 60])) for _ in starts]
    return tuple(
        TripWork(at, at + length, at + length, f"trip {number}")
        for number, (at, length) in enumerate(zip(starts, lengths, strict=True))
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    trips=coarse_trips(),
    drivers=st.integers(1, 4),
    two_after=st.sampled_from([None, 14 * 60]),
    paid=st.booleans(),
    dear=st.booleans(),
)
def test_no_legal_set_of_duties_is_cheaper_than_the_solver_s(
    trips: tuple[TripWork, ...], drivers: int, two_after: Minute | None, paid: bool, dear: bool
) -> None:
    pay = Pay(100, (PayWindow(13 * 60, 15 * 60, 50),)) if dear else Pay()
    task = DutyTask(
        trips=trips,
        profile=replace(COARSE, breaks_are_paid=paid),
        drivers=drivers,
        two_on_board_after=two_after,
        pay=pay,
    )
    found = plan_duties(task, ONE_WORKER)
    best = cheapest_by_force(task)
    if isinstance(found, NoDuties):
        assert best is None
    else:
        assert check_duties(found.duties, trips, task.profile, drivers, two_after) == ()
        assert found.proven
        assert found.cost == best == sum(pay.units(duty.paid_pieces(task.profile)) for duty in found.duties)


@settings(max_examples=30, deadline=None)
@given(
    starts=st.lists(st.integers(7 * 60, 22 * 60), min_size=1, max_size=8),
    drivers=st.integers(1, 5),
    two_after=st.sampled_from([None, 18 * 60]),
)
def test_any_trips_get_duties_without_violation_or_a_reason(
    starts: list[int], drivers: int, two_after: Minute | None
) -> None:
    trips = tuple(TripWork(at, at + 31, at + 36, f"{number}") for number, at in enumerate(starts))
    found = plan_duties(
        DutyTask(trips=trips, profile=THE_ACT, drivers=drivers, two_on_board_after=two_after), ONE_WORKER
    )
    if isinstance(found, DutyPlan):
        assert check_duties(found.duties, trips, THE_ACT, drivers, two_after) == ()
    else:
        assert found.impossible or found.drivers_needed > drivers


def cheapest_by_force(task: DutyTask) -> int | None:
    """Every way to give every trip its drivers, each driver the cheapest legal day by trying all breaks."""
    assert task.drivers is not None
    drivers = range(task.drivers)
    teams = [list(itertools.combinations(drivers, trip.drivers(task.two_on_board_after))) for trip in task.trips]
    prices: dict[tuple[TripWork, ...], int | None] = {(): 0}
    best: int | None = None
    for choice in itertools.product(*teams):
        mine = [tuple(sorted(t for t, who in zip(task.trips, choice, strict=True) if d in who)) for d in drivers]
        for trips in mine:
            if trips not in prices:
                prices[trips] = cheapest_day(trips, task)
        costs = [prices[trips] for trips in mine]
        if all(cost is not None for cost in costs):
            total = sum(cost for cost in costs if cost is not None)
            best = total if best is None else min(best, total)
    return best


def cheapest_day(trips: tuple[TripWork, ...], task: DutyTask) -> int | None:
    """The least that a day with these trips costs, or None when no breaks make it legal."""
    starts = trips[0].departs - task.profile.sign_on_minutes
    ends = max(trip.released for trip in trips) + task.profile.sign_off_minutes
    days = (Duty(driver=1, starts=starts, ends=ends, trips=trips, breaks=breaks) for breaks in all_breaks(starts, ends))
    legal = [day for day in days if not check_duty(day, task.profile)]
    return min((task.pay.units(day.paid_pieces(task.profile)) for day in legal), default=None)


def all_breaks(starts: Minute, ends: Minute) -> Iterator[tuple[Break, ...]]:
    edges: Sequence[Minute] = range(starts, ends + 1, HALF_HOUR)
    single: list[Break] = [(a, a + length) for a in edges for length in (30, 60) if a + length <= ends]
    yield ()
    yield from ((one,) for one in single)
    yield from ((one, two) for one, two in itertools.combinations(single, 2) if one[1] <= two[0])


def test_the_brute_force_knows_a_rule_when_it_meets_one() -> None:
    profile: RuleProfile = COARSE
    long_day = tuple(TripWork(at, at + 30, at + 30, str(at)) for at in (480, 690))
    assert cheapest_day(long_day, DutyTask(trips=long_day, profile=profile, drivers=1)) == 240
    assert cheapest_by_force(DutyTask(trips=long_day, profile=profile, drivers=1)) == 240
