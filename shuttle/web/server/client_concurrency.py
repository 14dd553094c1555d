"""Per-client concurrency limit: 4 requests run, 100 wait, further ones get 429.

Limits per minute do not stop a burst, and reading has no limit per minute. Without this limit one address that asks for pages faster
than they are made would occupy every thread. A waiting request occupies no thread.

Exempt: counts, which a phone back in coverage sends by the dozen and which have a queue of their own; and responses that have
begun, such as the events of a plan.
"""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.domain.basics.errors import TooMany
from shuttle.web.server.problems import answer_to
from shuttle.web.server.rate_limits import client_of, is_count

THREADS = 8
"""Threads for work of milliseconds. More would do no more, and each makes the event loop wait."""

RUNNING = THREADS // 2
"""Requests of one client that run."""

WAITING = 100
"""Requests of one client that wait: many times what a page with its files needs."""


@dataclass
class ClientSlots:
    """One client's running slots, and the number of its requests that run or wait."""

    running: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RUNNING))
    requests: int = 0


class ClientConcurrency:
    """The middleware nearest to the router: behind the limits, so that bodies have been received."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._slots: dict[str, ClientSlots] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_count(scope):
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        slots = self._slots.setdefault(client, ClientSlots())
        if slots.requests >= RUNNING + WAITING:
            allowed = f"{RUNNING + WAITING} at once"
            error = TooMany(
                "too-many-at-once",
                f"too many requests of your address wait already; allowed: {allowed}",
                allowed=allowed,
            )
            await (await answer_to(Request(scope), error))(scope, receive, send)
            return
        slots.requests += 1
        try:
            await self._in_turn(slots, scope, receive, send)
        finally:
            slots.requests -= 1
            if not slots.requests:
                del self._slots[client]

    async def _in_turn(self, slots: ClientSlots, scope: Scope, receive: Receive, send: Send) -> None:
        await slots.running.acquire()
        is_running = True

        async def release_and_send(message: Message) -> None:
            nonlocal is_running
            if is_running:
                is_running = False
                slots.running.release()
            await send(message)

        try:
            await self.app(scope, receive, release_and_send)
        finally:
            if is_running:
                slots.running.release()
