"""The result document of real runs: exactly the declared keys, and a bound and gap of cost + penalty."""

import json
from dataclasses import replace

import pytest

from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.planning.planned_trips import plan_trip
from shuttle.domain.planning.result import VERSION, PlanResult
from shuttle.domain.planning.scenario import DriverDuties, Fleet, FrontRequest, Scenario, TripCount
from shuttle.domain.planning.stored_result import read_result
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from tests.planner.questions import OUT_AND_HOME, RATES, a_question, profiles_of
from tests.results import wrong_places

FEW = TripCount(name="one trip", most=1, hard=False, weight=30.0)


def result_of(scenario: Scenario, hindsight_days: int = 0) -> PlanResult:
    request = PlanRequest(
        scenario=scenario,
        bases={"weekday": (plan_trip(scenario, OUT_AND_HOME, 660),)},
        rates=RATES,
        profiles={"act": THE_ACT},
        time_limit=30.0,
        workers=1,
        hindsight_days=hindsight_days,
        past={"weekday": {}},
    )
    document: PlanResult = json.loads(json.dumps(answer(request, lambda _progress: None, lambda: False)))
    return document


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario",
    [
        replace(a_question(profiles_of(2), FEW, grid=30), front=FrontRequest("trips", 1, 3)),
        replace(a_question(profiles_of(4), grid=30), fleet=Fleet(vehicles=1, seats=3, turnaround=5)),
        a_question(profiles_of(2), DriverDuties(name="duties", profile="act", drivers=2)),
        replace(a_question(profiles_of(1), TripCount(name="two", least=2)), front=FrontRequest("trips", 1, 1)),
        a_question(profiles_of(1), TripCount(name="two", least=2), TripCount(name="one", most=1)),
    ],
    ids=["front", "seats", "duties", "limit", "conflict"],
)
def test_a_result_has_exactly_the_declared_keys(scenario: Scenario) -> None:
    result = result_of(scenario, hindsight_days=2)
    assert wrong_places(result, PlanResult) == [] and result["version"] == VERSION
    assert read_result(result) is result


def test_bound_and_gap_are_of_cost_and_penalty() -> None:
    """One trip alone costs people more than the weight of a second one: the penalty of 30 is paid in every best timetable."""
    result = result_of(a_question(profiles_of(2), FEW, TripCount(name="two", least=2), grid=30))
    (proposal,) = result["day_types"]["weekday"]["proposals"]
    assert proposal["proven"] and proposal["penalty"] == pytest.approx(30.0 * (proposal["trips_count"] - 1))
    assert proposal["penalty"] > 0 and proposal["gap"] == 0
    assert proposal["bound"] == pytest.approx(proposal["cost"] + proposal["penalty"])


def test_a_relaxation_has_the_bound_of_its_cost_and_penalty() -> None:
    clash = (TripCount(name="two", least=2), TripCount(name="at most one", most=1))
    result = result_of(a_question(profiles_of(2), FEW, *clash, grid=30))
    assert result["status"] == "infeasible"
    for relaxation in result["relaxations"]:
        assert relaxation["cost"] is not None and relaxation["penalty"] is not None and relaxation["bound"] is not None
        assert relaxation["bound"] <= relaxation["cost"] + relaxation["penalty"] + 1e-6
    (without_most,) = [each for each in result["relaxations"] if each["requirements"] == ["at most one"]]
    assert without_most["penalty"] and without_most["penalty"] >= 30
