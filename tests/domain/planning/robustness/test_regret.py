"""Regret and cost intervals of proposals on the same drawn days."""

from dataclasses import replace

import pytest

from shuttle.domain.planning.robustness.regret import Regret, regrets
from shuttle.domain.planning.robustness.uncertainty import (
    DAYS,
    cost_interval,
    drawn_costs,
    drawn_days,
    on_day,
    simulated_costs,
)
from shuttle.domain.planning.scenario import DemandProfile, Wish
from shuttle.domain.planning.simulation import simulate
from tests.planner.questions import OUT_AND_HOME, a_question, profiles_of, trips_at

HOLIDAY = DemandProfile(
    day_type="holiday", origin="base", destination="near", starts=600, slot_minutes=60, passengers=(5.0,)
)


def test_the_cheapest_proposal_of_every_day_has_no_regret() -> None:
    assert regrets([[1.0, 2.0, 3.0], [2.0, 2.0, 6.0]]) == [Regret(0.0, 0.0), Regret(4 / 3, 1.0)]
    assert regrets([[5.0, 7.0]]) == [Regret(0.0, 0.0)], "a single proposal has no regret"
    assert regrets([]) == []


def test_p95_is_the_regret_that_95_of_100_days_do_not_exceed() -> None:
    [dearer, _] = regrets([[float(day) for day in range(1, 101)], [0.0] * 100])
    assert (dearer.mean, dearer.p95) == (50.5, 95.0)


def test_all_timetables_get_the_same_drawn_passengers() -> None:
    question = a_question(profiles_of(3))
    early, late = (trips_at(question, OUT_AND_HOME, minute) for minute in (660, 780))
    first, second = (drawn_costs(question, "weekday", trips, seed=7) for trips in (early, late))
    nobody = drawn_costs(question, "weekday", (), seed=7)
    assert len(first) == DAYS
    assert first != second
    # An unserved passenger costs most, so no timetable costs more than none on any day.
    assert all(cost <= most for one in (first, second) for cost, most in zip(one, nobody, strict=True))
    assert [most / 180 for most in nobody] == pytest.approx([round(most / 180) for most in nobody]), "whole people"
    interval = cost_interval(question, "weekday", early, seed=7)
    assert (interval.low, interval.high) == (sorted(first)[20], sorted(first)[379])


@pytest.mark.parametrize("wish", list(Wish))
def test_with_seats_each_drawn_day_is_simulated(wish: Wish) -> None:
    unlimited = a_question(profiles_of(3), wish=wish)
    tight = replace(unlimited, fleet=replace(unlimited.fleet, seats=2))
    trips = trips_at(tight, OUT_AND_HOME, 660, 720, 780)
    without, played = drawn_costs(unlimited, "weekday", trips, 7), simulated_costs(tight, "weekday", trips, 7)
    assert simulated_costs(unlimited, "weekday", trips, 7) == pytest.approx(without), "equal with seats for all"
    days = drawn_days(tight, "weekday", 7)
    assert days[:9] == drawn_days(tight, "weekday", 7, 9)
    for passengers, cost in list(zip(days, played, strict=True))[:9]:
        assert cost == pytest.approx(simulate(on_day(tight, "weekday", passengers), "weekday", trips).cost(180))
    assert sum(played) > sum(without)
    interval = cost_interval(tight, "weekday", trips, 7, played=True)
    assert interval.document() == {"cost_p5": sorted(played)[20], "cost_p95": sorted(played)[379], "model": "played"}


def test_a_drawn_day_changes_the_passengers_of_its_day_type_alone() -> None:
    question = a_question(
        [
            DemandProfile(
                day_type="weekday",
                origin="base",
                destination="near",
                starts=600,
                slot_minutes=60,
                passengers=(2.0, 0.0, 3.0),
            ),
            HOLIDAY,
        ]
    )
    day = on_day(question, "weekday", (7, 1))
    assert [profile.passengers for profile in day.demand.profiles] == [(7.0, 0.0, 1.0), HOLIDAY.passengers]
