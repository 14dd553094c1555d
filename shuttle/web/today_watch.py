"""Watch of today: one look at the database a second for all open pages of a worker, and none where no page is open.

Listeners get the same events from a queue of their own. One that is not read for long is ended; its page connects again by itself.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from time import monotonic

from fastapi.concurrency import run_in_threadpool

from shuttle.domain.basics.errors import ShuttleError
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.events import Event, Look, look, standing

log = logging.getLogger("shuttle.today")

EVERY_SECONDS = 1.0

MOST_QUEUED = 200
"""Events that a listener may leave unread."""

MOST_LISTENERS = 2000
"""Open pages of a worker; beyond it a page polls."""

KEEP_ALIVE_SECONDS = 15.0

LONGEST_SECONDS = 600.0
"""After so long a stream ends, and its page connects again: so that no listener is kept whose client is long gone."""


class TodayWatch:
    """Started by the first listener, ended with the last."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = Look()
        self._beginning = asyncio.Lock()

    @property
    def is_full(self) -> bool:
        return len(self._queues) >= MOST_LISTENERS

    async def listen(self) -> AsyncIterator[Event | None]:
        """What stands now, then each event; None every KEEP_ALIVE_SECONDS in which nothing happened. Ends where the listener is too slow."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(MOST_QUEUED)
        async with self._beginning:  # listeners that come together begin one watch
            if self._task is None:
                self._seen, _ = await run_in_threadpool(look, self._context, Look())
                self._task = asyncio.create_task(self._follow())
            self._queues.add(queue)
        try:
            for event in standing(self._seen):
                yield event
            until = monotonic() + LONGEST_SECONDS
            while queue in self._queues and monotonic() < until:
                try:
                    yield await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield None
        finally:
            self._queues.discard(queue)

    async def _follow(self) -> None:
        try:
            while self._queues:
                await asyncio.sleep(EVERY_SECONDS)
                try:
                    self._seen, events = await run_in_threadpool(look, self._context, self._seen)
                except ShuttleError as error:
                    log.warning("events of today not readable: %s", error.whole)
                    continue
                self._tell(events)
        finally:
            self._task, self._seen = None, Look()

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            for queue in tuple(self._queues):
                try:
                    queue.put_nowait(event)
                except asyncio.QueueFull:
                    self._queues.discard(queue)

    async def close(self) -> None:
        """End the look and let all listeners end."""
        task, self._queues = self._task, set()
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
