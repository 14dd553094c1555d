"""The front rooms serve at once; the others open when somebody asks for what is in them, once, and before they are needed."""

import asyncio
import threading
from time import monotonic, sleep

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from shuttle.services.house import House
from shuttle.settings import Settings
from shuttle.web import back_rooms, day_rooms, opening
from shuttle.web.app import create_app
from shuttle.web.opening import routes_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(house: House) -> FastAPI:
    return create_app(house, Settings())


def client(app: FastAPI) -> TestClient:
    """One that starts nothing: as in the first second of a process."""
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/api/v1/departures?date=2026-11-24", "/healthz"])
def test_what_is_wanted_after_a_crash_opens_nothing_else(app: FastAPI, path: str) -> None:
    front: list[BaseRoute] = list(app.router.routes)
    assert client(app).get(path).status_code == 200
    assert app.router.routes == front


@pytest.mark.parametrize(
    ("path", "status"), [("/feeds/departures.ics", 200), ("/login", 200), ("/openapi.json", 200), ("/nowhere", 404)]
)
def test_who_asks_for_another_room_waits_until_it_is_open(app: FastAPI, path: str, status: int) -> None:
    assert client(app).get(path).status_code == status
    assert app.state.shuttle.opening.is_open


def test_a_method_that_only_another_room_knows_is_answered_there(app: FastAPI) -> None:
    assert client(app).delete("/api/v1/departures").status_code == 405
    assert app.state.shuttle.opening.is_open


def test_who_asks_for_a_page_of_the_day_does_not_wait_for_the_back_rooms(app: FastAPI) -> None:
    assert client(app).get("/").status_code == 200
    assert "/staff" in {getattr(route, "path", None) for route in app.router.routes}
    assert not app.state.shuttle.opening.is_open


def test_who_is_refused_before_any_room_is_told_so_on_a_page(app: FastAPI) -> None:
    answer = client(app).post("/login", content=b"x" * 2_000_000)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert not app.state.shuttle.opening.is_open


def test_of_many_who_ask_at_once_one_opens(app: FastAPI) -> None:
    async def ask() -> None:
        await asyncio.gather(*(app.state.shuttle.opening.until(lambda: False) for _ in range(5)))

    front: list[BaseRoute] = list(app.router.routes)
    asyncio.run(ask())
    behind = routes_of([*day_rooms.ROUTERS, *back_rooms.ROUTERS])
    assert len(app.router.routes) - len(front) == len(behind) + 1, "the rooms and the API's description"


def test_all_open_without_being_asked_for(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "FIRST_ANSWERS", 0.0)
    with TestClient(app):
        until = monotonic() + 120
        while not app.state.shuttle.opening.is_open:
            assert monotonic() < until, "it did not happen"
            sleep(0.01)


def test_what_goes_on_beside_the_requests_begins_also_when_it_went_wrong_at_first(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "FIRST_ANSWERS", 0.0)
    monkeypatch.setattr(opening, "TRY_AGAIN", 0.01)
    furnish, tried, gone_on = back_rooms.furnish, threading.Event(), threading.Event()

    async def furnish_the_second_time(app: FastAPI) -> None:
        if not tried.is_set():
            tried.set()
            raise MemoryError
        await furnish(app)

    async def go_on(_app: FastAPI) -> None:
        gone_on.set()

    monkeypatch.setattr(back_rooms, "furnish", furnish_the_second_time)
    monkeypatch.setattr(back_rooms, "go_on", go_on)
    with TestClient(app):
        assert gone_on.wait(120)
    assert tried.is_set()


def test_a_program_that_is_asked_to_end_while_it_opens_ends_well(app: FastAPI) -> None:
    found = app.state.shuttle.opening

    async def begin_and_end() -> None:
        found.begin()
        asking = asyncio.create_task(found.until(lambda: False))
        await asyncio.sleep(0)
        assert not found.is_open
        await found.end()
        await asking

    asyncio.run(begin_and_end())
    assert found.is_open


def test_a_room_that_could_not_be_opened_is_tried_again(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(back_rooms, "furnish", lambda *_: 1 / 0)
        assert client(app).get("/login").status_code == 500
        assert client(app).get("/").status_code == 200
    assert client(app).get("/login").status_code == 200
