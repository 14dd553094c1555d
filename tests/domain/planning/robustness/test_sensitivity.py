"""Sensitivity analysis: every row equals an assessment with the changed value, and the knee point is the best."""

from dataclasses import replace

import pytest

from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.robustness.sensitivity import (
    Alternative,
    SensitivityRow,
    WeighedAlternative,
    knee_point,
    sensitivity,
)
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, RATES, a_question, profiles_of, trips_at

QUESTION = a_question(profiles_of(5))
FEW = trips_at(QUESTION, OVER_BOTH, 660)
MORE = trips_at(QUESTION, OVER_BOTH, 600, 720)
MOST = trips_at(QUESTION, OVER_BOTH, 600, 660, 720) + trips_at(QUESTION, OUT_AND_HOME, 780)


def rows() -> list[SensitivityRow]:
    alternatives = []
    for name, trips in (("few", FEW), ("more", MORE), ("most", MOST)):
        assessment = assess(QUESTION, "weekday", trips, (), RATES)
        alternatives.append(Alternative(name, trips, assessment.driver_minutes, assessment.nok))
    return sensitivity(QUESTION, "weekday", RATES, alternatives)


def test_each_assumption_is_halved_and_doubled() -> None:
    """An unserved passenger never costs less than the longest wait: 180 minutes limits `max_wait_minutes`."""
    assert [(row.what, row.factor, row.value) for row in rows()] == [
        ("unserved_minutes", 0.5, 90),
        ("unserved_minutes", 1.0, 180),
        ("unserved_minutes", 2.0, 360),
        ("max_wait_minutes", 0.5, 45),
        ("max_wait_minutes", 1.0, 90),
        ("max_wait_minutes", 2.0, 180),
        ("nok_per_driver_hour", 0.5, 225),
        ("nok_per_driver_hour", 1.0, 450),
        ("nok_per_driver_hour", 2.0, 900),
    ]


@pytest.mark.parametrize("number", range(9))
def test_every_figure_is_that_of_an_assessment_with_the_value(number: int) -> None:
    row = rows()[number]
    scenario, rates = QUESTION, RATES
    if row.what == "nok_per_driver_hour":
        rates = replace(rates, nok_per_driver_hour=row.value)
    else:
        other, value = scenario.demand, int(row.value)
        changed = replace(other, unserved=value) if row.what == "unserved_minutes" else replace(other, max_wait=value)
        scenario = replace(scenario, demand=changed)
    for weighed, trips in zip(row.weighed, (FEW, MORE, MOST), strict=True):
        assessment = assess(scenario, "weekday", trips, (), rates)
        assert (weighed.cost, weighed.nok) == pytest.approx((assessment.cost, assessment.nok))
        assert weighed.unserved == pytest.approx(assessment.played.unserved)


def test_the_best_proposal_is_the_knee_point() -> None:
    cheap, middle, dear = (
        WeighedAlternative(*each) for each in (("a", 900, 0, 100), ("b", 300, 0, 200), ("c", 200, 0, 500))
    )
    assert knee_point([cheap, middle, dear]) == middle
    worse = WeighedAlternative("d", 950, 0, 600)
    assert knee_point([worse, cheap, middle, dear]) == middle, "a dominated proposal changes nothing"
    assert knee_point([cheap, dear]) == dear, "two have no knee: the least passenger cost"
    assert knee_point([cheap]) == cheap


def test_without_proposals_there_is_no_table() -> None:
    assert sensitivity(QUESTION, "weekday", RATES, []) == []


def test_with_seats_the_day_is_simulated_under_each_value() -> None:
    tight = replace(QUESTION, fleet=replace(QUESTION.fleet, seats=2))
    alone = [Alternative("more", MORE, 100, 500.0)]
    played = sensitivity(tight, "weekday", RATES, alone, played=True)
    assert [row.value for row in played] == [row.value for row in sensitivity(tight, "weekday", RATES, alone)]
    as_assumed = [row.weighed[0] for row in played if row.factor == 1]
    simulated = assess(tight, "weekday", MORE, (), RATES).played
    assert simulated.left_behind > 0
    assert [each.cost for each in as_assumed] == pytest.approx([simulated.cost(180)] * 3)
    assert [each.unserved for each in as_assumed] == pytest.approx([simulated.unserved] * 3)
    assert {row.document()["model"] for row in played} == {"played"}
