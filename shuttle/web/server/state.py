"""What the web holds while it runs: the house, the answers that it keeps, and the language of who asks."""

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
from shuttle.settings import Settings
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.rate_limits import client_of
from shuttle.web.server.request_metrics import RequestMetrics
from shuttle.web.server.response_cache import ResponseCache

T = TypeVar("T")

HANGING_UP_SECONDS = 0.02
"""How soon the server tells that a client hung up long ago."""


class Ticking(Protocol):
    """A clock that runs jobs while the application runs."""

    def start(self) -> None: ...
    def stop(self) -> None: ...

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Each job with its next due time."""

    def run_now(self, person: Person, name: str) -> str:
        """Run a job beside its set times; what came of it: `done` or `failed`."""


@dataclass(kw_only=True)
class State:
    """One a process, made with the app."""

    context: AppContext
    settings: Settings
    answers: ResponseCache
    identities: Identities
    counting_keys: CountingKeys
    measured: RequestMetrics
    workroom: BoundedExecutor
    """For figures, reports, feeds and posters."""
    passwords: BoundedExecutor
    """For making and checking passwords."""
    plan_worker: PlanWorker
    provider: IdentityProvider | None
    """The identity provider that the operator named."""
    clock: Ticking | None
    """None where this process runs no jobs."""
    ending: bool = False
    """Whether the program was asked to end: what follows something for long breaks off, and the browser asks anew."""
    began: float = field(default_factory=monotonic)
    """When this process began, in seconds of a clock that nobody sets."""
    asked: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    """Secrets that are being looked up, so that each is looked up once."""

    def words(self, language: str | None) -> Words:
        return words(language or self.settings.language)


def state_of(connection: HTTPConnection) -> State:
    state: State = connection.app.state.shuttle
    return state


async def work(request: Request, act: Callable[[], T]) -> T:
    """Do what takes long in the workroom, for the client who asks, with a request that has no form."""
    await request.body()  # what comes after it is that the client has gone
    return await state_of(request).workroom.do(client_of(request.scope), act, partial(is_gone, request))


async def with_password(request: Request, act: Callable[[], T]) -> T:
    """Do what makes or checks a password, for the client who asks. The request's form has been read."""
    return await state_of(request).passwords.do(client_of(request.scope), act, partial(is_gone, request))


async def is_gone(request: Request) -> bool:
    """Whether the client has hung up. The request's body has been read.

    Starlette's own `is_disconnected` looks once and waits for nothing: the server would say so a moment later.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(HANGING_UP_SECONDS):
            message = await request.receive()
            return bool(message["type"] == "http.disconnect")
    return False
