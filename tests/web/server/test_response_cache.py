"""Response cache: correct for client and schedule version, and bounded in memory."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import change_departure
from shuttle.services.timetable.timetables import copy_timetable
from shuttle.web import feeds
from shuttle.web import warm_feeds as warming
from shuttle.web.server import response_cache
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.warm_feeds import warm_feeds
from tests.conftest import NOON

ADMIN = Person("a", "Admin", Role.ADMIN)
PLANNER = Person("p", "Planner", Role.PLANNER)
PATHS = ("/api/v1/departures", "/api/v1/departures?date=2026-11-24", "/feeds/departures.ics?lang=nn")
each_path = pytest.mark.parametrize("path", PATHS)


@each_path
def test_the_second_answer_is_the_first(client: TestClient, path: str) -> None:
    first, second = client.get(path), client.get(path)
    assert second.content == first.content
    assert all(answer.headers.pop("x-request-id") for answer in (first, second))
    assert dict(second.headers) == dict(first.headers)


@each_path
def test_a_known_answer_is_not_given_after_a_change(client: TestClient, context: AppContext, path: str) -> None:
    before = client.get(path)
    for departure in ("2026-11-23.gyldenpris-weekday-1830", "2026-11-24.gyldenpris-weekday-1830"):
        with context.transaction() as session:
            change_departure(session, PLANNER, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now())
    assert client.get(path).content != before.content


def test_an_answer_asked_for_just_before_midnight_is_not_today_s(client: TestClient, context: AppContext) -> None:
    """The date is the one on which the question was put, not the one on which the answer was ready."""
    now, asked = context.now(), iter([timedelta(), *[timedelta(days=1)] * 20])
    context.now = lambda: now + next(asked)
    before = client.get("/api/v1/departures").json()["date"]
    assert client.get("/api/v1/departures").json()["date"] > before


def test_a_known_answer_of_yesterday_is_not_given_today(client: TestClient, context: AppContext) -> None:
    now = context.now()
    before = client.get("/api/v1/departures").json()["date"]
    context.now = lambda: now + timedelta(days=1)
    assert client.get("/api/v1/departures").json()["date"] > before


@each_path
def test_a_known_answer_has_the_same_conditions_and_headers(client: TestClient, path: str) -> None:
    etag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.headers["x-content-type-options"]) == (304, "nosniff")
    assert client.post(path).status_code in (401, 403, 404, 405)


def test_what_depends_on_who_asks_is_not_given_to_others(client: TestClient, context: AppContext) -> None:
    """A planner sees drafts under the same address."""
    with context.transaction() as session:
        copy_timetable(session, PLANNER, "2024-10", "drafted", "Drafted", context.now())
        token = create_token(session, ADMIN, Role.PLANNER, "planner", context.now())

    def ids(**headers: str) -> set[str]:
        return {timetable["id"] for timetable in client.get("/api/v1/timetables", headers=headers).json()}

    assert "drafted" in ids(Authorization=f"Bearer {token}")
    assert "drafted" not in ids()


def test_those_who_ask_at_once_wait_for_one_building(context: AppContext) -> None:
    built: list[float] = []

    def build(_schedule: Schedule) -> bytes:
        built.append(time.monotonic())
        time.sleep(0.05)
        return b"answer"

    async def ask() -> list[bytes]:
        kept = response_cache.ResponseCache(context, BoundedExecutor("slow", threads=1, max_tasks=1))
        request = Request({"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []})
        several = await asyncio.gather(*(kept.give(request, ("x",), build, "text/plain") for _ in range(10)))
        return [bytes(answer.body) for answer in several]

    assert asyncio.run(ask()) == [b"answer"] * 10
    assert len(built) == 1


def test_the_number_of_cached_answers_is_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "KEPT", 3)
    for day in range(10, 20):
        client.get(f"/api/v1/departures?date=2026-11-{day}")
    assert len(kept_by(client)._entries) == 3


def kept_by(client: TestClient) -> response_cache.ResponseCache:
    kept: response_cache.ResponseCache = client.app.state.shuttle.answers  # type: ignore[attr-defined]
    return kept


def test_long_queries_that_mean_nothing_leave_nothing_behind(client: TestClient) -> None:
    client.get("/api/v1/departures?date=2026-11-24")
    before = kept_by(client)._bytes
    for number in range(50):
        assert client.get(f"/api/v1/departures?date=2026-11-24&x={number}{'x' * 5000}").status_code == 200
    assert (kept_by(client)._bytes, len(kept_by(client)._entries)) == (before, 1)


def test_what_a_client_makes_up_counts_towards_the_size(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poster bears the address of the service, which comes from the Host header."""
    monkeypatch.setattr(response_cache, "KEPT_BYTES", 5_000)
    monkeypatch.setattr(feeds, "poster_pdf", lambda *_, **__: b"pdf")
    for number in range(30):
        assert client.get("/timetable.pdf", headers={"Host": f"{'x' * 400}{number}"}).status_code == 200
    assert 1 < len(kept_by(client)._entries) <= 10


@pytest.mark.parametrize("path", ["/", "/timetable", "/timetable.pdf"])
def test_a_host_too_long_for_a_code_gets_the_page_without(client: TestClient, path: str) -> None:
    assert client.get(path, headers={"Host": "x" * 5000}).status_code == 200


def test_the_size_of_the_cache_is_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = client.app.state.shuttle.answers  # type: ignore[attr-defined]
    monkeypatch.setattr(response_cache, "KEPT_BYTES", 100_000)
    for day in range(1, 15):
        client.get(f"/api/v1/calendar?from=2026-11-{day:02}&to=2027-01-31")
        client.get("/api/v1/departures")
    assert sum(response_cache.size_of(*each) for each in kept._entries.items()) == kept._bytes <= 100_000
    assert len(kept._entries) > 1
    assert "departures" in [question[0] for question in kept._entries], "what is asked for again and again stays"


def test_an_answer_larger_than_all_that_is_kept_is_given_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_cache, "KEPT_BYTES", 10)
    assert client.get("/feeds/departures.ics").content == client.get("/feeds/departures.ics").content


def test_feeds_that_were_made_beforehand_are_not_made_when_asked_for(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asyncio.run(warm_feeds(client.app))  # type: ignore[arg-type]
    assert made == 3 + len(context.schedule().network.stops) + len(context.schedule().opening_times.stops)
    monkeypatch.setattr(response_cache.ResponseCache, "_build", None)  # making one would fail
    for path in ("/feeds/departures.ics", "/feeds/stops/vagsbunnen.ics", "/feeds/gtfs.zip", "/feeds/netex.zip"):
        assert client.get(path).status_code == 200, path
    assert client.get("/feeds/departures.ics?lang=nb").status_code == 200, "the same feed at another address"
    assert client.get("/feeds/departures.ics?lang=en").status_code == 500, "the test would see one being made"


def test_feeds_are_made_anew_when_the_day_or_the_schedule_is_another(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten looks: at first, nothing new, a change, nothing new, the database away, another day, nothing new, a change with which
    a feed cannot be made, nothing new, a change."""
    made: list[str] = []

    async def note(_app: object) -> int:
        made.append(context.today().isoformat())
        if len(made) == 4:
            raise ZeroDivisionError
        return 0

    looks: Iterator[int | Exception] = iter([1, 1, 2, 2, Unavailable("away", "away"), 2, 2, 3, 3, 4])

    async def next_version(_self: object) -> int:
        version = next(looks, None)
        if version is None:
            raise asyncio.CancelledError
        if isinstance(version, Exception):
            context.now = lambda: NOON + timedelta(days=1)
            raise version
        return version

    monkeypatch.setattr(warming, "FIRST_AFTER", 0)
    monkeypatch.setattr(warming, "EVERY", 0)
    monkeypatch.setattr(warming, "warm_feeds", note)
    monkeypatch.setattr(response_cache.ResponseCache, "version", next_version)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(warming.keep_feeds_warm(client.app))  # type: ignore[arg-type]
    assert made == ["2026-11-23", "2026-11-23", *["2026-11-24"] * 3]
