"""The web application: routes, middleware, error handlers and background tasks.

`create_app` takes an open AppContext, so that tests, one worker and several workers make the application in the same way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from shuttle import __version__
from shuttle.feeds.ical.calendars import DAYS_BEHIND
from shuttle.services.access.accounts import Identities
from shuttle.services.access.counting_keys import CountingKeys
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plan_worker import PlanWorker
from shuttle.services.planning.roadmap.worker import RoadmapWorker
from shuttle.services.ridership.live.told import ToldWatch
from shuttle.settings import Settings
from shuttle.settings.outside_services import words_of
from shuttle.web.gate import who_first
from shuttle.web.pages import errors
from shuttle.web.pages.access import provider_login
from shuttle.web.routers import ROUTERS
from shuttle.web.server import problems
from shuttle.web.server.allowed_hosts import AllowedHosts
from shuttle.web.server.bounded_executor import BoundedExecutor
from shuttle.web.server.client_concurrency import THREADS, ClientConcurrency
from shuttle.web.server.cross_origin import Preflights
from shuttle.web.server.database_deadlines import DatabaseDeadlines
from shuttle.web.server.proxy_headers import TrustedProxies
from shuttle.web.server.rate_limits import Allowance, Limits
from shuttle.web.server.request_context import RequestContext
from shuttle.web.server.request_log import RequestLog
from shuttle.web.server.request_metrics import RequestMetrics
from shuttle.web.server.response_cache import ResponseCache
from shuttle.web.server.state import Scheduler, State
from shuttle.web.today_watch import TodayWatch
from shuttle.web.warm_feeds import keep_feeds_warm

SLOW_THREADS = 2
"""A client has one at most: another client's figures do not wait for its report of a year."""
SLOW_TASKS, SLOW_TASKS_OF_STRANGERS, SLOW_TASKS_OF_ONE = 24, 12, 4
PASSWORD_TASKS, PASSWORD_TASKS_OF_ONE = 200, 8
"""Hashed one after another: each hash takes 64 MiB and a tenth of a second by design. One of each address waits at a time for the thread,
so that 25 addresses, which fill all places, make somebody else wait for three seconds."""


def _lifespan(log: RequestLog) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Background threads and tasks of the application. The database is closed last."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state: State = app.state.shuttle
        log.start()
        current_default_thread_limiter().total_tokens = THREADS
        state.plan_worker.start()
        state.roadmap_worker.start()
        if state.scheduler is not None and not state.ending:
            state.scheduler.start()
        warming = asyncio.create_task(keep_feeds_warm(app))
        yield
        await state.today_watch.close()
        warming.cancel()
        with suppress(asyncio.CancelledError):
            await warming
        if state.scheduler is not None:
            state.scheduler.stop()
        state.plan_worker.stop()
        state.roadmap_worker.stop()
        for executor in (state.executor, state.password_executor):
            executor.close()
        state.context.close()
        log.stop()

    return lifespan


def create_app(context: AppContext, settings: Settings, scheduler: Scheduler | None = None) -> FastAPI:
    """The application on an open AppContext, which it closes when it ends. Without a scheduler no job runs."""
    metrics = RequestMetrics()
    context.writer.on_commit = metrics.committed
    executor = BoundedExecutor(
        "slow", SLOW_THREADS, SLOW_TASKS, each=SLOW_TASKS_OF_ONE, strangers=SLOW_TASKS_OF_STRANGERS
    )
    log = RequestLog(settings.log_level, settings.log_format == "json")
    app = FastAPI(
        title="Shuttle",
        version=__version__,
        lifespan=_lifespan(log),
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # costs time per request; we have our own
        description="Departures, changes and boardings of a small public shuttle. Times carry their offset.",
    )
    app.state.shuttle = State(
        context=context,
        settings=settings,
        answers=ResponseCache(context, executor),
        identities=Identities(context, frozenset(words_of(settings.second_factor_roles))),
        counting_keys=CountingKeys(context),
        metrics=metrics,
        executor=executor,
        password_executor=BoundedExecutor(
            "passwords", threads=1, max_tasks=PASSWORD_TASKS, low_priority=True, each=PASSWORD_TASKS_OF_ONE
        ),
        today_watch=TodayWatch(context),
        told=ToldWatch(context, DAYS_BEHIND),
        plan_worker=PlanWorker(context, settings.schedules, settings.plan_memory_mb),
        roadmap_worker=RoadmapWorker(context, settings.schedules, settings.plan_memory_mb),
        provider=provider_login.provider_of(settings),
        scheduler=scheduler,
        started=context.now(),
    )
    problems.install(app, errors.error_page, who_first)
    _add_middleware(app, context, settings, log, metrics)
    for router in ROUTERS:  # include_router adds a second look-up per route: a fifth of a cached answer's time
        app.router.routes.extend(router.routes)
    return app


def _add_middleware(
    app: FastAPI, context: AppContext, settings: Settings, log: RequestLog, metrics: RequestMetrics
) -> None:
    """The last one added sees a request first."""
    app.add_middleware(ClientConcurrency)
    app.add_middleware(
        Limits, writes=Allowance(settings.writes_a_minute), sign_ins=Allowance(settings.sign_ins_a_minute)
    )
    if not context.watch.is_instant:
        app.add_middleware(DatabaseDeadlines)
    app.add_middleware(Preflights)
    if settings.public_address:
        app.add_middleware(AllowedHosts, public_address=settings.public_address)
    app.add_middleware(RequestContext, log=log, durations=metrics.requests, hsts_subdomains=settings.hsts_subdomains)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, networks=words_of(settings.trusted_proxies))
