"""API of plans: queue, follow, cancel, start again, and accept a proposal."""

import time
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext, utc_now
from shuttle.services.planning.plans import PlanOptions, ask
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.store.planning.queues import mark_lost
from shuttle.store.tables.planning import PlanRow

ADMIN = Person("a", "Admin", Role.ADMIN)

SMALL = """
id = "small"
name = "A small question"
base_timetable = "2024-10"
day_types = ["weekday"]
grid_minutes = 30
base_stop = "vagsbunnen"
first_departure = "09:00"
last_arrival = "20:00"
patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]

[demand]
max_wait_minutes = 120
unserved_minutes = 180

[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-gyldenpris"
starts = "09:00"
slot_minutes = 60
passengers = [1, 2, 3, 2, 1, 1, 2, 1, 1, 1]

[[requirements]]
name = "six"
kind = "trips"
max = 6

[[requirements]]
name = "today's stay"
kind = "keep_departures"
"""


@pytest.fixture
def planner(client: TestClient, context: AppContext) -> TestClient:
    context.now = utc_now
    with context.transaction() as session:
        secret = create_token(session, ADMIN, Role.PLANNER, "planner", context.now())
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def ended(planner: TestClient, plan_id: str) -> dict[str, Any]:
    for _ in range(6000):
        plan: dict[str, Any] = planner.get(f"/api/v1/plans/{plan_id}").json()
        if plan["status"] not in ("queued", "running"):
            return plan
        time.sleep(0.1)
    raise AssertionError("the plan did not end")


@pytest.mark.slow
def test_a_proposal_becomes_a_draft_that_can_be_published(planner: TestClient) -> None:
    asked = planner.post("/api/v1/plans", json={"scenario": SMALL})
    assert asked.status_code == 202
    plan = ended(planner, asked.json()["id"])
    assert plan["status"] == "solved"
    proposal = plan["answer"]["day_types"]["weekday"]["proposals"][0]
    assert (proposal["proven"], proposal["crosschecked"], proposal["trips_count"]) == (True, True, 6)

    name = f"{plan['id']}.{proposal['id']}"
    draft = planner.post(f"/api/v1/proposals/{name}/accept", json={"timetable": "next", "name": "Neste"})
    assert draft.status_code == 201
    assert draft.json()["status"] == "draft"
    times = {trip["departs"] for trip in draft.json()["trips"] if trip["day_type"] == "weekday"}
    assert {"10:00", "12:00", "15:00", "17:00", "18:30"} < times
    assert len([t for t in draft.json()["trips"] if t["day_type"] == "holiday"]) == 3
    published = planner.post("/api/v1/timetables/next/publish", json={"valid_from": "2099-01-01"})
    assert published.status_code == 200, published.json()


@pytest.mark.slow
def test_the_events_tell_of_progress_and_of_the_end(planner: TestClient) -> None:
    plan_id = planner.post("/api/v1/plans", json={"scenario": SMALL}).json()["id"]
    with planner.stream("GET", f"/api/v1/plans/{plan_id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = "".join(stream.iter_text())
    assert "event: progress" in events
    assert events.rstrip().splitlines()[-2] == "event: ended"


@pytest.mark.slow
def test_a_plan_is_cancelled_within_seconds_and_can_be_started_again(planner: TestClient) -> None:
    many = '[front]\nby = "trips"\nfrom = 6\nto = 60\n'
    long = SMALL.replace("grid_minutes = 30", "grid_minutes = 1").replace("max = 6", "max = 60") + many
    plan_id = planner.post("/api/v1/plans", json={"scenario": long, "time_limit": 600}).json()["id"]
    for _ in range(1200):
        if planner.get(f"/api/v1/plans/{plan_id}").json()["progress"]:
            break
        time.sleep(0.1)
    planner.post(f"/api/v1/plans/{plan_id}/cancel")
    assert ended(planner, plan_id)["status"] == "cancelled"
    again = planner.post(f"/api/v1/plans/{plan_id}/start-again")
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    planner.post(f"/api/v1/plans/{plan_id}/cancel")


def test_a_bad_scenario_is_refused_with_every_fault_by_line(planner: TestClient) -> None:
    bad = SMALL.replace("grid_minutes = 30", "grid_minutes = 0").replace('kind = "trips"', 'kind = "wish"')
    answer = planner.post("/api/v1/plans", json={"scenario": bad})
    assert answer.status_code == 422
    assert [(fault["line"], fault["given"]) for fault in answer.json()["errors"]] == [(6, "0"), (26, "wish")]


def test_a_plan_without_heartbeat_is_interrupted(planner: TestClient, context: AppContext) -> None:
    now = context.now()
    with context.transaction() as session:
        row = ask(session, ADMIN, SMALL, "small", "small", PlanOptions(), now)
        row.status, row.beat_at = "running", now - timedelta(minutes=1)
        name = row.id
    with context.transaction() as session:
        mark_lost(session, PlanRow, now)
    assert planner.get(f"/api/v1/plans/{name}").json()["status"] == "interrupted"


def test_only_planners_plan(client: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        secret = create_token(session, ADMIN, Role.STAFF, "staff", context.now())
    assert client.post("/api/v1/plans", json={"scenario": SMALL}).status_code == 401
    client.headers["Authorization"] = f"Bearer {secret}"
    assert client.post("/api/v1/plans", json={"scenario": SMALL}).status_code == 403
    assert client.get("/api/v1/plans/nothing").status_code == 403


@pytest.mark.slow
def test_demand_may_be_estimated_from_counts_and_needs_some(planner: TestClient, context: AppContext) -> None:
    counted = SMALL.replace("[demand]", '[demand]\nsource = "recorded"\nfrom = 2024-11-04\nto = 2024-11-08')
    plan_id = planner.post("/api/v1/plans", json={"scenario": counted}).json()["id"]
    failed = ended(planner, plan_id)
    assert failed["status"] == "failed"
    assert failed["failure"].startswith("nobody counted on a weekday departure")
    count = Count(departure="2024-11-04.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=4)
    record_and_wait(context, ADMIN, count, "monday-ten")
    planner.post(f"/api/v1/plans/{plan_id}/start-again")
    demand = ended(planner, plan_id)["answer"]["demand"]
    assert (demand["source"], demand["counted_days"]) == ("recorded", {"weekday": 1})
