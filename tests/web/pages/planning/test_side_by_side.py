"""Two timetables of a run side by side: what moved, came and went, the waits over the day, and today on the chart."""

import re

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.planning.passenger_cost import waits
from shuttle.domain.planning.planned_trips import plan_trip
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import without_requirement
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.store.planning import plans as store
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in
from tests.web.pages.planning.test_overview import FRONT, a_run

__all__ = ["signed_in"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


def test_two_proposals_name_what_moved_came_and_went(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, FRONT)
    page = planner.get(f"/plan/runs/{run}").text
    assert 'action="/plan/beside"' in page and 'class="today"' in page
    with context.reading() as session:
        answer = store.plan(session, run).answer or {}
    one, other = answer["day_types"]["weekday"]["proposals"]
    moved = planner.get(f"/plan/beside?plan={run}&one={one['id']}&other={other['id']}").text
    kinds = re.findall(r'class="trip (\w+)"', moved)
    assert [kinds.count(kind) for kind in ("today", "one", "other")] == [5, 6, 7]
    for key in ("planner.moved", "planner.added", "planner.dropped", "beside.waits"):
        assert words("nb").say(key) in moved
    changes = re.search(r'<dl class="changes">(.*?)</dl>', moved, re.DOTALL)
    assert changes is not None
    before, after = ({trip["departs"] for trip in each["trips"]} for each in (one, other))
    for time in after - before:
        assert time.replace(":", ".") in changes[1]
    assert moved.count('class="wait one"') and moved.count('class="wait other"')


def test_today_stands_beside_a_proposal_in_every_language(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, FRONT)
    with context.reading() as session:
        answer = store.plan(session, run).answer or {}
    proposal = answer["day_types"]["weekday"]["proposals"][0]["id"]
    for language in LANGUAGES:
        page = planner.get(f"/plan/beside?plan={run}&one=today&other={proposal}&lang={language}").text
        assert f'<html lang="{language}"' in page and words(language).say("beside.waits") in page


@pytest.mark.parametrize("query", ["one=today&other=today", "one=weekday-6&other=none", "one=&other="])
def test_what_is_not_in_the_run_is_not_found(planner: TestClient, context: AppContext, query: str) -> None:
    run = a_run(context, FRONT)
    assert planner.get(f"/plan/beside?plan={run}&{query}").status_code == 404
    assert planner.get(f"/plan/beside?plan=none&{query}").status_code == 404


def test_what_a_requirement_costs_is_told_and_both_runs_stand_beside(planner: TestClient, context: AppContext) -> None:
    run, without = a_run(context, SMALL), a_run(context, without_requirement(SMALL, "today's stay"))
    with context.transaction() as session:
        store.plan(session, without).origin = {"plan": run, "without": "today's stay"}
        one, other = (
            (store.plan(session, each).answer or {})["day_types"]["weekday"]["proposals"][0] for each in (run, without)
        )
    hours = (one["cost"] + one["penalty"] - other["cost"] - other["penalty"]) / 60
    assert hours >= 0.05 and one["proven"] and other["proven"]
    page = planner.get(f"/plan/runs/{run}/{one['id']}").text
    assert f"Kravet koster {words('nb').number(hours, 1)} timer venting om dagen." in page and "Ikke bevist" not in page
    address = f"/plan/beside?plan={run}&one={one['id']}&other={without}.{other['id']}"
    assert address.replace("&", "&amp;") in page
    both = planner.get(address).text
    assert both.count('class="wait one"') >= 1 and both.count('class="wait other"') >= 1
    assert f"/plan/runs/{without}/{other['id']}" in both and "(A small question)" in both
    assert (
        f'value="{without}.{other["id"]}"' in planner.get(f"/plan/beside?plan={run}&one=today&other={one['id']}").text
    )
    assert planner.get(f"/plan/beside?plan={run}&one={one['id']}&other={without}.none").status_code == 404
    assert planner.get(f"/plan/beside?plan={run}&one={one['id']}&other=plan-none.x").status_code == 404


def test_centres_closed_on_one_side_are_told_as_closed(planner: TestClient, context: AppContext) -> None:
    short = SMALL.replace("[demand]", '[opening_hours.mo-gyldenpris]\nweekday = [["10:00", "14:00"]]\n\n[demand]', 1)
    run, other = a_run(context, SMALL), a_run(context, short)
    with context.reading() as session:
        one, two = (
            (store.plan(session, each).answer or {})["day_types"]["weekday"]["proposals"][0]["id"]
            for each in (run, other)
        )
    page = planner.get(f"/plan/beside?plan={run}&one={one}&other={other}.{two}").text
    assert '<td class="number"><span class="muted">stengt</span></td>' in page


def test_a_wait_counts_down_to_the_next_bus_and_ends_with_the_last(context: AppContext) -> None:
    scenario = read_scenario(SMALL, context.schedule(), context.today())
    trips = [plan_trip(scenario, scenario.patterns[0], parse_time_of_day(at)) for at in ("10:00", "13:00")]
    minutes = waits(scenario, "weekday", trips, "mo-gyldenpris")
    at = {
        text: minutes[parse_time_of_day(text)]
        for text in ("08:00", "09:40", "10:00", "10:01", "11:00", "13:00", "13:01")
    }
    assert at == {"08:00": 120, "09:40": 20, "10:00": 0, "10:01": None, "11:00": 120, "13:00": 0, "13:01": None}


def test_others_do_not_see_it(signed_in: SignIn) -> None:
    assert signed_in(Role.STAFF).get("/plan/beside?plan=x").status_code == 403
