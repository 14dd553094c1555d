"""The web application: routes, middleware, errors, and what goes on beside the requests.

`create_app` takes an open house, so that tests, one worker and many workers make the application in the same way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from shuttle import __version__
from shuttle.services.access import Identities
from shuttle.services.counting_keys import CountingKeys
from shuttle.services.house import House
from shuttle.services.plan_worker import PlanWorker
from shuttle.settings import Settings, words_of
from shuttle.web import assets, feeds, health, metrics, problems
from shuttle.web.answers import Answers
from shuttle.web.api import (
    boardings,
    changes,
    counting_keys,
    passings,
    plans,
    reports,
    ridership,
    schedule,
    timetables,
    trials,
    unserved,
)
from shuttle.web.front_door import FrontDoor
from shuttle.web.limits import Allowance, Limits
from shuttle.web.logs import RequestLog
from shuttle.web.pages import (
    admin,
    admin_upkeep,
    calendar,
    driver,
    driver_calendar,
    duties,
    errors,
    login,
    plan,
    plan_demand,
    plan_drafts,
    plan_form,
    plan_proposal,
    plan_scenario,
    provider_login,
    public,
    staff,
)
from shuttle.web.pages import ridership as ridership_page
from shuttle.web.pages import tablets as tablet_pages
from shuttle.web.pages import trials as trials_page
from shuttle.web.patience import Patience
from shuttle.web.proxies import TrustedProxies
from shuttle.web.request_metrics import RequestMetrics
from shuttle.web.shares import THREADS, Shares
from shuttle.web.state import State, Ticking
from shuttle.web.warm_feeds import keep_feeds_warm
from shuttle.web.workroom import Workroom

ROUTERS = (
    boardings.router,
    schedule.router,
    health.router,
    counting_keys.router,
    changes.router,
    passings.router,
    unserved.router,
    assets.router,
    public.router,
    driver.router,
    staff.router,
    timetables.router,
    ridership.router,
    reports.router,
    trials.router,
    plans.router,
    feeds.router,
    metrics.router,
    driver_calendar.router,
    provider_login.router,
    login.router,
    tablet_pages.router,
    admin.router,
    admin_upkeep.router,
    calendar.router,
    duties.router,
    plan.router,
    plan_demand.router,
    plan_drafts.router,
    plan_form.router,
    plan_proposal.router,
    plan_scenario.router,
    ridership_page.router,
    trials_page.router,
)
"""In the order in which a request is compared with their routes: what is asked for most comes first."""

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
        state.house.close()
        log.stop()

    return lifespan


def create_app(house: House, settings: Settings, clock: Ticking | None = None) -> FastAPI:
    """The application on an open house; closing the application closes the house. Without a clock no job runs."""
    measured = RequestMetrics()
    house.writer.on_commit = measured.committed
    workroom = Workroom("work", WORK_PLACES, most=WORK_AT_ONCE)
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
        house=house,
        settings=settings,
        answers=Answers(house, workroom),
        identities=Identities(house),
        counting_keys=CountingKeys(house),
        measured=measured,
        workroom=workroom,
        passwords=Workroom("passwords", places=1, most=PASSWORDS_AT_ONCE, yields=True),
        plan_worker=PlanWorker(house, settings.schedules),
        provider=provider_login.provider_of(settings),
        clock=clock,
    )
    problems.install(app, errors.error_page)
    app.add_middleware(Shares)
    app.add_middleware(
        Limits, writes=Allowance(settings.writes_a_minute), sign_ins=Allowance(settings.sign_ins_a_minute)
    )
    if not house.watch.is_instant:
        app.add_middleware(Patience)
    app.add_middleware(FrontDoor, log=log, durations=measured.requests)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, networks=words_of(settings.trusted_proxies))
    for router in ROUTERS:  # not by include_router, whose second look-up of each route is a fifth of a cached answer
        app.router.routes.extend(router.routes)
    return app
