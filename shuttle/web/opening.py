"""When the back rooms open: a second after the first, or when somebody asks for a page that is in them.

After a crash a driver waits for departures and a phone for a place to leave its counts. Reading the modules of all other pages
would make that wait half as long again, so a thread reads them afterwards. Whoever asks for such a page meanwhile waits for it;
nobody is told that it does not exist.
"""

import asyncio
import gc
import importlib
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

FIRST_ANSWERS = 1.0
"""Seconds in which the front rooms have the processor to themselves, unless somebody asks for more."""

TRY_AGAIN = 10.0
"""Seconds after it went wrong: without the rooms no job runs and no plan is solved."""

log = logging.getLogger("shuttle.start")


def routes_of(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    """As they are: `include_router` makes each a second time for each application, for prefixes that none has here."""
    return [route for router in routers for route in router.routes]


class Opening:
    """Of one application. `clock` makes the clock, where this process has one: its jobs are read late, too."""

    def __init__(self, app: FastAPI, clock: Callable[[], Any] | None) -> None:
        self.is_open = False
        self._app = app
        self._clock = clock
        self._rooms: Any = None
        self._asked = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._beside: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Open, and let go on what goes on beside the requests."""
        self._beside = asyncio.create_task(self._go_on())

    async def open(self) -> None:
        """Returns when all rooms are open; of many who ask at once one reads."""
        self._asked.set()
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
        await asyncio.shield(self._opening)

    async def end(self) -> None:
        """Stop what goes on. A thread that reads modules cannot be broken off, so that is waited for."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self._beside is not None:
            self._beside.cancel()
        if self.is_open:
            self._rooms.end(self._app)

    async def _open(self) -> None:
        self._rooms, clock = await asyncio.to_thread(self._read)
        self._rooms.furnish(self._app, clock)
        gc.freeze()  # as after the start: what lives as long as the process is not looked through again
        self.is_open = True

    def _read(self) -> tuple[Any, Any]:
        return importlib.import_module("shuttle.web.back_rooms"), self._clock() if self._clock else None

    async def _go_on(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), FIRST_ANSWERS)
        while not self.is_open:
            try:
                await self.open()
            except Exception:
                log.exception("not all of the program could be opened; it is tried again")
                await asyncio.sleep(TRY_AGAIN)
        await self._rooms.go_on(self._app)


class OpenWhenAsked:
    """Stands last before the router: what is in no front room waits until all are open."""

    def __init__(self, app: ASGIApp, opening: Opening, front: APIRouter) -> None:
        self.app = app
        self._opening = opening
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._opening.is_open and not self._is_in_front(scope):
            await self._opening.open()
        await self.app(scope, receive, send)

    def _is_in_front(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._front.routes)
