"""When the other rooms open: a second after the front rooms, or when somebody asks for a page that is in them.

After a crash a driver's phone waits for departures and for a place to leave its counts. Reading the modules of all pages would make
that wait half as long again, so a thread reads them afterwards, a storey after the other. Whoever asks for a page meanwhile waits
until its storey is open; nobody is told that it does not exist.
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

STOREYS = ("shuttle.web.day_rooms", "shuttle.web.back_rooms")
"""Modules, in the order in which they are read. Each puts its rooms into the application with `furnish`; the last says with `go_on`
and `end` what goes on beside the requests."""

FIRST_ANSWERS = 1.0
"""Seconds in which the front rooms have the processor to themselves, unless somebody asks for more."""

TRY_AGAIN = 10.0
"""Seconds after it went wrong: without the rooms no job runs and no plan is solved."""

log = logging.getLogger("shuttle.start")


def routes_of(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    """As they are: `include_router` makes each a second time for each application, for prefixes that none has here."""
    return [route for router in routers for route in router.routes]


class Opening:
    """Of one application."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._storeys: list[Any] = []
        self._asked = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._beside: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether all are."""
        return len(self._storeys) == len(STOREYS)

    def begin(self) -> None:
        """Open, and let go on what goes on beside the requests."""
        self._beside = asyncio.create_task(self._go_on())

    async def until(self, is_there: Callable[[], bool]) -> None:
        """Open until that is there, or all are open. Of many who ask at once one reads."""
        while not self.is_open and not is_there():
            self._asked.set()
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open_next())
            await asyncio.shield(self._opening)

    async def end(self) -> None:
        """Stop what goes on. A thread that reads modules cannot be broken off, so that is waited for."""
        if self._beside is not None:
            self._beside.cancel()  # first, so that it opens no further storey
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self.is_open:
            self._storeys[-1].end(self._app)

    async def _open_next(self) -> None:
        storey = await asyncio.to_thread(importlib.import_module, STOREYS[len(self._storeys)])
        await storey.furnish(self._app)
        gc.freeze()  # as after the start: what lives as long as the process is not looked through again
        self._storeys.append(storey)

    async def _go_on(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), FIRST_ANSWERS)
        while not self.is_open:
            try:
                await self.until(lambda: False)
            except Exception:
                log.exception("not all of the program could be opened; it is tried again")
                await asyncio.sleep(TRY_AGAIN)
        await self._storeys[-1].go_on(self._app)


class OpenWhenAsked:
    """Stands last before the router: what is in no open room waits until one that has it is open."""

    def __init__(self, app: ASGIApp, opening: Opening, routes: list[BaseRoute]) -> None:
        self.app = app
        self._opening = opening
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._opening.is_open:
            await self._opening.until(lambda: any(route.matches(scope)[0] is Match.FULL for route in self._routes))
        await self.app(scope, receive, send)
