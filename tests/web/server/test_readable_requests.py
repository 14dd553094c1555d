"""Unreadable characters anywhere in a request: a 4xx response, and pages still work."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.conftest import a_database

ADMIN = Person("a", "Admin", Role.ADMIN)
DAY = "/api/v1/calendar/2026-11-24"
UNREADABLE = ["\\u0000", "\\u0007", "\\u007f", "\\u0085", "\\ud800", "\\udc00\\ud800", "\\uffff"]


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    yield from a_database("sqlite", tmp_path, filled=True)


@pytest.fixture
def planner(context: AppContext) -> Iterator[TestClient]:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.PLANNER, "desk", context.now())
    app = create_app(context, Settings())
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def override(client: TestClient, reason: str, key: str = "reason") -> Any:
    body = f'{{"day_type": "holiday", "{key}": "{reason}"}}'.encode()
    return client.put(DAY, content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("escape", UNREADABLE)
def test_an_escaped_character_that_nobody_can_read_is_refused(planner: TestClient, escape: str) -> None:
    for answer in (override(planner, f"Jul {escape}"), override(planner, "Julemarked", key=f"a{escape}")):
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:shuttle:unreadable-character")
        assert "U+" in answer.json()["given"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"\x7f", 422), (b"\xc2\x85", 422), (b"\xef\xbf\xbf", 422), (b"\xed\xa0\x80", 400), (b"\xff", 400)],
)
def test_a_raw_character_that_nobody_can_read_is_refused(planner: TestClient, raw: bytes, status: int) -> None:
    body = b'{"day_type": "holiday", "reason": "Jul ' + raw + b'"}'
    assert planner.put(DAY, content=body, headers={"Content-Type": "application/json"}).status_code == status


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/merge-patch+json", "Application/JSON"]
)
def test_no_way_of_saying_json_lets_it_through(planner: TestClient, kind: str) -> None:
    body = b'{"day_type": "holiday", "reason": "Jul \\ud800"}'
    assert planner.put(DAY, content=body, headers={"Content-Type": kind}).status_code == 422


@pytest.mark.parametrize("sent", ["%00", "%07", "%7F", "%C2%85", "%ED%A0%80", "%FF"])
def test_forms_queries_and_paths_are_read_the_same_way(planner: TestClient, sent: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert planner.post("/plan/scenario", content=f"scenario=a{sent}".encode(), headers=form).status_code == 422
    assert planner.get(f"/api/v1/departures?date=2026-11-24&stop=a{sent}").status_code == 422
    assert planner.get(f"/api/v1/timetables/a{sent}").status_code in (404, 422)


def test_a_page_says_it_in_the_reader_s_language(planner: TestClient) -> None:
    answer = planner.get("/timetable?lang=nn&stop=%07")
    assert answer.status_code == 422
    assert "som ikkje kan lesast (U+0007)" in unescape(answer.text)


@pytest.mark.parametrize(
    "reason",
    ["Julemarked 🎄", "Київ", "مرحبا", "東京 stasjon", "👩🏽‍🦽 ❤️", "a\\tb", "\\ud83c\\udf84 jul", "[/] *x* #y <b>"],
)
def test_what_people_write_is_taken_and_every_public_answer_still_comes(planner: TestClient, reason: str) -> None:
    assert override(planner, reason).status_code == 200
    for path in (
        "/",
        "/timetable?date=2026-11-24",
        "/timetable.pdf?date=2026-11-24",
        "/feeds/departures.ics",
        "/feeds/gtfs.zip",
        "/feeds/netex.zip",
        "/api/v1/departures?date=2026-11-24",
        f"/api/v1/departures?date=2026-11-24&stop={quote('Ærlig')}",
    ):
        assert planner.get(path).status_code in (200, 404), path
    assert planner.get("/timetable.pdf?date=2026-11-24").content.startswith(b"%PDF")


@pytest.mark.parametrize(
    "text", ["[" * 90_000, '{"a":' * 90_000, "1" * 150_000, '{"scenario": ' + "1" * 5000 + "}", "\\u0000"]
)
def test_json_that_is_too_much_is_no_fault_of_ours(planner: TestClient, text: str) -> None:
    answer = planner.post("/api/v1/plans", content=text.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 12_000) + " = 1",
        "a = " + "[" * 90_000,
        "a = " + "1" * 150_000,
        "[[requirements]]\n" * 7000,
        'a = "\\u0007"',
    ],
    ids=["parts", "brackets", "digits", "tables", "character"],
)
@pytest.mark.parametrize("path", ["/plan/scenario", "/plan/form/open", "/plan/form", "/api/v1/plans"])
def test_a_scenario_that_is_too_much_is_refused_by_name(planner: TestClient, path: str, text: str) -> None:
    if path.startswith("/api"):
        answer = planner.post(path, json={"scenario": text})
        assert answer.json()["type"] == "urn:shuttle:bad-toml"
    else:
        answer = planner.post(path, data={"scenario": text, "rest": text, "act": "check"})
    assert answer.status_code == 422
