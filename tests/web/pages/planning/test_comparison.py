"""What a proposal is held against, and what was counted on what it moves."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.web.pages.frame import cost
from shuttle.web.pages.planning.comparison import assumptions, comparison
from shuttle.web.pages.planning.proposal import trip_lines
from tests.web.pages.conftest import SignIn, signed_in
from tests.web.pages.planning.test_overview import _ANSWERS, FRONT, a_run

__all__ = ["signed_in"]


def figures(name: str, trips: int, minutes: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "trips_count": trips, "cost": minutes, **more}


def an_answer(*proposals: dict[str, Any]) -> dict[str, Any]:
    hands = [{**figures(f"even-load-{n}", n, 700.0), "name": "even-load", "allowed": n > 5} for n in (5, 6)]
    weighed = [{"id": each["id"], "cost": each["cost"], "unserved": 1.0, "nok": 100.0} for each in proposals]
    row = {"what": "nok_per_driver_hour", "factor": 0.5, "value": 225.0, "best": proposals[0]["id"]}
    return {
        "today": figures("today", 3, 900.0),
        "proposals": list(proposals),
        "baselines": hands,
        "sensitivity": [{**row, "proposals": weighed}],
    }


SURE = {"interval": {"cost_p5": 400.0, "cost_p95": 800.0}, "regret": {"mean": 6.0, "p95": 60.0}}
SIX = figures("weekday-6", 6, 600.0, **SURE)
FIVE = figures("weekday-5", 5, 650.0, **SURE)


def test_a_proposal_is_held_against_today_and_what_hands_make_with_as_many_trips() -> None:
    found = comparison(an_answer(FIVE, SIX), SIX, words("nb"))
    assert [(row.kind, row.figures["trips_count"]) for row in found.rows] == [
        ("this", 6),
        ("today", 3),
        ("even-load", 6),
    ]
    assert found.all_allowed and not comparison(an_answer(FIVE, SIX), FIVE, words("nb")).all_allowed
    own, today, _ = found.rows
    assert own.reach is not None and own.reach[0] < own.x < own.reach[1] < today.x
    assert today.reach is None


def test_regret_needs_another_proposal() -> None:
    assert comparison(an_answer(FIVE, SIX), SIX, words("nb")).regret == SURE["regret"]
    assert comparison(an_answer(SIX), SIX, words("nb")).regret is None


def test_where_seats_run_short_a_timetable_stands_at_what_people_get_not_at_the_model_s_cost() -> None:
    seated = {**SIX, "model": "with seats", "played": {"unserved": 0.0, "cost": 700.0}}
    assert (cost(seated), cost(SIX)) == (700.0, 600.0)
    as_played, as_modelled = (comparison(an_answer(each), each, words("nb")).rows[0] for each in (seated, SIX))
    assert as_modelled.reach == as_played.reach
    assert as_played.reach is not None and as_modelled.x < as_played.x < as_played.reach[1]


def test_an_assumption_names_the_proposal_that_is_then_the_best() -> None:
    (row,) = assumptions(an_answer(FIVE, SIX), words("nb"))
    assert row.weighed["weekday-6"]["cost"] == 600 and row.best["id"] == "weekday-5" and not row.as_assumed
    assert "225" in row.text


def test_what_was_counted_stands_at_each_departure_that_moves_or_goes() -> None:
    past = [{"departs": "10:00", "mean": 4.5, "days": 12}, {"departs": "12:00", "mean": None, "days": 0}]

    def trip(departs: str) -> dict[str, Any]:
        return {"departs": departs, "vehicle": 1, "stops": ["a"], "calls": [{"stop": "a", "arrives_at": departs}]}

    changes = {
        "kept": 1,
        "moved": [{"from": "10:00", "to": "10:10", "minutes": 10}],
        "added": [],
        "dropped": ["12:00"],
        "past_boardings": past,
    }
    lines = trip_lines({"trips": [trip("10:10"), trip("15:00")], "changes": changes}, [trip("10:00"), trip("12:00")])
    assert [(line.departs, line.kind, line.past) for line in lines] == [
        (610, "moved", past[0]),
        (720, "dropped", past[1]),
        (900, "kept", None),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_page_says_how_sure_it_is_and_which_is_best_under_other_assumptions(
    signed_in: SignIn, context: AppContext, language: str
) -> None:
    planner: TestClient = signed_in(Role.PLANNER)
    run = a_run(context, FRONT)
    say = words(language).say
    page = planner.get(f"/plan/runs/{run}/weekday-6?lang={language}").text
    found = _ANSWERS[FRONT]["day_types"]["weekday"]
    regret = next(each["regret"] for each in found["proposals"] if each["id"] == "weekday-6")
    assert say("compare.hours", hours=words(language).number(regret["p95"] / 60, 1)) in page
    assert page.count(say("compare.as_assumed")) == 3
    assert planner.get(f"/plan/runs/{run}?lang={language}").text.count(say("compare.as_assumed")) == 3
    held = next(each for each in found["proposals"] if each["hindsight"])
    seen, page = held["hindsight"], planner.get(f"/plan/runs/{run}/{held['id']}?lang={language}").text
    assert say("compare.hindsight_days", proven=seen["proven"], days=seen["days"]) in page
    assert say("compare.even-headway") in page and say("compare.even-load") in page
