"""Regret: what a proposal costs above the best of those at hand, on the same drawn days."""

import pytest

from shuttle.domain.regret import Regret, regrets
from shuttle.domain.uncertainty import DAYS, cost_interval, drawn_costs
from tests.planner.questions import OUT_AND_HOME, a_question, profiles_of, trips_at


def test_who_is_cheapest_every_day_has_no_regret() -> None:
    assert regrets([[1.0, 2.0, 3.0], [2.0, 2.0, 6.0]]) == [Regret(0.0, 0.0), Regret(4 / 3, 1.0)]
    assert regrets([[5.0, 7.0]]) == [Regret(0.0, 0.0)], "alone there is nothing to regret"
    assert regrets([]) == []


def test_what_95_of_100_days_do_not_exceed() -> None:
    [dearer, _] = regrets([[float(day) for day in range(1, 101)], [0.0] * 100])
    assert (dearer.mean, dearer.p95) == (50.5, 95.0)


def test_all_timetables_are_drawn_the_same_passengers() -> None:
    question = a_question(profiles_of(3))
    early, late = (trips_at(question, OUT_AND_HOME, minute) for minute in (660, 780))
    first, second = (drawn_costs(question, "weekday", trips, seed=7) for trips in (early, late))
    nobody = drawn_costs(question, "weekday", (), seed=7)
    assert len(first) == DAYS
    assert first != second
    # Who is left out costs most, so no timetable costs more than none on any of the days.
    assert all(cost <= most for one in (first, second) for cost, most in zip(one, nobody, strict=True))
    assert [most / 180 for most in nobody] == pytest.approx([round(most / 180) for most in nobody]), "whole people"
    interval = cost_interval(question, "weekday", early, seed=7)
    assert (interval.low, interval.high) == (sorted(first)[20], sorted(first)[379])
