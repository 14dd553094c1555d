"""A plan while it is being solved: its result grows in its row and on its page, and stays when the service stops. Quota of the queue."""

import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import TooMany
from shuttle.domain.planning.result import PlanResult
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process.empty_result import outline
from shuttle.services.app_context import AppContext, utc_now
from shuttle.services.planning.plan_worker import PlanWorker, starts_of
from shuttle.services.planning.plans import PlanOptions, ask, result_of, start_again
from shuttle.services.planning.requests import request_for
from shuttle.store.planning import plans as store
from tests.builders import SCHEDULES
from tests.results import wrong_places
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)
OTHER = Person("o", "Ola", Role.PLANNER)
LONG = SMALL.replace("grid_minutes = 30", "grid_minutes = 1").replace("max = 6", "max = 40") + (
    '[front]\nby = "trips"\nfrom = 6\nto = 40\n'
)


def asked(context: AppContext, text: str = SMALL, person: Person = PLANNER, most: int = 0, seconds: float = 600) -> str:
    with context.transaction() as session:
        return ask(session, person, text, "small", "A small question", PlanOptions(seconds), context.now(), most).id


def until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < latest, "gave up waiting"
        time.sleep(0.1)


def stored_result(context: AppContext, plan_id: str) -> PlanResult | None:
    with context.reading() as session:
        return result_of(store.plan(session, plan_id))


def status_of(context: AppContext, plan_id: str) -> str:
    with context.reading() as session:
        return store.plan(session, plan_id).status


@pytest.mark.slow
def test_a_stopped_service_leaves_a_result_that_the_next_run_starts_from(context: AppContext) -> None:
    context.now = utc_now
    plan_id = asked(context, LONG)
    worker = PlanWorker(context, SCHEDULES)
    worker.start()
    until(lambda: stored_result(context, plan_id) is not None)
    assert status_of(context, plan_id) == "running"
    worker.stop()
    until(lambda: status_of(context, plan_id) == "interrupted")
    kept = stored_result(context, plan_id)
    assert kept is not None and kept["status"] == "interrupted"
    proposals = kept["day_types"]["weekday"]["proposals"]
    assert proposals and len(starts_of(kept)["weekday"]) == len(proposals)
    with context.transaction() as session:
        start_again(session, PLANNER, plan_id, context.now())
    assert (status_of(context, plan_id), stored_result(context, plan_id)) == ("queued", kept)


def test_each_person_has_a_quota_of_open_plans(context: AppContext) -> None:
    first, second = asked(context, most=2), asked(context, most=2)
    with pytest.raises(TooMany, match="2 plans waiting or running"):
        asked(context, most=2)
    assert asked(context, person=OTHER, most=2)
    with context.transaction() as session:
        store.plan(session, first).status = "cancelled"
    assert asked(context, most=2)
    with context.transaction() as session, pytest.raises(TooMany):
        start_again(session, PLANNER, first, context.now(), 2)
    assert status_of(context, second) == "queued"


def test_a_plan_beyond_the_quota_is_refused_with_the_scenario_kept(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    pages = [planner.post("/plan/runs", data={"scenario": SMALL}, follow_redirects=False) for _ in range(6)]
    assert [page.status_code for page in pages] == [303] * 5 + [429]
    assert "så mange planer i kø" in pages[-1].text and "A small question" in pages[-1].text


def test_the_page_of_a_running_plan_shows_its_phase_and_result_so_far(signed_in: SignIn, context: AppContext) -> None:
    planner: TestClient = signed_in(Role.PLANNER)
    plan_id = asked(context)
    with context.transaction() as session:
        row = store.plan(session, plan_id)
        row.status, row.started_at = "running", context.now()
        row.progress = {"phase": "conflicts", "day_type": "weekday", "done": 1, "of": 3, "seconds": 4.0, "grown": 1}
        row.answer = {
            "day_types": {"weekday": {"today": None, "proposals": [], "no_proposal": "not_found"}},
            "conflicts": [],
            "relaxations": [],
            "assumed": [],
        }
    page = planner.get(f"/plan/runs/{plan_id}").text
    assert "Finner ut hvilke krav som ikke kan oppfylles samtidig: Hverdag" in page
    assert "1 av 3 forslag er ferdig vurdert" in page
    assert "Hverdag: ingen forslag" in page and "Beregningen går" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    with context.transaction() as session:
        store.plan(session, plan_id).status = "out_of_time"
    ended = planner.get(f"/plan/runs/{plan_id}").text
    assert "fant ingen rutetabell i tiden" in ended and "refresh" not in ended


def test_the_outline_of_a_result_has_today_and_no_proposal(context: AppContext) -> None:
    schedule = context.schedule()
    request = request_for(read_scenario(SMALL, schedule, context.today()), schedule, SCHEDULES)
    document = outline(request)
    weekday = document["day_types"]["weekday"]
    assert (document["status"], weekday["proposals"], weekday["no_proposal"]) == ("interrupted", [], "not_found")
    assert weekday["today"] is not None and weekday["today"]["trips_count"] == 5
    assert wrong_places(document, PlanResult) == []
