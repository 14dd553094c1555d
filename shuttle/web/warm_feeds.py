"""Cache warming: builds all feeds in the background when a day begins and when the schedule has changed.

This is no scheduled job, since jobs run in one process and every worker has a cache of its own. The routes of the feeds are called one
after another, as a client would. Requests at midnight or after a cancellation are then answered from the cache.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import date

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.timetable.departures import Schedule
from shuttle.web import feeds
from shuttle.web.server.state import State

log = logging.getLogger("shuttle.feeds")

FIRST_AFTER = 10.0
"""Seconds before the first round: start-up comes first."""
EVERY = 20.0
"""Seconds between two looks at date and version."""


async def keep_feeds_warm(app: FastAPI) -> None:
    """Run until cancelled."""
    state: State = app.state.shuttle
    await asyncio.sleep(FIRST_AFTER)
    now: tuple[date, int] | None = None
    warmed = now
    while True:
        try:
            now = (state.context.today(), await state.answers.version())
            if now != warmed:
                await warm_feeds(app)
                warmed = now
        except ShuttleError as error:  # the database is unavailable: try again
            log.warning("feed cache not warmed: %s", error.whole)
        except Exception:  # requests for that feed get the fault as well; the others are built at the next change
            log.exception("feed cache not warmed")
            warmed = now
        await asyncio.sleep(EVERY)


async def warm_feeds(app: FastAPI) -> int:
    """Build every feed that is cached for a day; the number of feeds."""
    routes = {route.path: route for route in feeds.router.routes if isinstance(route, APIRoute)}
    addresses = list(_feeds(await asyncio.to_thread(app.state.shuttle.context.schedule)))
    for template, stop in addresses:
        scope = {
            "type": "http",
            "method": "GET",
            "path": template.format(stop=stop),
            "query_string": b"",
            "headers": [],
            "app": app,
            "route": routes[template],
        }
        path_parameters = {"stop": stop} if stop else {}
        await routes[template].endpoint(Request(scope), **path_parameters)
    return len(addresses)


def _feeds(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """Route template and stop id, which is empty where the feed has none."""
    yield "/feeds/departures.ics", ""
    for stop in schedule.network.stops:
        yield "/feeds/stops/{stop}.ics", stop.id
    for centre in schedule.opening_times.stops:
        yield "/feeds/opening-hours/{stop}.ics", centre
    yield "/feeds/gtfs.zip", ""
    yield "/feeds/netex.zip", ""
