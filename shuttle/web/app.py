"""The web application: routes, middleware, errors, and what goes on beside the requests.

`create_app` takes an open house, so that tests, one worker and many workers make the application in the same way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from shuttle import __version__
from shuttle.services.access.accounts import Identities
from shuttle.services.access.counting_keys import CountingKeys
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plan_worker import PlanWorker
from shuttle.settings import Settings, words_of
from shuttle.web.pages import errors
from shuttle.web.pages.access import provider_login
from shuttle.web.routers import ROUTERS
from shuttle.web.server import problems
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.client_concurrency import THREADS, ClientConcurrency
from shuttle.web.server.database_deadlines import DatabaseDeadlines
from shuttle.web.server.proxy_headers import TrustedProxies
from shuttle.web.server.rate_limits import Allowance, Limits
from shuttle.web.server.request_context import RequestContext
from shuttle.web.server.request_log import RequestLog
from shuttle.web.server.request_metrics import RequestMetrics
from shuttle.web.server.response_cache import ResponseCache
from shuttle.web.server.state import State, Ticking
from shuttle.web.warm_feeds import keep_feeds_warm

WORK_PLACES = 2
"""A client has one at most, so that another's figures need not wait for a year of somebody's."""
WORK_AT_ONCE = 24
PASSWORDS_AT_ONCE = 16
"""Wait or are looked at, one after another: each is meant to cost 64 MiB and a tenth of a second."""


def _lifespan(log: RequestLog) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What goes on beside the requests, from the first to the last. The database is closed when nothing needs it any more."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state: State = app.state.shuttle
        log.start()
        current_default_thread_limiter().total_tokens = THREADS
        state.plan_worker.start()
        if state.clock is not None and not state.ending:
            state.clock.start()
        warming = asyncio.create_task(keep_feeds_warm(app))
        yield
        warming.cancel()
        with suppress(asyncio.CancelledError):
            await warming
        if state.clock is not None:
            state.clock.stop()
        state.plan_worker.stop()
        for executor in (state.workroom, state.passwords):
            executor.close()
        state.context.close()
        log.stop()

    return lifespan


def create_app(context: AppContext, settings: Settings, clock: Ticking | None = None) -> FastAPI:
    """The application on an open house; closing the application closes the house. Without a clock no job runs."""
    measured = RequestMetrics()
    context.writer.on_commit = measured.committed
    workroom = BoundedExecutor("work", WORK_PLACES, most=WORK_AT_ONCE)
    log = RequestLog(settings.log_level, settings.log_format == "json")
    app = FastAPI(
        title="Shuttle",
        version=__version__,
        lifespan=_lifespan(log),
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # looked for with each request; we have our own
        description="Departures, changes and boardings of a small public shuttle. Times carry their offset.",
    )
    app.state.shuttle = State(
        context=context,
        settings=settings,
        answers=ResponseCache(context, workroom),
        identities=Identities(context),
        counting_keys=CountingKeys(context),
        measured=measured,
        workroom=workroom,
        passwords=BoundedExecutor("passwords", places=1, most=PASSWORDS_AT_ONCE, yields=True),
        plan_worker=PlanWorker(context, settings.schedules, settings.plan_memory_mb),
        provider=provider_login.provider_of(settings),
        clock=clock,
    )
    problems.install(app, errors.error_page)
    app.add_middleware(ClientConcurrency)
    app.add_middleware(
        Limits, writes=Allowance(settings.writes_a_minute), sign_ins=Allowance(settings.sign_ins_a_minute)
    )
    if not context.watch.is_instant:
        app.add_middleware(DatabaseDeadlines)
    app.add_middleware(RequestContext, log=log, durations=measured.requests)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, networks=words_of(settings.trusted_proxies))
    for router in ROUTERS:  # not by include_router, whose second look-up of each route is a fifth of a cached answer
        app.router.routes.extend(router.routes)
    return app
