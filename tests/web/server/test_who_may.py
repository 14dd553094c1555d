"""Every route as every role: access is exactly as in the table of shuttle/web/api/README.md."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Action, Person, Role, may
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import latest_entries
from shuttle.web.gate import ANYBODY_SIGNED_IN, NOTED_A_MINUTE, action_for
from shuttle.web.routers import ROUTERS

README = Path(__file__).parents[3] / "shuttle" / "web" / "api" / "README.md"
ADMIN = Person("a", "Admin", Role.ADMIN)
COLUMNS: tuple[Role | None, ...] = (None, *Role)
TEN = "2026-11-23.gyldenpris-weekday-1000"
SPAN = "?from=2026-11-23&to=2026-11-24"
QUERIES = {
    "/api/v1/departures": "?date=2026-11-23",
    "/api/v1/opening-hours": "?date=2026-11-23",
    "/api/v1/calendar": SPAN,
    "/api/v1/changes": SPAN,
    "/api/v1/boardings": SPAN,
    "/api/v1/ridership": SPAN,
    "/api/v1/stops/{stop}": "?from=2027-01-01",
    "/api/v1/reports": SPAN + "&format=csv",
}
NAMES = {
    "departure_id": TEN,
    "day": "2026-12-24",
    "timetable_id": "2024-10",
    "trip_id": "gyldenpris-weekday-1000",
    "stop": "mo-gyldenpris",
    "build": "x",
    "path": "shuttle.css",
    "name": "trend",
}
BODIES: dict[str, Any] = {
    "PUT /api/v1/departures/{departure_id}/change": {"kind": "cancel", "reason": "weather"},
    "POST /api/v1/changes": {
        "kind": "cancel",
        "from": "2026-11-24",
        "reason": "weather",
        "trip": "gyldenpris-weekday-1000",
    },
    "POST /api/v1/day-types": {"nb": "Skoleferie", "like": "weekday"},
    "PUT /api/v1/week": {"day_types": ["weekday"] * 5 + ["holiday"] * 2},
    "PUT /api/v1/stops/{stop}/early-closing": {"closes_at": "15:00"},
    "PUT /api/v1/calendar/{day}": {"day_type": "holiday", "reason": "as decided"},
    "POST /api/v1/timetables/{timetable_id}/copy": {"id": "copied", "name": "Copied"},
    "POST /api/v1/timetables/{timetable_id}/trips": {
        "pattern": "gyldenpris",
        "day_type": "weekday",
        "departs": "09:00",
    },
    "PUT /api/v1/timetables/{timetable_id}/trips/{trip_id}": {"departs": "10:05"},
    "POST /api/v1/timetables/{timetable_id}/publish": {"valid_from": "2027-01-01"},
    "POST /api/v1/timetables/{timetable_id}/withdraw": {"accept": ["no-timetable"]},
    "POST /api/v1/departures/{departure_id}/boardings": {"stop": "vagsbunnen", "boardings": 1},
    "POST /api/v1/departures/{departure_id}/passings": {
        "stop": "vagsbunnen",
        "kind": "left",
        "at": "2026-11-23T10:00:00+01:00",
    },
    "POST /api/v1/departures/{departure_id}/incident": {"kind": "stopped"},
    "PUT /api/v1/departures/{departure_id}/unserved/{stop}": {"reason": "road_closed"},
    "POST /api/v1/plans": {"scenario": "nesttun-evening"},
    "POST /api/v1/roadmaps": {"roadmap": "steps"},
    "POST /api/v1/roadmaps/{run_id}/plans": {"point": "none"},
    "POST /api/v1/proposals/{proposal_id}/accept": {"timetable": "accepted", "name": "Accepted"},
    "POST /api/v1/trials": {
        "question": "more in the evening?",
        "baseline_from": "2026-10-01",
        "baseline_to": "2026-10-31",
        "starts": "2026-12-01",
        "weeks": 6,
        "goal": 3,
        "stop_rule": "stop if fewer",
    },
    "POST /api/v1/trials/{trial_id}/close": {"outcome": "stopped"},
    "PUT /api/v1/stops/{stop}": {"from": "2027-01-01", "name": "MO Gyldenpris", "source": "a decision"},
    "PUT /api/v1/stops/{stop}/picture": {
        "content": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCA05RTSgAAAABJRU5ErkJggg==",
        "alt": "a door",
    },
    "PUT /api/v1/running-times": {
        "from": "2027-01-01",
        "origin": "vagsbunnen",
        "destination": "mo-gyldenpris",
        "minutes": 11,
        "source": "measured",
    },
    "PUT /api/v1/costs": {"from": "2027-01-01", "nok_per_driver_hour": 460, "nok_per_km": 6, "source": "the tariff"},
    "PUT /api/v1/vehicles/{vehicle_id}": {"from": "2027-01-01", "seats": 8, "source": "counted"},
    "PUT /api/v1/patterns/{pattern_id}": {
        "stops": ["vagsbunnen", "mo-gyldenpris"],
        "headsign": "MO Gyldenpris",
        "source": "a decision",
    },
    "PUT /api/v1/opening-hours/{stop}": {"from": "2027-01-01", "hours": {"weekday": []}, "source": "a decision"},
    "PUT /api/v1/opening-hours/{stop}/special": {"from": "2027-01-01", "windows": [], "reason": "a course"},
    "POST /staff/cancel": {"stop": "mo-gyldenpris", "departure": TEN, "reason": "weather"},
    "POST /staff/extra": {"stop": "mo-gyldenpris", "pattern": "gyldenpris", "departs": "20:00", "reason": "event"},
    "POST /ridership/counts": {
        "departure": "2026-11-20.gyldenpris-weekday-1000",
        "stop": "vagsbunnen",
        "boardings": "1",
        "reason": "other",
        "key": "k",
    },
    "POST /staff/withdraw": {"stop": "mo-gyldenpris", "change": "unknown"},
    "POST /staff/close-early": {"stop": "mo-gyldenpris", "closes": "15:00"},
    "POST /staff/open-after-all": {"stop": "mo-gyldenpris"},
}
"""A body that each route understands, for those who may."""


def routes() -> list[tuple[str, str]]:
    """Method and path of every route, those of pages too; signing in and out is for everybody and has tests of its own."""
    return [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        for method in sorted(getattr(route, "methods", None) or {"GET"})
        if method != "HEAD" and hasattr(route, "path") and not route.path.startswith(("/login", "/logout"))
    ]


def let_through(client: TestClient, method: str, path: str, token: str) -> bool:
    """Whether the one who asks is asked to sign in, or refused, or may."""
    address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: NAMES.get(match[1], "unknown"), path) + QUERIES.get(path, "")
    headers = {"Idempotency-Key": "k", **({"Authorization": f"Bearer {token}"} if token else {})}
    body = BODIES.get(f"{method} {path}")
    json, form = (body, None) if path.startswith("/api/") else (None, body)
    answer = client.request(method, address, headers=headers, follow_redirects=False, json=json, data=form)
    assert answer.status_code < 500, (method, path, answer.text)
    to_login = answer.status_code == 303 and answer.headers.get("location", "").startswith("/login?")
    return answer.status_code not in (401, 403) and not to_login


def table(client: TestClient, tokens: dict[Role | None, str]) -> str:
    """The table as it must stand in shuttle/web/api/README.md."""
    head = "| route | everybody | " + " | ".join(Role) + " |"
    lines = [head, "| --- |" + " --- |" * len(COLUMNS)]
    for method, path in routes():
        marks = ("x" if let_through(client, method, path, tokens[role]) else "" for role in COLUMNS)
        lines.append(f"| `{method} {path}` | " + " | ".join(marks) + " |")
    return "\n".join(line.replace("|  |", "| |").replace("|  |", "| |") for line in lines)


@pytest.fixture
def tokens(context: AppContext) -> dict[Role | None, str]:
    with context.transaction() as session:
        made: dict[Role | None, str] = {
            role: create_token(session, ADMIN, role, f"a {role}", context.now()) for role in Role
        }
    return {None: "", **made}


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_role_may_what_the_table_says(client: TestClient, tokens: dict[Role | None, str]) -> None:
    match = re.search(r"<!-- who may:[^>]*-->\n(.*?)\n<!-- end of who may -->", README.read_text("utf-8"), re.DOTALL)
    assert match is not None
    assert match[1] == table(client, tokens)


GARBAGE: tuple[dict[str, Any], ...] = (
    {"params": {"date": "x", "from": "x", "to": "x", "by": "x", "before": "x", "limit": "x", "lang": "x"}},
    {"content": b"{", "headers": {"Content-Type": "application/json"}},
    {"json": {"unknown": [None]}},
    {"data": {"name": "x" * 5000, "stop": "x" * 5000, "session": "x" * 5000, "job": "x" * 5000}},
)
"""Requests that no route understands."""


def rows() -> list[tuple[str, str, frozenset[Role | None]]]:
    """Method, path and the roles that may, as the table says; those for everybody are left out."""
    lines = re.findall(r"^\| `(\w+) (\S+)` \|(.*)\|$", README.read_text("utf-8"), re.MULTILINE)
    all_rows = [
        (method, path, frozenset(role for role, mark in zip(COLUMNS, marks.split("|"), strict=True) if "x" in mark))
        for method, path, marks in lines
    ]
    return [(method, path, may) for method, path, may in all_rows if None not in may and path != "/metrics"]


def test_the_gate_denies_nobody_whom_the_table_lets_in() -> None:
    assert len(rows()) > 120
    for method, path, roles in rows():
        action = action_for(method, re.sub(r"\{\w+(:\w+)?\}", "x", path))
        assert action is not None, f"{method} {path} is in no line of the gate"
        if action != ANYBODY_SIGNED_IN:
            assert all(may(Person("a", "a", role), Action(action)) for role in roles if role), (method, path)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_may_not_is_told_nothing_about_the_request(client: TestClient, tokens: dict[Role | None, str]) -> None:
    told = []
    for method, path, roles in rows():
        address = re.sub(r"\{(\w+)(?::\w+)?\}", "no-such-thing", path)
        denied = [role for role in COLUMNS if role not in roles and not (role and path.startswith("/account"))]
        for role, garbage in ((role, garbage) for role in denied[:2] for garbage in GARBAGE):
            sent = dict(garbage)
            sent["headers"] = {
                **sent.get("headers", {}),
                **({"Authorization": f"Bearer {tokens[role]}"} if role else {}),
            }
            answer = client.request(method, address, follow_redirects=False, **sent)
            if answer.status_code != (403 if role else 401):
                told.append((method, path, role, answer.status_code))
    assert told == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_denial_is_in_the_audit_log_and_a_flood_of_them_is_not(
    client: TestClient, context: AppContext, tokens: dict[Role | None, str]
) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.READER]}"}
    for _ in range(3 * NOTED_A_MINUTE):
        assert client.post("/api/v1/plans", headers=headers, json={}).status_code == 403
    with context.reading() as session:
        denied = latest_entries(session, act="denied")
    assert len(denied) == NOTED_A_MINUTE
    assert denied[0].subject == "POST /api/v1/plans" and denied[0].person == "a reader"
    assert denied[0].details["code"] == "not-allowed" and re.fullmatch(r"[0-9a-f]{16}", denied[0].details["network"])


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_only_some_may_read_is_stored_by_no_cache(client: TestClient, tokens: dict[Role | None, str]) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.ADMIN]}"}
    kept = {}
    for method, path, roles in rows():
        if method != "GET" or not roles:
            continue
        address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: NAMES.get(match[1], "unknown"), path)
        answer = client.get(address + QUERIES.get(path, ""), headers=headers, follow_redirects=False)
        control = answer.headers.get("cache-control", "")
        if answer.status_code < 300 and "no-store" not in control:
            kept[path] = control
    assert kept == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_draft_is_private(client: TestClient, tokens: dict[Role | None, str]) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.PLANNER]}"}
    assert (
        client.post("/api/v1/timetables/2024-10/copy", headers=headers, json={"id": "d", "name": "D"}).status_code < 300
    )
    answer = client.get("/api/v1/timetables/d", headers=headers)
    assert answer.status_code == 200
    assert {"private", "no-store"} & set(re.split(r"[ ,]+", answer.headers["cache-control"]))
    assert client.get("/api/v1/timetables/d").status_code == 404
