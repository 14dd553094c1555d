"""Feeds made before anybody asks: when a day begins, and when the schedule has changed, every answer has to be made anew.

This is no job of the clock, which runs in one process only: each worker keeps answers of its own, so each makes its own. It is
done in the background, one feed after the other, by asking the feeds' own routes as a client would; so a calendar program that
asks at midnight, or a crowd that asks after a cancellation, is answered from what is there.
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
"""Seconds before the first time: a start has more urgent things to do."""
EVERY = 20.0


async def keep_feeds_warm(app: FastAPI) -> None:
    """Until it is cancelled."""
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
        except ShuttleError as error:  # the database is away: who asks meanwhile is told so, and we try again
            log.warning("the feeds could not be made: %s", error.whole)
        except Exception:  # who asks for that feed gets the fault as well; the others are made at the next change
            log.exception("a feed could not be made")
            warmed = now
        await asyncio.sleep(EVERY)


async def warm_feeds(app: FastAPI) -> int:
    """Make every feed whose answer is kept for a day; how many there are."""
    routes = {route.path: route for route in feeds.router.routes if isinstance(route, APIRoute)}
    asked = list(_feeds(await asyncio.to_thread(app.state.shuttle.context.schedule)))
    for template, stop in asked:
        scope = {
            "type": "http",
            "method": "GET",
            "path": template.format(stop=stop),
            "query_string": b"",
            "headers": [],
            "app": app,
            "route": routes[template],
        }
        of_stop = {"stop": stop} if stop else {}
        await routes[template].endpoint(Request(scope), **of_stop)
    return len(asked)


def _feeds(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """Address and, where it has one, stop."""
    yield "/feeds/departures.ics", ""
    for stop in schedule.network.stops:
        yield "/feeds/stops/{stop}.ics", stop.id
    for hours in schedule.opening_times.stops:
        yield "/feeds/opening-hours/{stop}.ics", hours
    yield "/feeds/gtfs.zip", ""
    yield "/feeds/netex.zip", ""
