"""The rooms that open a moment after the front door, and what goes on beside the requests.

Planning, the office's pages, figures, reports, feeds and signing in; the plans' worker, the clock and the feeds that are kept warm.
Nothing imports this module: `opening.py` reads it when the front rooms serve already.
"""

import asyncio

from fastapi import FastAPI

from shuttle.services.plan_worker import PlanWorker
from shuttle.web import feeds, metrics
from shuttle.web.api import plans, reports, ridership, timetables, trials
from shuttle.web.opening import routes_of
from shuttle.web.pages import (
    admin,
    admin_upkeep,
    calendar,
    driver_calendar,
    duties,
    login,
    plan,
    plan_demand,
    plan_drafts,
    plan_form,
    plan_proposal,
    plan_scenario,
    provider_login,
)
from shuttle.web.pages import ridership as ridership_page
from shuttle.web.pages import tablets as tablet_pages
from shuttle.web.pages import trials as trials_page
from shuttle.web.state import State
from shuttle.web.warm_feeds import keep_feeds_warm

ROUTERS = (
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


async def furnish(app: FastAPI) -> None:
    """Put the rooms into the application; nothing goes on yet."""
    state: State = app.state.shuttle
    state.clock = await asyncio.to_thread(state.make_clock) if state.make_clock else None
    state.plan_worker = PlanWorker(state.house, state.settings.schedules)
    state.provider = provider_login.provider_of(state.settings)
    app.router.routes.extend(routes_of(ROUTERS))
    app.openapi_url = "/openapi.json"
    app.setup()


async def go_on(app: FastAPI) -> None:
    """Until it is cancelled."""
    state: State = app.state.shuttle
    state.plan_worker.start()
    if state.clock is not None and not state.ending:
        state.clock.start()
    await keep_feeds_warm(app)


def end(app: FastAPI) -> None:
    """In the order that nothing misses another."""
    state: State = app.state.shuttle
    if state.clock is not None:
        state.clock.stop()
    state.plan_worker.stop()
