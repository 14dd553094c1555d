"""Bounded executors and per-client concurrency: slow work has threads of its own, and no client occupies all of them."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import Unavailable
from shuttle.services.access import passwords, sign_ins
from shuttle.services.access.account_changes import disable_account
from shuttle.services.app_context import AppContext
from shuttle.web.pages import errors, qr
from shuttle.web.server import client_concurrency
from shuttle.web.server import response_cache as answers
from shuttle.web.server.bounded_executor import NICE, BoundedExecutor
from shuttle.web.server.client_concurrency import RUNNING, THREADS, WAITING, ClientConcurrency
from shuttle.web.server.identity import COOKIE
from shuttle.web.server.state import is_gone
from tests.conftest import a_database
from tests.web.pages.conftest import ADMIN, PASSWORD, session_of

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """One database is enough: nothing here depends on which."""
    yield from a_database("sqlite", tmp_path, filled=True)


class Work:
    """Work that goes on until it may end, and knows how much of it went on at once."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.order: list[str] = []
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def of(self, name: str) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.order.append(name)
        assert self.may_end.wait(120)
        with self._lock:
            self._now -= 1
        return name


async def until(true: Any) -> None:
    while not true():
        await asyncio.sleep(0.001)


def test_as_many_tasks_run_as_there_are_threads() -> None:
    async def everybody() -> tuple[Work, list[str]]:
        executor, work = BoundedExecutor("test", threads=2, max_tasks=10), Work()
        tasks = [asyncio.create_task(executor.run(f"client {n}", partial(work.of, str(n)))) for n in range(6)]
        await until(lambda: len(work.order) == 2)
        work.may_end.set()
        return work, await asyncio.gather(*tasks)

    work, done = asyncio.run(everybody())
    assert (work.most, done) == (2, ["0", "1", "2", "3", "4", "5"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread a priority of its own")
@pytest.mark.parametrize("low_priority", [False, True])
def test_a_low_priority_thread_has_a_lower_priority_and_no_other(low_priority: bool) -> None:
    async def asked() -> int:
        return await BoundedExecutor("test", 1, 1, low_priority).run(
            "client", lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        )

    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert asyncio.run(asked()) == (min(19, ours + NICE) if low_priority else ours)
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


def test_a_client_with_many_tasks_leaves_a_thread_to_another() -> None:
    async def two() -> list[str]:
        executor, work = BoundedExecutor("test", threads=2, max_tasks=10), Work()
        greedy = [asyncio.create_task(executor.run("greedy", lambda: work.of("greedy"))) for _ in range(5)]
        await until(lambda: work.order)
        other = asyncio.create_task(executor.run("other", lambda: work.of("other")))
        await until(lambda: len(work.order) == 2)
        at_work = list(work.order)
        work.may_end.set()
        await asyncio.gather(other, *greedy)
        return at_work

    assert asyncio.run(two()) == ["greedy", "other"]


def test_a_task_whose_client_hung_up_is_not_started() -> None:
    async def loads_anew() -> list[str]:
        executor, work, gone = BoundedExecutor("test", threads=2, max_tasks=10), Work(), {"second"}

        async def ask(name: str) -> str:
            async def has_gone() -> bool:
                return name in gone

            return await executor.run("client", partial(work.of, name), has_gone)

        tasks = [asyncio.create_task(ask(name)) for name in ("first", "second", "third")]
        await until(lambda: work.order)
        work.may_end.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[1], Unavailable)
        return work.order

    assert asyncio.run(loads_anew()) == ["first", "third"]


@pytest.mark.parametrize("hung_up", [True, False])
def test_a_client_that_hung_up_is_told_from_one_that_waits(hung_up: bool) -> None:
    async def receive() -> Message:
        await asyncio.sleep(0 if hung_up else 60)  # as a server does: not at once, and for one that waits not at all
        return {"type": "http.disconnect"}

    assert asyncio.run(is_gone(Request({"type": "http"}, receive))) == hung_up


def test_a_full_executor_refuses_and_accepts_again_later() -> None:
    async def crowd() -> str:
        executor, work = BoundedExecutor("test", threads=1, max_tasks=2), Work()
        tasks = [asyncio.create_task(executor.run(name, partial(work.of, name))) for name in ("a", "b")]
        await until(lambda: work.order)
        with pytest.raises(Unavailable, match="a few seconds"):
            await executor.run("c", lambda: work.of("c"))
        work.may_end.set()
        await asyncio.gather(*tasks)
        return await executor.run("c", lambda: work.of("c"))

    assert asyncio.run(crowd()) == "c"


def test_a_client_has_a_few_places_and_another_still_comes_in() -> None:
    async def crowd() -> str:
        executor, work = BoundedExecutor("test", threads=1, max_tasks=9, each=2), Work()
        tasks = [asyncio.create_task(executor.run("a", partial(work.of, "a"))) for _ in range(2)]
        await until(lambda: work.order)
        with pytest.raises(Unavailable, match="a few seconds"):
            await executor.run("a", lambda: work.of("a"))
        other = asyncio.create_task(executor.run("b", lambda: work.of("b")))
        work.may_end.set()
        await asyncio.gather(*tasks)
        return await other

    assert asyncio.run(crowd()) == "b"


def test_strangers_leave_places_and_a_thread_to_who_is_signed_in() -> None:
    async def flood() -> tuple[list[str], int]:
        executor, work = BoundedExecutor("test", threads=2, max_tasks=6, strangers=3), Work()
        asked = [executor.run(f"stranger {n}", partial(work.of, "stranger")) for n in range(20)]
        strangers = [asyncio.create_task(each) for each in asked]
        await until(lambda: work.order)
        own = asyncio.create_task(executor.run("person", lambda: work.of("person"), is_stranger=False))
        await until(lambda: len(work.order) == 2)
        at_work = list(work.order)
        work.may_end.set()
        answers = await asyncio.gather(own, *strangers, return_exceptions=True)
        return at_work, sum(isinstance(answer, Unavailable) for answer in answers)

    at_work, refused = asyncio.run(flood())
    assert at_work == ["stranger", "person"], "one thread is free of strangers"
    assert refused == 17


def test_a_report_is_in_its_reader_s_turn_a_poster_in_the_network_s(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[tuple[str, bool]] = []
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "Kari"))
    executor = client.app.state.shuttle.executor  # type: ignore[attr-defined]
    run = executor.run

    async def noted(turn: str, *args: Any, is_stranger: bool = True, **more: Any) -> Any:
        turns.append((turn.partition(" ")[0], is_stranger))
        return await run(turn, *args, is_stranger=is_stranger, **more)

    monkeypatch.setattr(executor, "run", noted)
    assert client.get("/ridership").status_code == 200
    assert client.get("/timetable.pdf").status_code == 200
    assert turns == [("person", False), ("testclient", True)]


def test_a_failed_task_frees_its_thread() -> None:
    def fail() -> None:
        raise ValueError("no")

    async def again() -> str:
        executor = BoundedExecutor("test", threads=1, max_tasks=1)
        with pytest.raises(ValueError, match="no"):
            await executor.run("a", fail)
        return await executor.run("a", lambda: "well")

    assert asyncio.run(again()) == "well"


class Pages:
    """An application that answers when it may, and how many it had in hand."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.in_hand = self.most = 0
        self.answered: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        if scope["client"][0] == "greedy":
            await self.may_end.wait()
        self.answered.append(scope["client"][0])
        self.in_hand -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/endless":
            await asyncio.Event().wait()


async def asked(app: Any, client: str, path: str = "/") -> None:
    async def send(message: Message) -> None:
        pass

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await app({"type": "http", "path": path, "client": (client, 1), "headers": []}, receive, send)


def test_a_client_has_half_of_the_threads_and_another_is_served_at_once() -> None:
    async def two() -> Pages:
        pages = Pages()
        app = ClientConcurrency(pages)
        greedy = [asyncio.create_task(asked(app, "greedy")) for _ in range(3 * THREADS)]
        await until(lambda: pages.in_hand == RUNNING)
        await asked(app, "other")
        assert pages.answered == ["other"]
        pages.may_end.set()
        await asyncio.gather(*greedy)
        assert not app._slots, "a client without requests is forgotten"
        return pages

    pages = asyncio.run(two())
    assert (pages.most, len(pages.answered)) == (RUNNING + 1, 3 * THREADS + 1)


def test_a_response_that_has_begun_occupies_no_slot() -> None:
    async def followers() -> int:
        pages = Pages()
        app = ClientConcurrency(pages)
        tasks = [asyncio.create_task(asked(app, "other", "/endless")) for _ in range(RUNNING + 3)]
        await until(lambda: len(pages.answered) == RUNNING + 3)
        for task in tasks:
            task.cancel()
        return len(pages.answered)

    assert asyncio.run(followers()) == RUNNING + 3


def test_too_many_at_once_are_refused_before_they_take_anything(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_concurrency, "WAITING", -RUNNING)
    answer = client.get("/")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert client.get("/api/v1/stops").json()["type"] == "urn:shuttle:too-many-at-once"
    assert WAITING > 0


def test_a_password_is_checked_in_its_own_thread_outside_a_transaction(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_of(context, Role.STAFF, "Kari")
    seen: list[str] = []

    class Hasher:
        def verify(self, *_: str) -> bool:
            with context.transaction():  # would wait for its turn in vain if whoever checks held it
                seen.append(threading.current_thread().name)
            return True

    monkeypatch.setattr(passwords, "_hasher", Hasher)
    answer = client.post("/login", data={"name": "Kari", "password": "x"}, headers=OURS, follow_redirects=False)
    assert (answer.status_code, [name.partition("_")[0] for name in seen]) == (303, ["passwords"])


def test_too_many_password_checks_are_refused_with_retry_after(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_of(context, Role.STAFF, "Kari")
    monkeypatch.setattr(client.app.state.shuttle.password_executor, "_max_tasks", 0)  # type: ignore[attr-defined]
    answer = client.post("/login", data={"name": "Kari", "password": PASSWORD}, headers=OURS)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert client.get("/login").status_code == 200


def test_an_account_disabled_during_the_check_cannot_sign_in(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_of(context, Role.STAFF, "Kari")

    class Hasher:
        def verify(self, *_: str) -> bool:
            with context.transaction() as session:
                disable_account(session, ADMIN, "Kari", context.now())
            return True

    monkeypatch.setattr(passwords, "_hasher", Hasher)
    assert sign_ins.sign_in(context, "Kari", PASSWORD) is None


@pytest.mark.parametrize(
    "path", ["/feeds/departures.ics", "/feeds/gtfs.zip", "/feeds/netex.zip", "/timetable.pdf", "/calendar-of-a-year"]
)
def test_slow_answers_are_built_in_the_executor(client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert built_by(client, monkeypatch, path.replace("/calendar-of-a-year", YEAR)) == ["slow"]


YEAR = "/api/v1/calendar?from=2027-01-01&to=2027-12-31"


def test_quick_answers_are_not_built_in_the_executor(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built_by(client, monkeypatch, "/api/v1/departures") != ["slow"]


def built_by(client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str) -> list[str]:
    """The kind of thread that built an answer."""
    names: list[str] = []
    build = answers.ResponseCache._build

    def noted(self: answers.ResponseCache, *how: Any) -> answers.CachedResponse:
        names.append(threading.current_thread().name.partition("_")[0])
        return build(self, *how)

    monkeypatch.setattr(answers.ResponseCache, "_build", noted)
    assert client.get(path).status_code == 200
    return names


@pytest.mark.parametrize("path", ["/", "/timetable", "/driver"])
def test_a_page_is_made_off_the_event_loop(
    client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    client.cookies.set("shuttle_session", session_of(context, Role.DRIVER))
    loops: list[object] = []
    schedule = context.schedule

    def noted() -> Any:
        try:
            loops.append(asyncio.get_running_loop())
        except RuntimeError:
            loops.append(None)
        return schedule()

    monkeypatch.setattr(context, "schedule", noted)
    assert client.get(path).status_code == 200
    assert set(loops) == {None}


def test_the_code_of_a_page_is_drawn_once(client: TestClient) -> None:
    client.get("/")
    before = qr.public_qr_svg.cache_info()
    client.get("/")
    after = qr.public_qr_svg.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


def test_the_page_that_refuses_a_flood_is_written_once_for_each_language(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.app.state.shuttle.password_executor, "_max_tasks", 0)  # type: ignore[attr-defined]
    first = client.post("/login", data={"name": "Kari"}, headers=OURS)
    monkeypatch.setattr(errors, "render", None)  # writing one would fail
    again = client.post("/login", data={"name": "Per"}, headers=OURS)
    assert (again.status_code, again.content) == (503, first.content)
    assert client.post("/login?lang=en", data={"name": "Per"}, headers=OURS).status_code == 500


def test_pages_of_long_addresses_that_are_refused_are_not_kept(client: TestClient) -> None:
    """Each holds its own address many times: a hundred of them would be a hundred megabytes."""
    client.get("/nowhere")
    before = errors._body.cache_info().currsize
    for number in range(5):
        assert client.get(f"/nowhere?x={number}{'x' * 5000}").status_code == 404
    assert errors._body.cache_info().currsize == before
