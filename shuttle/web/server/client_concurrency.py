"""A client's share of the threads: a few of its requests are worked at, the next ones wait, and too many are refused.

Limits for a minute do not hold a client off who asks for everything in one moment, and reading is not limited by the minute at
all. Without this, one address that asks for pages faster than they are made would have every thread, and everybody else's pages
would wait behind its. What waits here has no thread yet and costs next to nothing.

Not held back: counts, which come by the dozen from a phone back in coverage and wait in a queue of their own; and an answer
that has begun, as a plan that is followed live.
"""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.domain.basics.errors import TooMany
from shuttle.web.server.problems import answer_to
from shuttle.web.server.rate_limits import client_of, is_count

THREADS = 8
"""Threads for what is done in milliseconds: more of them would do no more, and make the event loop wait for each."""

AT_WORK = THREADS // 2
"""Requests of a client that are worked at."""

WAITING = 100
"""Requests of a client that wait: a page with all that belongs to it, many times over."""


@dataclass
class ClientSlots:
    """What a client has here."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_WORK))
    here: int = 0


class ClientConcurrency:
    """Stands last before the router, behind the limits: the bodies of what comes here are in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._shares: dict[str, ClientSlots] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_count(scope):
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        share = self._shares.setdefault(client, ClientSlots())
        if share.here >= AT_WORK + WAITING:
            allowed = f"{AT_WORK + WAITING} at once"
            error = TooMany(
                "too-many-at-once",
                f"too many requests of your address wait already; allowed: {allowed}",
                allowed=allowed,
            )
            await (await answer_to(Request(scope), error))(scope, receive, send)
            return
        share.here += 1
        try:
            await self._in_turn(share, scope, receive, send)
        finally:
            share.here -= 1
            if not share.here:
                del self._shares[client]

    async def _in_turn(self, share: ClientSlots, scope: Scope, receive: Receive, send: Send) -> None:
        await share.places.acquire()
        held = True

        async def send_and_leave(message: Message) -> None:
            nonlocal held
            if held:
                held = False
                share.places.release()
            await send(message)

        try:
            await self.app(scope, receive, send_and_leave)
        finally:
            if held:
                share.places.release()
