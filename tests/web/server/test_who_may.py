"""Every route as every role: access is exactly as in the table of shuttle/web/api/README.md."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
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
    "POST /staff/withdraw": {"stop": "mo-gyldenpris", "change": "unknown"},
    "POST /staff/close-early": {"stop": "mo-gyldenpris", "closes": "15:00"},
    "POST /staff/open-after-all": {"stop": "mo-gyldenpris"},
}
"""A body that each route understands: what is not understood is refused before anybody is asked who they are."""


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
    assert token or answer.status_code != 422, (method, path, answer.text)
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
