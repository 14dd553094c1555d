"""The web application: the front rooms, errors and limits in one place.

`create_app` takes a house that is already open, so that tests, one worker and many workers make it in the same way. Departures and
counts are there at once; `opening.py` reads right afterwards what is in `day_rooms.py`, for passengers, drivers and staff, and in
`back_rooms.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from starlette.responses import Response

from shuttle import __version__
from shuttle.domain.errors import ShuttleError
from shuttle.services.access import Identities
from shuttle.services.counting_keys import CountingKeys
from shuttle.services.house import House
from shuttle.settings import Settings, words_of
from shuttle.web import health, problems
from shuttle.web.answers import Answers, KnownAnswersFirst
from shuttle.web.api import boardings, schedule
from shuttle.web.bodies import DirectRoutesFirst
from shuttle.web.front_door import FrontDoor
from shuttle.web.limits import Allowance, Limits
from shuttle.web.logs import RequestLog
from shuttle.web.opening import Opening, OpenWhenAsked, routes_of
from shuttle.web.patience import Patience
from shuttle.web.proxies import TrustedProxies, networks_of
from shuttle.web.shares import THREADS, Shares
from shuttle.web.state import State, Ticking, state_of
from shuttle.web.tallies import SharedTallies, Tallies
from shuttle.web.workroom import Workroom

ROUTERS = (
    boardings.recording,
    boardings.router,
    schedule.router,
    health.router,
)
"""The front rooms."""


SHARE_SECONDS = 5
WORK_PLACES = 2
"""A client has one at most, so that another's figures need not wait for a year of somebody's."""
WORK_AT_ONCE = 24
PASSWORDS_AT_ONCE = 16
"""Wait or are looked at, one after another: each is meant to cost 64 MiB and a tenth of a second."""


async def share(tallies: SharedTallies) -> None:
    """Lay what this worker counts beside the others' every few seconds, and once more at the end."""
    try:
        tallies.begin()
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            tallies.write()
    finally:
        tallies.write()


def _lifespan(log: RequestLog) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What goes on beside the requests, from the first to the last, and ends in the order that nothing misses another."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state: State = app.state.shuttle
        log.start()
        current_default_thread_limiter().total_tokens = THREADS
        sharing = asyncio.create_task(share(state.shared_tallies)) if state.shared_tallies is not None else None
        state.opening.begin()
        yield
        if sharing is not None:
            sharing.cancel()
        await state.opening.end()
        for room in (state.workroom, state.passwords):
            room.close()
        state.house.close()
        log.stop()

    return lifespan


async def error_page(request: Request, status: int, error: ShuttleError) -> Response:
    """What a person is told instead of a page; it is one itself, so who has to be told first waits for it."""
    state = state_of(request)
    await state.opening.until(lambda: state.error_page is not None)
    assert state.error_page is not None
    return await state.error_page(request, status, error)


def create_app(house: House, settings: Settings, clock: Callable[[], Ticking] | None = None) -> FastAPI:
    """The application on an open house; closing the application closes the house. Without a clock no job runs."""
    tallies = Tallies()
    shared = SharedTallies(settings.data_dir / "metrics", tallies) if settings.workers > 1 else None
    house.writer.on_commit = tallies.committed
    workroom = Workroom("work", WORK_PLACES, most=WORK_AT_ONCE)
    log = RequestLog(settings.log_level, settings.log_format == "json")
    app = FastAPI(
        title="Shuttle",
        version=__version__,
        lifespan=_lifespan(log),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # set when all that it describes is there
        telemetry={"tracing": False, "metrics": False, "logs": False},  # looked for with each request; we have our own
        description="Departures, changes and boardings of a small public shuttle. Times carry their offset.",
    )
    app.state.shuttle = State(
        house,
        settings,
        Answers(house, workroom),
        Identities(house),
        CountingKeys(house),
        tallies,
        shared,
        workroom,
        Workroom("passwords", places=1, most=PASSWORDS_AT_ONCE, yields=True),
        Opening(app),
        clock,
    )
    problems.install(app, error_page)
    app.add_middleware(OpenWhenAsked, opening=app.state.shuttle.opening, routes=app.router.routes)
    app.add_middleware(Shares)
    app.add_middleware(DirectRoutesFirst, routes=boardings.recording.routes)
    app.add_middleware(
        Limits, writes=Allowance(settings.writes_a_minute), sign_ins=Allowance(settings.sign_ins_a_minute)
    )
    app.add_middleware(KnownAnswersFirst)
    if not house.watch.is_instant:
        app.add_middleware(Patience)
    app.add_middleware(FrontDoor, log=log, durations=tallies.requests)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, networks=networks_of(words_of(settings.trusted_proxies)))
    app.router.routes.extend(routes_of(ROUTERS))
    return app
