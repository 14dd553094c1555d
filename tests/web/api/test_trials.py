"""Trials over HTTP: planned before their phase, answered from counts with intervals, visible whatever their outcome."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import accepted
from shuttle.store.ridership.boardings import Arrival
from shuttle.store.tables.operation import AuditLogRow

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
STARTS = date(2026, 11, 30)
WANTED: dict[str, Any] = {
    "question": "Do more come when the bus also goes at 20.00?",
    "baseline_from": "2026-10-26",
    "baseline_to": "2026-11-22",
    "starts": STARTS.isoformat(),
    "weeks": 4,
    "goal": 4,
    "stop_rule": "back to the old timetable if fewer than 4 per departure",
}


@pytest.fixture
def planner(client: TestClient, context: AppContext) -> TestClient:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.PLANNER, "planner", context.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def plan(planner: TestClient, **changed: object) -> dict[str, Any]:
    answer = planner.post("/api/v1/trials", json=WANTED | changed)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def ride(context: AppContext, first: date, days: int, mean: int) -> None:
    """Every departure counted, around a mean."""
    chance = random.Random(mean)
    waiting = []
    for day in range(days):
        for departure in context.schedule().departures_on(first + timedelta(day)).departures:
            boardings = chance.randint(max(mean - 2, 0), mean + 2)
            arrival = accepted(
                context, DRIVER, Count(departure=departure.id, stop="vagsbunnen", boardings=boardings), departure.id
            )
            assert isinstance(arrival, Arrival)
            waiting.append(context.writer.put(arrival))
    for promise in waiting:
        promise.result()


def later(context: AppContext, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    context.now = lambda: moment


def test_a_phase_that_works_is_found_to_reach_its_goal(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    assert (trial["finding"], trial["change"]) == ("not_counted", None)
    ride(context, date(2026, 10, 26), 28, 3)
    later(context, STARTS + timedelta(weeks=4))
    ride(context, STARTS, 28, 7)
    document = planner.get(f"/api/v1/trials/{trial['id']}").json()
    assert (document["finding"], document["change"]["verdict"], document["model"]) == (
        "reached",
        "more",
        "weekly totals, Student's t",
    )
    assert document["change"]["low"] < 4 < document["change"]["high"] + 0.5
    assert document["before"]["departures_counted"] == 124


def test_a_phase_that_failed_stays_visible_after_it_was_stopped(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    ride(context, date(2026, 10, 26), 28, 6)
    later(context, STARTS + timedelta(weeks=4))
    ride(context, STARTS, 28, 2)
    closed = planner.post(f"/api/v1/trials/{trial['id']}/close", json={"outcome": "stopped"}).json()
    assert (closed["finding"], closed["change"]["verdict"], closed["outcome"]) == ("not_reached", "fewer", "stopped")
    assert [shown["id"] for shown in planner.get("/api/v1/trials").json()["trials"]] == [trial["id"]]
    again = planner.post(f"/api/v1/trials/{trial['id']}/close", json={"outcome": "continued"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:shuttle:trial-closed")


def test_a_question_asked_after_the_start_is_no_trial(planner: TestClient, context: AppContext) -> None:
    for starts in (context.today(), context.today() - timedelta(1)):
        answer = planner.post(
            "/api/v1/trials", json=WANTED | {"starts": starts.isoformat(), "baseline_to": "2026-11-10"}
        )
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:shuttle:trial-too-late")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"baseline_to": "2026-12-05"}, "baseline-after-start"),
        ({"stop": "mo-nowhere"}, "unknown-stop"),
        ({"goal": -1}, "invalid-request"),
        ({"baseline_from": "2026-11-23"}, "bad-span"),
    ],
)
def test_what_makes_no_sense_is_refused(planner: TestClient, changed: dict[str, object], problem: str) -> None:
    answer = planner.post("/api/v1/trials", json=WANTED | changed)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:shuttle:{problem}")
    assert planner.get("/api/v1/trials").json()["trials"] == []


def test_a_trial_at_a_stop_counts_what_was_counted_there(planner: TestClient, context: AppContext) -> None:
    ride(context, date(2026, 10, 26), 28, 6)
    in_town, at_centre = (plan(planner, stop=stop)["before"] for stop in ("vagsbunnen", "mo-gyldenpris"))
    assert in_town == at_centre, "all who board in town ride to the only centre ahead"
    assert (in_town["departures_counted"], in_town["weeks"]) == (124, 4)


def test_riders_a_week_are_the_sum_of_its_departures(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner, measure="riders_per_week", goal=100)
    ride(context, date(2026, 10, 26), 28, 3)
    later(context, STARTS + timedelta(weeks=4))
    ride(context, STARTS, 28, 7)
    document = planner.get(f"/api/v1/trials/{trial['id']}").json()
    assert document["finding"] == "reached"
    assert document["before"]["mean"] == pytest.approx(31 * 3, rel=0.1)
    assert document["effect"] is None, "without last year's counts the season cannot be told from the effect"


def test_there_is_no_verdict_before_the_phase_ends(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    ride(context, date(2026, 10, 26), 28, 3)
    later(context, STARTS + timedelta(weeks=3))
    ride(context, STARTS, 21, 7)
    document = planner.get(f"/api/v1/trials/{trial['id']}").json()
    assert (document["finding"], document["change"]) == ("running", None)
    early = planner.post(f"/api/v1/trials/{trial['id']}/close", json={"outcome": "continued"})
    assert (early.status_code, early.json()["type"]) == (409, "urn:shuttle:trial-running")


def test_what_was_not_counted_forbids_to_say_reached(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner, measure="riders_per_week", goal=150)
    later(context, STARTS + timedelta(weeks=4))
    for week in range(4):
        ride(context, STARTS + timedelta(weeks=week), 4, 7)
    document = planner.get(f"/api/v1/trials/{trial['id']}").json()
    assert document["after"]["mean"] > 150
    assert document["finding"] == "uncertain"


def test_a_trial_closes_only_after_its_start_and_if_it_exists(planner: TestClient) -> None:
    trial = plan(planner)
    early = planner.post(f"/api/v1/trials/{trial['id']}/close", json={"outcome": "stopped"})
    assert (early.status_code, early.json()["type"]) == (409, "urn:shuttle:trial-not-started")
    assert planner.post("/api/v1/trials/trial-none/close", json={"outcome": "stopped"}).status_code == 404


def test_a_trial_without_a_verdict_is_deleted_and_the_record_says_so(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    assert planner.delete(f"/api/v1/trials/{trial['id']}").status_code == 204
    assert planner.get("/api/v1/trials").json()["trials"] == []
    with context.reading() as session:
        act = session.scalars(select(AuditLogRow).order_by(AuditLogRow.row.desc())).first()
    assert act is not None
    assert (act.act, act.subject, act.details["question"]) == ("delete-trial", trial["id"], WANTED["question"])
    again = planner.delete(f"/api/v1/trials/{trial['id']}")
    assert (again.status_code, again.json()["type"]) == (404, "urn:shuttle:unknown-trial")


def test_a_trial_with_a_verdict_stays(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    later(context, STARTS)
    planner.post(f"/api/v1/trials/{trial['id']}/close", json={"outcome": "stopped"})
    answer = planner.delete(f"/api/v1/trials/{trial['id']}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:shuttle:trial-closed")
    assert [shown["id"] for shown in planner.get("/api/v1/trials").json()["trials"]] == [trial["id"]]


def test_who_may_not_plan_may_not_delete_a_trial(planner: TestClient, context: AppContext) -> None:
    trial = plan(planner)
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.STAFF, "staff", context.now())
    answer = planner.delete(f"/api/v1/trials/{trial['id']}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
