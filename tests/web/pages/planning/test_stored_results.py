"""Results that an older version of the program stored: pages, API and acts of a plan work with them."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.planning.result import VERSION, PlanResult
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plan_worker import starts_of
from shuttle.services.planning.plans import PlanOptions, ask, result_of
from shuttle.store.planning import plans as store
from tests.results import AN_OLD_RESULT, AN_OLD_SCENARIO, wrong_places
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)
CONFLICT: dict[str, Any] = {
    "status": "infeasible",
    "conflicts": [["seven", "today's stay"]],
    "relaxations": [
        {
            "requirements": ["seven"],
            "day_type": "weekday",
            "cost": 900.0,
            "bound": 900.0,
            "nok": 2500.0,
            "trips_count": 8,
        }
    ],
}


def stored(context: AppContext, **changes: Any) -> str:
    """The id of a plan with the old result."""
    result = {**json.loads(AN_OLD_RESULT), **changes}
    with context.transaction() as session:
        row = ask(session, PLANNER, AN_OLD_SCENARIO, "small", "A small question", PlanOptions(), context.now())
        row.answer, row.status, row.ended_at = result, result["status"], context.now()
        return row.id


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_plan_opens_with_an_old_result(planner: TestClient, context: AppContext, language: str) -> None:
    plan = stored(context)
    page = planner.get(f"/plan/runs/{plan}?lang={language}")
    assert page.status_code == 200
    for proposal in ("weekday-6", "weekday-7"):
        assert page.text.count(f'href="/plan/runs/{plan}/{proposal}"') >= 2, "in the picture and in the table"
        own = planner.get(f"/plan/runs/{plan}/{proposal}?lang={language}")
        assert own.status_code == 200
        assert words(language).say("planner.duties") in own.text and 'class="trip today"' in own.text


def test_an_old_proposal_with_seats_shows_the_simulated_day(planner: TestClient, context: AppContext) -> None:
    page = planner.get(f"/plan/runs/{stored(context)}/weekday-6").text
    say = words("nb").say
    assert words("nb").number(1119.75 / 60, 1) in page, "the waiting of the simulated day, not of the seat model"
    assert say("planner.proven") not in page and say("planner.not_proven", gap=words("nb").gap(0.1299)) in page


def test_an_old_conflict_is_shown_with_its_relaxation(planner: TestClient, context: AppContext) -> None:
    nothing: dict[str, Any] = {
        "weekday": {"today": None, "proposals": [], "knee": None, "sensitivity": [], "baselines": []}
    }
    page = planner.get(f"/plan/runs/{stored(context, day_types=nothing, **CONFLICT)}").text
    assert "«seven»" in page and words("nb").say("planner.none.impossible") in page


def test_the_api_returns_an_old_result_in_the_newest_shape(planner: TestClient, context: AppContext) -> None:
    plan = planner.get(f"/api/v1/plans/{stored(context)}").json()
    assert plan["answer"]["version"] == VERSION and wrong_places(plan["answer"], PlanResult) == []


def test_an_old_proposal_is_accepted_with_its_duties(planner: TestClient, context: AppContext) -> None:
    plan = stored(context)
    address = f"/plan/runs/{plan}/weekday-7/accept"
    made = planner.post(address, data={"timetable": "next", "name": "Neste"}, follow_redirects=False)
    assert made.status_code == 303
    draft = context.schedule().timetable_by_id["next"]
    assert len(draft.trips_on("weekday")) == 7 and draft.duties_on("weekday")


def test_the_next_run_starts_from_an_old_result(context: AppContext) -> None:
    with context.reading() as session:
        starts = starts_of(result_of(store.plan(session, stored(context))))
    assert [len(trips) for trips in starts["weekday"]] == [6, 7]


def test_a_result_of_a_newer_program_is_refused_in_words(planner: TestClient, context: AppContext) -> None:
    plan = stored(context, version=VERSION + 1)
    page = planner.get(f"/plan/runs/{plan}")
    assert page.status_code == 409 and "nyere utgave av programmet" in page.text
    assert planner.get(f"/api/v1/plans/{plan}").json()["type"].endswith("newer-result")
