"""Whole scenarios of every kind, from the question to the answer: each figure of each proposal against people followed one by one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import DemandProfile, Fleet, FrontRequest, Scenario, Wish
from shuttle.domain.timetable.network import Supplement
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from tests.planner.questions import OUT_AND_HOME, OVER_BOTH, RATES, a_question, trips_at
from tests.planner.recount import Recount

ROUND = (OUT_AND_HOME, OVER_BOTH)
ONE_WAY = (("base", "near"), ("base", "near", "far"), OUT_AND_HOME)
TWICE = (("base", "near", "base", "far", "base"), ("base", "near", "far", "near", "base"))

EVENING = replace(
    RATES,
    supplements=(
        Supplement(name="late", day_types=("weekday",), starts=720, ends=640, nok_per_hour=80.0),
        Supplement(name="noon", day_types=("weekday",), starts=700, ends=790, nok_per_hour=15.5),
    ),
)
"""The first supplement runs from noon past midnight to the next forenoon: it holds on both sides of a day."""

HALVES = st.integers(0, 16).map(lambda number: number / 2)
REQUIREMENTS: Sequence[ask.Requirement] = (
    ask.MaxGap(name="no long gap", to="near", minutes=120),
    ask.TripCount(name="few", most=3),
    ask.MinGap(name="apart", to="near", minutes=60),
    ask.CoverageShare(name="covered", of="near", share=0.5),
    ask.FirstArrivalByOpening(name="in time", to="far", minutes=30, hard=False, weight=200.0),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    people = [
        DemandProfile(
            day_type="weekday",
            origin=here,
            destination=there,
            starts=630,
            slot_minutes=60,
            passengers=tuple(draw(st.lists(HALVES, min_size=3, max_size=3))),
        )
        for here, there in (("base", "near"), ("near", "base"), ("base", "far"))
    ]
    question = a_question(
        people,
        *draw(st.lists(st.sampled_from(REQUIREMENTS), max_size=2, unique_by=lambda each: each.name)),
        patterns=draw(st.sampled_from([ROUND, ONE_WAY, TWICE])),
        grid=draw(st.sampled_from([30, 60])),
        wish=draw(st.sampled_from(list(Wish))),
        vehicles=draw(st.integers(1, 2)),
        max_wait=draw(st.sampled_from([45, 90])),
    )
    seats = draw(st.sampled_from([None, 3, 8]))
    front = draw(st.sampled_from([None, FrontRequest("trips", 1, 3)]))
    fleet = replace(question.fleet, seats=seats, empty_returns=draw(st.sampled_from([True, True, False])))
    return replace(question, fleet=fleet, front=front)


def answered(scenario: Scenario, base: Sequence[int] = ()) -> dict[str, Any]:
    bases = {"weekday": trips_at(scenario, OUT_AND_HOME, *base)} if base else {}
    request = PlanRequest(scenario=scenario, bases=bases, rates=EVENING, time_limit=20.0, workers=1)
    document = answer(request, lambda _progress: None, lambda: False)
    return dict(document["day_types"]["weekday"])


def check(scenario: Scenario, proposal: dict[str, Any]) -> None:
    recount = Recount(scenario, proposal)
    played = recount.played()
    assert proposal["played"] == pytest.approx(played, abs=1e-6)
    assert proposal["cost_without_seats"] == pytest.approx(recount.without_seats(), abs=1e-6)
    cost = played["wait_minutes"] + scenario.demand.unserved * played["unserved"]
    assert proposal["cost"] == pytest.approx(cost, abs=1e-6)
    assert proposal["cost_without_seats"] <= proposal["cost"] + 1e-6  # equal, where nobody is left behind
    assert proposal["model"] == "with seats" or played["left_behind"] == 0
    assert proposal["coverage"] == pytest.approx({stop: recount.coverage(stop) for stop in scenario.hours}, abs=1e-6)
    assert proposal["driver_minutes"] == recount.driver_minutes()
    assert proposal["km"] == pytest.approx(recount.km())
    assert proposal["nok"] == pytest.approx(recount.nok(EVENING))
    assert proposal["vehicles"] == recount.vehicles() <= scenario.fleet.vehicles
    assert recount.vehicles_are_driven_in_turn()


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(scenario=scenarios())
def test_every_figure_equals_the_recount_passenger_by_passenger(scenario: Scenario) -> None:
    found = answered(scenario)
    for proposal in found["proposals"]:
        check(scenario, proposal)
        hard = [row for row in proposal["requirements"] if row["hard"]]
        assert all(row["met"] for row in hard)
        total = proposal["cost"] + proposal["penalty"]
        assert proposal["bound"] <= total + 1e-6
        assert proposal["gap"] == pytest.approx((total - proposal["bound"]) / max(total, 1e-9), abs=1e-6)
    costs = [proposal["cost"] + proposal["penalty"] for proposal in found["proposals"]]
    counts = [proposal["trips_count"] for proposal in found["proposals"]]
    assert costs == sorted(costs, reverse=True) and counts == sorted(set(counts))


def test_today_and_the_baselines_are_weighed_by_the_same_scale() -> None:
    people = [
        DemandProfile(
            day_type="weekday",
            origin="base",
            destination="near",
            starts=630,
            slot_minutes=60,
            passengers=(8.0, 6.5, 3.0),
        )
    ]
    question = replace(
        a_question(people, ask.TripCount(name="few", most=2)), fleet=Fleet(vehicles=1, seats=6, turnaround=5)
    )
    question = replace(question, base_timetable="today")
    found = answered(question, base=(660, 780))
    assert len(found["baselines"]) == 2
    for document in (found["today"], *found["baselines"], *found["proposals"]):
        check(replace(question, fleet=replace(question.fleet, vehicles=9)), document)
