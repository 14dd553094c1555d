"""Comparison of a proposal: baselines, regret, assumptions, and recorded boardings of the departures that it moves."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.domain.planning.result import (
    ChangesResult,
    DayTypeResult,
    PastBoardingsResult,
    ProposalResult,
    TripResult,
)
from shuttle.domain.planning.stored_result import read_result
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.web.pages.planning.comparison import assumptions, comparison
from shuttle.web.pages.planning.proposal import trip_lines
from tests.web.pages.conftest import SignIn, signed_in
from tests.web.pages.planning.test_overview import _RESULTS, FRONT, a_run

__all__ = ["signed_in"]


def figures(name: str, trips: int, minutes: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "trips_count": trips, "cost": minutes, **more}


def a_day(*proposals: dict[str, Any]) -> DayTypeResult:
    baselines = [{**figures(f"even-load-{n}", n, 700.0), "name": "even-load", "allowed": n > 5} for n in (5, 6)]
    weighed = [{"id": each["id"], "cost": each["cost"], "unserved": 1.0, "nok": 100.0} for each in proposals]
    row = {"what": "nok_per_driver_hour", "factor": 0.5, "value": 225.0, "best": proposals[0]["id"]}
    day = {
        "today": figures("today", 3, 900.0),
        "proposals": list(proposals),
        "baselines": baselines,
        "sensitivity": [{**row, "proposals": weighed}],
    }
    return read_result({"day_types": {"weekday": day}})["day_types"]["weekday"]


def proposal_of(day: DayTypeResult, name: str) -> ProposalResult:
    return next(each for each in day["proposals"] if each["id"] == name)


DRAWN = {"interval": {"cost_p5": 400.0, "cost_p95": 800.0}, "regret": {"mean": 6.0, "p95": 60.0}}
SIX = figures("weekday-6", 6, 600.0, **DRAWN)
FIVE = figures("weekday-5", 5, 650.0, **DRAWN)
BOTH = a_day(FIVE, SIX)


def test_a_proposal_is_compared_with_today_and_baselines_of_as_many_trips() -> None:
    compared = comparison(BOTH, proposal_of(BOTH, "weekday-6"), words("nb"))
    assert [(row.kind, row.figures["trips_count"]) for row in compared.rows] == [
        ("this", 6),
        ("today", 3),
        ("even-load", 6),
    ]
    assert compared.all_allowed
    assert not comparison(BOTH, proposal_of(BOTH, "weekday-5"), words("nb")).all_allowed
    own, today, _ = compared.rows
    assert own.reach is not None and own.reach[0] < own.x < own.reach[1] < today.x
    assert today.reach is None


def test_regret_needs_another_proposal() -> None:
    alone = a_day(SIX)
    assert comparison(BOTH, proposal_of(BOTH, "weekday-6"), words("nb")).regret == DRAWN["regret"]
    assert comparison(alone, proposal_of(alone, "weekday-6"), words("nb")).regret is None


def test_an_assumption_names_the_proposal_that_is_then_the_best() -> None:
    (row,) = assumptions(BOTH, words("nb"))
    assert row.weighed["weekday-6"]["cost"] == 600 and row.best["id"] == "weekday-5" and not row.as_assumed
    assert "225" in row.text


def a_trip(departs: str) -> TripResult:
    call = {"stop": "a", "arrives_at": departs, "departs_at": departs}
    day = {"proposals": [{"trips": [{"departs": departs, "calls": [call]}]}]}
    (trip,) = read_result({"day_types": {"weekday": day}})["day_types"]["weekday"]["proposals"][0]["trips"]
    return trip


def test_recorded_boardings_stand_at_each_departure_that_moves_or_goes() -> None:
    moved: PastBoardingsResult = {"departs": "10:00", "mean": 4.5, "days": 12}
    dropped: PastBoardingsResult = {"departs": "12:00", "mean": None, "days": 0}
    changes: ChangesResult = {
        "kept": 1,
        "moved": [{"from": "10:00", "to": "10:10", "minutes": 10}],
        "added": [],
        "dropped": ["12:00"],
        "past_boardings": [moved, dropped],
    }
    lines = trip_lines([a_trip("10:10"), a_trip("15:00")], changes, [a_trip("10:00"), a_trip("12:00")])
    assert [(line.departs, line.kind, line.past) for line in lines] == [
        (610, "moved", moved),
        (720, "dropped", dropped),
        (900, "kept", None),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_page_has_intervals_and_the_best_under_other_assumptions(
    signed_in: SignIn, context: AppContext, language: str
) -> None:
    planner: TestClient = signed_in(Role.PLANNER)
    run = a_run(context, FRONT)
    say = words(language).say
    page = planner.get(f"/plan/runs/{run}/weekday-6?lang={language}").text
    day = _RESULTS[FRONT]["day_types"]["weekday"]
    regret = proposal_of(day, "weekday-6")["regret"]
    assert regret is not None
    assert say("compare.hours", hours=words(language).number(regret["p95"] / 60, 1)) in page
    assert page.count(say("compare.as_assumed")) == 3
    assert planner.get(f"/plan/runs/{run}?lang={language}").text.count(say("compare.as_assumed")) == 3
    name, hindsight = next((each["id"], each["hindsight"]) for each in day["proposals"] if each["hindsight"])
    page = planner.get(f"/plan/runs/{run}/{name}?lang={language}").text
    assert hindsight and say("compare.hindsight_days", proven=hindsight["proven"], days=hindsight["days"]) in page
    assert say("compare.even-headway") in page and say("compare.even-load") in page
