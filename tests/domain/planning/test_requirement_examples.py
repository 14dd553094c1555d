"""Examples of each kind of requirement, computed by hand: met with slack 0, and missed by one unit.

The pattern is base, near, base: arrival at near after 10 minutes, at the base after 20, and the vehicle is free after 25. Near
is open from 10:00 (600) to 14:00 (840). A trip is named by its departure minute.
"""

from dataclasses import replace
from typing import Any

import pytest

from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.duties.duty import TripWork, check_duties
from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.planned_trips import plan_trip
from shuttle.domain.planning.rules import CHECKS, NEVER, PlannedDay, slack, verdicts
from shuttle.domain.planning.scenario import Demand, DemandProfile, Fleet, Requirement, Scenario
from shuttle.domain.timetable.network import Costs, RunningTime
from tests.builders import a_duty

OUT, LONG = ("base", "near", "base"), ("base", "far", "base")
OPEN, CLOSE = 600, 840


def a_scenario(closes: int = CLOSE) -> Scenario:
    links = {("base", "near"): 10, ("near", "base"): 10, ("base", "far"): 20, ("far", "base"): 20}
    return Scenario(
        id="by-hand",
        name="By hand",
        day_types=("weekday",),
        grid=1,
        base_stop="base",
        first_departure=480,
        last_arrival=1200,
        patterns=(OUT, LONG),
        fleet=Fleet(vehicles=2, turnaround=5),
        running_times={
            link: RunningTime(origin=link[0], destination=link[1], bands=((0, minutes),), km=2.0)
            for link, minutes in links.items()
        },
        hours={"near": {"weekday": ((OPEN, closes),)}},
        demand=Demand(),
    )


def a_plan(*departs: int, base: tuple[int, ...] = (), closes: int = CLOSE, far: tuple[int, ...] = ()) -> PlannedDay:
    """Trips to near at the minutes `departs`, and to far at `far`; `base`: today's trips, to near."""
    scenario = a_scenario(closes)
    trips = [plan_trip(scenario, OUT, at) for at in departs] + [plan_trip(scenario, LONG, at) for at in far]
    today = tuple(plan_trip(scenario, OUT, at) for at in base)
    return PlannedDay(
        scenario=scenario,
        day_type="weekday",
        trips=tuple(trips),
        base=today,
        costs=Costs(nok_per_driver_hour=60, nok_per_km=1),
    )


def crowded(seats: int, *departs: int) -> PlannedDay:
    """Six passengers get ready for near at 9:51."""
    plan = a_plan(*departs)
    people = DemandProfile(
        day_type="weekday", origin="base", destination="near", starts=591, slot_minutes=1, passengers=(6.0,)
    )
    fleet, demand = replace(plan.scenario.fleet, seats=seats), Demand(profiles=(people,))
    return replace(plan, scenario=replace(plan.scenario, fleet=fleet, demand=demand))


def a_requirement(kind: type[Requirement], **values: Any) -> Requirement:
    return kind(name="a requirement", **values)


TODAY = (600, 660)
EXAMPLES: list[tuple[Requirement, PlannedDay, PlannedDay, float]] = [
    # 10:00 has its own trip 5 minutes later; at 6 minutes later one departure of today has none.
    (a_requirement(ask.KeepDepartures, tolerance=5), a_plan(605, 660, base=TODAY), a_plan(606, 660, base=TODAY), -1),
    # one trip between two departures of today stands for one of them only
    (a_requirement(ask.KeepDepartures, tolerance=30), a_plan(630, 631, base=TODAY), a_plan(630, base=TODAY), -1),
    (a_requirement(ask.Pin, pattern=0, at=600), a_plan(600), a_plan(601), -1),
    (a_requirement(ask.Pin, pattern=0, at=600), a_plan(600), a_plan(far=(600,)), -1),
    (a_requirement(ask.Forbid, pattern=0, at=600), a_plan(601, far=(600,)), a_plan(600), -1),
    # arrivals 11, 12, 13: gaps of 60 from opening to closing. At 12:01 one of them is 61.
    (a_requirement(ask.MaxGap, to="near", minutes=60), a_plan(650, 710, 770), a_plan(650, 711, 770), -1),
    # the last arrival a minute early leaves 61 minutes until closing; the first a minute late follows 61 after opening
    (a_requirement(ask.MaxGap, to="near", minutes=60), a_plan(650, 710, 770), a_plan(650, 710, 769), -1),
    (a_requirement(ask.MaxGap, to="near", minutes=60), a_plan(650, 710, 770), a_plan(651, 710, 770), -1),
    (a_requirement(ask.MaxGap, to="near", minutes=30, between=(660, 720)), a_plan(680), a_plan(681), -1),
    (a_requirement(ask.MinGap, minutes=30), a_plan(600, 630), a_plan(600, 629), -1),
    # trips to far do not count for near
    (a_requirement(ask.MinGap, to="near", minutes=30), a_plan(600, 630, far=(610,)), a_plan(600, 629), -1),
    # at near by 9:55, five minutes before it opens
    (a_requirement(ask.FirstArrivalByOpening, to="near", minutes=-5), a_plan(585), a_plan(586), -1),
    (a_requirement(ask.FirstArrivalByOpening, to="near", minutes=0), a_plan(590), a_plan(591), -1),
    # leaves near at 14:15 and at 14:16
    (a_requirement(ask.LastReturnAfterClosing, origin="near", minutes=15), a_plan(845), a_plan(846), -1),
    (a_requirement(ask.TripCount, least=2), a_plan(600, 660), a_plan(600), -1),
    (a_requirement(ask.TripCount, most=2), a_plan(600, 660), a_plan(600, 660, 720), -1),
    (a_requirement(ask.TripCount, most=1, pattern=1), a_plan(600, 660, far=(720,)), a_plan(far=(720, 780)), -1),
    # 25 minutes a trip: 50 minutes, and 50 of 49
    (a_requirement(ask.Budget, driver_hours=50 / 60), a_plan(600, 660), a_plan(600, 660, 720), -25),
    # 25 minutes at 1 NOK and 4 km at 1 NOK are 29 NOK a trip
    (a_requirement(ask.Budget, nok=58), a_plan(600, 660), a_plan(600, 660, 720), -29),
    # the bus is free 25 minutes after it left
    (a_requirement(ask.VehicleLimit, most=1), a_plan(600, 625), a_plan(600, 624), -1),
    (a_requirement(ask.VehicleLimit, most=2), a_plan(600, 601, 625), a_plan(600, 601, 624), -1),
    (a_requirement(ask.ClockFace, minutes=(0, 30)), a_plan(600, 630), a_plan(600, 631), -1),
    # 10, 11, 12 each hour from 10 to 12; without 12 the one after 11 is missing
    (a_requirement(ask.ClockFace, repeat=60, between=(600, 720)), a_plan(600, 660, 720), a_plan(600, 660), -1),
    # one departure may move, by 10 minutes at most
    (a_requirement(ask.MaxChange, moved=1, by=10), a_plan(600, 670, base=TODAY), a_plan(601, 670, base=TODAY), -1),
    (a_requirement(ask.MaxChange, moved=1, by=10), a_plan(600, 670, base=TODAY), a_plan(600, 671, base=TODAY), -1),
    # six are ready at 9:51 and there are four seats: two are left behind, whether or not another bus follows; three seats leave three
    (a_requirement(ask.Room, max_left_behind=2), crowded(4, 591, 620), crowded(3, 591, 620), -1),
    (a_requirement(ask.Room, max_left_behind=2, to="near"), crowded(4, 591), crowded(3, 591), -1),
    # closes at 14:00; the trip of 13:30 is there at 13:40 and leaves at once
    (a_requirement(ask.LastBus, centre="near", minutes=20), a_plan(810), a_plan(809), -1),
    # the one at 13:50 arrives as it closes; the one that leaves near at 15:01 is too late to count as the last home
    (a_requirement(ask.LastBus, centre="near", minutes=0), a_plan(830), a_plan(829, 891), -1),
]


@pytest.mark.parametrize(("requirement", "met", "missed", "breach"), EXAMPLES)
def test_a_requirement_is_met_with_slack_0_and_missed_by_one_unit(
    requirement: Requirement, met: PlannedDay, missed: PlannedDay, breach: float
) -> None:
    assert slack(met, requirement) == pytest.approx(0)
    assert slack(missed, requirement) == pytest.approx(breach)
    for plan, expected in ((met, True), (missed, False)):
        day = replace(plan, scenario=replace(plan.scenario, requirements=(requirement,)))
        assert [verdict.met for verdict in verdicts(day)] == [expected]


def test_every_kind_with_a_check_has_an_example() -> None:
    assert {type(requirement) for requirement, *_ in EXAMPLES} | {ask.CoverageShare} == set(CHECKS)


def test_coverage_is_the_share_of_open_minutes_to_the_minute() -> None:
    """Open 10:00 to 11:40: 101 minutes. A trip at 10:50 is at near at 11:00 and covers 10:00 to 10:50, 51 of them.

    At 10:49 it covers 9:59 to 10:49, of which 50 are open minutes.
    """
    requirement = a_requirement(ask.CoverageShare, of="near", share=51 / 101)
    assert slack(a_plan(650, closes=700), requirement) == pytest.approx(0)
    assert slack(a_plan(649, closes=700), requirement) == pytest.approx(-1 / 101)


def test_a_budget_in_hours_is_missed_by_one_minute() -> None:
    """Two trips take 50 minutes."""
    assert slack(a_plan(600, 660), a_requirement(ask.Budget, driver_hours=49 / 60)) == pytest.approx(-1)
    assert slack(a_plan(600, 660), a_requirement(ask.Budget, nok=57)) == pytest.approx(-1)


def test_an_arrival_over_an_hour_before_opening_is_none() -> None:
    """An arrival at 9:00 counts, with a slack of 60 minutes; one at 8:59 does not."""
    requirement = a_requirement(ask.FirstArrivalByOpening, to="near", minutes=0)
    assert slack(a_plan(530), requirement) == 60
    assert slack(a_plan(529), requirement) == -NEVER


def test_a_bus_that_leaves_before_closing_is_no_last_return() -> None:
    """A departure from near at 14:00 counts, with a slack of 15 minutes; one at 13:59 does not."""
    requirement = a_requirement(ask.LastReturnAfterClosing, origin="near", minutes=15)
    assert slack(a_plan(830), requirement) == 15
    assert slack(a_plan(829), requirement) == -NEVER


def test_a_dropped_departure_breaks_a_limit_on_changes() -> None:
    assert slack(a_plan(600, base=TODAY), a_requirement(ask.MaxChange, moved=2, by=10)) == -1


def test_a_requirement_of_another_day_type_is_not_checked() -> None:
    requirement = a_requirement(ask.TripCount, least=1, day_types=("holiday",))
    plan = a_plan()
    assert verdicts(replace(plan, scenario=replace(plan.scenario, requirements=(requirement,)))) == []


def test_two_drivers_are_on_board_after_the_required_minute() -> None:
    """With two on board after 20:00, one driver is enough for a trip that ends at 20:00, and too few at 20:01."""
    after = parse_time_of_day("20:00")
    for home, short in ((after, 0), (after + 1, 1)):
        works = (TripWork(after - 30, home, after + 5, "19:30"),)
        duty = a_duty("19:15", "20:20", works)
        broken = check_duties([duty], works, THE_ACT, two_on_board_after=after)
        assert sum(violation.by for violation in broken) == short
