"""Incidents over HTTP: stored once, taken back, shown to whom they are for, and at the same moment everywhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from google.transit.gtfs_realtime_pb2 import FeedMessage, TripUpdate

from shuttle.domain.access.permissions import Action, Person, Role
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.events import Look, look
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.ridership.incidents import incidents_on
from tests.conftest import NOON, OSLO
from tests.web.api.test_boardings import token

DRIVER = Person("driver", "Kari", Role.DRIVER)
DAY = NOON.astimezone(OSLO).date()
TWELVE, THREE = f"{DAY}.gyldenpris-weekday-1200", f"{DAY}.gyldenpris-weekday-1500"


def at(text: str) -> datetime:
    hour, minute = text.split(":")
    return datetime(DAY.year, DAY.month, DAY.day, int(hour), int(minute), tzinfo=OSLO)


def say(context: AppContext, kind: IncidentKind, key: str, minutes: int | None = None, withdrawn: bool = False) -> None:
    report = IncidentReport(departure=TWELVE, kind=kind, minutes=minutes, withdrawn=withdrawn)
    record_incident(context, DRIVER, key, report)


def send(
    client: TestClient, body: dict[str, Any], key: str = "a", departure: str = TWELVE
) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"/api/v1/departures/{departure}/incident", json=body, headers={"Idempotency-Key": key})
    return answer.status_code, answer.json()


def as_role(context: AppContext, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(context, role)}"}


def updates(client: TestClient) -> dict[str, TripUpdate]:
    message = FeedMessage.FromString(client.get("/feeds/gtfs-rt/trip-updates.pb").content)
    return {entity.id: entity.trip_update for entity in message.entity}


@pytest.fixture
def driver(client: TestClient, context: AppContext) -> TestClient:
    context.now = lambda: at("11:58")
    client.headers.update(as_role(context, Role.DRIVER))
    return client


def test_an_incident_sent_again_is_stored_once_and_not_otherwise(driver: TestClient, context: AppContext) -> None:
    body = {"kind": "delayed", "minutes": 10, "recorded_at": at("11:57").isoformat()}
    status, stored = send(driver, body)
    assert (status, stored["id"], stored["minutes"]) == (201, "a", 10)
    assert send(driver, body) == (200, stored)
    status, problem = send(driver, {"kind": "stopped"})
    assert (status, problem["type"]) == (422, "urn:shuttle:key-used-otherwise")
    with context.reading() as session:
        assert [each.minutes for each in incidents_on(session, [DAY])[TWELVE]] == [10]
        acts = [entry for entry in latest_entries(session, 10) if entry.act == "report-incident"]
    assert [(entry.subject, entry.details["minutes"]) for entry in acts] == [(TWELVE, 10)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "delayed"}, 422, "bad-incident"),
        ({"kind": "delayed", "minutes": 500}, 422, "bad-incident"),
        ({"kind": "stopped", "minutes": 5}, 422, "bad-incident"),
        ({"kind": "stopped", "recorded_at": "2026-11-20T12:00:00+01:00"}, 422, "bad-incident"),
        ({"kind": "stopped", "recorded_at": "2026-11-23T11:58:00"}, 422, "bad-incident"),
        ({"kind": "on fire"}, 422, "invalid-request"),
    ],
)
def test_a_wrong_incident_says_what_is_allowed(
    driver: TestClient, body: dict[str, Any], status: int, code: str
) -> None:
    answer = send(driver, body)
    assert (answer[0], answer[1]["type"]) == (status, f"urn:shuttle:{code}")


def test_an_incident_needs_a_key_and_a_departure(driver: TestClient) -> None:
    answer = driver.post(f"/api/v1/departures/{TWELVE}/incident", json={"kind": "stopped"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:shuttle:idempotency-key-missing")
    assert send(driver, {"kind": "stopped"}, departure=f"{DAY}.none")[0] == 404


@pytest.mark.parametrize("role", list(Role))
def test_drivers_and_staff_report_and_others_may_not(client: TestClient, context: AppContext, role: Role) -> None:
    context.now = lambda: at("11:58")
    client.headers.update(as_role(context, role))
    may_report = role in (Role.DRIVER, Role.STAFF, Role.ADMIN)
    assert send(client, {"kind": "stopped"})[0] == (201 if may_report else 403)


def test_a_delay_is_told_by_page_board_and_realtime_and_taken_back(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("11:58")
    say(context, IncidentKind.DELAYED, "a", 20)
    assert "20 min forsinket, går ca. 12.20" in client.get("/").text
    assert "20 min forsinket, går ca. 12.20" in client.get("/board").text
    assert updates(client)[TWELVE].stop_time_update[0].departure.time == at("12:20").timestamp()
    say(context, IncidentKind.DELAYED, "b", withdrawn=True)
    assert "forsinket" not in client.get("/").text + client.get("/board").text
    assert TWELVE not in updates(client)


def test_a_bus_that_stands_is_shown_without_a_new_time(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("11:58")
    say(context, IncidentKind.STOPPED, "a")
    context.now = lambda: at("13:00")
    for page in ("/", "/board"):
        text = client.get(page).text
        assert "ussen står, ny tid er ikke kjent" in text and "min forsinket" not in text, page
    no_data = TripUpdate.StopTimeUpdate.NO_DATA
    assert {each.schedule_relationship for each in updates(client)[TWELVE].stop_time_update} == {no_data}


def test_help_is_shown_to_staff_and_planners_and_never_in_public(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("11:58")
    say(context, IncidentKind.NEEDS_HELP, "a")
    public = [client.get(path).text for path in ("/", "/board", "/api/v1/today", "/api/v1/departures")]
    assert not any("needs_help" in text or "trenger hjelp" in text for text in public)
    for role, is_shown in ((Role.STAFF, True), (Role.PLANNER, True), (Role.ADMIN, True)):
        page = client.get("/staff", headers=as_role(context, role)).text
        assert ("trenger hjelp. Meldt av Kari kl.\xa011.58" in page) is is_shown, role
    assert "data-help=" not in client.get("/driver", headers=as_role(context, Role.DRIVER)).text


def test_events_tell_an_incident_and_that_it_no_longer_holds(context: AppContext) -> None:
    context.now = lambda: at("11:58")
    first, _ = look(context, Look())
    say(context, IncidentKind.ROAD_CLOSED, "a")
    say(context, IncidentKind.NEEDS_HELP, "b")
    second, events = look(context, first)
    told = {event.kind: event for event in events}
    assert told["incident"].document() == {"departure": TWELVE, "holds": True, "kind": "road_closed", "minutes": None}
    assert told["incident"].is_for(None) and told["help"].needs == (Action.READ_BOARDINGS,)
    assert not told["help"].is_for(None) and not told["help"].is_for(DRIVER)
    context.now = lambda: at("11:58") + timedelta(seconds=5)
    say(context, IncidentKind.DELAYED, "c", withdrawn=True)
    _, events = look(context, second)
    assert [(event.kind, event.data["holds"]) for event in events] == [("incident", False)]
