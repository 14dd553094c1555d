"""Timetables that one makes without a solver, and that a proposal with as many trips is never worse than."""

import time
from dataclasses import replace

import pytest

from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.planning.baselines import baselines, even_headway, even_load
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip, candidates
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.result import ProposalResult
from shuttle.domain.planning.robustness.uncertainty import drawn_days, on_day
from shuttle.domain.planning.scenario import DemandProfile, FrontRequest, Scenario, TripCount
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from shuttle.planner.search.hindsight import hindsight
from shuttle.planner.search.pareto_front import Point
from tests.planner.questions import OUT_AND_HOME, RATES, a_question, asked, cheapest, profiles_of, proposed, trips_at


def minutes(scenario: Scenario, count: int, load: bool) -> list[int]:
    trips = [trip for trip in candidates(scenario) if trip.stops == OUT_AND_HOME]
    loads = sorted(scenario.demand.profiles[0].per_minute().items())
    return [trip.departs for trip in (even_load if load else even_headway)(trips, count, loads)]


def towards_near(*passengers: float) -> Scenario:
    profile = DemandProfile(
        day_type="weekday", origin="base", destination="near", starts=600, slot_minutes=60, passengers=passengers
    )
    return a_question([profile], patterns=(OUT_AND_HOME,), grid=10, vehicles=2)


def test_even_headway_leaves_the_same_time_between_departures() -> None:
    assert minutes(towards_near(1, 1, 1, 1), 5, load=False) == [600, 670, 740, 810, 880]
    assert minutes(towards_near(1, 1, 1, 1), 1, load=False) == [740]


def test_even_load_gives_each_departure_as_many_passengers() -> None:
    assert minutes(towards_near(1, 1, 1, 1), 4, load=True) == [660, 720, 780, 840]
    assert minutes(towards_near(6, 0, 0, 2), 4, load=True) == [620, 640, 660, 840]
    assert minutes(towards_near(0, 0, 0, 3), 3, load=True) == [800, 820, 840]


def test_departures_by_load_never_share_a_minute() -> None:
    found = minutes(replace(towards_near(60), grid=30), 6, load=True)
    assert sorted(set(found)) == found


def test_a_baseline_that_takes_more_buses_than_there_are_is_shown_as_such() -> None:
    crowded = replace(towards_near(1, 1, 1, 1), fleet=replace(towards_near(1).fleet, vehicles=1))
    [_, allowed, _, _] = baselines(crowded, "weekday", [3, 20], (), RATES)
    assert allowed.allowed
    assert not any(each.allowed for each in baselines(crowded, "weekday", [20], (), RATES))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_proposal_is_worse_than_a_baseline_or_today_with_as_many_trips(seed: int) -> None:
    question = replace(
        a_question(profiles_of(seed), grid=30), front=FrontRequest("trips", 1, 5), base_timetable="today"
    )
    today = trips_at(question, OUT_AND_HOME, 600, 720, 840)
    found = answer(
        PlanRequest(scenario=question, bases={"weekday": today}, rates=RATES, workers=1, seed=seed),
        lambda _: None,
        lambda: False,
    )
    day = found["day_types"]["weekday"]
    cost = {proposal["trips_count"]: proposal["cost"] for proposal in day["proposals"]}
    compared = [each for each in day["baselines"] if each["allowed"]]
    assert len(compared) >= 4, "the test compares something"
    assert all(cost[each["trips_count"]] <= each["cost"] + 1e-6 for each in compared)
    assert (
        min(c for count, c in cost.items() if count <= 3) <= assess(question, "weekday", today, (), RATES).cost + 1e-6
    )
    assert day["today"] is not None and day["today"]["cost"] == pytest.approx(
        assess(question, "weekday", today, (), RATES).cost
    )


@pytest.mark.slow
def test_in_hindsight_no_days_best_costs_more_than_the_proposal() -> None:
    question = replace(a_question(profiles_of(2), grid=60), front=FrontRequest("trips", 1, 4))
    request = PlanRequest(scenario=question, bases={}, rates=RATES, workers=1, seed=3, hindsight_days=3)
    phases: list[str] = []
    day = answer(request, lambda progress: phases.append(progress.phase), lambda: False)["day_types"]["weekday"]
    (held,) = [each for each in day["proposals"] if each["hindsight"]]
    assert held["id"] == day["knee"]
    above = []
    for passengers in drawn_days(question, "weekday", 3, 3):
        drawn = asked(on_day(question, "weekday", passengers))
        own = passenger_cost(drawn.scenario, "weekday", _trips_of(drawn, held))
        above.append(own - _cheapest_with(drawn, held["trips_count"]))
    assert min(above) >= -1e-6 and max(above) > 0
    assert held["hindsight"] == {
        "mean": pytest.approx(sum(above) / 3),
        "most": pytest.approx(max(above)),
        "proven": 3,
        "days": 3,
        "model": "without seats",
    }
    assert phases[-1] == "hindsight"


def test_where_the_time_is_over_nothing_is_said_in_hindsight() -> None:
    question = a_question(profiles_of(2), grid=30)
    problem = asked(question)
    request = PlanRequest(scenario=question, bases={}, rates=RATES, workers=1, hindsight_days=4)
    over = TimeBudget(time.monotonic() - 1)
    seen = hindsight(request, problem, Point(proposed(problem), None, 0.0), over, lambda _done, _of: None)
    assert (seen.above, seen.document()["mean"], seen.document()["proven"]) == ((), None, 0)


def _trips_of(problem: Problem, proposal: ProposalResult) -> list[PlannedTrip]:
    wanted = [(tuple(trip["stops"]), trip["departs"]) for trip in proposal["trips"]]
    return [trip for trip in problem.candidates if (trip.stops, time_of_day_text(trip.departs)) in wanted]


def _cheapest_with(problem: Problem, most: int) -> float:
    limited = replace(problem.scenario, requirements=(TripCount(name="trips", most=most),))
    cost = cheapest(replace(problem, scenario=limited))
    assert cost is not None
    return cost


def test_each_proposal_has_an_interval_a_regret_and_a_table_row() -> None:
    question = replace(a_question(profiles_of(2), grid=30), front=FrontRequest("trips", 1, 4))
    found = answer(PlanRequest(scenario=question, bases={}, rates=RATES, workers=1), lambda _: None, lambda: False)[
        "day_types"
    ]["weekday"]
    assert len(found["proposals"]) >= 3
    for proposal in found["proposals"]:
        assert proposal["interval"] is not None and proposal["regret"] is not None
        assert proposal["interval"]["cost_p5"] <= proposal["cost"] <= proposal["interval"]["cost_p95"]
        assert 0 <= proposal["regret"]["mean"] <= proposal["regret"]["p95"]
    assert min(each["regret"]["mean"] for each in found["proposals"] if each["regret"]) < 1
    ids = [proposal["id"] for proposal in found["proposals"]]
    for row in found["sensitivity"]:
        assert [each["id"] for each in row["proposals"]] == ids
        assert row["best"] in ids
