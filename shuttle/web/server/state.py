"""Application state: the objects that all routes of a process share, and slow work in bounded executors."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Protocol, TypeVar

from starlette.requests import HTTPConnection, Request

from shuttle.domain.access.permissions import Person
from shuttle.language import Words, words
from shuttle.services.access.accounts import Identities
from shuttle.services.access.counting_keys import CountingKeys
from shuttle.services.access.identity_provider import IdentityProvider
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plan_worker import PlanWorker
from shuttle.services.planning.roadmap.worker import RoadmapWorker
from shuttle.services.ridership.live.told import ToldWatch
from shuttle.settings import Settings
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.rate_limits import network_of
from shuttle.web.server.request_metrics import RequestMetrics
from shuttle.web.server.response_cache import ResponseCache
from shuttle.web.today_watch import TodayWatch

T = TypeVar("T")

SIGNED_IN = "shuttle.signed_in"
"""Key in a request's scope of the id of the person or program that sent it, once they have proved it; places are kept for them."""

HANGING_UP_SECONDS = 0.02
"""Within this time the server reports that a client has hung up."""


class Scheduler(Protocol):
    """Runs jobs while the application runs; the web knows no more of it."""

    def start(self) -> None: ...
    def stop(self) -> None: ...

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Name and next due time of each job."""

    def run_now(self, person: Person, name: str) -> str:
        """Run a job outside its schedule; its outcome: `done` or `failed`."""

    def send_test_mail(self, person: Person) -> None:
        """Send a mail to the administrator's own address."""


@dataclass(kw_only=True)
class State:
    """One per process, made with the application."""

    context: AppContext
    settings: Settings
    answers: ResponseCache
    identities: Identities
    counting_keys: CountingKeys
    metrics: RequestMetrics
    executor: BoundedExecutor
    """For figures, reports, feeds and posters."""
    password_executor: BoundedExecutor
    """For hashing and checking passwords."""
    plan_worker: PlanWorker
    today_watch: TodayWatch
    told: ToldWatch
    """For calendars."""
    roadmap_worker: RoadmapWorker
    provider: IdentityProvider | None
    """The identity provider of the settings; None where none is set."""
    scheduler: Scheduler | None
    """None where this process runs no jobs."""
    ending: bool = False
    """True from SIGTERM on: event streams close, and the browser reconnects to another process."""
    started: datetime
    """When this process began, by its clock."""
    monotonic_start: float = field(default_factory=monotonic)
    """When this process started, in seconds of the monotonic clock."""
    lookups: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    """Secrets that are being looked up, so that simultaneous requests share one look-up."""

    def words(self, language: str | None) -> Words:
        return words(language or self.settings.language)


def state_of(connection: HTTPConnection) -> State:
    state: State = connection.app.state.shuttle
    return state


async def run_in_executor(request: Request, function: Callable[[], T]) -> T:
    """Run slow work in the client's turn of the bounded executor. Not for requests with a form. Raises Unavailable (`busy`)."""
    await request.body()  # after the body only a disconnect can be received
    return await _in_turn(request, state_of(request).executor, function)


async def with_password(request: Request, function: Callable[[], T]) -> T:
    """Run password hashing in the client's turn. The request's form has been read. Raises Unavailable (`busy`)."""
    return await _in_turn(request, state_of(request).password_executor, function)


async def _in_turn(request: Request, executor: BoundedExecutor, function: Callable[[], T]) -> T:
    """In the turn of the person who is signed in, or of the stranger's network: an office has one address for all."""
    person = request.scope.get(SIGNED_IN)
    client = f"person {person}" if person else network_of(request.scope)
    return await executor.run(client, function, partial(is_gone, request), is_stranger=person is None)


async def is_gone(request: Request) -> bool:
    """Whether the client has hung up. The request's body has been read.

    Starlette's own `is_disconnected` does not wait, but the server reports a disconnect only a moment later.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(HANGING_UP_SECONDS):
            message = await request.receive()
            return bool(message["type"] == "http.disconnect")
    return False
