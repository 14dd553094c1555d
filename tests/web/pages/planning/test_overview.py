"""Pages of plans: a scenario is queued, its result is read, and a proposal becomes a draft."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, ShuttleError, Unavailable
from shuttle.domain.basics.outcome import outcome_of
from shuttle.domain.planning.result import PlanResult
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plans import PlanOptions, ask
from shuttle.services.planning.requests import request_for
from shuttle.store.planning import plans as store
from shuttle.web.pages.planning.result_view import labels, undominated
from tests.builders import SCHEDULES
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)

IMPOSSIBLE = (
    SMALL
    + """
[[requirements]]
name = "only five"   # today has five already
kind = "trips"
max = 4
"""
)

FRONT = (
    SMALL.replace("max = 6", "max = 7")
    + """
[front]
by = "trips"
from = 6
to = 7
"""
)


_RESULTS: dict[str, PlanResult] = {}


def a_run(context: AppContext, text: str) -> str:
    """The id of a plan that has ended with the planner's own result; each text is solved once for all tests."""
    schedule, today = context.schedule(), context.today()
    scenario = read_scenario(text, schedule, today)
    if text not in _RESULTS:
        request = request_for(scenario, schedule, SCHEDULES, 60, 1)
        _RESULTS[text] = solver_client.run(request)
    with context.transaction() as session:
        row = ask(session, PLANNER, text, scenario.id, scenario.name, PlanOptions(), context.now())
        row.answer, row.status = dict(_RESULTS[text]), _RESULTS[text]["status"]
        row.ended_at = context.now()
        return row.id


def a_waiting_run(context: AppContext, status: str) -> str:
    with context.transaction() as session:
        row = ask(session, PLANNER, SMALL, "small", "A small question", PlanOptions(), context.now())
        row.status = status
        return row.id


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


def test_the_overview_lists_the_scenarios_of_the_folder_and_plans(planner: TestClient, context: AppContext) -> None:
    run = a_waiting_run(context, "cancelled")
    page = planner.get("/plan").text
    assert "MO Nesttun åpent om kvelden" in page and "/plan/form?file=nesttun-evening" in page
    assert f"/plan/runs/{run}" in page and "stanset" in page


def test_only_the_overview_itself_is_the_current_place(planner: TestClient) -> None:
    places = re.findall(r'<a href="(/[^"]*)" aria-current="page"', planner.get("/plan").text)
    assert places == ["/plan"]
    places = re.findall(r'<a href="(/[^"]*)" aria-current="page"', planner.get("/plan/calendar").text)
    assert places == ["/plan/calendar"]


def test_a_scenario_file_is_never_a_path(planner: TestClient) -> None:
    assert planner.get("/plan/scenario?file=../network").status_code == 404
    assert planner.get("/plan/scenario?file=nesttun-evening").status_code == 200


def test_a_queued_scenario_waits_with_its_options(planner: TestClient, context: AppContext) -> None:
    response = planner.post(
        "/plan/runs", data={"scenario": SMALL, "minutes": "0,5", "seed": "7"}, follow_redirects=False
    )
    assert response.status_code == 303
    with context.reading() as session:
        row = store.plan(session, response.headers["location"].rpartition("/")[2])
    assert (row.scenario_id, row.options) == ("small", {"time_limit": 30.0, "workers": 1, "seed": 7})
    assert row.asked_by == "kari-planner"
    planner.post(f"/plan/runs/{row.id}/cancel")


def test_faults_of_a_scenario_are_shown_by_line_with_what_was_typed(planner: TestClient) -> None:
    wrong = SMALL.replace("grid_minutes = 30", "grid_minutes = 99")
    for address in ("/plan/runs", "/plan/scenario"):
        page = planner.post(address, data={"scenario": wrong, "minutes": "3", "seed": "4"})
        assert page.status_code == 422
        assert "Linje 6:" in page.text and "grid_minutes = 99" in page.text
        assert 'name="minutes" type="text" value="3"' in page.text


def test_checking_a_scenario_queues_nothing(planner: TestClient, context: AppContext) -> None:
    page = planner.post("/plan/scenario", data={"scenario": SMALL})
    assert page.status_code == 200 and "uten feil" in page.text
    with context.reading() as session:
        assert store.plans(session) == []


def test_minutes_that_are_no_number_are_refused_in_words(planner: TestClient) -> None:
    page = planner.post("/plan/runs", data={"scenario": SMALL, "minutes": "mange"})
    assert page.status_code == 422 and "Skriv minutter" in page.text


def test_a_run_that_waits_can_be_stopped_and_started_again(planner: TestClient, context: AppContext) -> None:
    run = a_waiting_run(context, "interrupted")
    page = planner.get(f"/plan/runs/{run}").text
    assert "Start på nytt" in page and "run.js" not in page
    page = planner.post(f"/plan/runs/{run}/start-again").text
    assert f"/api/v1/plans/{run}/events" in page and "run.js" in page and "Vis på nytt" in page
    assert "{done} av {of} forslag er ferdig vurdert" in page
    page = planner.post(f"/plan/runs/{run}/cancel").text
    assert "Start på nytt" in page or "Stans" in page


def test_a_refused_act_is_explained_in_the_reader_s_language(planner: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        row = ask(session, PLANNER, SMALL, "small", "A small question", PlanOptions(), context.now())
        row.status, row.beat_at = "running", context.now()
    page = planner.post(f"/plan/runs/{row.id}/start-again")
    assert page.status_code == 409 and "Beregningen er ikke ferdig ennå." in page.text


@pytest.mark.slow
def test_a_front_is_a_picture_and_a_table_with_the_knee_marked(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, FRONT)
    page = planner.get(f"/plan/runs/{run}").text.partition("<details")[0]
    for proposal in ("weekday-6", "weekday-7"):
        assert page.count(f'href="/plan/runs/{run}/{proposal}"') == 2, "once in the picture, once in the table"
    assert page.count('<circle class="room"') == 2 and page.count('class="interval"') == 2
    knees = sum(p["knee"] for p in _RESULTS[FRONT]["day_types"]["weekday"]["proposals"])
    assert page.count('data-size="sm">mest for pengene') == knees


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (Unavailable("plan-failed", "the solver ended without an answer: Killed"), "Utrekninga slutta utan å svare."),
        (Invalid("no-counts", "nobody counted on a weekday departure"), "Det er ikkje talt noko på slike dagar"),
        (ValueError("no such thing"), 'Det gjekk ikkje. Programmet seier (på engelsk): <span lang="en">no such'),
    ],
)
def test_a_failed_plan_says_why_in_the_reader_s_language(
    planner: TestClient, context: AppContext, failure: Exception, text: str
) -> None:
    run = a_waiting_run(context, "failed")
    with context.transaction() as session:
        store.set_failure(store.plan(session, run), outcome_of(failure))
    page = planner.get(f"/plan/runs/{run}?lang=nn").text
    assert text in page
    detail = failure.detail if isinstance(failure, ShuttleError) else str(failure)
    assert (detail in page) == (not isinstance(failure, ShuttleError))
    assert planner.get(f"/api/v1/plans/{run}").json()["failure"] == detail


def test_a_conflict_links_to_the_scenario_with_a_wish_in_its_place(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, IMPOSSIBLE)
    page = planner.get(f"/plan/runs/{run}").text
    assert "Kravene kan ikke oppfylles samtidig" in page and "«only five»" in page
    relax = re.search(r'href="(/plan/scenario\?plan=[^"]*relax=only[^"]*)"', page)
    assert relax is not None
    form = planner.get(relax[1].replace("&amp;", "&")).text
    assert "er gjort til et ønske" in form
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.DOTALL)
    assert text is not None and "hard = false" in text[1]


def test_a_conflict_has_a_button_for_each_way_out(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, IMPOSSIBLE)
    with context.transaction() as session:
        row = store.plan(session, run)
        least = {
            "requirement": "only five",
            "day_type": "weekday",
            "key": "max",
            "asked": 4,
            "value": 5,
            "proven": True,
        }
        row.answer = {**(row.answer or {}), "nearest": [least]}
    page = planner.get(f"/plan/runs/{run}").text
    assert "Tillat 5: «only five»" in page and "Gjør «only five» til et ønske" in page
    for way, day_type, written in (("value", "weekday", "max = 5"), ("wish", "", "hard = false")):
        data = {"way": way, "requirement": "only five", "day_type": day_type}
        answer = planner.post(f"/plan/runs/{run}/ease", data=data, follow_redirects=False)
        assert answer.status_code == 303
        with context.reading() as session:
            again = store.plan(session, answer.headers["location"].rpartition("/")[2])
        assert written in again.scenario and again.options["time_limit"] == 120
        assert again.name.startswith("A small question. ") and "«only five»" in again.name
        planner.post(f"/plan/runs/{again.id}/cancel")
    answer = planner.post(
        f"/plan/runs/{run}/ease", data={"way": "without", "requirement": "only five"}, follow_redirects=False
    )
    with context.reading() as session:
        without = store.plan(session, answer.headers["location"].rpartition("/")[2])
    assert without.origin == {"plan": run, "without": "only five"}
    assert "only five" not in without.scenario and without.name == "A small question. Uten «only five»"
    planner.post(f"/plan/runs/{without.id}/cancel")
    unknown = planner.post(f"/plan/runs/{run}/ease", data={"way": "without", "requirement": "nothing"})
    assert unknown.status_code == 422
    refused = planner.post(f"/plan/runs/{run}/ease", data={"way": "value", "requirement": "nothing"})
    assert refused.status_code == 422 and "finnes ikke lenger" in refused.text


@pytest.mark.slow
def test_a_proposal_is_drawn_over_today_and_can_be_made_a_draft(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, SMALL)
    page = planner.get(f"/plan/runs/{run}/weekday-6").text
    trips = _RESULTS[SMALL]["day_types"]["weekday"]["proposals"][0]["trips"]
    assert page.count('class="trip kept"') + page.count('class="trip added"') == len(trips) == 6
    assert page.count('class="trip today"') == 5
    assert "Dekning av åpningstiden" in page and "today&#39;s stay" in page
    address = f"/plan/runs/{run}/weekday-6/accept"
    refused = planner.post(address, data={"timetable": "Not an id", "name": "Neste"})
    assert refused.status_code == 422 and 'value="Not an id"' in refused.text
    made = planner.post(address, data={"timetable": "next", "name": "Neste"}, follow_redirects=False)
    assert made.status_code == 303
    draft = context.schedule().timetable_by_id["next"]
    assert len(draft.trips_on("weekday")) == 6 and len(draft.trips_on("holiday")) == 3
    again = planner.post(address, data={"timetable": "next", "name": "Neste"})
    assert again.status_code == 422 and "er alt i bruk" in again.text


@pytest.mark.slow
def test_a_proposal_that_does_not_exist_is_not_found(planner: TestClient, context: AppContext) -> None:
    assert planner.get(f"/plan/runs/{a_run(context, SMALL)}/weekday-99").status_code == 404
    assert planner.get("/plan/runs/unknown").status_code == 404


@pytest.mark.parametrize("path", ["/plan", "/plan/scenario", "/plan/runs/unknown"])
def test_staff_may_not_open_plans(signed_in: SignIn, path: str) -> None:
    assert signed_in(Role.STAFF).get(path).status_code == 403


@pytest.mark.slow
def test_a_locked_departure_is_a_requirement_of_the_scenario(planner: TestClient, context: AppContext) -> None:
    run = a_run(context, SMALL)
    pins = re.findall(r'name="pin" value="([^"]+)"', planner.get(f"/plan/runs/{run}/weekday-6").text)
    assert len(pins) == 6
    page = planner.get("/plan/scenario", params={"plan": run, "pin": pins[:2]}).text
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert text is not None and "2 avganger er låst" in page
    scenario = read_scenario(html.unescape(text[1]), context.schedule(), context.today())
    assert [type(r).__name__ for r in scenario.requirements].count("Pin") == 2
    assert planner.get("/plan/scenario", params={"plan": run, "pin": "weekday;10:00"}).status_code == 422


def test_labels_of_points_in_one_place_do_not_overlap() -> None:
    assert labels([(100, 50), (400, 50), (400, 51)]) == [40, 40, 58]


def test_the_line_of_a_front_has_undominated_points_only() -> None:
    assert undominated([(10, 50), (40, 60), (30, 70), (20, 90)]) == ((10, 50), (20, 90))
