"""Deadline for database work per request, on PostgreSQL only: 503 (`database-slow`) after at most 9 s.

A thread cannot be stopped from outside, so there are two limits: the request's deadline ends its waits for PostgreSQL, and a limit on
the whole request covers waits for a thread or for the writer of counts. A response that has begun may go on.
"""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.domain.basics.errors import Unavailable
from shuttle.store.engine.deadlines import deadline
from shuttle.web.server.problems import answer_to

DATABASE_SECONDS = 6.0
"""For all queries of a request. Waiting for a free connection may take two more seconds, and opening one another two."""
LONGEST_SECONDS = 9.0
"""From the request's arrival to the first byte of its response."""


class DatabaseDeadlines:
    """The middleware in front of everything that uses the database."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        has_begun = False
        with deadline(DATABASE_SECONDS) as database_deadline:
            try:
                async with asyncio.timeout(LONGEST_SECONDS) as limit:

                    async def lift_and_send(message: Message) -> None:
                        nonlocal has_begun
                        if not has_begun:
                            has_begun = True
                            limit.reschedule(None)
                            database_deadline.lift()
                        await send(message)

                    await self.app(scope, receive, lift_and_send)
            except TimeoutError:
                if has_begun:
                    raise
                error = Unavailable("database-slow", "the database did not answer in time; try again in a moment")
                answer = await answer_to(Request(scope), error)
                await answer(scope, receive, send)
