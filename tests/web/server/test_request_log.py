"""Log: every event has its request's id, and no line holds a secret or a client."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access import accounts
from shuttle.services.access.tablets import add_tablet
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.server import request_log
from tests.conftest import a_database

ADMIN = Person("a", "Admin", Role.ADMIN)
OURS = {"Sec-Fetch-Site": "same-origin"}
TEN = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000"


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """One database is enough: nothing here depends on which."""
    yield from a_database("sqlite", tmp_path, filled=True)


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What the program writes, from its own loggers too, as a worker sets them up."""
    root, ours = logging.getLogger(), logging.getLogger("shuttle")
    before, levels = root.handlers[:], (root.level, ours.level)
    request_log.begin("debug", as_json=True)
    yield capsys
    root.handlers[:] = before
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def app_client(context: AppContext, **settings: Any) -> TestClient:
    return TestClient(create_app(context, Settings(**settings)), raise_server_exceptions=False)


def lines(written: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.readouterr().err.splitlines()]


def test_each_request_is_a_line_of_json_with_the_response_s_id(
    context: AppContext, log: pytest.CaptureFixture[str]
) -> None:
    with app_client(context) as client:
        answers = [client.get("/api/v1/departures?date=2026-11-24") for _ in range(3)]
    entries = [line for line in lines(log) if line["logger"] == "shuttle.request"]
    assert [line["request"] for line in entries] == [answer.headers["x-request-id"] for answer in answers]
    assert len({line["request"] for line in entries}) == 3
    assert {(line["method"], line["route"], line["status"]) for line in entries} == {("GET", "/api/v1/departures", 200)}


def test_the_client_s_own_id_goes_through_unless_it_could_do_harm(context: AppContext) -> None:
    client = app_client(context)
    ask = {"X-Request-ID": "phone-7.a_1"}
    answer = client.get("/api/v1/departures?date=never", headers=ask)
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "phone-7.a_1"
    for given_id in ("", "a b", 'x","level":"', "x" * 65):
        made = client.get("/healthz", headers={"X-Request-ID": given_id}).headers["x-request-id"]
        assert made != given_id
        assert 5 < len(made) < 30


def test_what_is_unforeseen_is_answered_with_an_id_and_logged_under_it(
    context: AppContext, log: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(_: AppContext) -> None:
        raise RuntimeError("fell over " + "s" * 43)

    monkeypatch.setattr(AppContext, "versioned_schedule", fall)
    with app_client(context) as client:
        answer = client.get("/api/v1/stops")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:shuttle:internal-error")
    assert answer.headers["x-content-type-options"] == "nosniff"
    entries = [line for line in lines(log) if line["level"] == "error"]
    assert [line["request"] for line in entries] == [answer.json()["request_id"]]
    assert "fell over …" in entries[0]["trace"]


def test_no_secret_and_nobody_is_in_the_log(context: AppContext, log: pytest.CaptureFixture[str]) -> None:
    with context.transaction() as session:
        link = accounts.first_link(session, context.now()) or ""
        token = accounts.create_token(session, ADMIN, Role.STAFF, "the tablet", context.now())
        pairing = add_tablet(session, ADMIN, "by the door", "mo-nesttun", frozenset({"mo-nesttun"}), context.now())[:30]
    password = "correct horse battery"
    with app_client(context, trusted_proxies="0.0.0.0/0") as client:
        client.headers |= {**OURS, "X-Forwarded-For": "192.0.2.77"}
        client.get(f"/login/link/{link}")
        form = {"name": "Ada Lovelace", "password": password, "again": password, "first": "1"}
        assert client.post(f"/login/link/{link}", data=form, follow_redirects=False).status_code == 303
        session_secret = client.cookies["shuttle_session"]
        client.get("/admin")
        client.post("/logout")
        client.post("/login", data={"name": "Ada Lovelace", "password": password})
        client.get(f"/login?next=/admin&token={token}")
        client.get(f"/login/provider/return?code={token}&state=abc")
        client.get(f"/feeds/duties/{token[:30]}.ics")
        client.get(f"/login/tablet/{pairing}")
        bearer = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        client.post(f"{TEN}/boardings", json={"stop": "vagsbunnen", "boardings": 3}, headers=bearer)
        client.post(f"{TEN}/boardings", json={"stop": token}, headers=bearer)
        client.get("/api/v1/boardings", headers={"Authorization": f"Bearer {token}x"})
    written = log.readouterr().err
    routes = {line["route"] for line in map(json.loads, written.splitlines()) if "route" in line}
    assert {"/login/link/{secret}", "/feeds/duties/{token}.ics", "/login/tablet/{secret}"} <= routes
    assert written.count('"shuttle.request"') >= 11
    secrets = (link, pairing, token, token[:30], session_secret, password, "Lovelace", "192.0.2.77", "the tablet")
    assert [secret for secret in secrets if secret in written] == []


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["/x/{}", "Bearer {}", "shuttle_{}", "a={}&b", "'{}'"]))
def test_possible_secrets_are_redacted(secret: bytes, where: str) -> None:
    from base64 import urlsafe_b64encode

    text = urlsafe_b64encode(secret).decode().rstrip("=")
    assert text not in request_log.redacted(where.format(text))


def test_an_ordinary_line_is_left_as_it_is() -> None:
    for text in (f"GET {TEN}/boardings 201", "is it open?", "the job backup failed: disk full", "/plan/runs/0a1b2c3d"):
        assert request_log.redacted(text) == text


def test_what_a_stranger_asks_for_is_logged_as_its_route_alone(
    context: AppContext, log: pytest.CaptureFixture[str]
) -> None:
    with app_client(context) as client:
        client.get("/" + "a%3F" * 10_000)
        client.get("/timetable?" + "?" * 10_000)
        client.get(f"{TEN}/boardings")
        client.request("X" * 5000, "/healthz")
    entries = [(line["method"], line["route"]) for line in lines(log) if line["logger"] == "shuttle.request"]
    assert entries == [
        ("GET", "none"),
        ("GET", "/timetable"),
        ("GET", "/api/v1/departures/{departure_id}/boardings"),
        ("other", "/healthz"),
    ]


def test_of_an_endless_message_only_the_beginning_is_written() -> None:
    assert request_log.redacted("? " * request_log.LONGEST) == "? " * (request_log.LONGEST // 2) + "…"


def test_text_is_for_people_and_warning_leaves_requests_out(
    context: AppContext, capsys: pytest.CaptureFixture[str]
) -> None:
    with app_client(context, log_format="text") as client:
        client.get("/healthz")
    assert "GET /healthz 200" in capsys.readouterr().err
    with app_client(context, log_level="warning") as client:
        client.get("/healthz")
    assert capsys.readouterr().err == ""


def test_a_line_feed_in_a_path_makes_no_second_line(context: AppContext, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json"):
        with app_client(context, log_format=form) as client:
            client.get("/api/v1/x%0A2026-11-23 info shuttle.request forged")
        assert len(capsys.readouterr().err.splitlines()) == 1
