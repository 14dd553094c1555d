"""The limit of a front among the requirements: named where it stands in the way, with the least that would do."""

from dataclasses import replace

import pytest

from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.result import PlanResult
from shuttle.domain.planning.scenario import FrontRequest, Requirement, Scenario
from shuttle.domain.timetable.network import Costs, Supplement
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from shuttle.planner.search.pareto_front import largest_limit
from tests.planner.questions import OUT_AND_HOME, RATES, a_question, profiles_of

pytestmark = pytest.mark.slow

OFTEN = ask.MaxGap(name="near often", to="near", minutes=80)
"""Arrivals at near from 10:30 to 14:00 no more than 80 minutes apart: two do, 11:10 and 12:10 of an hourly timetable among them."""


def asked_for(front: FrontRequest, *requirements: Requirement, rates: Costs = RATES) -> PlanResult:
    question = a_question(profiles_of(1), *requirements, patterns=(OUT_AND_HOME,))
    return answered(replace(question, front=front), rates)


def answered(question: Scenario, rates: Costs = RATES) -> PlanResult:
    request = PlanRequest(
        scenario=question, bases={}, rates=rates, profiles={"act": THE_ACT}, time_limit=30.0, workers=1
    )
    return answer(request, lambda _progress: None, lambda: False)


@pytest.mark.parametrize(
    ("front", "name", "least"),
    [
        (FrontRequest("trips", 0, 1), "at most 1 trips", 3),
        (FrontRequest("driver_hours", 0, 0.5, 0.5), "at most 0.5 driver hours", 3 * 25 / 60),
        (FrontRequest("nok", 0, 200, 100), "at most 200 NOK", 3 * (25 * 7.5 + 4 * 6)),
    ],
    ids=["trips", "hours", "NOK"],
)
def test_a_front_that_is_too_small_conflicts_and_names_the_least(front: FrontRequest, name: str, least: float) -> None:
    """Trips leave on the hour and reach near ten past: 11:10, 12:10 and 13:10 are needed."""
    told = asked_for(front, OFTEN, ask.Forbid(name="not at ten", pattern=0, at=600))
    assert told["status"] == "infeasible"
    assert told["conflicts"] == [sorted(["near often", name])]
    [limit] = told["limits"]
    assert (limit["name"], limit["by"], limit["limit"], limit["day_type"]) == (name, front.by, front.last, "weekday")
    assert limit["least"] == pytest.approx(least)
    ways = {tuple(way["requirements"]) for way in told["relaxations"]}
    assert ways == {(name,), ("near often",)}


def test_the_least_that_is_told_works_and_less_does_not() -> None:
    told = asked_for(FrontRequest("trips", 3, 3), OFTEN)
    assert told["status"] == "solved" and told["day_types"]["weekday"]["proposals"]
    assert asked_for(FrontRequest("trips", 2, 2), OFTEN)["status"] == "infeasible"


def test_a_front_has_no_part_in_a_conflict_of_others() -> None:
    told = asked_for(
        FrontRequest("trips", 1, 4),
        OFTEN,
        ask.Forbid(name="never at noon", pattern=0, at=720),
        ask.Forbid(name="nor at eleven", pattern=0, at=660),
    )
    assert told["status"] == "infeasible" and told["limits"] == []
    assert all("trips" not in name for conflict in told["conflicts"] for name in conflict)


def test_night_supplements_count_against_the_budget_of_a_front_by_money() -> None:
    """22:00 out and home by 22:25: 25 minutes of 450 and 60 NOK an hour, 4 km of 6 NOK are 236.50; without the supplement 211.50."""
    night = replace(
        RATES,
        supplements=(Supplement(name="night", day_types=("weekday",), starts=21 * 60, ends=6 * 60, nok_per_hour=60.0),),
    )
    question = a_question(profiles_of(1, starts=1300), patterns=(OUT_AND_HOME,), first=1320, last=1345, max_wait=90)
    question = replace(question, hours={})
    for most, trips in ((236.4, 0), (236.6, 1)):
        told = answered(replace(question, front=FrontRequest("nok", most, most, 1)), night)
        [proposal] = told["day_types"]["weekday"]["proposals"]
        assert proposal["trips_count"] == trips
        assert proposal["nok"] == pytest.approx(236.5 * trips)
        rows = [row for row in told["day_types"]["weekday"]["sensitivity"] if row["what"] == "nok_per_driver_hour"]
        assert [row["proposals"][0]["nok"] for row in rows] == pytest.approx(
            [trips * (236.5 + 25 / 60 * 450 * change) for change in (-0.5, 0.0, 1.0)]
        )


def test_a_limit_with_the_name_of_a_requirement_is_told_apart() -> None:
    limit = largest_limit(FrontRequest("trips", 2, 4), {"at most 4 trips"})
    assert limit is not None and limit.name == "at most 4 trips (front)"
    assert largest_limit(None, ()) is None
