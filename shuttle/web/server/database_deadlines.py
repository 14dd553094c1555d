"""No request waits for ever on a database that is far away: after some seconds it is told to come back.

Two limits, because a thread cannot be ended from outside: the patience of the request, which ends its waits for PostgreSQL,
and a limit on the whole, for those who wait for a thread or for the writer of counts. An answer that has begun may go on. On
SQLite there is no network, and nothing to limit.
"""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.domain.basics.errors import Unavailable
from shuttle.store.engine.deadlines import deadline
from shuttle.web.server.problems import answer_to

DATABASE_SECONDS = 6.0
"""For all that a request asks; a free connection may take two more, and making one another two."""
LONGEST_SECONDS = 9.0


class DatabaseDeadlines:
    """Stands in front of everything that asks the database."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False
        with deadline(DATABASE_SECONDS) as patient:
            try:
                async with asyncio.timeout(LONGEST_SECONDS) as limit:

                    async def send_and_lift(message: Message) -> None:
                        nonlocal begun
                        if not begun:
                            begun = True
                            limit.reschedule(None)
                            patient.lift()
                        await send(message)

                    await self.app(scope, receive, send_and_lift)
            except TimeoutError:
                if begun:
                    raise
                error = Unavailable("database-slow", "the database did not answer in time; try again in a moment")
                answer = await answer_to(Request(scope), error)
                await answer(scope, receive, send)
